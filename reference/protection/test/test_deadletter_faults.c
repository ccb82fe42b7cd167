/* test_deadletter_faults.c - every system call and every allocation of the store's file fails once in turn.
 */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=free,--wrap=write,--wrap=fdatasync */
/* link: -Wl,--wrap=fsync,--wrap=ftruncate,--wrap=rename,--wrap=pread */
#include "desk.h"

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

/* It was written whole, and only the sync failed: cut off all the same, for the caller was told so. */
static void a_put_that_failed_is_not_there_after_a_crash(void **state)
{
    (void)state;
    struct desk desk;
    desk_set(&desk);
    assert_status(open_store(&desk, 5, POOL_DEADLETTER_REFUSE), POOL_OK);
    put_many(&desk, 1);
    fail_calls(1, 1, false);
    assert_status(put(&desk), POOL_FAILED);
    fail_calls(0, -1, false);
    reopen(&desk);
    assert_kept(&desk, "1");
    desk_clear(&desk);
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
        CASE(a_put_that_the_file_does_not_take_has_not_happened),
        CASE(a_put_that_failed_is_not_there_after_a_crash),
        CASE(a_file_that_cannot_be_mended_takes_nothing_until_it_can),
        CASE(a_replay_stops_when_the_file_takes_no_note),
        CASE(a_drop_that_the_file_does_not_note_comes_back),
        CASE(a_compaction_that_fails_harms_nothing),
        CASE(a_create_that_fails_harms_nothing),
        CASE(memory_runs_out),
    };
    return cmocka_run_group_tests_name("protection: deadletter faults", cases, NULL, NULL);
}
