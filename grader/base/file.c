/* file.c - whole files and folders, see file.h. Replacement is write, sync, rename: a crash leaves the old
 * file or the new one. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

/* Read DESCRIPTOR to its end into a talloc'ed, zero-terminated text. More than LIMIT bytes give EFBIG. */
static char *read_whole(void *mem, int descriptor, size_t limit, size_t *length)
{
    size_t used = 0, room = 4096;
    char *text = talloc_array(mem, char, room + 1);

    for (;;) {
        ssize_t got = read(descriptor, text + used, room - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            break;
        if (got == 0) {
            text[used] = '\0';
            *length = used;
            return text;
        }
        used += (size_t)got;
        if (used > limit) {
            errno = EFBIG;
            break;
        }
        if (used == room)
            text = talloc_realloc(mem, text, char, (room *= 2) + 1);
    }
    int saved = errno;
    talloc_free(text);
    errno = saved;
    return NULL;
}

char *file_read(void *mem, const char *path, size_t limit, size_t *length, struct error *err)
{
    size_t got;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        error_usage(err, "%s: %s", path, strerror(errno));
        return NULL;
    }
    char *text = read_whole(mem, descriptor, limit, &got);
    if (!text)
        error_usage(err, "%s: %s", path, strerror(errno));
    else if (length)
        *length = got;
    close(descriptor);
    return text;
}

static int write_whole(int descriptor, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t put = write(descriptor, text, length);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -1;
        text += put;
        length -= (size_t)put;
    }
    return 0;
}

int file_replace(const char *path, const void *text, size_t length, struct error *err)
{
    char *beside = talloc_asprintf(NULL, "%s.XXXXXX", path);
    int result = -1;
    int descriptor = mkostemp(beside, O_CLOEXEC);

    if (descriptor < 0)
        goto out;
    if (write_whole(descriptor, text, length) != 0 || fchmod(descriptor, 0644) != 0 || fsync(descriptor) != 0)
        goto remove;
    if (rename(beside, path) == 0)
        result = 0;
remove:
    if (result != 0) {
        int saved = errno;
        unlink(beside);
        errno = saved;
    }
    close(descriptor);
out:
    if (result != 0)
        error_grader(err, "cannot write %s: %s", path, strerror(errno));
    talloc_free(beside);
    return result;
}

int file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

int folder_make(const char *path, struct error *err)
{
    char *walk = talloc_strdup(NULL, path);
    int result = 0;

    for (char *p = walk + 1; result == 0; p++) {
        if (*p != '/' && *p != '\0')
            continue;
        char end = *p;
        *p = '\0';
        if (mkdir(walk, 0755) != 0 && errno != EEXIST)
            result = error_grader(err, "cannot make the folder %s: %s", walk, strerror(errno));
        if (end == '\0')
            break;
        *p = end;
    }
    struct stat status;
    if (result == 0 && (stat(path, &status) != 0 || !S_ISDIR(status.st_mode)))
        result = error_grader(err, "%s is in the way: a folder is needed there", path);
    talloc_free(walk);
    return result;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

int path_remove(const char *path)
{
    if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT)
        return 0;
    return -1;
}

void sha256_bytes(const void *bytes, size_t length, char out[SHA256_TEXT])
{
    SHA256Data(bytes, length, out);
}
