/* test_pipeline_edges.c - the pipeline's wake-ups that only matter when several wait for their turn, or when a
 * cancel outlives the workers.
 */
#include "pipeline_inside.h"
#include "pipeline_test.h"

/* Of those that wait for their turn the one that came last is next: a bell for one would have woken the
 * other. */
static void the_next_in_turn_is_woken_whoever_came_first(void **state)
{
    (void)state;
    enum { WORKERS = 3 };
    const struct pool_stage stages[] = {
        {.step = work, .workers = WORKERS, .capacity = WORKERS, .order = POOL_STAGE_ORDERED}};
    struct gate gates[WORKERS];
    struct line line;
    line_set(&line, stages, 1, WORKERS);
    for (int i = 0; i < WORKERS; i++) {
        gate_init(&gates[i]);
        line.things[i].gate = &gates[i];
    }
    push(&line, WORKERS);
    for (int i = 0; i < WORKERS; i++)
        gate_await(&gates[i]);
    for (int i = WORKERS - 1; i > 0; i--) {
        gate_open(&gates[i]);
        AWAIT(stage(&line, 0).waiting == (size_t)(WORKERS - i));
    }
    gate_open(&gates[0]);
    for (int i = 0; i < WORKERS; i++)
        assert_int_equal(take(&line), i);
    assert_int_equal(pool_pipeline_drain(line.pipeline, NULL), POOL_OK);
    assert_ledger(&line);
    line_clear(&line);
    for (int i = 0; i < WORKERS; i++)
        gate_release(&gates[i]);
}

static struct gate discard_gate; /* a discard function has no context */

static void discard_slowly(void *item)
{
    count_discard(item);
    gate_pass(&discard_gate);
}

static enum pool_status cancel_it(void *arg)
{
    return pool_pipeline_cancel(((struct line *)arg)->pipeline);
}

/* The workers have left long ago; it is the cancel that the drain waits for. */
static void a_drain_waits_for_a_cancel_that_is_the_last(void **state)
{
    (void)state;
    const struct pool_stage stages[] = {{.step = work, .workers = 1, .capacity = 2}};
    struct pool_pipeline_options options = {.stages = stages, .count = 1, .discard = discard_slowly};
    struct line line = {.pushed = 0};
    struct call canceller, drainer;
    gate_init(&line.gate);
    gate_init(&discard_gate);
    assert_int_equal(pool_pipeline_create(&line.pipeline, &options), POOL_OK);
    line.things[0].gate = &line.gate;
    push(&line, 2);
    gate_await(&line.gate); /* the first is being worked on, the second waits */
    call_start(&canceller, cancel_it, &line);
    gate_await(&discard_gate); /* and is being thrown out */
    line.things[0].error = 1;  /* so the worker has nothing to throw out, */
    gate_open(&line.gate);
    AWAIT(pool_pipeline_counts(line.pipeline).workers == 0); /* and leaves */
    call_start(&drainer, drain_it, &line);
    AWAIT(pool_pipeline_counts(line.pipeline).draining == 1);
    assert_false(drainer.returned);
    gate_open(&discard_gate);
    assert_int_equal(call_join(&drainer), POOL_CANCELLED);
    assert_int_equal(call_join(&canceller), POOL_OK);
    assert_true(line.things[0].discarded == 0 && line.things[1].discarded == 1);
    pool_pipeline_destroy(line.pipeline);
    gate_release(&line.gate);
    gate_release(&discard_gate);
}

static bool somebody_destroys(struct pool_pipeline *pipeline)
{
    lock_take(&pipeline->lock);
    bool waits = pipeline->gone.waiting == 1;
    lock_drop(&pipeline->lock);
    return waits;
}

/* Its workers have been joined, but a thread is still inside another's cancel. */
static void a_destroy_waits_for_who_is_inside(void **state)
{
    (void)state;
    const struct pool_stage stages[] = {{.step = work, .workers = 1, .capacity = 2}};
    struct pool_pipeline_options options = {.stages = stages, .count = 1, .discard = discard_slowly};
    struct line line = {.pushed = 0};
    struct call canceller, destroyer;
    gate_init(&line.gate);
    gate_init(&discard_gate);
    assert_int_equal(pool_pipeline_create(&line.pipeline, &options), POOL_OK);
    line.things[0].gate = &line.gate;
    line.things[0].error = 1;
    push(&line, 2);
    gate_await(&line.gate);
    call_start(&canceller, cancel_it, &line);
    gate_await(&discard_gate);
    gate_open(&line.gate);
    call_start(&destroyer, destroy_it, &line);
    AWAIT(somebody_destroys(line.pipeline));
    assert_false(destroyer.returned);
    gate_open(&discard_gate);
    assert_int_equal(call_join(&canceller), POOL_OK);
    assert_int_equal(call_join(&destroyer), POOL_OK);
    gate_release(&line.gate);
    gate_release(&discard_gate);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(the_next_in_turn_is_woken_whoever_came_first),
        CASE(a_drain_waits_for_a_cancel_that_is_the_last),
        CASE(a_destroy_waits_for_who_is_inside),
    };
    return cmocka_run_group_tests_name("coordination: pipeline edges", cases, NULL, NULL);
}
