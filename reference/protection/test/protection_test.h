/* protection_test.h - what this room's tests share: a clock that the test turns, a limit for a case that
 * hangs, threads that are let go together, and a future in virtual time.
 *
 * No test sleeps and none asserts a time of the real clock. Only the main thread may use cmocka's assertions.
 * Here everything is `static inline`, since each test program uses a part of it.
 */
#ifndef DEEPEND_PROTECTION_TEST_H
#define DEEPEND_PROTECTION_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clock.h"
#include "status.h"
#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Seconds. A backstop for a case that hangs: the process ends by SIGALRM. No judgement about speed. */
#ifndef CASE_LIMIT
#define CASE_LIMIT 300
#endif
static inline int case_begins(void **state)
{
    (void)state;
    alarm(CASE_LIMIT);
    return 0;
}
#define CASE(function) cmocka_unit_test_setup(function, case_begins)

#define assert_status(call, wanted) assert_int_equal(call, wanted)

/* --- the clock ------------------------------------------------------------------------------------------ */

#define MS POOL_MILLISECOND

/* Threads may read it while the test turns it. */
struct test_clock {
    _Atomic uint64_t now;
    struct pool_clock clock;
};

static inline uint64_t test_clock_read(void *context)
{
    return atomic_load(&((struct test_clock *)context)->now);
}

static inline void test_clock_init(struct test_clock *clock)
{
    atomic_init(&clock->now, 1000 * POOL_SECOND);
    clock->clock = (struct pool_clock){.now = test_clock_read, .context = clock};
}

static inline void pass_time(struct test_clock *clock, uint64_t nanoseconds)
{
    atomic_fetch_add(&clock->now, nanoseconds);
}

/* --- deadlines of what really sleeps -------------------------------------------------------------------- */

static inline struct timespec deadline_in(long seconds)
{
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += seconds;
    return deadline;
}

static inline struct timespec far_away(void)
{
    return deadline_in(3600);
}

static inline struct timespec long_ago(void)
{
    return (struct timespec){.tv_sec = 0, .tv_nsec = 1};
}

/* --- threads -------------------------------------------------------------------------------------------- */

enum { CREW = 4 };

/* Run WORK(context) in CREW threads that begin together, and wait for all. */
static inline void crew_run(void *(*work)(void *), void *context)
{
    pthread_t threads[CREW];
    for (int i = 0; i < CREW; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, context), 0);
    for (int i = 0; i < CREW; i++)
        pthread_join(threads[i], NULL);
}

/* --- what is to come in virtual time -------------------------------------------------------------------- */

/* An event happens at its time; those of one time in the order in which they were planned. */
struct event {
    uint64_t at, order;
    void (*happen)(void *world, uint64_t what);
    uint64_t what;
};

enum { FUTURE_MOST = 1 << 15 };

struct future {
    struct test_clock clock;
    size_t count;
    uint64_t planned;
    struct event heap[FUTURE_MOST];
};

static inline bool event_before(const struct event *a, const struct event *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static inline uint64_t future_now(struct future *future)
{
    return atomic_load(&future->clock.now);
}

/* HAPPEN(world, WHAT) in so many nanoseconds. */
static inline void future_plan(struct future *future, uint64_t in, void (*happen)(void *, uint64_t),
                               uint64_t what)
{
    assert(future->count < FUTURE_MOST);
    struct event event = {future_now(future) + in, future->planned++, happen, what};
    size_t at = future->count++;
    for (; at > 0 && event_before(&event, &future->heap[(at - 1) / 2]); at = (at - 1) / 2)
        future->heap[at] = future->heap[(at - 1) / 2];
    future->heap[at] = event;
}

static inline struct event future_pop(struct future *future)
{
    struct event first = future->heap[0];
    struct event last = future->heap[--future->count];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < future->count; at = child) {
        if (child + 1 < future->count && event_before(&future->heap[child + 1], &future->heap[child]))
            child++;
        if (event_before(&last, &future->heap[child]))
            break;
        future->heap[at] = future->heap[child];
    }
    future->heap[at] = last;
    return first;
}

/* Let everything happen, or what happens within so many nanoseconds. */
static inline void future_run(struct future *future, void *world, uint64_t nanoseconds)
{
    uint64_t end = future_now(future) + nanoseconds;
    while (future->count > 0 && future->heap[0].at <= end) {
        struct event event = future_pop(future);
        atomic_store(&future->clock.now, event.at);
        event.happen(world, event.what);
    }
    atomic_store(&future->clock.now, end);
}

static inline struct future *future_create(void)
{
    struct future *future = calloc(1, sizeof *future);
    assert_non_null(future);
    test_clock_init(&future->clock);
    return future;
}

#endif
