/* desk.h - what the tests of the dead-letter file share: a folder for each case, a store in it, and system
 * calls that fail on demand. Include it once in a test program that links with these wrapped: malloc, calloc,
 * free, write, fdatasync, fsync, ftruncate, rename, pread.
 */
#ifndef DEEPEND_PROTECTION_DESK_H
#define DEEPEND_PROTECTION_DESK_H

#include "deadletter.h"
#include "starve.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

/* --- system calls that fail -------------------------------------------------------------------------------
 */

/* The wrappers have no argument for this, so it has to be global. */
static struct {
    int allowed;  /* so many more calls; then one fails, */
    int failing;  /* and so many more with it; -1: none ever */
    bool shortly; /* a write that fails has written half */
} calls = {.failing = -1};

static inline bool call_fails(void)
{
    if (calls.failing < 0 || calls.allowed-- > 0 || calls.failing-- <= 0)
        return false;
    errno = EIO;
    return true;
}

ssize_t __real_write(int fd, const void *text, size_t size);
int __real_fdatasync(int fd);
int __real_fsync(int fd);
int __real_ftruncate(int fd, off_t size);
int __real_rename(const char *from, const char *to);
ssize_t __real_pread(int fd, void *text, size_t size, off_t at);
ssize_t __wrap_write(int fd, const void *text, size_t size);
int __wrap_fdatasync(int fd);
int __wrap_fsync(int fd);
int __wrap_ftruncate(int fd, off_t size);
int __wrap_rename(const char *from, const char *to);
ssize_t __wrap_pread(int fd, void *text, size_t size, off_t at);

ssize_t __wrap_write(int fd, const void *text, size_t size)
{
    if (!call_fails())
        return __real_write(fd, text, size);
    return calls.shortly ? __real_write(fd, text, size / 2) : -1;
}

int __wrap_fdatasync(int fd)
{
    return call_fails() ? -1 : __real_fdatasync(fd);
}

int __wrap_fsync(int fd)
{
    return call_fails() ? -1 : __real_fsync(fd);
}

int __wrap_ftruncate(int fd, off_t size)
{
    return call_fails() ? -1 : __real_ftruncate(fd, size);
}

int __wrap_rename(const char *from, const char *to)
{
    return call_fails() ? -1 : __real_rename(from, to);
}

/* A byte at a time, and interrupted now and then: reading has to go on. */
ssize_t __wrap_pread(int fd, void *text, size_t size, off_t at)
{
    if (call_fails())
        return -1;
    if (at % 7 == 3 && size > 1 && errno != EINTR) {
        errno = EINTR;
        return -1;
    }
    errno = 0;
    return __real_pread(fd, text, size > 100 ? 100 : 1, at);
}

static inline void fail_calls(int allowed, int failing, bool shortly)
{
    calls.allowed = allowed;
    calls.failing = failing;
    calls.shortly = shortly;
}

/* --- a folder for each case -------------------------------------------------------------------------------
 */

struct desk {
    char folder[80], path[100], beside[110];
    struct test_clock time;
    struct pool_deadletter *dead;
    int why;
};

static inline void desk_set(struct desk *desk)
{
    *desk = (struct desk){.why = 0};
    snprintf(desk->folder, sizeof desk->folder, "%s/deepend-dead-XXXXXX", P_tmpdir);
    assert_non_null(mkdtemp(desk->folder));
    snprintf(desk->path, sizeof desk->path, "%s/dead.log", desk->folder);
    snprintf(desk->beside, sizeof desk->beside, "%s.new", desk->path);
    test_clock_init(&desk->time);
}

static inline void desk_clear(struct desk *desk)
{
    pool_deadletter_destroy(desk->dead);
    unlink(desk->path);
    assert_int_not_equal(access(desk->beside, F_OK), 0); /* nothing half done is left */
    assert_int_equal(rmdir(desk->folder), 0);
}

static enum pool_status open_store(struct desk *desk, size_t items, enum pool_deadletter_full full)
{
    struct pool_deadletter_options options = {.items = items,
                                              .full = full,
                                              .path = desk->path,
                                              .safety = POOL_DEADLETTER_SYNC,
                                              .why = &desk->why,
                                              .clock = &desk->time.clock};
    return pool_deadletter_create(&desk->dead, &options);
}

/* As after an end of the process. */
static inline void reopen(struct desk *desk)
{
    pool_deadletter_destroy(desk->dead);
    assert_status(open_store(desk, 100, POOL_DEADLETTER_REFUSE), POOL_OK);
}

static enum pool_status put(struct desk *desk)
{
    struct pool_deadletter_item item = {
        .reason = "50% of \"all\"\n", .attempts = 2, .payload = "a\0b c\n", .size = 6};
    return pool_deadletter_put(desk->dead, &item, NULL);
}

static inline void put_many(struct desk *desk, int count)
{
    for (int i = 0; i < count; i++)
        assert_status(put(desk), POOL_OK);
}

static inline void assert_kept(struct desk *desk, const char *wanted)
{
    struct pool_deadletter_item *copy;
    uint64_t after = 0;
    for (; *wanted; wanted++) {
        assert_status(pool_deadletter_next(desk->dead, after, &copy), POOL_OK);
        assert_int_equal(copy->id, *wanted - '0');
        assert_string_equal(copy->reason, "50% of \"all\"\n");
        assert_int_equal(copy->size, 6);
        assert_memory_equal(copy->payload, "a\0b c\n", 6);
        after = copy->id;
        free(copy);
    }
    assert_status(pool_deadletter_next(desk->dead, after, &copy), POOL_EMPTY);
}

/* The file's text with a 0 behind it, for free(). */
static inline char *read_file(const struct desk *desk, size_t *size)
{
    FILE *file = fopen(desk->path, "r");
    assert_non_null(file);
    char *text = malloc(100000);
    *size = fread(text, 1, 99999, file);
    text[*size] = '\0';
    fclose(file);
    return text;
}

static inline void write_file(const struct desk *desk, const char *text, size_t size)
{
    FILE *file = fopen(desk->path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    fclose(file);
}

static inline int count_lines(const char *text)
{
    int lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

static enum pool_status send_odd(const struct pool_deadletter_item *item, void *context)
{
    (void)context;
    return item->id % 2 ? POOL_OK : POOL_FAILED;
}

#endif
