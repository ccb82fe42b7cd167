/* pipeline.c - create a pipeline, put in, take out, wait, destroy. What a worker does is in pipeline_stage.c.
 *
 * The queues are channels (channel.h), which do the waiting for room and for items. Every call that uses one
 * is a visit: the pipeline is not freed before the visitors have left.
 */
#include "pipeline_inside.h"

#include <stdlib.h>

/* --- put in, take out --------------------------------------------------------------------------------- */

static void visit_begin(struct pool_pipeline *pipeline)
{
    lock_take(&pipeline->lock);
    pipeline->visitors++;
    lock_drop(&pipeline->lock);
}

/* The visitor's last touch. A closed channel may be a cancelled pipeline's. */
static enum pool_status visit_end(struct pool_pipeline *pipeline, enum pool_status status)
{
    lock_take(&pipeline->lock);
    if (status == POOL_STOPPED && pipeline->cancelled)
        status = POOL_CANCELLED;
    if (--pipeline->visitors == 0)
        bell_ring(&pipeline->gone);
    lock_drop(&pipeline->lock);
    return status;
}

enum pool_status pool_pipeline_try_push(struct pool_pipeline *pipeline, void *item)
{
    if (!pipeline || !item)
        return POOL_INVALID;
    visit_begin(pipeline);
    return visit_end(pipeline, pool_channel_try_send(pipeline->stages[0].input, item));
}

enum pool_status pool_pipeline_push(struct pool_pipeline *pipeline, void *item)
{
    if (!pipeline || !item)
        return POOL_INVALID;
    if (pool_scope_inside(pipeline)) {
        enum pool_status status = pool_pipeline_try_push(pipeline, item);
        return status == POOL_FULL ? POOL_WOULD_DEADLOCK : status;
    }
    visit_begin(pipeline);
    return visit_end(pipeline, pool_channel_send(pipeline->stages[0].input, item));
}

enum pool_status pool_pipeline_push_until(struct pool_pipeline *pipeline, void *item,
                                          const struct timespec *deadline)
{
    if (!pipeline || !item)
        return POOL_INVALID;
    visit_begin(pipeline);
    return visit_end(pipeline, pool_channel_send_until(pipeline->stages[0].input, item, deadline));
}

static enum pool_status taken(struct pool_pipeline *pipeline, enum pool_status status)
{
    lock_take(&pipeline->lock);
    pipeline->delivered += status == POOL_OK;
    lock_drop(&pipeline->lock);
    return visit_end(pipeline, status);
}

enum pool_status pool_pipeline_try_take(struct pool_pipeline *pipeline, void **item)
{
    if (!pipeline || !pipeline->output)
        return POOL_INVALID;
    visit_begin(pipeline);
    return taken(pipeline, pool_channel_try_receive(pipeline->output, item));
}

enum pool_status pool_pipeline_take(struct pool_pipeline *pipeline, void **item)
{
    if (!pipeline || !pipeline->output)
        return POOL_INVALID;
    if (pool_scope_inside(pipeline)) {
        enum pool_status status = pool_pipeline_try_take(pipeline, item);
        return status == POOL_EMPTY ? POOL_WOULD_DEADLOCK : status;
    }
    visit_begin(pipeline);
    return taken(pipeline, pool_channel_receive(pipeline->output, item));
}

enum pool_status pool_pipeline_take_until(struct pool_pipeline *pipeline, void **item,
                                          const struct timespec *deadline)
{
    if (!pipeline || !pipeline->output)
        return POOL_INVALID;
    visit_begin(pipeline);
    return taken(pipeline, pool_channel_receive_until(pipeline->output, item, deadline));
}

/* --- the end ------------------------------------------------------------------------------------------ */

enum pool_status pool_pipeline_close(struct pool_pipeline *pipeline)
{
    return pipeline ? pool_channel_close(pipeline->stages[0].input) : POOL_INVALID;
}

enum pool_status pool_pipeline_cancel(struct pool_pipeline *pipeline)
{
    if (!pipeline)
        return POOL_INVALID;
    visit_begin(pipeline);
    pool_pipeline_stop(pipeline, POOL_CANCELLED, (struct pool_pipeline_failure){0});
    return visit_end(pipeline, POOL_OK);
}

/* POOL_TIMED_OUT, or how it ended. */
static enum pool_status await_end_locked(struct pool_pipeline *pipeline, const struct timespec *deadline)
{
    int late = 0;
    while (pipeline->alive > 0 || pipeline->busy > 0) {
        if (late)
            return POOL_TIMED_OUT;
        late = bell_wait(&pipeline->over, deadline);
    }
    return pipeline->outcome;
}

static enum pool_status drain(struct pool_pipeline *pipeline, const struct timespec *deadline,
                              struct pool_pipeline_failure *failure)
{
    if (!pipeline)
        return POOL_INVALID;
    if (pool_scope_inside(pipeline))
        return POOL_WOULD_DEADLOCK;
    visit_begin(pipeline);
    pool_pipeline_close(pipeline);
    lock_take(&pipeline->lock);
    pipeline->draining++;
    enum pool_status status = await_end_locked(pipeline, deadline);
    pipeline->draining--;
    if (failure && status == POOL_FAILED)
        *failure = pipeline->failure;
    lock_drop(&pipeline->lock);
    return visit_end(pipeline, status);
}

enum pool_status pool_pipeline_drain(struct pool_pipeline *pipeline, struct pool_pipeline_failure *failure)
{
    return drain(pipeline, NULL, failure);
}

enum pool_status pool_pipeline_drain_until(struct pool_pipeline *pipeline, const struct timespec *deadline,
                                           struct pool_pipeline_failure *failure)
{
    return deadline_is_valid(deadline) ? drain(pipeline, deadline, failure) : POOL_INVALID;
}

static void stage_release(struct stage *stage)
{
    pool_channel_destroy(stage->input);
    bell_release(&stage->next_turn);
    lock_release(&stage->lock);
}

static void pipeline_free(struct pool_pipeline *pipeline)
{
    for (size_t i = 0; i < pipeline->count; i++)
        stage_release(&pipeline->stages[i]);
    pool_channel_destroy(pipeline->output);
    bell_release(&pipeline->gone);
    bell_release(&pipeline->over);
    lock_release(&pipeline->lock);
    free(pipeline->threads);
    free(pipeline);
}

void pool_pipeline_destroy(struct pool_pipeline *pipeline)
{
    if (!pipeline)
        return;
    bool inside = pool_scope_inside(pipeline);
    assert(!inside && "pool_pipeline_destroy was called from one of the pipeline's own steps");
    if (inside)
        return; /* without assertions: a leak rather than a worker in freed memory */
    pool_pipeline_cancel(pipeline);
    for (size_t i = 0; i < pipeline->threads_started; i++)
        must(pthread_join(pipeline->threads[i], NULL));
    lock_take(&pipeline->lock);
    while (pipeline->visitors > 0)
        bell_wait(&pipeline->gone, NULL);
    lock_drop(&pipeline->lock);
    pipeline_free(pipeline);
}

/* --- create ------------------------------------------------------------------------------------------- */

static bool options_are_valid(const struct pool_pipeline_options *options)
{
    if (!options || !options->stages || options->count < 1 || options->count > POOL_PIPELINE_MAX_STAGES)
        return false;
    for (size_t i = 0; i < options->count; i++) {
        const struct pool_stage *stage = &options->stages[i];
        if (!stage->step || stage->workers < 1 || stage->workers > POOL_STAGE_MAX_WORKERS ||
            stage->order > POOL_STAGE_ORDERED)
            return false;
    }
    return true;
}

static void stage_init(struct pool_pipeline *pipeline, size_t index, const struct pool_stage *is)
{
    struct stage *stage = &pipeline->stages[index];
    stage->is = *is;
    stage->index = index;
    stage->pipeline = pipeline;
    stage->alive = is->workers;
    pipeline->alive += is->workers;
    lock_init(&stage->lock);
    bell_init(&stage->next_turn, &stage->lock);
}

static enum pool_status make_channels(struct pool_pipeline *pipeline,
                                      const struct pool_pipeline_options *options)
{
    enum pool_status status = POOL_OK;
    for (size_t i = 0; i < options->count && status == POOL_OK; i++)
        status = pool_channel_create(&pipeline->stages[i].input, options->stages[i].capacity);
    if (options->output > 0 && status == POOL_OK)
        status = pool_channel_create(&pipeline->output, options->output);
    for (size_t i = 0; i < options->count; i++)
        pipeline->stages[i].output =
            i + 1 < options->count ? pipeline->stages[i + 1].input : pipeline->output;
    return status;
}

/* A pipeline without threads. */
static enum pool_status pipeline_new(struct pool_pipeline **pipeline,
                                     const struct pool_pipeline_options *options)
{
    struct pool_pipeline *made = calloc(1, sizeof *made + options->count * sizeof made->stages[0]);
    if (!made)
        return POOL_NO_MEMORY;
    made->discard = options->discard;
    made->count = options->count;
    lock_init(&made->lock);
    bell_init(&made->over, &made->lock);
    bell_init(&made->gone, &made->lock);
    for (size_t i = 0; i < options->count; i++)
        stage_init(made, i, &options->stages[i]);
    enum pool_status status = make_channels(made, options);
    if (status == POOL_OK && !(made->threads = calloc(made->alive, sizeof made->threads[0])))
        status = POOL_NO_MEMORY;
    if (status == POOL_OK)
        *pipeline = made;
    else
        pipeline_free(made);
    return status;
}

/* When a thread cannot be had, `alive` goes on counting those that never started. That holds nobody up: who
 * waits for it waits in a drain, and nobody has this pipeline yet to drain it. Destroy waits by joining. */
static enum pool_status start_workers(struct pool_pipeline *pipeline)
{
    for (size_t i = 0; i < pipeline->count; i++)
        for (unsigned n = 0; n < pipeline->stages[i].is.workers; n++) {
            pthread_t *thread = &pipeline->threads[pipeline->threads_started];
            if (pthread_create(thread, NULL, pool_pipeline_worker, &pipeline->stages[i]) != 0)
                return POOL_NO_THREAD;
            pipeline->threads_started++;
        }
    return POOL_OK;
}

enum pool_status pool_pipeline_create(struct pool_pipeline **pipeline,
                                      const struct pool_pipeline_options *options)
{
    if (!pipeline)
        return POOL_INVALID;
    *pipeline = NULL;
    if (!options_are_valid(options))
        return POOL_INVALID;
    struct pool_pipeline *made = NULL;
    enum pool_status status = pipeline_new(&made, options);
    if (status != POOL_OK)
        return status;
    status = start_workers(made);
    if (status == POOL_OK)
        *pipeline = made;
    else
        pool_pipeline_destroy(made); /* joins those that did start */
    return status;
}

/* --- asking ------------------------------------------------------------------------------------------- */

struct pool_stage_counts pool_pipeline_stage_counts(struct pool_pipeline *pipeline, size_t index)
{
    struct pool_stage_counts counts = {0};
    if (!pipeline || index >= pipeline->count)
        return counts;
    struct stage *stage = &pipeline->stages[index];
    struct pool_channel_counts input = pool_channel_counts(stage->input);
    lock_take(&stage->lock);
    counts = stage->counts;
    lock_drop(&stage->lock);
    counts.queued = input.queued;
    counts.peak = input.peak;
    counts.taken = input.received;
    return counts;
}

struct pool_pipeline_counts pool_pipeline_counts(struct pool_pipeline *pipeline)
{
    struct pool_pipeline_counts counts = {0};
    if (!pipeline)
        return counts;
    struct pool_channel_counts input = pool_channel_counts(pipeline->stages[0].input);
    counts.blocked = input.senders;
    counts.pushed = input.sent;
    for (size_t i = 0; i < pipeline->count; i++) {
        struct pool_stage_counts stage = pool_pipeline_stage_counts(pipeline, i);
        counts.consumed += stage.consumed;
        counts.failed += stage.failed;
    }
    lock_take(&pipeline->lock);
    counts.draining = pipeline->draining;
    counts.workers = pipeline->alive;
    counts.delivered = pipeline->delivered;
    counts.discarded = pipeline->discarded;
    lock_drop(&pipeline->lock);
    return counts;
}
