/* batcher_test.h - a sink that remembers what was flushed, and a clock that stands still. */
#ifndef DEEPEND_BATCHER_TEST_H
#define DEEPEND_BATCHER_TEST_H

#include "batcher.h"
#include "coordination_test.h"

enum { SIZE = 3, CAPACITY = 7, AGE = 100, MAX_BATCHES = 64 };

struct sink {
    struct pool_batcher *batcher;
    struct gate gate;
    atomic_bool gated; /* flush stops in the gate */
    atomic_int error;  /* what flush answers */
    _Atomic uint64_t now;
    struct pool_clock clock;
    /* written by flush, one at a time; read when none runs */
    int batches, total;
    size_t sizes[MAX_BATCHES];
    int next; /* the item that should come next: they are numbers, from 1 */
    atomic_int out_of_order;
};

static inline uint64_t read_sink_clock(void *context)
{
    return atomic_load(&((struct sink *)context)->now);
}

static inline int sink_flush(void *context, void **items, size_t count)
{
    struct sink *sink = context;
    if (atomic_load(&sink->gated))
        gate_pass(&sink->gate);
    for (size_t i = 0; i < count; i++)
        if ((uintptr_t)items[i] != (uintptr_t)++sink->next)
            atomic_fetch_add(&sink->out_of_order, 1);
    sink->total += (int)count;
    if (sink->batches < MAX_BATCHES)
        sink->sizes[sink->batches++] = count;
    return atomic_load(&sink->error);
}

static inline void sink_set(struct sink *sink, enum pool_batcher_driver driver, uint64_t age)
{
    memset(sink, 0, sizeof *sink);
    gate_init(&sink->gate);
    sink->clock = (struct pool_clock){.now = read_sink_clock, .context = sink};
    struct pool_batcher_options options = {.size = SIZE,
                                           .age = age,
                                           .capacity = CAPACITY,
                                           .driver = driver,
                                           .clock = driver == POOL_BATCHER_POLL ? &sink->clock : NULL,
                                           .flush = sink_flush,
                                           .context = sink};
    assert_int_equal(pool_batcher_create(&sink->batcher, &options), POOL_OK);
}

static inline void sink_clear(struct sink *sink)
{
    pool_batcher_destroy(sink->batcher);
    assert_int_equal(sink->out_of_order, 0);
    gate_release(&sink->gate);
}

/* Add the numbers FROM to TO. */
static inline void add(struct sink *sink, uintptr_t from, uintptr_t to)
{
    for (uintptr_t i = from; i <= to; i++)
        assert_int_equal(pool_batcher_add(sink->batcher, (void *)i), POOL_OK);
}

static inline void assert_ledger(struct sink *sink)
{
    struct pool_batcher_counts now = pool_batcher_counts(sink->batcher);
    assert_int_equal(now.added, now.sent + now.failed + now.waiting + now.flushing);
}

/* As functions for call_start. The number is what should come next after the seven that fill the ring. */
static inline enum pool_status add_one(void *arg)
{
    return pool_batcher_add(((struct sink *)arg)->batcher, (void *)(uintptr_t)(CAPACITY + SIZE + 1));
}

static inline enum pool_status flush_it(void *arg)
{
    return pool_batcher_flush(((struct sink *)arg)->batcher);
}

static inline enum pool_status close_it(void *arg)
{
    return pool_batcher_close(((struct sink *)arg)->batcher);
}

static inline enum pool_status poll_it(void *arg)
{
    return pool_batcher_poll(((struct sink *)arg)->batcher, NULL);
}

static inline enum pool_status destroy_it(void *arg)
{
    pool_batcher_destroy(((struct sink *)arg)->batcher);
    return POOL_OK;
}

#endif
