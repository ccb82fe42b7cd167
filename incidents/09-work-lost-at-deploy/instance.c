/* instance.c - see instance.h: the jobs and the books, what a job may do, SIGTERM and the exit. */
#include "instance.h"

#include "pool_control.h"
#include "pool_task.h"

#include <stdlib.h>

/* --- jobs and books ------------------------------------------------------------------------------------ */

struct job *instance_give(struct instance *instance, struct order *order, int was_replayed)
{
    struct job *job = malloc(sizeof *job);

    if (!job)
        return NULL;
    *job = (struct job){instance, order, was_replayed, NULL};
    pthread_mutex_lock(&instance->lock);
    if (instance->last)
        instance->last->next = job;
    else
        instance->first = job;
    instance->last = job;
    pthread_mutex_unlock(&instance->lock);
    return job;
}

struct pool *instance_pool(struct instance *instance)
{
    return instance->pool;
}

size_t instance_unfinished(struct instance *instance, struct job **jobs, size_t most)
{
    size_t count = 0;

    pthread_mutex_lock(&instance->lock);
    for (struct job *job = instance->first; job; job = job->next) {
        if (job->order->is_over)
            continue;
        if (count < most)
            jobs[count] = job;
        count++;
    }
    pthread_mutex_unlock(&instance->lock);
    return count < most ? count : most;
}

int job_was_replayed(const struct job *job)
{
    return job->was_replayed;
}

/* --- what a process does ------------------------------------------------------------------------------- */

void job_task(void *job)
{
    pool_task_label("has an order");
    policy_work(job);
}

int job_charge(struct job *job)
{
    struct instance *instance = job->instance;
    struct order *order = job->order;

    pthread_mutex_lock(&instance->lock); /* begun before the exit, or not at all */
    int is_gone = instance->has_exited, is_first = !is_gone && order_begin(order);
    pthread_mutex_unlock(&instance->lock);
    if (is_gone)
        return -1;
    pool_task_label(order->confirms ? "charges an order, its customer is asked" : "charges an order");
    order_charge(order, is_first);
    return 0;
}

int bank_knows(const struct job *job)
{
    if (job->instance->has_exited)
        return 0;
    incident_sleep(0.005);
    return job->order->charges > 0;
}

void journal_write(struct job *const *jobs, size_t count)
{
    if (count == 0 || jobs[0]->instance->has_exited)
        return;
    incident_sleep(0.001 + 0.00001 * (double)count);
    for (size_t i = 0; i < count && !jobs[i]->instance->has_exited; i++)
        journal_add(jobs[i]->order);
}

void journal_strike(struct job *job)
{
    if (job->instance->has_exited)
        return;
    incident_sleep(0.001);
    if (!job->instance->has_exited)
        journal_remove(job->order);
}

/* --- an instance --------------------------------------------------------------------------------------- */

int instance_start(struct instance *instance, unsigned version)
{
    struct pool_options options = {.workers = 1};

    policy_configure(&options);
    options.notes = POOL_NOTES_ON;
    enum pool_status made = pool_create(&instance->pool, &options);
    if (made != POOL_OK) {
        incident_log("v%u: the pool cannot be made: %s", version, pool_status_text(made));
        return -1;
    }
    instance->version = version;
    pthread_mutex_init(&instance->lock, NULL);
    pool_future_init(&instance->gone);
    incident_log("v%u: started, %u workers", version, pool_counts(instance->pool).workers);
    return 0;
}

/* What a process that ends takes with it: what it had taken, that is neither begun nor written down. */
static unsigned long count_lost(struct instance *instance)
{
    unsigned long lost = 0;

    for (struct job *job = instance->first; job; job = job->next) {
        struct order *order = job->order;
        if (order->is_over || order->charges > 0 || journal_has(order))
            continue;
        order->charges = 1;
        order_answer(order, REQUEST_DISCARDED);
        lost++;
    }
    return lost;
}

/* The process ends here, in the thread that had waited for the signal. */
static void instance_exit(struct instance *instance)
{
    double seconds = incident_seconds() - instance->told_at;
    struct pool_counts counts = pool_counts(instance->pool);

    pthread_mutex_lock(&instance->lock);
    instance->has_exited = 1;
    unsigned long lost = count_lost(instance);
    pthread_mutex_unlock(&instance->lock);
    incident_tell("exit_s", seconds);
    incident_count("lost", (double)lost);
    incident_event("deploy", "v%u exits after %.2f s", instance->version, seconds);
    incident_log("v%u: exit status 0 after %.2f s; queue %zu, running %zu", instance->version, seconds,
                 counts.queued, counts.running);
}

static void *terminate(void *context)
{
    struct instance *instance = context;

    policy_terminate(instance, instance->grace);
    instance_exit(instance);
    pool_future_set(&instance->gone, POOL_OK, NULL);
    return NULL;
}

int instance_signal(struct instance *instance, double grace)
{
    struct pool_counts counts = pool_counts(instance->pool);

    incident_event("deploy", "SIGTERM to v%u, %zu orders in its queue", instance->version, counts.queued);
    incident_log("v%u: SIGTERM; %lu orders taken so far, queue %zu, running %zu", instance->version,
                 (unsigned long)instance->taken, counts.queued, counts.running);
    instance->grace = grace;
    instance->told_at = incident_seconds();
    return pthread_create(&instance->terminator, NULL, terminate, instance) == 0 ? 0 : -1;
}

void instance_reap(struct instance *instance)
{
    pthread_join(instance->terminator, NULL);
    pool_stop(instance->pool);
}

void instance_free(struct instance *instance)
{
    pool_destroy(instance->pool);
    pool_future_release(&instance->gone);
    pthread_mutex_destroy(&instance->lock);
    while (instance->first) {
        struct job *next = instance->first->next;
        free(instance->first);
        instance->first = next;
    }
}

void instance_dump(const struct instance *instance)
{
    struct pool_worker_info workers[64];
    unsigned count = pool_workers(instance->pool, workers, 64);
    struct pool_counts counts = pool_counts(instance->pool);
    struct timespec now = pool_deadline_after(0);
    unsigned long long now_ns = (unsigned long long)now.tv_sec * 1000000000 + (unsigned long long)now.tv_nsec;

    incident_write(
        "dump",
        "v%u, %.2f s after SIGTERM; pool orders: %u workers, %zu running, %zu waiting, %llu taken, "
        "%llu done, %llu refused",
        instance->version, incident_seconds() - instance->told_at, count, counts.running, counts.queued,
        counts.submitted, counts.completed, counts.refused);
    for (unsigned i = 0; i < count && i < 64; i++)
        if (workers[i].since_ns)
            incident_write("dump", "  worker %2u  %s; for %.3f s", workers[i].index,
                           workers[i].label ? workers[i].label : "an order",
                           (double)(now_ns - workers[i].since_ns) / 1e9);
        else
            incident_write("dump", "  worker %2u  sleeps: nothing to do", workers[i].index);
    incident_write("dump", "journal: %zu orders", journal_orders(NULL, 0));
}
