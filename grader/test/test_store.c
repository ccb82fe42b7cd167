/* test_store.c - the learner's progress: what is kept of it, with two programs at it, and when one is killed
 * in the middle. Each test has a project folder of its own.
 */
#include "fixture_store.h"

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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
