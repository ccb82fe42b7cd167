/* work.c - the learner's files below work/, see work.h.
 *
 * A file appears whole: it is written under another name, synced, and moved to where nothing may be
 * (renameat2 with RENAME_NOREPLACE, or a hard link where the file system lacks that). So an interrupted
 * deepend, or a second one, leaves the old state or the new one.
 */
#include "cmd/work.h"

#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

/* --- paths --------------------------------------------------------------------------------------------- */

char *work_path(const struct session *session, const struct exercise *exercise)
{
    return talloc_asprintf(session->mem, "%s/work/%s/%s", session->root, exercise->id, exercise->file);
}

char *path_shown(void *mem, const char *path)
{
    char here[PATH_MAX];
    size_t length = getcwd(here, sizeof here) ? strlen(here) : 0;

    if (length > 1 && strncmp(path, here, length) == 0 && path[length] == '/')
        return talloc_strdup(mem, path + length + 1);
    return talloc_strdup(mem, path);
}

char *exercise_text(struct session *session, const struct exercise *exercise, const char *name,
                    struct error *err)
{
    char *path = talloc_asprintf(session->mem, "%s/%s", exercise->directory, name);
    return file_read(session->mem, path, SOURCE_BYTES, NULL, err);
}

char *exercise_starter(struct session *session, const struct exercise *exercise, struct error *err)
{
    return exercise_text(session, exercise, exercise_part(session->mem, exercise, "starter"), err);
}

/* --- never over anything ------------------------------------------------------------------------------- */

/* Move FROM to TO unless there is something. -1 with errno, EEXIST when there is. */
static int move_to_free(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    return link(from, to) == 0 ? unlink(from) : -1;
}

/* Write TEXT to a new hidden file in the folder of PATH. Its name, or NULL. */
static char *write_beside(void *mem, const char *path, const char *text, struct error *err)
{
    const char *slash = strrchr(path, '/');
    char *beside =
        talloc_asprintf(mem, "%.*s/.%s.%ld.new", (int)(slash - path), path, slash + 1, (long)getpid());

    return file_replace(beside, text, strlen(text), err) == 0 ? beside : NULL;
}

/* Make PATH with TEXT unless there is something, which is fine as well. -1 on failure. */
static int create_if_missing(void *mem, const char *path, const char *text, struct error *err)
{
    char *beside = write_beside(mem, path, text, err);
    if (!beside)
        return -1;
    if (move_to_free(beside, path) == 0)
        return 0;
    int trouble = errno;
    unlink(beside);
    return trouble == EEXIST ? 0 : error_grader(err, "cannot make %s: %s", path, strerror(trouble));
}

/* --- the learner's file -------------------------------------------------------------------------------- */

/* Flags for the learner's editor (clangd reads the file): where the headers are. Its paths are relative to
 * its own folder. */
static char *editor_flags(struct session *session, const struct exercise *exercise)
{
    static const char up[] = "../../..";
    struct dirent **rooms = NULL;
    char *reference = talloc_asprintf(session->mem, "%s/reference", session->root);
    char *flags = talloc_asprintf(session->mem,
                                  "-std=gnu11\n-Wall\n-Wextra\n-D_GNU_SOURCE\n-pthread\n-I%s/%s%s\n"
                                  "-I%s/reference\n",
                                  up, exercise->incident ? "" : "exercises/", exercise->id, up);
    int count = scandir(reference, &rooms, NULL, alphasort);

    for (int i = 0; i < count; i++) {
        if (rooms[i]->d_type != DT_REG && rooms[i]->d_name[0] != '.')
            flags = talloc_asprintf_append(flags, "-I%s/reference/%s\n", up, rooms[i]->d_name);
        free(rooms[i]);
    }
    free(rooms);
    return flags;
}

/* Make the folder and fill it: the starter, and for C the flags, without which one can do. */
static int begin_work(struct session *session, const struct exercise *exercise, const char *path,
                      struct error *err)
{
    struct error unimportant;
    char *folder = talloc_asprintf(session->mem, "%s/work/%s", session->root, exercise->id);
    char *flags = talloc_asprintf(session->mem, "%s/compile_flags.txt", folder);
    char *starter = exercise_starter(session, exercise, err);

    if (!starter || folder_make(folder, err) != 0 || create_if_missing(session->mem, path, starter, err) != 0)
        return -1;
    if (!exercise->program && !file_exists(flags))
        create_if_missing(session->mem, flags, editor_flags(session, exercise), &unimportant);
    return 0;
}

char *work_file(struct session *session, const struct exercise *exercise, struct error *err)
{
    char *path = work_path(session, exercise);
    struct stat status;

    if (lstat(path, &status) != 0 && (errno == ENOENT || errno == ENOTDIR))
        return begin_work(session, exercise, path, err) == 0 ? path : NULL;
    if (stat(path, &status) != 0)
        error_usage(err, "%s: %s", path_shown(path, path),
                    errno == ENOENT ? "it is a link to nothing; move it away" : strerror(errno));
    else if (S_ISDIR(status.st_mode))
        error_usage(err, "%s is a folder where your file should be; move it away", path_shown(path, path));
    else
        return path;
    return NULL;
}

/* --- reset --------------------------------------------------------------------------------------------- */

/* Move PATH to the first free name PATH.N.bak. That name, or NULL. */
static char *keep(void *mem, const char *path, struct error *err)
{
    for (int n = 1; n < 10000; n++) {
        char *kept = talloc_asprintf(mem, "%s.%d.bak", path, n);
        if (move_to_free(path, kept) == 0)
            return kept;
        if (errno != EEXIST)
            break;
    }
    error_grader(err, "cannot keep %s under another name: %s; nothing was changed", path_shown(mem, path),
                 strerror(errno));
    return NULL;
}

/* The new file is written before the old one is moved: a full disk is noticed while nothing has happened yet.
 */
int work_reset(struct session *session, const struct exercise *exercise, char **kept, struct error *err)
{
    char *path = work_path(session, exercise);
    struct stat status;
    *kept = NULL;
    if (lstat(path, &status) != 0)
        return work_file(session, exercise, err) ? 0 : -1;

    char *starter = exercise_starter(session, exercise, err);
    char *beside = starter ? write_beside(session->mem, path, starter, err) : NULL;
    if (!beside)
        return -1;
    *kept = keep(session->mem, path, err);
    if (*kept && move_to_free(beside, path) == 0)
        return 0;
    if (*kept) {
        error_grader(err, "cannot put the starter at %s: %s; your file is %s", path, strerror(errno), *kept);
        if (move_to_free(*kept, path) == 0)
            error_grader(err, "cannot put the starter at %s; nothing was changed", path);
    }
    unlink(beside);
    return -1;
}
