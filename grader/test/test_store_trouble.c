/* test_store_trouble.c - what must hold for the learner's progress whatever happens to the file: damage, full
 * and read-only disks, a newer program's database. Each test has a project folder of its own.
 */
#include "fixture_store.h"

#include <grp.h>
#include <sys/resource.h>

/* --- damage -------------------------------------------------------------------------------------------- */

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
        TEST(test_damaged), TEST(test_damage_found_twice), TEST(test_under_a_file), TEST(test_read_only),
        TEST(test_no_room), TEST(test_newer_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
