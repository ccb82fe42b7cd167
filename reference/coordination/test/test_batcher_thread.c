/* test_batcher_thread.c - the batcher with a thread of its own, and calls from inside flush. */
#include "batcher_test.h"

static void a_full_batch_goes_out_by_itself(void **state)
{
    (void)state;
    struct sink sink;
    sink_set(&sink, POOL_BATCHER_THREAD, 0);
    add(&sink, 1, 2);
    assert_int_equal(pool_batcher_counts(sink.batcher).batches, 0);
    add(&sink, 3, 3);
    AWAIT(pool_batcher_counts(sink.batcher).sent == 3);
    add(&sink, 4, 9);
    AWAIT(pool_batcher_counts(sink.batcher).sent == 9);
    assert_int_equal(pool_batcher_counts(sink.batcher).full_batches, 3);
    sink_clear(&sink);
}

static void an_old_batch_goes_out_by_itself(void **state)
{
    (void)state;
    struct sink sink;
    sink_set(&sink, POOL_BATCHER_THREAD, POOL_MILLISECOND);
    for (uintptr_t i = 1; i <= 3; i++) {
        add(&sink, i, i);
        AWAIT(pool_batcher_counts(sink.batcher).sent == i); /* however long that takes */
    }
    assert_int_equal(pool_batcher_counts(sink.batcher).full_batches, 0);
    sink_clear(&sink);
}

static void a_huge_age_is_no_age(void **state)
{
    (void)state;
    struct sink sink;
    sink_set(&sink, POOL_BATCHER_THREAD, UINT64_MAX - 1);
    add(&sink, 1, 1);
    assert_int_equal(pool_batcher_flush(sink.batcher), POOL_OK);
    assert_int_equal(sink.total, 1);
    add(&sink, 2, 4);
    AWAIT(pool_batcher_counts(sink.batcher).sent == 4);
    sink_clear(&sink);
}

static void a_slow_sink_makes_adds_wait(void **state)
{
    (void)state;
    struct sink sink;
    struct call adder, flusher;
    struct timespec past = in_the_past();
    sink_set(&sink, POOL_BATCHER_THREAD, 0);
    sink.gated = true;
    add(&sink, 1, SIZE);
    gate_await(&sink.gate);
    add(&sink, SIZE + 1, SIZE + CAPACITY);
    assert_int_equal(pool_batcher_try_add(sink.batcher, &sink), POOL_FULL);
    assert_int_equal(pool_batcher_add_until(sink.batcher, &sink, &past), POOL_TIMED_OUT);
    call_start(&adder, add_one, &sink);
    AWAIT(pool_batcher_counts(sink.batcher).blocked == 1);
    call_start(&flusher, flush_it, &sink);
    AWAIT(pool_batcher_counts(sink.batcher).closing == 1);
    sink.gated = false;
    gate_open(&sink.gate);
    assert_int_equal(call_join(&adder), POOL_OK);
    assert_int_equal(call_join(&flusher), POOL_OK);
    assert_true(pool_batcher_counts(sink.batcher).sent >= SIZE + CAPACITY);
    assert_int_equal(pool_batcher_close(sink.batcher), POOL_OK);
    assert_int_equal(sink.total, SIZE + CAPACITY + 1);
    assert_ledger(&sink);
    sink_clear(&sink);
}

static void a_destroy_sends_out_the_rest(void **state)
{
    (void)state;
    struct sink sink;
    struct call adder, destroyer;
    sink_set(&sink, POOL_BATCHER_THREAD, 0);
    sink.gated = true;
    add(&sink, 1, SIZE);
    gate_await(&sink.gate);
    add(&sink, SIZE + 1, SIZE + CAPACITY);
    call_start(&adder, add_one, &sink);
    AWAIT(pool_batcher_counts(sink.batcher).blocked == 1);
    call_start(&destroyer, destroy_it, &sink);
    assert_int_equal(call_join(&adder), POOL_STOPPED);
    sink.gated = false;
    gate_open(&sink.gate);
    assert_int_equal(call_join(&destroyer), POOL_OK);
    assert_int_equal(sink.total, SIZE + CAPACITY);
    sink.batcher = NULL;
    sink_clear(&sink);
}

/* --- from inside -------------------------------------------------------------------------------------- */

struct nosy {
    struct pool_batcher *batcher;
    atomic_bool asked;
    enum pool_status add, full, until, poll, flush, close;
};

static int ask_from_inside(void *context, void **items, size_t count)
{
    struct nosy *nosy = context;
    struct timespec past = in_the_past();
    (void)items;
    (void)count;
    if (atomic_exchange(&nosy->asked, true))
        return 0;
    nosy->add = pool_batcher_add(nosy->batcher, nosy); /* there is room: this batch has left it */
    nosy->full = pool_batcher_add(nosy->batcher, nosy);
    nosy->until = pool_batcher_add_until(nosy->batcher, nosy, &past);
    nosy->poll = pool_batcher_poll(nosy->batcher, NULL);
    nosy->flush = pool_batcher_flush(nosy->batcher);
    nosy->close = pool_batcher_close(nosy->batcher);
    return 0;
}

static void a_flush_cannot_wait_for_itself(void **state)
{
    (void)state;
    for (int driver = POOL_BATCHER_THREAD; driver <= POOL_BATCHER_POLL; driver++) {
        struct nosy nosy = {.batcher = NULL};
        struct pool_batcher_options options = {.size = 1,
                                               .capacity = 1,
                                               .driver = (enum pool_batcher_driver)driver,
                                               .flush = ask_from_inside,
                                               .context = &nosy};
        assert_int_equal(pool_batcher_create(&nosy.batcher, &options), POOL_OK);
        assert_int_equal(pool_batcher_add(nosy.batcher, &nosy), POOL_OK);
        assert_int_equal(pool_batcher_flush(nosy.batcher), POOL_OK);
        assert_int_equal(nosy.add, POOL_OK);
        assert_int_equal(nosy.full, POOL_WOULD_DEADLOCK);
        assert_int_equal(nosy.until, POOL_TIMED_OUT);
        assert_int_equal(nosy.poll, driver == POOL_BATCHER_POLL ? POOL_EMPTY : POOL_INVALID);
        assert_int_equal(nosy.flush, POOL_WOULD_DEADLOCK);
        assert_int_equal(nosy.close, POOL_WOULD_DEADLOCK);
        assert_int_equal(pool_batcher_close(nosy.batcher), POOL_OK);
        assert_int_equal(pool_batcher_counts(nosy.batcher).sent, 2);
        pool_batcher_destroy(nosy.batcher);
    }
}

/* --- many at once ------------------------------------------------------------------------------------- */

enum { EACH = 1000 };

static int only_count(void *context, void **items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        *(size_t *)context += (uintptr_t)items[i];
    return 0;
}

static enum pool_status add_many(void *batcher)
{
    enum pool_status status = POOL_OK;
    for (uintptr_t i = 1; i <= EACH && status == POOL_OK; i++)
        status = pool_batcher_add(batcher, (void *)i);
    return status;
}

static void nothing_is_lost_or_doubled(void **state)
{
    (void)state;
    for (int driver = POOL_BATCHER_THREAD; driver <= POOL_BATCHER_POLL; driver++) {
        size_t total = 0; /* one flush at a time: it needs no lock */
        struct pool_batcher *batcher;
        struct call calls[3];
        struct pool_batcher_options options = {.size = 4,
                                               .capacity = 9,
                                               .age = POOL_MILLISECOND,
                                               .driver = (enum pool_batcher_driver)driver,
                                               .flush = only_count,
                                               .context = &total};
        assert_int_equal(pool_batcher_create(&batcher, &options), POOL_OK);
        for (int i = 0; i < 3; i++)
            call_start(&calls[i], add_many, batcher);
        for (int i = 0; i < 3; i++)
            assert_int_equal(call_join(&calls[i]), POOL_OK);
        assert_int_equal(pool_batcher_close(batcher), POOL_OK);
        assert_int_equal(total, 3 * (size_t)EACH * (EACH + 1) / 2);
        pool_batcher_destroy(batcher);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_full_batch_goes_out_by_itself),
        CASE(an_old_batch_goes_out_by_itself),
        CASE(a_huge_age_is_no_age),
        CASE(a_slow_sink_makes_adds_wait),
        CASE(a_destroy_sends_out_the_rest),
        CASE(a_flush_cannot_wait_for_itself),
        CASE(nothing_is_lost_or_doubled),
    };
    return cmocka_run_group_tests_name("coordination: batcher with a thread", cases, NULL, NULL);
}
