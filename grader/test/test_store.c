/* test_store.c - what must hold for the learner's progress whatever happens to the file: two writers, kill,
 * damage, locks, full and read-only disks, a newer program's database. Each test has a project folder of its
 * own.
 */
#include "base/file.h"
#include "store/store.h"

#include <fcntl.h>
#include <grp.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#include <cmocka.h>

#define ID   "junior/01-first"
#define HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* --- the stage ----------------------------------------------------------------------------------------- */

struct place {
    char root[64];
    char database[96];
};

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    snprintf(place->root, sizeof place->root, "/tmp/deepend-store-XXXXXX");
    assert_non_null(mkdtemp(place->root));
    snprintf(place->database, sizeof place->database, "%s/work/deepend.db", place->root);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    assert_int_equal(path_remove(place->root), 0);
    free(place);
    return 0;
}

/* Open; nothing may need telling. */
static struct store *open_quietly(const struct place *place)
{
    struct error err;
    struct store *store = store_open(place->root, &err);
    if (!store || err.text[0] != '\0')
        fail_msg("store_open: %s", err.text);
    return store;
}

static int attempt(struct store *store, int passed, unsigned score, struct error *err)
{
    return store_attempt(store, ID, HASH, passed, passed ? "none" : "race", score, 10, 0.5, err);
}

static struct progress progress_of(struct store *store, const char *id)
{
    struct error err;
    struct progress progress;
    assert_int_equal(store_progress(store, id, &progress, &err), 0);
    return progress;
}

static unsigned attempts_on_disk(const struct place *place)
{
    struct store *store = open_quietly(place);
    unsigned attempts = progress_of(store, ID).attempts;
    store_close(store);
    return attempts;
}

/* Run SQL on the database from outside. */
static void meddle(const struct place *place, const char *sql)
{
    sqlite3 *database;
    assert_int_equal(sqlite3_open(place->database, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
}

/* The number that QUERY answers. */
static int ask(const struct place *place, const char *query)
{
    sqlite3 *database;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(place->database, &database), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database, query, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int answer = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return answer;
}

/* The exit status of the child PID. */
static int status_of(pid_t pid)
{
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* --- plain use ----------------------------------------------------------------------------------------- */

static void test_empty(void **state)
{
    struct store *store = open_quietly(*state);
    struct error err;
    struct progress progress = progress_of(store, ID);

    assert_int_equal(progress.state, STATE_NEW);
    assert_int_equal(progress.attempts + progress.hints + progress.best_score + (unsigned)progress.gave_up,
                     0);
    assert_null(store_latest(NULL, store, &err));
    assert_string_equal(err.text, "");
    assert_int_equal(store_check(store, &err), 0);
    store_close(store);
    store_close(NULL);
    assert_int_equal(ask(*state, "SELECT count(*) FROM exercise"), 0); /* asking left nothing behind */
}

static void test_attempts(void **state)
{
    struct store *store = open_quietly(*state);
    struct error err;

    assert_int_equal(attempt(store, 0, 4, &err), 0);
    struct progress progress = progress_of(store, ID);
    assert_int_equal(progress.state, STATE_STARTED);
    assert_int_equal(progress.best_score, 4);
    assert_int_equal(progress.first_pass, 0);
    assert_int_equal(attempt(store, 1, 10, &err), 0);
    assert_int_equal(attempt(store, 0, 2, &err), 0);
    store_close(store);

    store = open_quietly(*state);
    progress = progress_of(store, ID);
    assert_int_equal(progress.state, STATE_PASSED);
    assert_int_equal(progress.attempts, 3);
    assert_int_equal(progress.best_score, 10);
    assert_true(progress.first_pass > 1600000000);
    assert_int_equal(progress_of(store, "junior/02-second").state, STATE_NEW);
    store_close(store);
}

static void test_latest(void **state)
{
    struct store *store = open_quietly(*state);
    struct error err;

    assert_int_equal(attempt(store, 0, 0, &err), 0);
    assert_int_equal(store_attempt(store, "staff/01-last", HASH, 0, "race", 0, 5, 1, &err), 0);
    assert_int_equal(store_hint(store, ID, &err), 0);
    char *latest = store_latest(NULL, store, &err);
    assert_string_equal(latest, "staff/01-last");
    talloc_free(latest);
    store_close(store);
}

static void test_hints_and_giving_up(void **state)
{
    struct store *store = open_quietly(*state);
    struct error err;

    assert_int_equal(store_hint(store, ID, &err), 0);
    assert_int_equal(store_hint(store, ID, &err), 0);
    assert_int_equal(progress_of(store, ID).hints, 2);
    assert_int_equal(progress_of(store, ID).state, STATE_STARTED);
    assert_int_equal(store_gave_up(store, ID, &err), 0);
    assert_int_equal(progress_of(store, ID).gave_up, 1);
    assert_int_equal(progress_of(store, ID).attempts, 0);

    assert_int_equal(store_attempt(store, "a", HASH, 1, "none", 5, 5, 1, &err), 0);
    assert_int_equal(store_gave_up(store, "a", &err), 0);
    assert_int_equal(progress_of(store, "a").gave_up, 0);
    store_close(store);
}

/* A value that the tables forbid is refused, and nothing of that transaction stays. */
static void test_all_or_nothing(void **state)
{
    struct store *store = open_quietly(*state);
    struct error err;

    assert_int_equal(attempt(store, 0, 11, &err), -1);
    assert_int_equal(err.status, EXIT_GRADER);
    assert_int_equal(progress_of(store, ID).state, STATE_NEW);
    assert_int_equal(attempt(store, 0, 9, &err), 0);
    store_close(store);
    assert_int_equal(ask(*state, "SELECT count(*) FROM exercise"), 1);
}

/* --- company ------------------------------------------------------------------------------------------- */

enum { WRITES = 60 };

/* Once GO closes, open the store and write. Exit status: 0, or 1 when anything failed. */
static void write_many(const struct place *place, int go)
{
    struct error err;
    char byte;
    while (read(go, &byte, 1) > 0)
        ;
    struct store *store = store_open(place->root, &err);
    if (!store || err.text[0] != '\0')
        _exit(1);
    for (int i = 0; i < WRITES; i++)
        if (attempt(store, 0, 1, &err) != 0)
            _exit(1);
    store_close(store);
    _exit(0);
}

/* Two programs that make the database at the same moment, and then write at once. */
static void test_two_writers(void **state)
{
    int go[2];
    pid_t pids[2];

    assert_int_equal(pipe(go), 0);
    for (int i = 0; i < 2; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            close(go[1]);
            write_many(*state, go[0]);
        }
    }
    close(go[0]);
    close(go[1]);
    for (int i = 0; i < 2; i++)
        assert_int_equal(status_of(pids[i]), 0);
    assert_int_equal(attempts_on_disk(*state), 2 * WRITES);
}

/* Open the store once GO closes; the exit status tells whether that went well. */
static void open_at_once(const char *root, int go)
{
    struct error err;
    char byte;
    while (read(go, &byte, 1) > 0)
        ;
    _exit(!store_open(root, &err) || err.text[0] != '\0');
}

/* Many programs make the database at once. SQLite gives up at once where two go over to the write-ahead log
 * together; the store must not. (Without its patience, a third of the rounds failed when this was written.)
 */
static void test_many_first_openers(void **state)
{
    struct place *place = *state;
    enum { ROUNDS = 15, OPENERS = 6 };

    for (int round = 0; round < ROUNDS; round++) {
        char root[96];
        int go[2], failed = 0;
        pid_t pids[OPENERS];
        snprintf(root, sizeof root, "%s/%d", place->root, round);
        assert_int_equal(mkdir(root, 0755), 0);
        assert_int_equal(pipe(go), 0);
        for (int i = 0; i < OPENERS; i++) {
            pids[i] = fork();
            if (pids[i] == 0) {
                close(go[1]);
                open_at_once(root, go[0]);
            }
        }
        close(go[0]);
        close(go[1]);
        for (int i = 0; i < OPENERS; i++)
            failed += status_of(pids[i]);
        assert_int_equal(failed, 0);
    }
}

/* Somebody holds the write lock for longer than we wait. */
static void test_locked(void **state)
{
    struct place *place = *state;
    struct store *store = open_quietly(place);
    struct error err;
    sqlite3 *other;

    assert_int_equal(attempt(store, 0, 3, &err), 0);
    assert_int_equal(sqlite3_open(place->database, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(store_check(store, &err), -1);
    assert_int_equal(attempt(store, 0, 4, &err), -1);
    assert_non_null(strstr(err.text, "locked for five seconds"));
    assert_non_null(strstr(err.text, "attempt is not recorded"));
    assert_int_equal(err.status, EXIT_GRADER);
    assert_int_equal(progress_of(store, ID).best_score, 3); /* reading goes on beside a writer */

    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    assert_int_equal(attempt(store, 0, 5, &err), 0);
    store_close(store);
    assert_int_equal(attempts_on_disk(place), 2);
}

/* --- kill ---------------------------------------------------------------------------------------------- */

/* Write for ever; a byte to ACK behind each attempt that the store has promised to keep. */
static void write_until_killed(const struct place *place, int ack)
{
    struct error err;
    struct store *store = store_open(place->root, &err);
    while (store && attempt(store, 0, 1, &err) == 0)
        if (write(ack, "+", 1) != 1)
            break;
    _exit(1);
}

/* SIGKILL after 1, 2, 3, ... promises, wherever the writer is by then: no promise is ever broken. */
static void test_kill_in_mid_write(void **state)
{
    unsigned promised = 0;

    for (unsigned round = 1; round <= 12; round++) {
        int ack[2];
        char byte;
        assert_int_equal(pipe(ack), 0);
        pid_t pid = fork();
        if (pid == 0) {
            close(ack[0]);
            write_until_killed(*state, ack[1]);
        }
        close(ack[1]);
        for (unsigned i = 0; i < round; i++)
            assert_int_equal(read(ack[0], &byte, 1), 1);
        kill(pid, SIGKILL);
        assert_int_equal(status_of(pid), 128 + SIGKILL);
        promised += round;
        while (read(ack[0], &byte, 1) == 1)
            promised++;
        close(ack[0]);

        unsigned kept = attempts_on_disk(*state);
        assert_in_range(kept, promised,
                        promised + 1); /* one may have been kept before its promise was sent */
        promised = kept;
    }
}

/* --- damage -------------------------------------------------------------------------------------------- */

static char *bytes_of(const char *path, size_t *length)
{
    struct error err;
    char *bytes = file_read(NULL, path, 1 << 20, length, &err);
    if (!bytes)
        fail_msg("%s", err.text);
    return bytes;
}

/* Put BYTES in the place of the database; opening must keep them as deepend.db.damaged-NUMBER and give a
 * store that works. */
static void expect_kept_aside(const struct place *place, const char *bytes, size_t length, int number)
{
    struct error err;
    char aside[128], name[32];
    size_t kept_length;

    assert_int_equal(file_replace(place->database, bytes, length, &err), 0);
    struct store *store = store_open(place->root, &err);
    assert_non_null(store);
    snprintf(name, sizeof name, "damaged-%d", number);
    assert_non_null(strstr(err.text, name));
    assert_int_equal(progress_of(store, ID).attempts, 0);
    assert_int_equal(attempt(store, 0, 1, &err), 0);
    store_close(store);

    snprintf(aside, sizeof aside, "%s.%s", place->database, name);
    char *kept = bytes_of(aside, &kept_length);
    assert_int_equal(kept_length, length);
    assert_memory_equal(kept, bytes, length);
    talloc_free(kept);
}

static void test_damaged(void **state)
{
    struct place *place = *state;
    struct error err;
    struct store *store = open_quietly(place);
    size_t length;

    for (int i = 0; i < 50; i++)
        assert_int_equal(attempt(store, 0, 1, &err), 0);
    store_close(store);
    char *bytes = bytes_of(place->database, &length);
    expect_kept_aside(place, "this is not a database at all, but a letter to a friend\n", 56, 1);
    expect_kept_aside(place, bytes, length / 2, 2);
    memset(bytes + length / 2, 0x5a, length / 4);
    expect_kept_aside(place, bytes, length, 3);
    talloc_free(bytes);
}

/* Two programs find the damage at once: it is kept aside once, and both work on the same new file. */
static void test_damage_found_twice(void **state)
{
    struct place *place = *state;
    struct error err;
    char second[128];
    int go[2], failed = 0;
    pid_t pids[2];

    store_close(open_quietly(place));
    assert_int_equal(
        file_replace(place->database, "rubbish, and much more of it than a header needs to be", 54, &err), 0);
    assert_int_equal(pipe(go), 0);
    for (int i = 0; i < 2; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            char byte;
            close(go[1]);
            while (read(go[0], &byte, 1) > 0)
                ;
            struct store *store = store_open(place->root, &err);
            _exit(!store || attempt(store, 0, 1, &err) != 0);
        }
    }
    close(go[0]);
    close(go[1]);
    for (int i = 0; i < 2; i++)
        failed += status_of(pids[i]);
    assert_int_equal(failed, 0);
    assert_int_equal(attempts_on_disk(place), 2);
    snprintf(second, sizeof second, "%s.damaged-2", place->database);
    assert_false(file_exists(second));
}

/* --- places that refuse -------------------------------------------------------------------------------- */

static void test_under_a_file(void **state)
{
    struct place *place = *state;
    struct error err;
    char root[128];

    snprintf(root, sizeof root, "%s/plain", place->root);
    assert_int_equal(file_replace(root, "x", 1, &err), 0);
    assert_null(store_open(root, &err));
    assert_int_equal(err.status, EXIT_GRADER);
    assert_non_null(strstr(err.text, "not recorded"));
}

/* Become somebody who may not write in ROOT: rights do not bind root. */
static void drop_rights(const struct place *place)
{
    char work[96];
    snprintf(work, sizeof work, "%s/work", place->root);
    chmod(place->root, 0755);
    chmod(place->database, 0444);
    chmod(work, 0555);
    if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setgid(65534) != 0 || setuid(65534) != 0))
        _exit(9);
}

/* 0 when a read-only store either tells so at once, or can be read and tells so at the first write. */
static int use_read_only(const struct place *place)
{
    struct error err;
    struct progress progress;

    drop_rights(place);
    struct store *store = store_open(place->root, &err);
    if (store && (store_progress(store, ID, &progress, &err) != 0 || progress.attempts != 1))
        return 1;
    if (store && (store_check(store, &err) != -1 || attempt(store, 0, 1, &err) != -1))
        return 2;
    return err.status == EXIT_GRADER && strstr(err.text, "not recorded") ? 0 : 3;
}

static void test_read_only(void **state)
{
    struct place *place = *state;
    struct error err;
    char work[96];
    struct store *store = open_quietly(place);

    assert_int_equal(attempt(store, 0, 1, &err), 0);
    store_close(store);
    pid_t pid = fork();
    if (pid == 0)
        _exit(use_read_only(place));
    int status = status_of(pid);
    snprintf(work, sizeof work, "%s/work", place->root);
    chmod(work, 0755);
    chmod(place->database, 0644);
    assert_int_equal(status, 0);
    assert_int_equal(attempts_on_disk(place), 1);
}

/* No file may grow: as on a full disk, writing fails, is told, and breaks nothing. */
static int write_without_room(const struct place *place)
{
    struct error err;
    struct store *store = store_open(place->root, &err);

    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){4096, 4096});
    if (!store || attempt(store, 0, 2, &err) != -1)
        return 1;
    if (err.status != EXIT_GRADER || !strstr(err.text, "attempt is not recorded"))
        return 2;
    struct progress progress;
    return store_progress(store, ID, &progress, &err) == 0 && progress.attempts == 1 ? 0 : 3;
}

static void test_no_room(void **state)
{
    struct error err;
    struct store *store = open_quietly(*state);

    assert_int_equal(attempt(store, 0, 1, &err), 0);
    store_close(store);
    pid_t pid = fork();
    if (pid == 0)
        _exit(write_without_room(*state));
    assert_int_equal(status_of(pid), 0);
    assert_int_equal(attempts_on_disk(*state), 1);
}

static void test_newer_schema(void **state)
{
    struct place *place = *state;
    struct error err;
    size_t before_length, after_length;

    store_close(open_quietly(place));
    meddle(place, "CREATE TABLE from_the_future (x); PRAGMA user_version = 99");
    char *before = bytes_of(place->database, &before_length);
    assert_null(store_open(place->root, &err));
    assert_non_null(strstr(err.text, "newer"));
    char *after = bytes_of(place->database, &after_length);
    assert_int_equal(before_length, after_length);
    assert_memory_equal(before, after, before_length);
    talloc_free(before);
    talloc_free(after);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_empty),
        TEST(test_attempts),
        TEST(test_latest),
        TEST(test_hints_and_giving_up),
        TEST(test_all_or_nothing),
        TEST(test_two_writers),
        TEST(test_many_first_openers),
        TEST(test_locked),
        TEST(test_kill_in_mid_write),
        TEST(test_damaged),
        TEST(test_damage_found_twice),
        TEST(test_under_a_file),
        TEST(test_read_only),
        TEST(test_no_room),
        TEST(test_newer_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
