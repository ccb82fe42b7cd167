/* pipeline_stage.c - what one worker of a pipeline does with one item, and how a stage and a pipeline stop.
 *
 * Receive, step, wait for the turn (in an ordered stage), pass on. The channel numbers the items that leave
 * it, so an ordered stage needs no buffer: the worker with the lowest number passes on first, the others hold
 * their items until then. Only the worker whose turn it is sends, so it need not hold the stage's lock while
 * it does.
 *
 * A stage ends from the front: its input is closed and empty, its workers leave, the last one closes the next
 * stage's input. A cancel closes all queues at once; since nothing can be sent into a closed one, whatever is
 * received afterwards, by the canceller or by a worker, is thrown out, and then there is nothing left.
 */
#include "pipeline_inside.h"

void pool_pipeline_discard(struct pool_pipeline *pipeline, void *item)
{
    struct pool_scope frame;
    if (!item)
        return;
    lock_take(&pipeline->lock);
    pipeline->discarded++;
    lock_drop(&pipeline->lock);
    if (!pipeline->discard)
        return;
    pool_scope_enter(&frame, pipeline);
    pipeline->discard(item);
    pool_scope_leave(&frame);
}

/* --- the cancel --------------------------------------------------------------------------------------- */

/* True for the first one. */
static bool begin_stop(struct pool_pipeline *pipeline, enum pool_status outcome,
                       struct pool_pipeline_failure failure)
{
    lock_take(&pipeline->lock);
    bool first = !pipeline->cancelled;
    if (first) {
        pipeline->outcome = outcome;
        pipeline->failure = failure;
        pipeline->busy++;
        atomic_store(&pipeline->cancelled, true);
    }
    lock_drop(&pipeline->lock);
    return first;
}

static void empty(struct pool_pipeline *pipeline, struct pool_channel *channel)
{
    void *item;
    while (pool_channel_try_receive(channel, &item) == POOL_OK)
        pool_pipeline_discard(pipeline, item);
}

static void let_out(struct stage *stage)
{
    lock_take(&stage->lock);
    bell_ring_all(&stage->next_turn);
    lock_drop(&stage->lock);
}

void pool_pipeline_stop(struct pool_pipeline *pipeline, enum pool_status outcome,
                        struct pool_pipeline_failure failure)
{
    if (!begin_stop(pipeline, outcome, failure))
        return;
    for (size_t i = 0; i < pipeline->count; i++)
        pool_channel_close(pipeline->stages[i].input);
    pool_channel_close(pipeline->output);
    for (size_t i = 0; i < pipeline->count; i++)
        let_out(&pipeline->stages[i]); /* not before: they would make room for a push */
    for (size_t i = 0; i < pipeline->count; i++)
        empty(pipeline, pipeline->stages[i].input);
    empty(pipeline, pipeline->output);
    lock_take(&pipeline->lock);
    pipeline->busy--;
    if (pipeline->alive == 0)
        bell_ring_all(&pipeline->over);
    lock_drop(&pipeline->lock);
}

/* --- one item ----------------------------------------------------------------------------------------- */

/* The counters that a worker moves together, under the stage's lock. */
static void count(struct stage *stage, size_t *minus, size_t *plus, unsigned long long *total)
{
    lock_take(&stage->lock);
    if (minus)
        --*minus;
    if (plus)
        ++*plus;
    if (total)
        ++*total;
    lock_drop(&stage->lock);
}

/* False: cancelled. */
static bool await_turn(struct stage *stage, unsigned long long number)
{
    if (stage->is.order == POOL_STAGE_UNORDERED)
        return true;
    lock_take(&stage->lock);
    stage->counts.waiting++;
    while (stage->turn != number && !stage->pipeline->cancelled)
        bell_wait(&stage->next_turn, NULL);
    stage->counts.waiting--;
    bool mine = stage->turn == number;
    lock_drop(&stage->lock);
    return mine;
}

static void end_turn(struct stage *stage)
{
    if (stage->is.order == POOL_STAGE_UNORDERED)
        return;
    lock_take(&stage->lock);
    stage->turn++;
    bell_ring_all(&stage->next_turn); /* the one whose turn it is may be any of them */
    lock_drop(&stage->lock);
}

static void pass_on(struct stage *stage, void *out)
{
    struct pool_stage_counts *counts = &stage->counts;
    if (!out) {
        count(stage, NULL, NULL, &counts->consumed);
        return;
    }
    count(stage, NULL, &counts->blocked, NULL);
    bool sent = stage->output && pool_channel_send(stage->output, out) == POOL_OK;
    count(stage, &counts->blocked, NULL, sent ? &counts->passed : NULL);
    if (!sent)
        pool_pipeline_discard(stage->pipeline, out);
}

static void handle(struct stage *stage, void *item, unsigned long long number)
{
    void *out = NULL;
    if (stage->pipeline->cancelled) {
        pool_pipeline_discard(stage->pipeline, item);
        return;
    }
    count(stage, NULL, &stage->counts.running, NULL);
    int error = stage->is.step(stage->is.context, item, &out);
    count(stage, &stage->counts.running, NULL, error != 0 ? &stage->counts.failed : NULL);
    if (error != 0) {
        pool_pipeline_stop(stage->pipeline, POOL_FAILED,
                           (struct pool_pipeline_failure){.stage = stage->index, .error = error});
    } else if (await_turn(stage, number)) {
        pass_on(stage, out);
        end_turn(stage);
    } else if (out) {
        pool_pipeline_discard(stage->pipeline, out);
    } else { /* cancelled before its turn: consumed it was all the same */
        count(stage, NULL, NULL, &stage->counts.consumed);
    }
}

/* --- the worker --------------------------------------------------------------------------------------- */

static void leave(struct stage *stage)
{
    struct pool_pipeline *pipeline = stage->pipeline;

    lock_take(&pipeline->lock);
    bool last = --stage->alive == 0;
    lock_drop(&pipeline->lock);
    if (last)
        pool_channel_close(stage->output);
    lock_take(&pipeline->lock);
    if (--pipeline->alive == 0 && pipeline->busy == 0)
        bell_ring_all(&pipeline->over);
    lock_drop(&pipeline->lock);
}

void *pool_pipeline_worker(void *arg)
{
    struct stage *stage = arg;
    struct pool_scope frame;
    unsigned long long number;
    void *item;

    pool_scope_enter(&frame, stage->pipeline);
    while (pool_channel_receive_numbered(stage->input, &item, &number) == POOL_OK)
        handle(stage, item, number);
    pool_scope_leave(&frame);
    leave(stage);
    return NULL;
}
