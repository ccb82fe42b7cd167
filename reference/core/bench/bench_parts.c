/* bench_parts.c - what one operation of the parts beside the pool costs, as a ratio to an uncontended mutex.
 *
 *     bench_parts [OPERATIONS [ROUNDS]]         default 1000000 operations, 5 rounds
 *
 * Nobody else is inside: the price of the instructions, not of a fight. A second thread only sleeps: without
 * one the C library takes shortcuts in its mutex that no program with a pool would see. One operation is what
 * its line says, pairs as pairs. The rounds of all lines take turns, so that a busy moment of the machine
 * hits every line; the median of each counts, and the ratio is against the mutex line of the same run.
 *
 * Not here: a verdict, and contention.
 */
#include "../cancel.h"
#include "../deque.h"
#include "../future.h"
#include "../latch.h"
#include "../ring.h"
#include "../segments.h"
#include "../spsc.h"
#include "../timers.h"
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_ROUNDS = 99, BATCH = 16, DEEP = 64, TIMERS = 1000 };

/* What the lines use. Each line's function does its operation COUNT times. */
struct things {
    pthread_mutex_t mutex;
    struct pool_ring *ring;
    struct pool_spsc *line;
    struct pool_segments segments;
    struct pool_deque *deque;
    struct pool_latch latch;
    struct pool_cancel *root, *token;
    struct pool_timers *timers;
    struct pool_timer waiting[TIMERS], timer;
};

static void must_be_ok(enum pool_status status)
{
    if (status != POOL_OK)
        abort();
}

static void mutex_pair(struct things *things, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        pthread_mutex_lock(&things->mutex);
        pthread_mutex_unlock(&things->mutex);
    }
}

static void ring_pair(struct things *things, size_t count)
{
    struct pool_item item = {.arg = things};
    for (size_t i = 0; i < count; i++) {
        must_be_ok(pool_ring_push(things->ring, item));
        must_be_ok(pool_ring_pop(things->ring, &item));
    }
}

static void ring_batch(struct things *things, size_t count)
{
    struct pool_item items[BATCH] = {{.arg = things}};
    for (size_t i = 0; i < count; i += BATCH)
        if (pool_ring_push_some(things->ring, items, BATCH) != BATCH ||
            pool_ring_pop_some(things->ring, items, BATCH) != BATCH)
            abort();
}

static void spsc_pair(struct things *things, size_t count)
{
    struct pool_item item = {.arg = things};
    for (size_t i = 0; i < count; i++) {
        must_be_ok(pool_spsc_push(things->line, item));
        must_be_ok(pool_spsc_pop(things->line, &item));
    }
}

static void segments_pair(struct things *things, size_t count)
{
    struct pool_item item = {.arg = things};
    for (size_t i = 0; i < count; i++)
        must_be_ok(pool_segments_push(&things->segments, item));
    for (size_t i = 0; i < count; i++)
        must_be_ok(pool_segments_pop(&things->segments, &item));
}

static void deque_pop_pair(struct things *things, size_t count)
{
    struct pool_item item = {.arg = things};
    for (size_t i = 0; i < count; i++) {
        must_be_ok(pool_deque_push(things->deque, item));
        must_be_ok(pool_deque_pop(things->deque, &item));
    }
}

static void deque_deep_pair(struct things *things, size_t count)
{
    struct pool_item item = {.arg = things};
    for (size_t done = 0; done < count; done += DEEP) {
        for (size_t i = 0; i < DEEP; i++)
            must_be_ok(pool_deque_push(things->deque, item));
        for (size_t i = 0; i < DEEP; i++)
            must_be_ok(pool_deque_pop(things->deque, &item));
    }
}

static void deque_steal_pair(struct things *things, size_t count)
{
    struct pool_item item = {.arg = things};
    for (size_t i = 0; i < count; i++) {
        must_be_ok(pool_deque_push(things->deque, item));
        must_be_ok(pool_deque_steal(things->deque, &item));
    }
}

static void future_life(struct things *things, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct pool_future future;
        struct pool_outcome outcome;
        pool_future_init(&future);
        must_be_ok(pool_future_set(&future, POOL_OK, things));
        must_be_ok(pool_future_wait(&future, &outcome));
        pool_future_release(&future);
    }
}

static void latch_pair(struct things *things, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        must_be_ok(pool_latch_add(&things->latch, 1));
        must_be_ok(pool_latch_done(&things->latch, 1));
    }
}

static void cancel_check(struct things *things, size_t count)
{
    for (size_t i = 0; i < count; i++)
        must_be_ok(pool_cancel_check(things->root));
}

static void cancel_check_deadline(struct things *things, size_t count)
{
    for (size_t i = 0; i < count; i++)
        must_be_ok(pool_cancel_check(things->token));
}

static void cancel_life(struct things *things, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct pool_cancel *child;
        must_be_ok(pool_cancel_create(&child, &(struct pool_cancel_options){.parent = things->root}));
        pool_cancel_unref(child);
    }
}

static void no_call(void *arg, const struct pool_tick *tick)
{
    (void)arg;
    (void)tick;
}

static void timer_pair(struct things *things, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t due = UINT64_MAX / 2 + i * 7919 % TIMERS;
        must_be_ok(pool_timers_add(things->timers, &things->timer, due, 0, no_call, NULL));
        must_be_ok(pool_timers_cancel(things->timers, &things->timer));
    }
}

static void *sleep_until_the_end(void *end)
{
    while (sem_wait(end) != 0)
        ;
    return NULL;
}

static void things_make(struct things *things)
{
    struct pool_timers_options polled = {.driver = POOL_TIMERS_POLLED};
    pthread_mutex_init(&things->mutex, NULL);
    must_be_ok(pool_ring_create(&things->ring, &(struct pool_ring_options){.capacity = 1024}));
    must_be_ok(pool_spsc_create(&things->line, 1024));
    pool_segments_init(&things->segments);
    must_be_ok(pool_deque_create(&things->deque, NULL));
    pool_latch_init(&things->latch, 1);
    must_be_ok(pool_cancel_create(&things->root, NULL));
    must_be_ok(pool_cancel_create(
        &things->token, &(struct pool_cancel_options){.parent = things->root, .deadline = UINT64_MAX / 2}));
    must_be_ok(pool_timers_create(&things->timers, &polled));
    for (size_t i = 0; i < TIMERS; i++)
        must_be_ok(
            pool_timers_add(things->timers, &things->waiting[i], UINT64_MAX / 2 + i, 0, no_call, NULL));
}

static void things_free(struct things *things)
{
    pool_timers_destroy(things->timers);
    pool_cancel_unref(things->token);
    pool_cancel_unref(things->root);
    pool_latch_release(&things->latch);
    pool_deque_destroy(things->deque);
    pool_segments_release(&things->segments);
    pool_spsc_destroy(things->line);
    pool_ring_destroy(things->ring);
    pthread_mutex_destroy(&things->mutex);
}

struct line {
    const char *name;
    void (*run)(struct things *things, size_t count);
    double nanoseconds[MOST_ROUNDS];
};

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, by_value);
    return values[count / 2];
}

static void measure(struct line *line, int round, struct things *things, size_t count)
{
    uint64_t start = pool_clock_now(NULL);
    line->run(things, count);
    line->nanoseconds[round] = (double)(pool_clock_now(NULL) - start) / (double)count;
}

int main(int argc, char **argv)
{
    static struct line lines[] = {
        {.name = "mutex: lock and unlock", .run = mutex_pair},
        {.name = "ring: push and pop", .run = ring_pair},
        {.name = "ring: the same in batches of 16", .run = ring_batch},
        {.name = "spsc: push and pop", .run = spsc_pair},
        {.name = "segments: push and pop, a long queue", .run = segments_pair},
        {.name = "deque: push and pop, the last item", .run = deque_pop_pair},
        {.name = "deque: push and pop, 64 deep", .run = deque_deep_pair},
        {.name = "deque: push and steal", .run = deque_steal_pair},
        {.name = "future: init, set, wait, release", .run = future_life},
        {.name = "latch: add and done", .run = latch_pair},
        {.name = "cancel: check", .run = cancel_check},
        {.name = "cancel: check with a deadline", .run = cancel_check_deadline},
        {.name = "cancel: create and free a child", .run = cancel_life},
        {.name = "timers: add and cancel among 1,000", .run = timer_pair},
    };
    enum { ALL = sizeof lines / sizeof *lines };
    static struct things things;
    size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
    int rounds = argc > 2 ? atoi(argv[2]) : 5;
    if (count < 1 || rounds < 1 || rounds > MOST_ROUNDS) {
        fprintf(stderr, "usage: bench_parts [OPERATIONS [ROUNDS, 1 to %d]]\n", MOST_ROUNDS);
        return 2;
    }

    pthread_t sleeper;
    sem_t end;
    sem_init(&end, 0, 0);
    if (pthread_create(&sleeper, NULL, sleep_until_the_end, &end) != 0)
        return 1;
    things_make(&things);
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < ALL; i++)
            measure(&lines[i], round, &things, count);
    things_free(&things);
    sem_post(&end);
    pthread_join(sleeper, NULL);

    double mutex = median(lines[0].nanoseconds, rounds);
    printf("%-38s %8s %8s\n", "one operation", "ns", "ratio");
    for (int i = 0; i < ALL; i++) {
        double nanoseconds = median(lines[i].nanoseconds, rounds);
        printf("%-38s %8.1f %8.2f\n", lines[i].name, nanoseconds, nanoseconds / mutex);
    }
    return 0;
}
