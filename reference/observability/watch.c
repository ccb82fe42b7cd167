/* watch.c - a pool's numbers in a registry, see watch.h. */
#include "watch.h"

#include "metrics_inside.h"
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a shard counts, in two rows as a histogram has them. Relaxed: each is a number of its own. */
struct watch_row {
    /* Threads inside a submit: +1, then -1, by one thread. */
    _Alignas(CACHE_LINE) atomic_uint_fast64_t waiting;
    atomic_uint_fast64_t failed;
};

struct pool_watch {
    /* Fixed after create: read for every task, so nothing that a task writes may share its cache lines. */
    struct pool_metrics *metrics;
    struct pool *pool;
    const struct pool_clock *clock;
    unsigned capacity;
    struct pool_metrics_source *source;
    struct pool_histogram *submit, *wait, *task, *process; /* process: NULL, or task's second name */

    /* Atomic, relaxed: each is a number of its own. */
    _Alignas(CACHE_LINE) atomic_uint size;
    atomic_ullong grown, shrunk;
    atomic_llong waiting; /* told by hand, with an end that another thread than the begin's may tell */

    struct watch_row rows[];
};

/* --- what a scrape reads ----------------------------------------------------------------------------------
 */

/* In the order of the values. The second name of the first comes last, so that it can be left out. */
static const struct {
    enum pool_polled_kind kind;
    const char *name, *help, *direction;
} polled[] = {
    {POOL_POLLED_GAUGE, "pool_running", "Workers that run a task.", NULL},
    {POOL_POLLED_GAUGE, "pool_queue_depth", "Tasks that wait in the queue.", NULL},
    {POOL_POLLED_COUNTER, "pool_submitted_total", "Tasks accepted.", NULL},
    {POOL_POLLED_COUNTER, "pool_completed_total", "Tasks that ran to their end, well or badly.", NULL},
    {POOL_POLLED_COUNTER, "pool_dropped_total", "Tasks refused or discarded.", NULL},
    {POOL_POLLED_GAUGE, "pool_capacity", "Workers there may be at most.", NULL},
    {POOL_POLLED_GAUGE, "pool_size", "Workers there are.", NULL},
    {POOL_POLLED_COUNTER, "pool_resizes_total", "Changes of the number of workers.", "up"},
    {POOL_POLLED_COUNTER, "pool_resizes_total", "Changes of the number of workers.", "down"},
    {POOL_POLLED_GAUGE, "pool_waiting", "Threads inside a submit.", NULL},
    {POOL_POLLED_COUNTER, "pool_panicked_total", "Tasks that ended badly.", NULL},
    {POOL_POLLED_GAUGE, "pool_busy", "Workers that run a task. The same as pool_running.", NULL},
};
enum { ALL_POLLED = sizeof polled / sizeof *polled };

/* Only of watched submits: never less than 0, since a thread begins and ends in the same row. */
static double submits_under_way(const struct pool_watch *watch)
{
    double sum = (double)atomic_load_explicit(&watch->waiting, memory_order_relaxed);
    for (unsigned i = 0; i < shard_rows(watch->metrics->mask); i++)
        sum += (double)atomic_load_explicit(&watch->rows[i].waiting, memory_order_relaxed);
    return sum;
}

static double tasks_failed(const struct pool_watch *watch)
{
    double sum = 0;
    for (unsigned i = 0; i < shard_rows(watch->metrics->mask); i++)
        sum += (double)atomic_load_explicit(&watch->rows[i].failed, memory_order_relaxed);
    return sum;
}

static void read_watch(void *context, double *values)
{
    struct pool_watch *watch = context;
    struct pool_counts counts = pool_counts(watch->pool);
    const double read[ALL_POLLED] = {
        (double)counts.running,
        (double)counts.queued,
        (double)counts.submitted,
        (double)(counts.completed + counts.failed),
        (double)(counts.refused + counts.discarded),
        (double)watch->capacity,
        (double)atomic_load_explicit(&watch->size, memory_order_relaxed),
        (double)atomic_load_explicit(&watch->grown, memory_order_relaxed),
        (double)atomic_load_explicit(&watch->shrunk, memory_order_relaxed),
        submits_under_way(watch),
        tasks_failed(watch),
        (double)counts.running,
    };
    memcpy(values, read, sizeof read); /* VALUES has room for POOL_MAX_POLLED */
}

/* --- create -----------------------------------------------------------------------------------------------
 */

static enum pool_status register_polled(struct pool_watch *watch, const struct pool_watch_options *options)
{
    struct pool_polled series[ALL_POLLED];
    size_t count = options->names == POOL_NAMES_ALL ? ALL_POLLED : ALL_POLLED - 1;

    for (size_t i = 0; i < count; i++) {
        size_t labels = 0;
        series[i] = (struct pool_polled){polled[i].kind, {.name = polled[i].name, .help = polled[i].help}};
        if (options->name)
            series[i].series.labels[labels++] = (struct pool_label){"pool", options->name};
        if (polled[i].direction)
            series[i].series.labels[labels++] = (struct pool_label){"direction", polled[i].direction};
    }
    return pool_metrics_poll(watch->metrics, series, count, read_watch, watch, &watch->source);
}

static enum pool_status register_histograms(struct pool_watch *watch,
                                            const struct pool_watch_options *options)
{
    const struct {
        struct pool_histogram **histogram;
        const char *name, *help;
    } table[] = {
        {&watch->submit, "pool_submit_duration_seconds", "Time inside a submit."},
        {&watch->wait, "pool_wait_seconds", "Time from the begin of the submit to the start of the task."},
        {&watch->task, "pool_task_duration_seconds", "Time from the start of a task to its end."},
        {&watch->process, "pool_process_seconds", "The same as pool_task_duration_seconds."},
    };
    size_t count = options->names == POOL_NAMES_ALL ? 4 : 3;
    enum pool_status status = POOL_OK;
    for (size_t i = 0; i < count && status == POOL_OK; i++) {
        struct pool_series series = {.name = table[i].name, .help = table[i].help};
        if (options->name)
            series.labels[0] = (struct pool_label){"pool", options->name};
        status = pool_metrics_histogram(watch->metrics, &series, &pool_buckets_seconds, table[i].histogram);
    }
    return status;
}

static bool options_are_valid(const struct pool_watch_options *options)
{
    return options && options->metrics && options->pool && (size_t)options->names <= POOL_NAMES_ALL &&
           (options->capacity == 0 || options->capacity >= options->size);
}

enum pool_status pool_watch_create(struct pool_watch **watch, const struct pool_watch_options *options)
{
    if (!watch)
        return POOL_INVALID;
    *watch = NULL;
    if (!options_are_valid(options))
        return POOL_INVALID;
    size_t bytes = sizeof(struct pool_watch) + shard_rows(options->metrics->mask) * sizeof(struct watch_row);
    struct pool_watch *made = aligned_alloc(CACHE_LINE, bytes);
    if (!made)
        return POOL_NO_MEMORY;
    memset(made, 0, bytes);
    made->metrics = options->metrics;
    made->pool = options->pool;
    made->clock = options->clock;
    made->capacity = options->capacity ? options->capacity : options->size;
    atomic_init(&made->size, options->size);
    enum pool_status status = register_histograms(made, options);
    if (status == POOL_OK)
        status = register_polled(made, options);
    if (status == POOL_OK)
        *watch = made;
    else
        free(made);
    return status;
}

enum pool_status pool_watch_destroy(struct pool_watch *watch)
{
    if (!watch)
        return POOL_OK;
    enum pool_status status = pool_metrics_unpoll(watch->metrics, watch->source);
    if (status == POOL_OK)
        free(watch);
    return status;
}

/* --- recording --------------------------------------------------------------------------------------------
 */

static void observe(struct pool_histogram *histogram, struct row row, uint64_t nanoseconds)
{
    pool_histogram_add(histogram, row, (double)nanoseconds / (double)POOL_SECOND);
}

static void count_waiting(struct pool_watch *watch, struct row row, uint64_t amount)
{
    row_add(row, &watch->rows[row.number].waiting, amount, memory_order_relaxed);
}

static void note_end(struct pool_watch *watch, struct row row, uint64_t took, enum pool_status how)
{
    if (how != POOL_OK)
        row_add(row, &watch->rows[row.number].failed, 1, memory_order_relaxed);
    observe(watch->task, row, took);
    if (watch->process)
        observe(watch->process, row, took);
}

void pool_watch_submit_begins(struct pool_watch *watch)
{
    if (watch)
        atomic_fetch_add_explicit(&watch->waiting, 1, memory_order_relaxed);
}

void pool_watch_submit_ended(struct pool_watch *watch, unsigned shard, uint64_t took)
{
    if (!watch)
        return;
    atomic_fetch_sub_explicit(&watch->waiting, 1, memory_order_relaxed);
    observe(watch->submit, shard_row(watch->metrics, shard), took);
}

void pool_watch_task_waited(struct pool_watch *watch, unsigned shard, uint64_t waited)
{
    if (watch)
        observe(watch->wait, shard_row(watch->metrics, shard), waited);
}

void pool_watch_task_ended(struct pool_watch *watch, unsigned shard, uint64_t took, enum pool_status how)
{
    if (watch)
        note_end(watch, shard_row(watch->metrics, shard), took, how);
}

void pool_watch_resized(struct pool_watch *watch, unsigned size)
{
    if (!watch)
        return;
    unsigned before = atomic_exchange_explicit(&watch->size, size, memory_order_relaxed);
    if (size != before)
        atomic_fetch_add_explicit(size > before ? &watch->grown : &watch->shrunk, 1, memory_order_relaxed);
}

/* --- watched tasks ----------------------------------------------------------------------------------------
 */

/* A row for the calling thread: the addresses that tell threads apart differ in their pages. */
static struct row my_row(const struct pool_watch *watch)
{
    return shard_row(watch->metrics, (unsigned)((uintptr_t)pthread_self() >> 12));
}

static struct pool_watched *watched_of(struct pool_job *job)
{
    return (struct pool_watched *)((char *)job - offsetof(struct pool_watched, job));
}

/* The task may be gone once it has run. */
static void run_watched(struct pool_job *job)
{
    struct pool_watched *task = watched_of(job);
    struct pool_watch *watch = task->watch;
    struct row row = my_row(watch);
    uint64_t started = pool_clock_now(watch->clock);

    observe(watch->wait, row, started - task->offered);
    enum pool_status how = task->run(task);
    note_end(watch, row, pool_clock_now(watch->clock) - started, how);
}

static void discard_watched(struct pool_job *job)
{
    struct pool_watched *task = watched_of(job);
    task->discard(task);
}

enum pool_status pool_watch_submit(struct pool_watch *watch, struct pool_watched *task,
                                   const struct timespec *deadline)
{
    if (!watch || !task || !task->run || !task->discard)
        return POOL_INVALID;
    struct row row = my_row(watch);
    uint64_t began = pool_clock_now(watch->clock);
    task->job = (struct pool_job){.run = run_watched, .discard = discard_watched};
    task->watch = watch;
    task->offered = began;
    count_waiting(watch, row, 1);
    enum pool_status status = pool_submit_job(watch->pool, &task->job, deadline);
    observe(watch->submit, row, pool_clock_now(watch->clock) - began);
    count_waiting(watch, row, (uint64_t)-1);
    return status;
}

/* --- the process ------------------------------------------------------------------------------------------
 */

/* /proc/self/stat has the threads as field 20 and the resident pages as field 24: proc(5). The name, field 2,
 * may hold anything, so counting begins behind its last bracket, at field 3. */
static bool parse_stat(const char *line, double *values)
{
    enum { THREADS = 20 - 3, PAGES = 24 - 3 };
    const char *field = strrchr(line, ')');
    if (!field)
        return false;
    field++; /* the blank before field 3 */
    for (int i = 0; i <= PAGES; i++) {
        if (i == THREADS)
            values[0] = strtod(field, NULL);
        if (i == PAGES)
            values[1] = strtod(field, NULL) * (double)sysconf(_SC_PAGESIZE);
        field = strchr(field + 1, ' ');
        if (!field)
            return false;
    }
    return true;
}

static void read_process(void *context, double *values)
{
    char line[1024];
    (void)context;
    FILE *file = fopen("/proc/self/stat", "re");
    bool read = file && fgets(line, sizeof line, file) && parse_stat(line, values);
    if (file)
        fclose(file);
    if (!read)
        values[0] = values[1] = NAN;
}

enum pool_status pool_watch_process(struct pool_metrics *metrics, struct pool_metrics_source **source)
{
    static const struct pool_polled series[] = {
        {POOL_POLLED_GAUGE, {.name = "process_threads", .help = "Threads of the process."}},
        {POOL_POLLED_GAUGE,
         {.name = "process_resident_memory_bytes", .help = "Resident memory size in bytes."}},
    };
    return pool_metrics_poll(metrics, series, sizeof series / sizeof *series, read_process, NULL, source);
}
