/* test_batcher_edges.c - the batcher's wake-ups and looks that only matter when two wait, when one is late, or
 * when a flush was asked for before.
 */
/* link: -Wl,--wrap=pthread_cond_timedwait */
#include "batcher_test.h"
#include "timeout_test.h"

static void room_for_three_lets_three_in(void **state)
{
    (void)state;
    struct sink sink;
    struct call adders[SIZE];
    sink_set(&sink, POOL_BATCHER_THREAD, 0);
    atomic_store(&sink.gated, true);
    add(&sink, 1, SIZE);
    gate_await(&sink.gate); /* these are being flushed */
    add(&sink, SIZE + 1, SIZE + CAPACITY);
    for (int i = 0; i < SIZE; i++)
        call_start(&adders[i], add_one, &sink);
    AWAIT(pool_batcher_counts(sink.batcher).blocked == SIZE);
    gate_open(&sink.gate);
    gate_await(&sink.gate); /* the next batch has left the ring, and no other will before the gate opens */
    for (int i = 0; i < SIZE; i++)
        assert_int_equal(call_join(&adders[i]), POOL_OK);
    assert_ledger(&sink);
    atomic_store(&sink.gated, false);
    gate_open(&sink.gate);
    assert_int_equal(pool_batcher_close(sink.batcher), POOL_OK);
    assert_int_equal(sink.total, CAPACITY + 2 * SIZE);
    atomic_store(&sink.out_of_order, 0); /* the three came with one number */
    sink_clear(&sink);
}

static void all_who_asked_for_a_flush_hear_of_it(void **state)
{
    (void)state;
    struct sink sink;
    struct call callers[2];
    sink_set(&sink, POOL_BATCHER_THREAD, 0);
    atomic_store(&sink.gated, true);
    add(&sink, 1, 1);
    for (int i = 0; i < 2; i++)
        call_start(&callers[i], flush_it, &sink);
    AWAIT(pool_batcher_counts(sink.batcher).closing == 2);
    gate_open(&sink.gate);
    for (int i = 0; i < 2; i++)
        assert_int_equal(call_join(&callers[i]), POOL_OK);
    assert_int_equal(sink.total, 1);
    sink_clear(&sink);
}

/* What was asked for has left; what comes after waits for company again, though each item wakes the thread. */
static void a_flush_is_for_what_was_there(void **state)
{
    (void)state;
    struct sink sink;
    sink_set(&sink, POOL_BATCHER_THREAD, 3600 * POOL_SECOND);
    for (uintptr_t round = 0; round < 8; round++) {
        uintptr_t first = round * (SIZE + 1) + 1;
        add(&sink, first, first);
        assert_int_equal(pool_batcher_flush(sink.batcher), POOL_OK);
        for (uintptr_t i = 1; i <= SIZE; i++) {
            add(&sink, first + i, first + i);
            for (int turn = 0; turn < 20; turn++)
                sched_yield(); /* a thread that would flush it now has every chance */
        }
    }
    assert_int_equal(pool_batcher_close(sink.batcher), POOL_OK);
    struct pool_batcher_counts now = pool_batcher_counts(sink.batcher);
    assert_true(now.batches == 16 && now.full_batches == 8);
    sink_clear(&sink);
}

static enum pool_status add_late(void *arg)
{
    return pool_batcher_add_until(((struct sink *)arg)->batcher, (void *)(uintptr_t)(SIZE + CAPACITY + 1),
                                  &at_the_gate);
}

static void who_is_late_to_add_looks_once_more(void **state)
{
    (void)state;
    struct sink sink;
    struct call poller, adder;
    gate_init(&timeout_gate);
    sink_set(&sink, POOL_BATCHER_POLL, 0);
    atomic_store(&sink.gated, true);
    add(&sink, 1, SIZE);
    call_start(&poller, poll_it, &sink);
    gate_await(&sink.gate); /* so nobody else can flush, and the ring fills */
    add(&sink, SIZE + 1, SIZE + CAPACITY);
    call_start(&adder, add_late, &sink);
    gate_await(&timeout_gate); /* its deadline has passed */
    atomic_store(&sink.gated, false);
    gate_open(&sink.gate);
    assert_int_equal(call_join(&poller), POOL_OK);
    assert_int_equal(pool_batcher_poll(sink.batcher, NULL), POOL_OK); /* there is room now */
    gate_open(&timeout_gate);
    assert_int_equal(call_join(&adder), POOL_OK);
    assert_int_equal(pool_batcher_close(sink.batcher), POOL_OK);
    assert_int_equal(sink.total, SIZE + CAPACITY + 1);
    sink_clear(&sink);
    gate_release(&timeout_gate);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(room_for_three_lets_three_in),
        CASE(all_who_asked_for_a_flush_hear_of_it),
        CASE(a_flush_is_for_what_was_there),
        CASE(who_is_late_to_add_looks_once_more),
    };
    return cmocka_run_group_tests_name("coordination: batcher edges", cases, NULL, NULL);
}
