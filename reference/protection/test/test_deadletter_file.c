/* test_deadletter_file.c - the store's file: what survives, a crash at every byte, damage, and every system
 * call that fails once.
 */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=free,--wrap=write,--wrap=fdatasync */
/* link: -Wl,--wrap=fsync,--wrap=ftruncate,--wrap=rename,--wrap=pread */
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

static bool call_fails(void)
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

static void fail_calls(int allowed, int failing, bool shortly)
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

static void desk_set(struct desk *desk)
{
    *desk = (struct desk){.why = 0};
    snprintf(desk->folder, sizeof desk->folder, "%s/deepend-dead-XXXXXX", P_tmpdir);
    assert_non_null(mkdtemp(desk->folder));
    snprintf(desk->path, sizeof desk->path, "%s/dead.log", desk->folder);
    snprintf(desk->beside, sizeof desk->beside, "%s.new", desk->path);
    test_clock_init(&desk->time);
}

static void desk_clear(struct desk *desk)
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
static void reopen(struct desk *desk)
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

static void put_many(struct desk *desk, int count)
{
    for (int i = 0; i < count; i++)
        assert_status(put(desk), POOL_OK);
}

static void assert_kept(struct desk *desk, const char *wanted)
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
static char *read_file(const struct desk *desk, size_t *size)
{
    FILE *file = fopen(desk->path, "r");
    assert_non_null(file);
    char *text = malloc(100000);
    *size = fread(text, 1, 99999, file);
    text[*size] = '\0';
    fclose(file);
    return text;
}

static void write_file(const struct desk *desk, const char *text, size_t size)
{
    FILE *file = fopen(desk->path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    fclose(file);
}

static int count_lines(const char *text)
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

/* --- what survives ----------------------------------------------------------------------------------------
 */

static void everything_survives_the_process(void **state)
{
    (void)state;
    struct desk desk;
    struct pool_deadletter_item *copy;
    desk_set(&desk);
    assert_status(open_store(&desk, 100, POOL_DEADLETTER_REFUSE), POOL_OK);
    put_many(&desk, 5);
    assert_status(pool_deadletter_put(desk.dead, &(struct pool_deadletter_item){0}, NULL), POOL_OK);
    assert_status(pool_deadletter_remove(desk.dead, 6), POOL_OK);
    pass_time(&desk.time, POOL_SECOND);
    assert_status(pool_deadletter_replay(desk.dead, 3, send_odd, NULL, NULL), POOL_OK);
    reopen(&desk);
    assert_kept(&desk, "245");
    assert_int_equal(pool_deadletter_counts(desk.dead).found, 3);
    assert_status(pool_deadletter_next(desk.dead, 0, &copy), POOL_OK);
    assert_int_equal(copy->attempts, 3);            /* 2, and the replay that failed, */
    assert_int_equal(copy->at, 1001 * POOL_SECOND); /* a second later */
    free(copy);
    put_many(&desk, 1); /* 6 was given to one that is gone */
    assert_kept(&desk, "2457");
    desk_clear(&desk);
}

static void the_file_does_not_grow_for_ever(void **state)
{
    (void)state;
    struct desk desk;
    size_t size;
    desk_set(&desk);
    assert_status(open_store(&desk, 100, POOL_DEADLETTER_REFUSE), POOL_OK);
    for (int i = 0; i < 50; i++) {
        put_many(&desk, 1);
        assert_status(pool_deadletter_replay(desk.dead, 99, send_odd, NULL, NULL), POOL_OK);
    }
    char *text = read_file(&desk, &size);
    assert_true(count_lines(text) > 100);
    free(text);
    reopen(&desk); /* 25 letters, and the line of the highest number */
    text = read_file(&desk, &size);
    assert_int_equal(count_lines(text), 26);
    free(text);
    assert_int_equal(pool_deadletter_counts(desk.dead).kept, 25);
    while (pool_deadletter_counts(desk.dead).kept > 0) {
        struct pool_deadletter_item *copy;
        assert_status(pool_deadletter_next(desk.dead, 0, &copy), POOL_OK);
        assert_status(pool_deadletter_remove(desk.dead, copy->id), POOL_OK);
        free(copy);
    }
    assert_status(pool_deadletter_compact(desk.dead), POOL_OK);
    text = read_file(&desk, &size);
    assert_int_equal(count_lines(text), 1);
    free(text);
    put_many(&desk, 1); /* into the new file */
    reopen(&desk);
    struct pool_deadletter_item *copy;
    assert_status(pool_deadletter_next(desk.dead, 0, &copy), POOL_OK);
    assert_int_equal(copy->id, 51); /* no number is given twice */
    free(copy);
    desk_clear(&desk);
}

/* A crash may cut the file anywhere: what has its line break is there, what has not is not, and nothing else.
 */
static void a_crash_at_any_byte_loses_no_whole_line(void **state)
{
    (void)state;
    struct desk desk;
    size_t size;
    desk_set(&desk);
    assert_status(open_store(&desk, 100, POOL_DEADLETTER_REFUSE), POOL_OK);
    put_many(&desk, 4);
    pool_deadletter_destroy(desk.dead);
    char *text = read_file(&desk, &size);
    for (size_t cut = 0; cut <= size; cut++) {
        char kept[] = "1234";
        int whole = 0;
        for (size_t i = 0; i < cut; i++)
            whole += text[i] == '\n';
        write_file(&desk, text, cut);
        kept[whole] = '\0';
        assert_status(open_store(&desk, 100, POOL_DEADLETTER_REFUSE), POOL_OK);
        assert_kept(&desk, kept);
        assert_int_equal(pool_deadletter_counts(desk.dead).torn, cut > 0 && text[cut - 1] != '\n');
        assert_int_equal(pool_deadletter_counts(desk.dead).damaged, 0);
        put_many(&desk, 1); /* and the file goes on behind the last whole line */
        reopen(&desk);
        kept[whole] = (char)('1' + whole);
        kept[whole + 1 < 5 ? whole + 1 : 4] = '\0';
        assert_int_equal(pool_deadletter_counts(desk.dead).kept, whole + 1);
        assert_int_equal(pool_deadletter_counts(desk.dead).torn, 0);
        pool_deadletter_destroy(desk.dead);
    }
    free(text);
    desk.dead = NULL;
    desk_clear(&desk);
}

/* One byte of the second line is another: that letter is lost, its line is kept, the others are there. */
static void a_damaged_line_is_counted_and_left_alone(void **state)
{
    (void)state;
    struct desk desk;
    size_t size, now_size;
    desk_set(&desk);
    assert_status(open_store(&desk, 100, POOL_DEADLETTER_REFUSE), POOL_OK);
    put_many(&desk, 3);
    pool_deadletter_destroy(desk.dead);
    char *text = read_file(&desk, &size);
    size_t second = (size_t)(strchr(text, '\n') + 1 - text);
    size_t end = (size_t)(strchr(text + second, '\n') - text);
    for (size_t at = second; at < end; at++) {
        char was = text[at];
        text[at] = at % 3 == 0 ? '\0' : was == 'x' ? 'y' : 'x';
        write_file(&desk, text, size);
        assert_status(open_store(&desk, 100, POOL_DEADLETTER_REFUSE), POOL_OK);
        assert_kept(&desk, "13");
        assert_int_equal(pool_deadletter_counts(desk.dead).damaged, 1);
        pool_deadletter_destroy(desk.dead);
        char *now = read_file(&desk, &now_size);
        assert_int_equal(now_size, size);
        assert_memory_equal(now, text, size);
        free(now);
        text[at] = was;
    }
    free(text);
    desk.dead = NULL;
    desk_clear(&desk);
}

/* --- bounds, and others ------------------------------------------------------------------------------------
 */

static void a_file_with_too_many_is_refused_or_cut(void **state)
{
    (void)state;
    struct desk desk;
    desk_set(&desk);
    assert_status(open_store(&desk, 5, POOL_DEADLETTER_REFUSE), POOL_OK);
    put_many(&desk, 5);
    pool_deadletter_destroy(desk.dead);
    assert_status(open_store(&desk, 4, POOL_DEADLETTER_REFUSE), POOL_FULL);
    assert_null(desk.dead);
    assert_status(open_store(&desk, 2, POOL_DEADLETTER_DROP_OLDEST), POOL_OK);
    assert_kept(&desk, "45");
    put_many(&desk, 1);
    reopen(&desk);
    assert_kept(&desk, "56");
    desk_clear(&desk);
}

static void two_stores_do_not_share_a_file(void **state)
{
    (void)state;
    struct desk desk, other;
    desk_set(&desk);
    other = desk;
    assert_status(open_store(&desk, 5, POOL_DEADLETTER_REFUSE), POOL_OK);
    assert_status(open_store(&other, 5, POOL_DEADLETTER_REFUSE), POOL_REJECTED);
    assert_null(other.dead);
    put_many(&desk, 1);
    desk_clear(&desk);
}

static void a_file_that_cannot_be_opened_says_why(void **state)
{
    (void)state;
    struct desk desk, nowhere;
    desk_set(&desk);
    nowhere = desk;
    snprintf(nowhere.path, sizeof nowhere.path, "%s/no/dead.log", desk.folder);
    assert_status(open_store(&nowhere, 5, POOL_DEADLETTER_REFUSE), POOL_FAILED);
    assert_null(nowhere.dead);
    assert_int_equal(nowhere.why, ENOENT);
    struct pool_deadletter_options options = {.items = 1, .path = nowhere.path};
    assert_status(pool_deadletter_create(&nowhere.dead, &options), POOL_FAILED); /* nobody asks why */
    desk_clear(&desk);
}

/* --- system calls fail ------------------------------------------------------------------------------------
 */

/* Each call of a put, and its repair, fails once in turn: the put says so, nothing has changed, and the next
 * put and the next process find a whole file. */
static void a_put_that_the_file_does_not_take_has_not_happened(void **state)
{
    (void)state;
    for (int failing = 1; failing <= 2; failing++)
        for (int shortly = 0; shortly <= 1; shortly++) {
            bool failed = true;
            for (int allowed = 0; failed; allowed++) {
                struct desk desk;
                desk_set(&desk);
                assert_status(open_store(&desk, 5, POOL_DEADLETTER_REFUSE), POOL_OK);
                put_many(&desk, 1);
                fail_calls(allowed, failing, shortly);
                failed = put(&desk) == POOL_FAILED;
                fail_calls(0, -1, false);
                assert_int_equal(pool_deadletter_counts(desk.dead).file_error != 0, failed);
                assert_kept(&desk, failed ? "1" : "12");
                put_many(&desk, 1);
                reopen(&desk);
                assert_kept(&desk, failed ? "12" : "123");
                assert_int_equal(pool_deadletter_counts(desk.dead).damaged, 0);
                desk_clear(&desk);
            }
        }
}

static void a_file_that_cannot_be_mended_takes_nothing_until_it_can(void **state)
{
    (void)state;
    struct desk desk;
    desk_set(&desk);
    assert_status(open_store(&desk, 5, POOL_DEADLETTER_REFUSE), POOL_OK);
    put_many(&desk, 1);
    fail_calls(0, 1000, true);
    for (int i = 0; i < 3; i++)
        assert_status(put(&desk), POOL_FAILED);
    fail_calls(0, -1, false);
    put_many(&desk, 1);
    reopen(&desk);
    assert_kept(&desk, "12");
    desk_clear(&desk);
}

static void a_replay_stops_when_the_file_takes_no_note(void **state)
{
    (void)state;
    struct desk desk;
    struct pool_deadletter_outcome outcome;
    desk_set(&desk);
    assert_status(open_store(&desk, 5, POOL_DEADLETTER_REFUSE), POOL_OK);
    put_many(&desk, 3);
    fail_calls(0, 1, false);
    assert_status(pool_deadletter_replay(desk.dead, 9, send_odd, NULL, &outcome), POOL_FAILED);
    fail_calls(0, -1, false);
    assert_int_equal(outcome.sent, 1);
    assert_kept(&desk, "123"); /* it was sent, and will be again */
    assert_status(pool_deadletter_remove(desk.dead, 2), POOL_OK);
    fail_calls(0, 1, false);
    assert_status(pool_deadletter_remove(desk.dead, 3), POOL_FAILED);
    fail_calls(0, -1, false);
    assert_kept(&desk, "13");
    desk_clear(&desk);
}

static void a_drop_that_the_file_does_not_note_comes_back(void **state)
{
    (void)state;
    struct desk desk;
    desk_set(&desk);
    assert_status(open_store(&desk, 2, POOL_DEADLETTER_DROP_OLDEST), POOL_OK);
    put_many(&desk, 2);
    fail_calls(2, 1, false); /* the new one's write and sync are good, the old one's note is not */
    assert_status(put(&desk), POOL_OK);
    fail_calls(0, -1, false);
    assert_kept(&desk, "23");
    reopen(&desk);
    assert_kept(&desk, "123");
    desk_clear(&desk);
}

/* Each call of a compaction fails once in turn; whatever it answers, the letters are all there. */
static void a_compaction_that_fails_harms_nothing(void **state)
{
    (void)state;
    enum pool_status status = POOL_FAILED;
    for (int allowed = 0; status != POOL_OK; allowed++) {
        struct desk desk;
        desk_set(&desk);
        assert_status(open_store(&desk, 5, POOL_DEADLETTER_REFUSE), POOL_OK);
        put_many(&desk, 3);
        assert_status(pool_deadletter_remove(desk.dead, 2), POOL_OK);
        fail_calls(allowed, 1, false);
        status = pool_deadletter_compact(desk.dead);
        fail_calls(0, -1, false);
        assert_int_equal(pool_deadletter_counts(desk.dead).file_error, status == POOL_OK ? 0 : EIO);
        put_many(&desk, 1);
        reopen(&desk);
        assert_kept(&desk, "134");
        desk_clear(&desk);
    }
}

/* Each call of a create fails once in turn: it says so, or did without it; the file keeps every letter. */
static void a_create_that_fails_harms_nothing(void **state)
{
    (void)state;
    struct desk desk;
    enum pool_status status = POOL_FAILED;
    desk_set(&desk);
    assert_status(open_store(&desk, 5, POOL_DEADLETTER_REFUSE), POOL_OK);
    put_many(&desk, 2);
    pool_deadletter_destroy(desk.dead);
    size_t size;
    char *text = read_file(&desk, &size);
    int failed = 0;
    bool had_one = true;
    for (int allowed = 0; had_one; allowed++) {
        FILE *file = fopen(desk.path, "a");
        fputs("torn", file); /* so that there is something to mend */
        fclose(file);
        fail_calls(allowed, 1, false);
        status = open_store(&desk, 5, POOL_DEADLETTER_REFUSE);
        had_one = calls.failing == 0;
        fail_calls(0, -1, false);
        failed += status == POOL_FAILED;
        if (status == POOL_OK)
            pool_deadletter_destroy(desk.dead);
        else
            assert_int_equal(desk.why, EIO);
        assert_status(open_store(&desk, 5, POOL_DEADLETTER_REFUSE), POOL_OK);
        assert_kept(&desk, "12");
        pool_deadletter_destroy(desk.dead);
    }
    assert_true(failed >= 3); /* reading, cutting, and the folder's sync */
    free(text);
    desk.dead = NULL;
    desk_clear(&desk);
}

static struct desk *hungry_desk;

static enum pool_status create_one(void **made)
{
    enum pool_status status = open_store(hungry_desk, 5, POOL_DEADLETTER_REFUSE);
    *made = hungry_desk->dead;
    return status;
}

static void destroy_one(void *made)
{
    pool_deadletter_destroy(made);
}

static void memory_runs_out(void **state)
{
    (void)state;
    struct desk desk;
    desk_set(&desk);
    hungry_desk = &desk;
    assert_status(open_store(&desk, 5, POOL_DEADLETTER_REFUSE), POOL_OK);
    put_many(&desk, 3);
    assert_status(pool_deadletter_remove(desk.dead, 2), POOL_OK);
    enum pool_status status = POOL_FAILED;
    for (int allowed = 0; status != POOL_OK; allowed++) {
        starve.counting = true;
        starve.allowed = allowed;
        status = allowed < 2 ? put(&desk) : pool_deadletter_compact(desk.dead);
        starve.counting = false;
        assert_true(status == POOL_OK || status == POOL_NO_MEMORY);
        assert_kept(&desk, "13");
    }
    put_many(&desk, 1);
    assert_status(pool_deadletter_remove(desk.dead, 1), POOL_OK);
    pool_deadletter_destroy(desk.dead);
    assert_survives_hunger(create_one, destroy_one);
    assert_status(open_store(&desk, 5, POOL_DEADLETTER_REFUSE), POOL_OK);
    assert_kept(&desk, "34");
    desk_clear(&desk);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(everything_survives_the_process),
        CASE(the_file_does_not_grow_for_ever),
        CASE(a_crash_at_any_byte_loses_no_whole_line),
        CASE(a_damaged_line_is_counted_and_left_alone),
        CASE(a_file_with_too_many_is_refused_or_cut),
        CASE(two_stores_do_not_share_a_file),
        CASE(a_file_that_cannot_be_opened_says_why),
        CASE(a_put_that_the_file_does_not_take_has_not_happened),
        CASE(a_file_that_cannot_be_mended_takes_nothing_until_it_can),
        CASE(a_replay_stops_when_the_file_takes_no_note),
        CASE(a_drop_that_the_file_does_not_note_comes_back),
        CASE(a_compaction_that_fails_harms_nothing),
        CASE(a_create_that_fails_harms_nothing),
        CASE(memory_runs_out),
    };
    return cmocka_run_group_tests_name("protection: deadletter file", cases, NULL, NULL);
}
