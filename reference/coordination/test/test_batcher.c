/* test_batcher.c - the batcher driven by its caller: the rule, size, age by a clock that stands still, room,
 * flush, close. test_batcher_thread.c has the one with a thread. */
#include "batcher_test.h"

static void the_rule_alone(void **state)
{
    (void)state;
    const struct {
        struct pool_batch_rule rule;
        size_t count;
        uint64_t waited, due_in;
    } rows[] = {
        {{.size = 3, .age = 100}, 0, 0, POOL_BATCH_NEVER},
        {{.size = 3, .age = 100}, 0, 1000, POOL_BATCH_NEVER},
        {{.size = 3, .age = 100}, 1, 0, 100},
        {{.size = 3, .age = 100}, 2, 99, 1},
        {{.size = 3, .age = 100}, 2, 100, 0},
        {{.size = 3, .age = 100}, 2, UINT64_MAX, 0},
        {{.size = 3, .age = 100}, 3, 0, 0},
        {{.size = 3, .age = 100}, 4, 0, 0},
        {{.size = 3, .age = 0}, 2, UINT64_MAX, POOL_BATCH_NEVER},
        {{.size = 3, .age = 0}, 3, 0, 0},
        {{.size = 1, .age = 100}, 1, 0, 0},
        {{.size = SIZE_MAX, .age = UINT64_MAX}, 1, 5, UINT64_MAX - 5},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_true(pool_batch_due_in(&rows[i].rule, rows[i].count, rows[i].waited) == rows[i].due_in);
}

static void wrong_arguments_are_refused(void **state)
{
    struct sink sink;
    struct pool_batcher *batcher = (struct pool_batcher *)state;
    struct timespec past = in_the_past();
    uint64_t wait = 0;
    const struct pool_clock clock = {.now = read_sink_clock, .context = &sink};
    const struct pool_batcher_options wrong[] = {
        {.size = 0, .capacity = 1, .flush = sink_flush},
        {.size = 2, .capacity = 1, .flush = sink_flush},
        {.size = 1, .capacity = 1, .flush = NULL},
        {.size = 1, .capacity = SIZE_MAX, .flush = sink_flush},
        {.size = 1, .capacity = 1, .flush = sink_flush, .driver = 2},
        {.size = 1, .capacity = 1, .flush = sink_flush, .driver = POOL_BATCHER_THREAD, .clock = &clock},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(pool_batcher_create(&batcher, &wrong[i]), POOL_INVALID);
    assert_int_equal(pool_batcher_create(&batcher, NULL), POOL_INVALID);
    assert_null(batcher);
    assert_int_equal(pool_batcher_create(NULL, NULL), POOL_INVALID);
    assert_int_equal(pool_batcher_add(NULL, NULL), POOL_INVALID);
    assert_int_equal(pool_batcher_try_add(NULL, NULL), POOL_INVALID);
    assert_int_equal(pool_batcher_add_until(NULL, NULL, &past), POOL_INVALID);
    assert_int_equal(pool_batcher_poll(NULL, &wait), POOL_INVALID);
    assert_true(wait == POOL_BATCH_NEVER);
    assert_int_equal(pool_batcher_flush(NULL), POOL_INVALID);
    assert_int_equal(pool_batcher_close(NULL), POOL_INVALID);
    assert_int_equal(pool_batcher_counts(NULL).added, 0);
    sink_set(&sink, POOL_BATCHER_POLL, AGE);
    assert_int_equal(pool_batcher_add_until(sink.batcher, NULL, NULL), POOL_INVALID);
    assert_int_equal(pool_batcher_add_until(sink.batcher, NULL, &no_deadline), POOL_INVALID);
    sink_clear(&sink);
    sink_set(&sink, POOL_BATCHER_THREAD, AGE);
    assert_int_equal(pool_batcher_poll(sink.batcher, NULL), POOL_INVALID);
    sink_clear(&sink);
    pool_batcher_destroy(NULL);
}

static void a_batch_is_due_by_size(void **state)
{
    (void)state;
    struct sink sink;
    uint64_t wait;
    sink_set(&sink, POOL_BATCHER_POLL, 0);
    add(&sink, 1, 2);
    assert_int_equal(pool_batcher_poll(sink.batcher, &wait), POOL_EMPTY);
    assert_true(wait == POOL_BATCH_NEVER);
    add(&sink, 3, 7);
    assert_int_equal(pool_batcher_poll(sink.batcher, &wait), POOL_OK);
    assert_true(wait == 0); /* four are left: another batch is due */
    assert_int_equal(pool_batcher_poll(sink.batcher, &wait), POOL_OK);
    assert_int_equal(pool_batcher_poll(sink.batcher, NULL), POOL_EMPTY);
    assert_true(sink.batches == 2 && sink.sizes[0] == 3 && sink.sizes[1] == 3);
    assert_int_equal(pool_batcher_counts(sink.batcher).waiting, 1);
    assert_ledger(&sink);
    sink_clear(&sink);
    assert_int_equal(sink.total, 7); /* the rest goes out at the end */
}

static void a_batch_is_due_by_age(void **state)
{
    (void)state;
    struct sink sink;
    uint64_t wait;
    sink_set(&sink, POOL_BATCHER_POLL, AGE);
    sink.now = 1000;
    add(&sink, 1, 1);
    sink.now = 1060;
    add(&sink, 2, 2);
    assert_int_equal(pool_batcher_poll(sink.batcher, &wait), POOL_EMPTY);
    assert_true(wait == 40); /* the oldest counts */
    sink.now = 1099;
    assert_int_equal(pool_batcher_poll(sink.batcher, &wait), POOL_EMPTY);
    assert_true(wait == 1 && sink.batches == 0);
    sink.now = 1100;
    assert_int_equal(pool_batcher_poll(sink.batcher, &wait), POOL_OK);
    assert_true(wait == POOL_BATCH_NEVER && sink.batches == 1 && sink.sizes[0] == 2);
    add(&sink, 3, 6); /* four at once, and then the one that is left keeps its own age */
    sink.now = 1150;
    assert_int_equal(pool_batcher_poll(sink.batcher, &wait), POOL_OK);
    assert_true(wait == 50);
    assert_int_equal(pool_batcher_counts(sink.batcher).full_batches, 1);
    sink_clear(&sink);
}

static void without_room_an_add_flushes_itself(void **state)
{
    (void)state;
    struct sink sink;
    struct timespec past = in_the_past();
    sink_set(&sink, POOL_BATCHER_POLL, AGE);
    add(&sink, 1, CAPACITY);
    assert_int_equal(pool_batcher_try_add(sink.batcher, &sink), POOL_FULL);
    assert_int_equal(sink.batches, 0);
    add(&sink, CAPACITY + 1, CAPACITY + 1);
    assert_int_equal(sink.batches, 1);
    add(&sink, CAPACITY + 2, CAPACITY + 3);
    assert_int_equal(pool_batcher_add_until(sink.batcher, (void *)(uintptr_t)(CAPACITY + 4), &past), POOL_OK);
    assert_int_equal(sink.batches, 2);
    sink_clear(&sink);
    assert_int_equal(sink.total, CAPACITY + 4);
}

/* One thread is in flush: others' polls find it so, and an add that finds no room waits for it. */
static void one_flush_at_a_time(void **state)
{
    (void)state;
    struct sink sink;
    struct call poller, adder;
    struct timespec past = in_the_past();
    uint64_t wait = 0;
    sink_set(&sink, POOL_BATCHER_POLL, AGE);
    sink.gated = true;
    add(&sink, 1, SIZE);
    call_start(&poller, poll_it, &sink);
    gate_await(&sink.gate);
    assert_int_equal(pool_batcher_counts(sink.batcher).flushing, SIZE);
    add(&sink, SIZE + 1, SIZE + CAPACITY); /* what is being flushed takes no room */
    assert_int_equal(pool_batcher_poll(sink.batcher, &wait), POOL_EMPTY);
    assert_true(wait == POOL_BATCH_NEVER);
    assert_int_equal(pool_batcher_add_until(sink.batcher, &sink, &past), POOL_TIMED_OUT);
    call_start(&adder, add_one, &sink);
    AWAIT(pool_batcher_counts(sink.batcher).blocked == 1);
    sink.gated = false;
    gate_open(&sink.gate);
    assert_int_equal(call_join(&poller), POOL_OK);
    assert_int_equal(call_join(&adder), POOL_OK); /* by a flush of its own */
    assert_int_equal(pool_batcher_counts(sink.batcher).batches, 2);
    assert_ledger(&sink);
    sink_clear(&sink);
    assert_int_equal(sink.total, SIZE + CAPACITY + 1);
}

static void a_flush_sends_out_what_is_there(void **state)
{
    (void)state;
    struct sink sink;
    sink_set(&sink, POOL_BATCHER_POLL, AGE);
    assert_int_equal(pool_batcher_flush(sink.batcher), POOL_OK);
    assert_int_equal(sink.batches, 0); /* never an empty batch */
    add(&sink, 1, 5);
    assert_int_equal(pool_batcher_flush(sink.batcher), POOL_OK);
    assert_true(sink.batches == 2 && sink.sizes[0] == 3 && sink.sizes[1] == 2);
    sink.error = 17;
    add(&sink, 6, 6);
    assert_int_equal(pool_batcher_flush(sink.batcher), POOL_FAILED);
    sink.error = 0;
    add(&sink, 7, 7);
    assert_int_equal(pool_batcher_flush(sink.batcher), POOL_OK);
    struct pool_batcher_counts counts = pool_batcher_counts(sink.batcher);
    assert_true(counts.sent == 6 && counts.failed == 1 && counts.first_error == 17);
    assert_int_equal(pool_batcher_close(sink.batcher), POOL_FAILED); /* not all went well */
    assert_ledger(&sink);
    sink_clear(&sink);
}

static void a_close_sends_out_the_rest(void **state)
{
    (void)state;
    struct sink sink;
    struct timespec later = far_away();
    sink_set(&sink, POOL_BATCHER_POLL, AGE);
    add(&sink, 1, 5);
    assert_int_equal(pool_batcher_close(sink.batcher), POOL_OK);
    assert_int_equal(sink.total, 5);
    assert_int_equal(pool_batcher_close(sink.batcher), POOL_OK);
    assert_int_equal(pool_batcher_add(sink.batcher, &sink), POOL_STOPPED);
    assert_int_equal(pool_batcher_try_add(sink.batcher, &sink), POOL_STOPPED);
    assert_int_equal(pool_batcher_add_until(sink.batcher, &sink, &later), POOL_STOPPED);
    assert_int_equal(pool_batcher_poll(sink.batcher, NULL), POOL_EMPTY);
    assert_int_equal(pool_batcher_flush(sink.batcher), POOL_OK);
    sink_clear(&sink);
}

static void a_close_lets_waiting_adds_out(void **state)
{
    (void)state;
    struct sink sink;
    struct call poller, adder, closer, destroyer;
    sink_set(&sink, POOL_BATCHER_POLL, AGE);
    sink.gated = true;
    add(&sink, 1, SIZE);
    call_start(&poller, poll_it, &sink);
    gate_await(&sink.gate);
    add(&sink, SIZE + 1, SIZE + CAPACITY);
    call_start(&adder, add_one, &sink);
    AWAIT(pool_batcher_counts(sink.batcher).blocked == 1);
    call_start(&closer, close_it, &sink);
    assert_int_equal(call_join(&adder), POOL_STOPPED);
    AWAIT(pool_batcher_counts(sink.batcher).closing == 1);
    call_start(&destroyer, destroy_it, &sink);
    sink.gated = false;
    gate_open(&sink.gate);
    assert_int_equal(call_join(&poller), POOL_OK);
    assert_int_equal(call_join(&closer), POOL_OK);
    assert_int_equal(call_join(&destroyer), POOL_OK);
    assert_int_equal(sink.total, SIZE + CAPACITY);
    sink.batcher = NULL;
    sink_clear(&sink);
}

/* A polled batcher without a clock of its own reads the system's: it never goes backwards. */
static void the_system_clock_will_do(void **state)
{
    (void)state;
    struct sink sink = {.next = 0};
    struct pool_batcher_options options = {.size = 2,
                                           .age = 1,
                                           .capacity = 2,
                                           .driver = POOL_BATCHER_POLL,
                                           .flush = sink_flush,
                                           .context = &sink};
    assert_int_equal(pool_batcher_create(&sink.batcher, &options), POOL_OK);
    add(&sink, 1, 1);
    AWAIT(pool_batcher_poll(sink.batcher, NULL) == POOL_OK); /* a nanosecond passes sooner or later */
    pool_batcher_destroy(sink.batcher);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(the_rule_alone),
        CASE(wrong_arguments_are_refused),
        CASE(a_batch_is_due_by_size),
        CASE(a_batch_is_due_by_age),
        CASE(without_room_an_add_flushes_itself),
        CASE(one_flush_at_a_time),
        CASE(a_flush_sends_out_what_is_there),
        CASE(a_close_sends_out_the_rest),
        CASE(a_close_lets_waiting_adds_out),
        CASE(the_system_clock_will_do),
    };
    return cmocka_run_group_tests_name("coordination: batcher", cases, NULL, NULL);
}
