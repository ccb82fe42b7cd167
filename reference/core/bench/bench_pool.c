/* bench_pool.c - how fast the core pool takes and runs empty tasks, beside a naive pool in the same run.
 *
 *     bench_pool [TASKS [ROUNDS]]         default 1000000 tasks, 5 rounds
 *
 * One producer submits TASKS empty tasks to two workers and drains, with room for all of them and with a
 * short queue. The rounds of the contestants take turns, so that a busy moment of the machine hits all of
 * them; the median of each counts. The naive pool is what one writes first: a mutex, a list, a malloc for
 * every task, a signal at every step. `ratio` is against the naive pool with the same room; `switches` are
 * voluntary context switches per 1,000 tasks, and explain most of it.
 *
 * Not here: a verdict. The program prints; it fails only if a task was lost.
 */
#include "../pool.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { WORKERS = 2, MOST_ROUNDS = 99 };

static void count_one(void *arg)
{
    atomic_fetch_add_explicit((atomic_ulong *)arg, 1, memory_order_relaxed);
}

/* --- the naive pool ----------------------------------------------------------------------------------- */

struct node {
    pool_task *run;
    void *arg;
    struct node *next;
};

struct naive {
    pthread_mutex_t lock;
    pthread_cond_t work; /* waited for until: first != NULL || closed */
    pthread_cond_t room; /* waited for until: count < capacity */
    struct node *first, **last;
    size_t count, capacity;
    bool closed;
    pthread_t threads[WORKERS];
};

static struct node *naive_take(struct naive *pool)
{
    pthread_mutex_lock(&pool->lock);
    while (!pool->first && !pool->closed)
        pthread_cond_wait(&pool->work, &pool->lock);
    struct node *node = pool->first;
    if (node) {
        pool->first = node->next;
        if (!pool->first)
            pool->last = &pool->first;
        pool->count--;
        pthread_cond_signal(&pool->room);
    }
    pthread_mutex_unlock(&pool->lock);
    return node;
}

static void *naive_worker(void *arg)
{
    struct node *node;
    while ((node = naive_take(arg))) {
        node->run(node->arg);
        free(node);
    }
    return NULL;
}

static void naive_submit(struct naive *pool, pool_task *run, void *arg)
{
    struct node *node = malloc(sizeof *node);
    if (!node)
        abort();
    *node = (struct node){.run = run, .arg = arg};
    pthread_mutex_lock(&pool->lock);
    while (pool->count == pool->capacity)
        pthread_cond_wait(&pool->room, &pool->lock);
    *pool->last = node;
    pool->last = &node->next;
    pool->count++;
    pthread_cond_signal(&pool->work);
    pthread_mutex_unlock(&pool->lock);
}

static void run_naive(unsigned long tasks, size_t capacity, atomic_ulong *ran)
{
    struct naive pool = {.lock = PTHREAD_MUTEX_INITIALIZER,
                         .work = PTHREAD_COND_INITIALIZER,
                         .room = PTHREAD_COND_INITIALIZER,
                         .capacity = capacity};
    pool.last = &pool.first;
    for (int i = 0; i < WORKERS; i++)
        if (pthread_create(&pool.threads[i], NULL, naive_worker, &pool) != 0)
            abort();
    for (unsigned long i = 0; i < tasks; i++)
        naive_submit(&pool, count_one, ran);
    pthread_mutex_lock(&pool.lock);
    pool.closed = true;
    pthread_cond_broadcast(&pool.work);
    pthread_mutex_unlock(&pool.lock);
    for (int i = 0; i < WORKERS; i++)
        pthread_join(pool.threads[i], NULL);
}

/* --- the core pool ------------------------------------------------------------------------------------ */

static void run_core(unsigned long tasks, size_t capacity, atomic_ulong *ran)
{
    struct pool *pool;
    if (pool_create(&pool, &(struct pool_options){.workers = WORKERS, .capacity = capacity}) != POOL_OK)
        abort();
    for (unsigned long i = 0; i < tasks; i++)
        if (pool_submit(pool, count_one, ran) != POOL_OK)
            abort();
    pool_drain(pool);
    pool_destroy(pool);
}

/* --- measuring ---------------------------------------------------------------------------------------- */

struct contestant {
    const char *name;
    void (*run)(unsigned long tasks, size_t capacity, atomic_ulong *ran);
    size_t capacity; /* 0: as many as there are tasks */
    double rate[MOST_ROUNDS];
    double switches[MOST_ROUNDS];
};

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double voluntary_switches(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_nvcsw;
}

static bool measure(struct contestant *it, int round, unsigned long tasks)
{
    atomic_ulong ran = 0;
    double switches = voluntary_switches(), start = seconds();
    it->run(tasks, it->capacity ? it->capacity : tasks, &ran);
    it->rate[round] = (double)tasks / (seconds() - start);
    it->switches[round] = (voluntary_switches() - switches) * 1000 / (double)tasks;
    if (ran != tasks)
        fprintf(stderr, "bench_pool: %s ran %lu of %lu tasks\n", it->name, (unsigned long)ran, tasks);
    return ran == tasks;
}

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

int main(int argc, char **argv)
{
    static struct contestant all[] = {
        {.name = "naive, room for all", .run = run_naive},
        {.name = "core,  room for all", .run = run_core},
        {.name = "naive, 1024 slots", .run = run_naive, .capacity = 1024},
        {.name = "core,  1024 slots", .run = run_core, .capacity = 1024},
        {.name = "naive, 64 slots", .run = run_naive, .capacity = 64},
        {.name = "core,  64 slots", .run = run_core, .capacity = 64},
    };
    enum { ALL = sizeof all / sizeof *all };
    unsigned long tasks = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
    int rounds = argc > 2 ? atoi(argv[2]) : 5;
    if (tasks < 1 || rounds < 1 || rounds > MOST_ROUNDS) {
        fprintf(stderr, "usage: bench_pool [TASKS [ROUNDS, 1 to %d]]\n", MOST_ROUNDS);
        return 2;
    }

    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < ALL; i++)
            if (!measure(&all[i], round, tasks))
                return 1;

    double naive = 1;
    printf("%-20s %12s %8s %10s\n", "pool", "tasks/s", "ratio", "switches");
    for (int i = 0; i < ALL; i++) {
        double rate = median(all[i].rate, rounds);
        naive = all[i].run == run_naive ? rate : naive;
        printf("%-20s %12.0f %8.2f %10.2f\n", all[i].name, rate, rate / naive,
               median(all[i].switches, rounds));
    }
    return 0;
}
