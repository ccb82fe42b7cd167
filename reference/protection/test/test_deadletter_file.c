/* test_deadletter_file.c - the store's file: what survives, a crash at every byte, damage. System calls that
 * fail: test_deadletter_faults.c.
 */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=free,--wrap=write,--wrap=fdatasync */
/* link: -Wl,--wrap=fsync,--wrap=ftruncate,--wrap=rename,--wrap=pread */
#include "desk.h"

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
    put_many(&desk, 4);
    assert_status(pool_deadletter_remove(desk.dead, 4),
                  POOL_OK); /* worth a compaction, which would drop it */
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

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(everything_survives_the_process),         CASE(the_file_does_not_grow_for_ever),
        CASE(a_crash_at_any_byte_loses_no_whole_line), CASE(a_damaged_line_is_counted_and_left_alone),
        CASE(a_file_with_too_many_is_refused_or_cut),  CASE(two_stores_do_not_share_a_file),
        CASE(a_file_that_cannot_be_opened_says_why),
    };
    return cmocka_run_group_tests_name("protection: deadletter file", cases, NULL, NULL);
}
