/* bench_costs.c - what each thing that one can switch on costs a task, as a page in Markdown.
 *
 *     bench_costs [ROUNDS [TASKS [IDLE-SECONDS]]]      default 5 rounds, 200000 tasks, 10 seconds
 *
 * For every switch a pool without it and the same pool with it, at 1, 2 and 8 producers: producers submit
 * TASKS empty tasks in all, and the pool is waited for (the wake-up order: TASKS / 50 times submit one and
 * wait for it, in a pool of four, since an order of waking is only seen where somebody sleeps). All take
 * turns, so that a busy moment of the machine hits all. Last comes the processor time that a pool with every
 * switch takes while it has nothing to do.
 *
 * Two numbers a task: processor time of all threads, and time on the clock. On a busy machine only the first
 * means something, and that only within one row of pairs. The page says how busy it was.
 *
 * Not here: a verdict. The program fails only if a task was lost.
 */
#include "bench_machine.h"
#include "pool.h"
#include "pool_task.h"
#include "watch.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_ROUNDS = 99, MOST_PRODUCERS = 8, LOADS = 3 };
static const unsigned producers_of[LOADS] = {1, 2, MOST_PRODUCERS};

/* --- the contestants ------------------------------------------------------------------------------------ */

enum way { WAY_SUBMIT, WAY_LABELLED, WAY_JOB, WAY_WATCHED, WAY_WAIT };

struct contestant {
    const char *name;
    enum way way;
    struct pool_options options;
};

#define EXACT .workers = 2, .capacity = 1024
#define FAST  .queue = POOL_UNBOUNDED, .batch = 64, .spin_us = 50, .nap_us = 50

/* In pairs: without, with. */
static const struct contestant contestants[] = {
    {"pool_submit_job", WAY_JOB, {EXACT}},
    {"with metrics (pool_watch_submit)", WAY_WATCHED, {EXACT}},
    {"pool_submit", WAY_SUBMIT, {EXACT}},
    {"with notes and a label (POOL_NOTES_ON)", WAY_LABELLED, {EXACT, .notes = POOL_NOTES_ON}},
    {"bounded to 1,024", WAY_SUBMIT, {EXACT}},
    {"unbounded", WAY_SUBMIT, {.workers = 2, .queue = POOL_UNBOUNDED}},
    {"wakes who slept last", WAY_WAIT, {.workers = 4, .capacity = 1024}},
    {"wakes who slept longest (POOL_WAKE_FIRST)",
     WAY_WAIT,
     {.workers = 4, .capacity = 1024, .wake = POOL_WAKE_FIRST}},
    {"fast, one queue", WAY_SUBMIT, {.workers = 2, FAST}},
    {"fast, 8 shards", WAY_SUBMIT, {.workers = 2, FAST, .shards = 8}},
};
enum { CONTESTANTS = sizeof contestants / sizeof *contestants };

/* --- tasks ---------------------------------------------------------------------------------------------- */

static void run_nothing(void *unused)
{
    (void)unused;
}

static void run_labelled(void *unused)
{
    (void)unused;
    pool_task_label("bench");
}

static void job_nothing(struct pool_job *job)
{
    (void)job;
}

static enum pool_status watched_nothing(struct pool_watched *task)
{
    (void)task;
    return POOL_OK;
}

static void watched_discard(struct pool_watched *task)
{
    (void)task;
}

/* --- one measurement ------------------------------------------------------------------------------------ */

struct play {
    const struct contestant *contestant;
    struct pool *pool;
    struct pool_watch *watch;
    struct pool_watched *watched; /* one for each task of a producer */
    size_t count;                 /* tasks of a producer */
    pthread_t thread;
};

static enum pool_status submit(struct play *play, size_t i)
{
    static struct pool_job job = {job_nothing, job_nothing}; /* nobody writes to it */

    switch (play->contestant->way) {
    case WAY_JOB:
        return pool_submit_job(play->pool, &job, NULL);
    case WAY_WATCHED:
        play->watched[i] = (struct pool_watched){.run = watched_nothing, .discard = watched_discard};
        return pool_watch_submit(play->watch, &play->watched[i], NULL);
    case WAY_LABELLED:
        return pool_submit(play->pool, run_labelled, NULL);
    case WAY_WAIT:
        return pool_submit_wait(play->pool, run_nothing, NULL);
    case WAY_SUBMIT:
        break;
    }
    return pool_submit(play->pool, run_nothing, NULL);
}

static void *produce(void *arg)
{
    struct play *play = arg;
    for (size_t i = 0; i < play->count; i++)
        if (submit(play, i) != POOL_OK)
            abort();
    return NULL;
}

static void run_all(struct play *plays, unsigned producers)
{
    for (unsigned i = 0; i < producers; i++)
        if (pthread_create(&plays[i].thread, NULL, produce, &plays[i]) != 0)
            abort();
    for (unsigned i = 0; i < producers; i++)
        pthread_join(plays[i].thread, NULL);
    if (pool_wait_idle(plays[0].pool, NULL) != POOL_OK)
        abort();
}

struct costs {
    double processor, clock; /* nanoseconds a task */
};

/* Without the making of pool, registry and memory. */
static struct costs play(const struct contestant *contestant, unsigned producers, size_t tasks)
{
    struct play plays[MOST_PRODUCERS];
    struct play all = {.contestant = contestant, .count = tasks / producers};
    struct pool_metrics *metrics = NULL;

    if (pool_create(&all.pool, &contestant->options) != POOL_OK ||
        pool_metrics_create(&metrics, &(struct pool_metrics_options){.shards = 4}) != POOL_OK)
        abort();
    struct pool_watch_options watch = {
        .metrics = metrics, .pool = all.pool, .size = contestant->options.workers};
    if (contestant->way == WAY_WATCHED && pool_watch_create(&all.watch, &watch) != POOL_OK)
        abort();
    for (unsigned i = 0; i < producers; i++) {
        plays[i] = all;
        plays[i].watched =
            contestant->way == WAY_WATCHED ? bench_memory(all.count * sizeof *all.watched) : NULL;
    }
    double processor = bench_processor_ns(), clock = bench_clock_ns();
    run_all(plays, producers);
    double count = (double)all.count * producers;
    struct costs costs = {(bench_processor_ns() - processor) / count, (bench_clock_ns() - clock) / count};
    if (pool_counts(all.pool).completed != all.count * producers)
        abort();
    pool_drain(all.pool);
    pool_watch_destroy(all.watch);
    for (unsigned i = 0; i < producers; i++)
        free(plays[i].watched);
    pool_destroy(all.pool);
    pool_metrics_destroy(metrics);
    return costs;
}

/* --- the page ------------------------------------------------------------------------------------------- */

enum kind { PROCESSOR, CLOCK, KINDS };

static double values[CONTESTANTS][LOADS][KINDS][MOST_ROUNDS];

static void measure(int rounds, size_t tasks)
{
    for (int round = 0; round < rounds; round++)
        for (int load = 0; load < LOADS; load++)
            for (int c = 0; c < CONTESTANTS; c++) {
                size_t count = contestants[c].way == WAY_WAIT ? tasks / 50 + 8 : tasks;
                struct costs costs = play(&contestants[c], producers_of[load], count);
                values[c][load][PROCESSOR][round] = costs.processor;
                values[c][load][CLOCK][round] = costs.clock;
            }
}

/* Median (least-most), and after the second of a pair what it adds to the median of the first. */
static void print_cell(int c, int load, enum kind kind, int rounds)
{
    struct bench_spread mine = bench_spread(values[c][load][kind], rounds);

    printf(" %.0f (%.0f–%.0f)", mine.median, mine.least, mine.most);
    if (c % 2)
        printf(" **%+.0f**", mine.median - bench_spread(values[c - 1][load][kind], rounds).median);
    printf(" |");
}

static void print_table(const char *title, enum kind kind, int rounds)
{
    printf("\n## %s\n\n| | 1 producer | 2 producers | 8 producers |\n| --- | --- | --- | --- |\n", title);
    for (int c = 0; c < CONTESTANTS; c++) {
        printf("| %s |", contestants[c].name);
        for (int load = 0; load < LOADS; load++)
            print_cell(c, load, kind, rounds);
        printf("\n");
    }
}

static double idle_milliseconds(int for_seconds)
{
    struct pool_options options = {
        .workers = 4, FAST, .shards = 8, .inner = POOL_INNER_OWN, .notes = POOL_NOTES_ON};
    struct timespec nap = {.tv_sec = for_seconds};
    struct pool *pool;

    if (pool_create(&pool, &options) != POOL_OK)
        abort();
    for (int i = 0; i < 1000; i++)
        if (pool_submit(pool, run_nothing, NULL) != POOL_OK)
            abort();
    while (pool_counts(pool).idle < options.workers)
        sched_yield();
    double processor = bench_processor_ns();
    nanosleep(&nap, NULL);
    double taken = (bench_processor_ns() - processor) * 1e-6;
    pool_destroy(pool);
    return taken;
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 5, tasks = argc > 2 ? atoi(argv[2]) : 200000;
    int idle = argc > 3 ? atoi(argv[3]) : 10;

    if (rounds < 1 || rounds > MOST_ROUNDS || tasks < 1000 || idle < 0) {
        fprintf(stderr, "usage: bench_costs [ROUNDS, 1 to %d [TASKS, from 1000 [IDLE-SECONDS]]]\n",
                MOST_ROUNDS);
        return 2;
    }
    printf("# What the switches cost\n\nWritten by `bench_costs %d %d %d` (`make bench-costs`).\n", rounds,
           tasks, idle);
    printf(
        "Two workers, empty tasks, %d of them; the wake-up order: four workers, %d times submit one and "
        "wait\n"
        "for it. Nanoseconds a task: median of %d rounds in turns (least–most), and in bold what the second\n"
        "of a pair adds to the first.\n\n",
        tasks, tasks / 50 + 8, rounds);
    bench_machine_print();
    measure(rounds, (size_t)tasks);
    print_table("Processor time of all threads", PROCESSOR, rounds);
    print_table("Time on the clock", CLOCK, rounds);
    printf("\n## Nothing to do\n\nA pool of four workers with every switch on, after 1,000 tasks: %.2f ms of "
           "processor time in %d seconds.\n",
           idle_milliseconds(idle), idle);
    bench_machine_print_load("At the end");
    return 0;
}
