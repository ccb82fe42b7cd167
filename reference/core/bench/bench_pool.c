/* bench_pool.c - our own pools side by side: the naive one, the bounded one, the library plain and fast.
 *
 *     bench_pool [ROUNDS [SCALE [WORKLOAD]]]     default 5 rounds, scale 100 (percent of the sizes), all
 *
 * w1  1 producer, 2 workers, 1,000,000 tasks that set a byte         million tasks a second
 * w2  the same with 4 producers
 * w3  500,000 tasks of one microsecond: what two cores could do is 2.0
 * w4  submit one task and wait for it, 20,000 times                  microseconds, median and 99th of 100
 * w5  a tree of 262,143 tasks, each of which submits two             million tasks a second
 * w6  resident bytes for each of 1,000,000 queued tasks
 * w7  create, run two tasks, wait, destroy                           microseconds
 *
 * The rounds of the contestants take turns, so that a busy moment of the machine hits all of them; medians of
 * the rounds are printed, voluntary context switches for 1,000 tasks of w1, and the nanoseconds of processor
 * time a task that w1, w2 and w5 took, in all threads. Only ratios within one run
 * mean anything on a shared machine.
 *
 * Not here: other people's pools, and a verdict. The program fails only if a task was lost or ran twice.
 */
#include "bench_kinds.h"
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS = 2, MOST_ROUNDS = 99 };

/* --- tools ---------------------------------------------------------------------------------------------- */

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

/* Of the whole process. On a busy machine it says more than the time on the wall. */
static double processor_seconds(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec * 1e-9;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double at_rank(double *values, size_t count, double part)
{
    qsort(values, count, sizeof *values, by_value);
    return values[(size_t)((double)(count - 1) * part)];
}

/* Every task has a byte of its own, and adds one to it. */
static void mark(void *byte)
{
    ++*(unsigned char *)byte;
}

static void check(const char *name, const unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i] != 1) {
            fprintf(stderr, "bench_pool: %s ran task %zu %d times\n", name, i, bytes[i]);
            exit(1);
        }
}

static void *must_have(size_t bytes)
{
    void *block = calloc(1, bytes);
    if (!block)
        abort();
    memset(block, 0, bytes); /* touched: no page fault is measured */
    return block;
}

/* --- w1, w2, w3 ----------------------------------------------------------------------------------------- */

struct producer {
    pthread_t thread;
    const struct kind *kind;
    void *pool;
    void (*run)(void *arg);
    unsigned char *bytes;
    size_t count;
};

static void *produce(void *arg)
{
    struct producer *me = arg;
    for (size_t i = 0; i < me->count; i++)
        me->kind->submit(me->pool, me->run, &me->bytes[i]);
    return NULL;
}

/* The first producer is this thread. Returns million tasks a second. */
static double flood(const struct kind *kind, unsigned producers, size_t count, void (*run)(void *arg))
{
    struct producer all[4];
    unsigned char *bytes = must_have(count);
    void *pool = kind->create(WORKERS, count);
    size_t each = count / producers;
    double start = seconds();
    for (unsigned i = 0; i < producers; i++) {
        all[i] = (struct producer){.kind = kind, .pool = pool, .run = run, .bytes = bytes + i * each};
        all[i].count = each;
        if (i > 0 && pthread_create(&all[i].thread, NULL, produce, &all[i]) != 0)
            abort();
    }
    produce(&all[0]);
    for (unsigned i = 1; i < producers; i++)
        pthread_join(all[i].thread, NULL);
    kind->wait(pool);
    double rate = (double)(each * producers) / (seconds() - start) * 1e-6;
    kind->destroy(pool);
    check(kind->name, bytes, each * producers);
    free(bytes);
    return rate;
}

static unsigned loops_for_a_microsecond = 1; /* set once, before any thread */

static void burn(unsigned loops)
{
    for (unsigned i = 0; i < loops; i++)
        __asm__("" ::: "memory");
}

/* The fastest of many tries: what is slower was interrupted. */
static void calibrate(void)
{
    enum { LOOPS = 100000 };
    double best = 1;
    for (int i = 0; i < 200; i++) {
        double start = seconds();
        burn(LOOPS);
        double took = seconds() - start;
        best = took < best ? took : best;
    }
    loops_for_a_microsecond = (unsigned)(LOOPS * 1e-6 / best);
}

static void mark_slowly(void *byte)
{
    burn(loops_for_a_microsecond);
    mark(byte);
}

/* --- w4, w5 --------------------------------------------------------------------------------------------- */

static void round_trips(const struct kind *kind, size_t count, double *p50, double *p99)
{
    double *took = must_have(count * sizeof *took);
    unsigned char *bytes = must_have(count);
    void *pool = kind->create(WORKERS, 64);
    for (size_t i = 0; i < count; i++) {
        double start = seconds();
        if (kind->submit_wait) {
            kind->submit_wait(pool, mark, &bytes[i]);
        } else {
            kind->submit(pool, mark, &bytes[i]);
            kind->wait(pool);
        }
        took[i] = (seconds() - start) * 1e6;
    }
    kind->destroy(pool);
    check(kind->name, bytes, count);
    *p50 = at_rank(took, count, 0.5);
    *p99 = at_rank(took, count, 0.99);
    free(bytes);
    free(took);
}

/* A node knows its number: its children are 2n + 1 and 2n + 2, its byte tells it which tree it is in. */
struct tree {
    const struct kind *kind;
    void *pool;
    size_t count;
    unsigned char *bytes;
    struct node {
        struct tree *tree;
    } nodes[];
};

static void grow(void *arg)
{
    struct node *node = arg;
    struct tree *tree = node->tree;
    size_t me = (size_t)(node - tree->nodes);
    for (size_t child = 2 * me + 1; child <= 2 * me + 2 && child < tree->count; child++)
        tree->kind->submit(tree->pool, grow, &tree->nodes[child]);
    mark(&tree->bytes[me]);
}

static double grow_tree(const struct kind *kind, size_t count)
{
    struct tree *tree = must_have(sizeof *tree + count * sizeof tree->nodes[0]);
    tree->kind = kind;
    tree->count = count;
    tree->bytes = must_have(count);
    tree->pool = kind->create(WORKERS, count);
    for (size_t i = 0; i < count; i++)
        tree->nodes[i].tree = tree;
    double start = seconds();
    kind->submit(tree->pool, grow, &tree->nodes[0]);
    kind->wait(tree->pool);
    double rate = (double)count / (seconds() - start) * 1e-6;
    kind->destroy(tree->pool);
    check(kind->name, tree->bytes, count);
    free(tree->bytes);
    free(tree);
    return rate;
}

/* --- w6, w7 --------------------------------------------------------------------------------------------- */

static double resident(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file && fscanf(file, "%*d %ld", &pages) != 1)
        pages = 0;
    if (file)
        fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static void hold(void *lock)
{
    pthread_mutex_lock(lock);
    pthread_mutex_unlock(lock);
}

static double queue_up(const struct kind *kind, size_t count)
{
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    unsigned char *bytes = must_have(count);
    void *pool = kind->create(1, count + 1);
    pthread_mutex_lock(&gate);
    kind->submit(pool, hold, &gate);
    double before = resident();
    for (size_t i = 0; i < count; i++)
        kind->submit(pool, mark, &bytes[i]);
    double taken = (resident() - before) / (double)count;
    pthread_mutex_unlock(&gate);
    kind->wait(pool);
    kind->destroy(pool);
    check(kind->name, bytes, count);
    free(bytes);
    return taken;
}

/* In a process of its own: memory that an earlier round has given back to malloc would not be seen. */
static double bytes_a_task(const struct kind *kind, size_t count)
{
    double taken = 0;
    int ends[2], status = 0;
    if (pipe(ends) != 0)
        abort();
    pid_t child = fork();
    if (child == 0) {
        taken = queue_up(kind, count);
        _exit(write(ends[1], &taken, sizeof taken) != sizeof taken);
    }
    if (child < 0 || read(ends[0], &taken, sizeof taken) != sizeof taken ||
        waitpid(child, &status, 0) != child)
        abort();
    close(ends[0]);
    close(ends[1]);
    return taken;
}

static double life(const struct kind *kind)
{
    enum { LIVES = 100 };
    double took[LIVES];
    for (int i = 0; i < LIVES; i++) {
        unsigned char bytes[2] = {0};
        double start = seconds();
        void *pool = kind->create(WORKERS, 8);
        kind->submit(pool, mark, &bytes[0]);
        kind->submit(pool, mark, &bytes[1]);
        kind->wait(pool);
        kind->destroy(pool);
        took[i] = (seconds() - start) * 1e6;
        check(kind->name, bytes, 2);
    }
    return at_rank(took, LIVES, 0.5);
}

/* --- the table ------------------------------------------------------------------------------------------ */

enum { W1, W1_SWITCHES, W1_PROCESSOR, W2, W2_PROCESSOR, W3, W4, W4_P99, W5, W5_PROCESSOR, W6, W7, COLUMNS };
static const char *const titles[COLUMNS] = {"w1 M/s", "switches", "cpu ns", "w2 M/s", "cpu ns", "w3 M/s",
                                            "w4 us",  "w4 p99",   "w5 M/s", "cpu ns", "w6 B",   "w7 us"};

struct sizes {
    size_t tasks;
    int only; /* a number of a workload, 0: all */
};

static void measure(const struct kind *kind, const struct sizes *sizes, double *row)
{
    int only = sizes->only;
    double switches = voluntary_switches(), used = processor_seconds(), tasks = (double)sizes->tasks;
    if (!only || only == 1)
        row[W1] = flood(kind, 1, sizes->tasks, mark);
    row[W1_SWITCHES] = (voluntary_switches() - switches) * 1000 / tasks;
    row[W1_PROCESSOR] = (processor_seconds() - used) * 1e9 / tasks;
    used = processor_seconds();
    if (!only || only == 2)
        row[W2] = flood(kind, 4, sizes->tasks, mark);
    row[W2_PROCESSOR] = (processor_seconds() - used) * 1e9 / tasks;
    if (!only || only == 3)
        row[W3] = flood(kind, 1, sizes->tasks / 2, mark_slowly);
    if (!only || only == 4)
        round_trips(kind, sizes->tasks / 50 + 1, &row[W4], &row[W4_P99]);
    size_t nodes = sizes->tasks / 4 + 12143;
    used = processor_seconds();
    if (!only || only == 5)
        row[W5] = grow_tree(kind, nodes);
    row[W5_PROCESSOR] = (processor_seconds() - used) * 1e9 / (double)nodes;
    if (!only || only == 6)
        row[W6] = bytes_a_task(kind, sizes->tasks);
    if (!only || only == 7)
        row[W7] = life(kind);
}

static void print_medians(double rows[KINDS][COLUMNS][MOST_ROUNDS], int rounds)
{
    printf("%-16s", "pool");
    for (int c = 0; c < COLUMNS; c++)
        printf("%9s", titles[c]);
    for (int k = 0; k < KINDS; k++) {
        printf("\n%-16s", kinds[k].name);
        for (int c = 0; c < COLUMNS; c++)
            printf("%9.2f", at_rank(rows[k][c], (size_t)rounds, 0.5));
    }
    printf("\n");
}

int main(int argc, char **argv)
{
    static double rows[KINDS][COLUMNS][MOST_ROUNDS];
    int rounds = argc > 1 ? atoi(argv[1]) : 5, scale = argc > 2 ? atoi(argv[2]) : 100;
    struct sizes sizes = {.tasks = (size_t)scale * 10000, .only = argc > 3 ? atoi(argv[3]) : 0};

    if (rounds < 1 || rounds > MOST_ROUNDS || scale < 1 || scale > 1000) {
        fprintf(stderr, "usage: bench_pool [ROUNDS, 1 to %d [SCALE, 1 to 1000 [WORKLOAD]]]\n", MOST_ROUNDS);
        return 2;
    }
    calibrate();
    for (int round = 0; round < rounds; round++)
        for (int k = 0; k < KINDS; k++) {
            double row[COLUMNS] = {0};
            measure(&kinds[k], &sizes, row);
            for (int c = 0; c < COLUMNS; c++)
                rows[k][c][round] = row[c];
        }
    print_medians(rows, rounds);
    return 0;
}
