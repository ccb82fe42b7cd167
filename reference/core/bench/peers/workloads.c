/* workloads.c - seven loads for one pool; prints what was measured. Linked with one peer_NAME.c each.
 *
 *     peer-glib w1           prints the result; "-" when the pool does not offer what the load needs
 *     peer-glib spin         prints how many turns of the loop below last 1 us
 *
 *     w1  1 producer, 2 workers, 1,000,000 empty tasks: million tasks a second, until the last one has ended; and
 *         context switches of the process, voluntary ones, for 1,000 tasks
 *     w2  the same with 4 producers
 *     w3  500,000 tasks of 1 us (BENCH_SPIN turns of a loop), 1 producer: million a second
 *     w4  submit and wait for it, 20,000 times: median and 99th percentile, us
 *     w5  a tree: task n submits tasks n-1 and n-2, 242,785 in all from 25: million a second
 *     w6  resident bytes for each of 1,000,000 tasks that wait
 *     w7  create, run 2 tasks, wait, destroy: median, us
 *
 * One measurement a process: run.sh takes them in turns, so that a busy moment of the machine hits all.
 */
#include "peer.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { WORKERS = 2, TASKS = 1000000, SHORT_TASKS = 500000, ROUND_TRIPS = 20000, LIVES = 300, TREE = 25 };

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec * 1e-3;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void unavailable(void)
{
    puts("-");
    exit(0);
}

/* --- producers in threads ----------------------------------------------------------------------------- */

struct producer {
    pthread_t thread;
    void *pool, *context;
    produce_function *produce;
    unsigned index;
};

static void *producer_main(void *arg)
{
    struct producer *me = arg;
    me->produce(me->pool, me->context, me->index);
    return NULL;
}

void play_in_threads(void *pool, unsigned producers, produce_function *produce, void *context)
{
    struct producer all[8];
    if (producers == 1) {
        produce(pool, context, 0);
        return;
    }
    for (unsigned i = 0; i < producers; i++) {
        all[i] = (struct producer){.pool = pool, .context = context, .produce = produce, .index = i};
        if (pthread_create(&all[i].thread, NULL, producer_main, &all[i]) != 0)
            abort();
    }
    for (unsigned i = 0; i < producers; i++)
        pthread_join(all[i].thread, NULL);
}

/* --- w1, w2, w3: throughput --------------------------------------------------------------------------- */

struct flood {
    struct task task; /* one for all: nobody writes to it */
    long each;        /* tasks of a producer */
};

static void run_empty(struct task *task)
{
    (void)task;
}

/* A chain of multiplications in which each waits for the one before. The empty instruction keeps the compiler
 * from finding out that nobody wants the result. */
static void spin(long turns)
{
    uint64_t x = 1;
    for (long i = 0; i < turns; i++) {
        x = x * 6364136223846793005u + 1;
        __asm__("" : "+r"(x));
    }
}

static void run_spin(struct task *task)
{
    spin(task->number);
}

static void flood(void *pool, void *context, unsigned index)
{
    struct flood *it = context;
    (void)index;
    for (long i = 0; i < it->each; i++)
        peer.submit(pool, &it->task);
}

static double switches(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_nvcsw;
}

static void measure_flood(unsigned producers, long tasks, struct task task)
{
    struct flood it = {.task = task, .each = tasks / producers};
    void *pool = peer.create(WORKERS, (size_t)tasks);
    double begin = now_us(), slept = switches();
    peer.play(pool, producers, flood, &it);
    printf("%.4f", (double)tasks / (now_us() - begin));
    printf(producers == 1 && tasks == TASKS ? " %.3f\n" : "\n", (switches() - slept) * 1000 / (double)tasks);
    peer.destroy(pool);
}

static void w1(void)
{
    measure_flood(1, TASKS, (struct task){.run = run_empty});
}

static void w2(void)
{
    measure_flood(4, TASKS, (struct task){.run = run_empty});
}

static void w3(void)
{
    const char *turns = getenv("BENCH_SPIN");
    measure_flood(1, SHORT_TASKS, (struct task){.run = run_spin, .number = turns ? atol(turns) : 700});
}

/* The best of many tries: the others were interrupted. */
static void calibrate(void)
{
    enum { TURNS = 100000 };
    double best = 1e9;
    for (int i = 0; i < 200; i++) {
        double begin = now_us();
        spin(TURNS);
        double took = now_us() - begin;
        best = took < best ? took : best;
    }
    printf("%.0f\n", TURNS / best);
}

/* --- w4: the round trip ------------------------------------------------------------------------------- */

struct trip {
    struct task task;
    sem_t done;
    double took[ROUND_TRIPS];
};

static void run_trip(struct task *task)
{
    sem_post(&((struct trip *)task)->done);
}

static void travel(void *pool, void *context, unsigned index)
{
    struct trip *it = context;
    (void)index;
    for (int i = 0; i < ROUND_TRIPS; i++) {
        double begin = now_us();
        if (peer.submit_wait) {
            peer.submit_wait(pool, &it->task);
        } else {
            peer.submit(pool, &it->task);
            sem_wait(&it->done);
        }
        it->took[i] = now_us() - begin;
    }
}

static void w4(void)
{
    static struct trip it;
    it.task.run = peer.submit_wait ? run_empty : run_trip;
    sem_init(&it.done, 0, 0);
    void *pool = peer.create(WORKERS, 64);
    peer.play(pool, 1, travel, &it);
    peer.destroy(pool);
    qsort(it.took, ROUND_TRIPS, sizeof it.took[0], by_value);
    printf("%.3f %.3f\n", it.took[ROUND_TRIPS / 2], it.took[ROUND_TRIPS * 99 / 100]);
}

/* --- w5: the tree ------------------------------------------------------------------------------------- */

static struct {
    struct task by_number[TREE + 1]; /* all tasks of one number are the same */
    void *pool;
    atomic_long open; /* submitted and not over */
    sem_t done;
} tree;

static void run_branch(struct task *task)
{
    if (task->number >= 2) {
        if (!peer.play_joins)
            atomic_fetch_add_explicit(&tree.open, 2, memory_order_relaxed);
        peer.submit(tree.pool, &tree.by_number[task->number - 1]);
        peer.submit(tree.pool, &tree.by_number[task->number - 2]);
    }
    if (!peer.play_joins && atomic_fetch_sub(&tree.open, 1) == 1)
        sem_post(&tree.done);
}

static void grow(void *pool, void *context, unsigned index)
{
    (void)context;
    (void)index;
    peer.submit(pool, &tree.by_number[TREE]);
    if (!peer.play_joins)
        sem_wait(&tree.done);
}

static void w5(void)
{
    if (!peer.nests)
        unavailable();
    long size[TREE + 1] = {1, 1};
    for (int n = 2; n <= TREE; n++)
        size[n] = 1 + size[n - 1] + size[n - 2];
    for (int n = 0; n <= TREE; n++)
        tree.by_number[n] = (struct task){.run = run_branch, .number = n};
    atomic_store(&tree.open, 1);
    sem_init(&tree.done, 0, 0);
    tree.pool = peer.create(WORKERS, (size_t)size[TREE]);
    double begin = now_us();
    peer.play(tree.pool, 1, grow, NULL);
    printf("%.4f\n", (double)size[TREE] / (now_us() - begin));
    peer.destroy(tree.pool);
}

/* --- w6: memory --------------------------------------------------------------------------------------- */

struct dam {
    struct task stopper, filler;
    sem_t begun, open;
    double bytes;
};

static void run_stopper(struct task *task)
{
    struct dam *dam = (struct dam *)task;
    sem_post(&dam->begun);
    sem_wait(&dam->open);
}

static double resident_bytes(void)
{
    unsigned long size = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%lu %lu", &size, &resident) != 2)
        abort();
    fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static void fill(void *pool, void *context, unsigned index)
{
    struct dam *dam = context;
    (void)index;
    for (int i = 0; i < WORKERS; i++)
        peer.submit(pool, &dam->stopper);
    for (int i = 0; i < WORKERS; i++)
        sem_wait(&dam->begun);
    double before = resident_bytes();
    for (int i = 0; i < TASKS; i++)
        peer.submit(pool, &dam->filler);
    dam->bytes = (resident_bytes() - before) / TASKS;
    for (int i = 0; i < WORKERS; i++)
        sem_post(&dam->open);
}

static void w6(void)
{
    if (!peer.queues)
        unavailable();
    struct dam dam = {.stopper.run = run_stopper, .filler.run = run_empty};
    sem_init(&dam.begun, 0, 0);
    sem_init(&dam.open, 0, 0);
    void *pool = peer.create(WORKERS, TASKS + WORKERS);
    peer.play(pool, 1, fill, &dam);
    peer.destroy(pool);
    printf("%.1f\n", dam.bytes);
}

/* --- w7: a whole life --------------------------------------------------------------------------------- */

static void w7(void)
{
    if (!peer.many_in_a_row)
        unavailable();
    double took[LIVES];
    struct flood it = {.task.run = run_empty, .each = 2};
    for (int i = 0; i < LIVES; i++) {
        double begin = now_us();
        void *pool = peer.create(WORKERS, 64);
        peer.play(pool, 1, flood, &it);
        peer.destroy(pool);
        took[i] = now_us() - begin;
    }
    qsort(took, LIVES, sizeof took[0], by_value);
    printf("%.2f\n", took[LIVES / 2]);
}

/* --- which -------------------------------------------------------------------------------------------- */

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*measure)(void);
    } loads[] = {{"w1", w1}, {"w2", w2}, {"w3", w3}, {"w4", w4},
                 {"w5", w5}, {"w6", w6}, {"w7", w7}, {"spin", calibrate}};
    for (size_t i = 0; argc == 2 && i < sizeof loads / sizeof *loads; i++)
        if (strcmp(argv[1], loads[i].name) == 0) {
            if (peer.only_lives && loads[i].measure != w7 && loads[i].measure != calibrate)
                unavailable();
            loads[i].measure();
            return 0;
        }
    fprintf(stderr, "usage: %s w1|...|w7|spin\n", argv[0]);
    return 2;
}
