/* deadletter_file.c - the file of the dead letters: open and mend, append, replace. See deadletter_file.h.
 *
 * A line goes out in one write at the end; if that fails or is short, the file is cut back to where it was.
 * If even that fails it is tried again before the next line. One process has the file, by flock.
 */
#include "deadletter_file.h"

#include "deadletter_line.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static enum pool_status failed(struct deadletter_file *file)
{
    file->error = errno;
    return POOL_FAILED;
}

void pool_deadletter_file_close(struct deadletter_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

/* --- read --------------------------------------------------------------------------------------------- */

/* The whole file as one text with a 0 behind it, for free(). */
static enum pool_status slurp(struct deadletter_file *file, char **text, size_t *size)
{
    struct stat now;

    if (fstat(file->fd, &now) != 0)
        return failed(file);
    *size = 0;
    *text = malloc((size_t)now.st_size + 1);
    if (!*text)
        return POOL_NO_MEMORY;
    while (*size < (size_t)now.st_size) {
        ssize_t got = pread(file->fd, *text + *size, (size_t)now.st_size - *size, (off_t)*size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            free(*text);
            return failed(file);
        }
        if (got == 0)
            break;
        *size += (size_t)got;
    }
    (*text)[*size] = '\0';
    return POOL_OK;
}

static enum pool_status cut_back(struct deadletter_file *file)
{
    if (ftruncate(file->fd, file->end) != 0)
        return failed(file);
    file->ragged = false;
    return POOL_OK;
}

/* Every whole line to READER; what is behind the last line break was torn off by a crash, and is cut. */
static enum pool_status read_lines(struct deadletter_file *file, char *text, size_t size,
                                   deadletter_reader *reader, void *context)
{
    struct pool_deadletter_item item;
    char sign, *line = text;

    for (char *end; (end = memchr(line, '\n', size - (size_t)(line - text))); line = end + 1) {
        *end = '\0';
        if (!pool_deadletter_line_read(line, (size_t)(end - line), &sign, &item))
            file->damaged++;
        else if (!reader(context, sign, &item))
            return POOL_NO_MEMORY;
    }
    file->end = line - text;
    file->torn = file->end < (off_t)size;
    return file->torn ? cut_back(file) : POOL_OK;
}

static enum pool_status read_all(struct deadletter_file *file, deadletter_reader *reader, void *context)
{
    char *text;
    size_t size;

    enum pool_status status = slurp(file, &text, &size);
    if (status != POOL_OK)
        return status;
    status = read_lines(file, text, size, reader, context);
    free(text);
    return status;
}

/* The name of a file is on the disk only when its folder is. */
static enum pool_status sync_folder(struct deadletter_file *file)
{
    const char *slash = strrchr(file->path, '/');
    size_t length = slash ? (size_t)(slash - file->path) + 1 : 0;
    char *folder = malloc(length + sizeof ".");

    if (!folder)
        return POOL_NO_MEMORY;
    memcpy(folder, file->path, length);
    memcpy(folder + length, ".", sizeof ".");
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    if (fd < 0)
        return failed(file);
    enum pool_status status = fsync(fd) == 0 ? POOL_OK : failed(file);
    close(fd);
    return status;
}

/* --- open --------------------------------------------------------------------------------------------- */

/* Is the file that we have still the one of that name? Its last owner may have replaced it while we waited.
 */
static bool is_current(const struct deadletter_file *file)
{
    struct stat open_one, named;

    return fstat(file->fd, &open_one) == 0 && stat(file->path, &named) == 0 &&
           open_one.st_dev == named.st_dev && open_one.st_ino == named.st_ino;
}

static enum pool_status open_and_lock(struct deadletter_file *file, const char *path, int flags)
{
    file->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | flags, 0600);
    if (file->fd < 0)
        return failed(file);
    if (flock(file->fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? POOL_REJECTED : failed(file);
    return POOL_OK;
}

enum pool_status pool_deadletter_file_open(struct deadletter_file *file, const char *path, bool sync,
                                           deadletter_reader *reader, void *context)
{
    *file = (struct deadletter_file){.fd = -1, .sync = sync, .path = path};
    enum pool_status status = open_and_lock(file, path, 0);
    if (status == POOL_OK && !is_current(file))
        status = POOL_REJECTED;
    if (status == POOL_OK)
        status = read_all(file, reader, context);
    if (status == POOL_OK && sync)
        status = sync_folder(file);
    if (status != POOL_OK)
        pool_deadletter_file_close(file);
    return status;
}

/* --- append ------------------------------------------------------------------------------------------- */

static bool write_line(const struct deadletter_file *file, const char *line, size_t length)
{
    ssize_t written = write(file->fd, line, length);

    if (written >= 0 && (size_t)written < length) {
        errno = ENOSPC; /* a regular file is written short when the disk is full, or a limit is reached */
        return false;
    }
    return written >= 0 && (!file->sync || fdatasync(file->fd) == 0);
}

enum pool_status pool_deadletter_file_append(struct deadletter_file *file, char sign,
                                             const struct pool_deadletter_item *item)
{
    size_t length;
    enum pool_status status = POOL_OK;

    if (file->ragged && cut_back(file) != POOL_OK)
        return POOL_FAILED;
    char *line = pool_deadletter_line_make(sign, item, &length);
    if (!line)
        return POOL_NO_MEMORY;
    if (write_line(file, line, length)) {
        file->end += (off_t)length;
    } else {
        status = failed(file);
        file->ragged = true;
        int first = file->error;
        (void)cut_back(file);
        file->error = first;
    }
    free(line);
    return status;
}

/* --- replace ------------------------------------------------------------------------------------------ */

/* PATH with ".new", for free(). */
static char *name_beside(const char *path)
{
    size_t size = strlen(path) + sizeof ".new";
    char *name = malloc(size);

    if (name)
        snprintf(name, size, "%s.new", path);
    return name;
}

enum pool_status pool_deadletter_file_beside(struct deadletter_file *fresh,
                                             const struct deadletter_file *file)
{
    char *name = name_beside(file->path);

    *fresh = (struct deadletter_file){.fd = -1, .path = file->path};
    if (!name)
        return POOL_NO_MEMORY;
    enum pool_status status = open_and_lock(fresh, name, O_TRUNC);
    if (status != POOL_OK)
        pool_deadletter_file_close(fresh);
    free(name);
    return status;
}

void pool_deadletter_file_abandon(struct deadletter_file *fresh, const struct deadletter_file *file)
{
    char *name = name_beside(file->path);

    pool_deadletter_file_close(fresh);
    if (name)
        unlink(name); /* else an old one is left, which the next replacement empties */
    free(name);
}

enum pool_status pool_deadletter_file_replace(struct deadletter_file *file, struct deadletter_file *fresh)
{
    char *name = name_beside(file->path);

    if (!name || fsync(fresh->fd) != 0 || rename(name, file->path) != 0) {
        enum pool_status status = name ? failed(file) : POOL_NO_MEMORY;
        free(name);
        pool_deadletter_file_abandon(fresh, file);
        return status;
    }
    free(name);
    close(file->fd);
    file->fd = fresh->fd;
    file->end = fresh->end;
    file->ragged = false;
    return file->sync ? sync_folder(file) : POOL_OK;
}
