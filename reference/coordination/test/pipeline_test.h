/* pipeline_test.h - items, steps and calls for the tests of the pipeline. */
#ifndef DEEPEND_PIPELINE_TEST_H
#define DEEPEND_PIPELINE_TEST_H

#include "coordination_test.h"
#include "pipeline.h"

enum { ITEMS = 64 };

/* What a step can be told about an item, and what became of it. */
struct thing {
    int number;
    struct gate *gate; /* the step `work` stops here; NULL: it does not */
    int error;         /* `work` answers this */
    atomic_int worked, discarded;
};

struct line {
    struct pool_pipeline *pipeline;
    struct gate gate;
    struct thing things[ITEMS];
    int pushed;
};

static inline int work(void *context, void *item, void **out)
{
    (void)context;
    struct thing *thing = item;
    if (thing->gate)
        gate_pass(thing->gate);
    atomic_fetch_add(&thing->worked, 1);
    *out = item;
    return thing->error;
}

static inline int consume(void *context, void *item, void **out)
{
    work(context, item, out);
    *out = NULL;
    return 0;
}

static inline void count_discard(void *item)
{
    atomic_fetch_add(&((struct thing *)item)->discarded, 1);
}

static inline void line_set(struct line *line, const struct pool_stage *stages, size_t count, size_t output)
{
    struct pool_pipeline_options options = {
        .stages = stages, .count = count, .output = output, .discard = count_discard};
    memset(line, 0, sizeof *line);
    gate_init(&line->gate);
    for (int i = 0; i < ITEMS; i++)
        line->things[i].number = i;
    assert_int_equal(pool_pipeline_create(&line->pipeline, &options), POOL_OK);
}

static inline void line_clear(struct line *line)
{
    pool_pipeline_destroy(line->pipeline);
    gate_release(&line->gate);
}

static inline void push(struct line *line, int count)
{
    for (int i = 0; i < count; i++)
        assert_int_equal(pool_pipeline_push(line->pipeline, &line->things[line->pushed++]), POOL_OK);
}

/* The next item that comes out; its number. */
static inline int take(struct line *line)
{
    void *item;
    assert_int_equal(pool_pipeline_take(line->pipeline, &item), POOL_OK);
    return ((struct thing *)item)->number;
}

/* Everything has an end: only when nothing moves any more. */
static inline void assert_ledger(struct line *line)
{
    struct pool_pipeline_counts now = pool_pipeline_counts(line->pipeline);
    assert_int_equal(now.pushed, now.delivered + now.consumed + now.failed + now.discarded);
}

static inline struct pool_stage_counts stage(struct line *line, size_t index)
{
    return pool_pipeline_stage_counts(line->pipeline, index);
}

/* As functions for call_start. */
static inline enum pool_status push_one(void *arg)
{
    struct line *line = arg;
    return pool_pipeline_push(line->pipeline, &line->things[ITEMS - 1]);
}

static inline enum pool_status take_one(void *arg)
{
    void *item;
    return pool_pipeline_take(((struct line *)arg)->pipeline, &item);
}

static inline enum pool_status drain_it(void *arg)
{
    return pool_pipeline_drain(((struct line *)arg)->pipeline, NULL);
}

static inline enum pool_status destroy_it(void *arg)
{
    pool_pipeline_destroy(((struct line *)arg)->pipeline);
    return POOL_OK;
}

#endif
