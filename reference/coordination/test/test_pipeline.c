/* test_pipeline.c - the pipeline at work: items through stages, backpressure, order, drain.
 * test_pipeline_end.c has failures, cancels and calls from inside. */
#include "pipeline_test.h"

static const struct pool_stage one_stage = {.step = work, .workers = 1, .capacity = 4};

static void wrong_options_are_refused(void **state)
{
    (void)state;
    struct pool_stage stage = one_stage;
    struct pool_pipeline_options options = {.stages = &stage, .count = 1};
    struct pool_pipeline *pipeline = (struct pool_pipeline *)state;
    assert_int_equal(pool_pipeline_create(NULL, &options), POOL_INVALID);
    assert_int_equal(pool_pipeline_create(&pipeline, NULL), POOL_INVALID);
    assert_null(pipeline);
    const struct pool_pipeline_options wrong[] = {
        {.stages = NULL, .count = 1},
        {.stages = &stage, .count = 0},
        {.stages = &stage, .count = POOL_PIPELINE_MAX_STAGES + 1},
        {.stages = &stage, .count = SIZE_MAX},
        {.stages = &stage, .count = 1, .output = SIZE_MAX},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(pool_pipeline_create(&pipeline, &wrong[i]), POOL_INVALID);
    const struct pool_stage wrong_stages[] = {
        {.step = NULL, .workers = 1, .capacity = 1},
        {.step = work, .workers = 0, .capacity = 1},
        {.step = work, .workers = POOL_STAGE_MAX_WORKERS + 1, .capacity = 1},
        {.step = work, .workers = 1, .capacity = 0},
        {.step = work, .workers = 1, .capacity = SIZE_MAX},
        {.step = work, .workers = 1, .capacity = 1, .order = 2},
    };
    for (size_t i = 0; i < sizeof wrong_stages / sizeof *wrong_stages; i++) {
        stage = wrong_stages[i];
        assert_int_equal(pool_pipeline_create(&pipeline, &options), POOL_INVALID);
    }
    assert_null(pipeline);
}

static void wrong_arguments_are_refused(void **state)
{
    struct line line;
    struct timespec past = in_the_past();
    void *item = state;
    line_set(&line, &one_stage, 1, 0);
    assert_int_equal(pool_pipeline_push(NULL, item), POOL_INVALID);
    assert_int_equal(pool_pipeline_push(line.pipeline, NULL), POOL_INVALID);
    assert_int_equal(pool_pipeline_try_push(NULL, item), POOL_INVALID);
    assert_int_equal(pool_pipeline_try_push(line.pipeline, NULL), POOL_INVALID);
    assert_int_equal(pool_pipeline_push_until(NULL, item, &past), POOL_INVALID);
    assert_int_equal(pool_pipeline_push_until(line.pipeline, NULL, &past), POOL_INVALID);
    assert_int_equal(pool_pipeline_push_until(line.pipeline, item, &no_deadline), POOL_INVALID);
    assert_int_equal(pool_pipeline_push_until(line.pipeline, item, NULL), POOL_INVALID);
    assert_int_equal(pool_pipeline_take(NULL, &item), POOL_INVALID);
    assert_int_equal(pool_pipeline_take(line.pipeline, &item), POOL_INVALID); /* it has no output */
    assert_int_equal(pool_pipeline_try_take(NULL, &item), POOL_INVALID);
    assert_int_equal(pool_pipeline_try_take(line.pipeline, &item), POOL_INVALID);
    assert_int_equal(pool_pipeline_take_until(NULL, &item, &past), POOL_INVALID);
    assert_int_equal(pool_pipeline_take_until(line.pipeline, &item, &past), POOL_INVALID);
    assert_int_equal(pool_pipeline_close(NULL), POOL_INVALID);
    assert_int_equal(pool_pipeline_cancel(NULL), POOL_INVALID);
    assert_int_equal(pool_pipeline_drain(NULL, NULL), POOL_INVALID);
    assert_int_equal(pool_pipeline_drain_until(NULL, &past, NULL), POOL_INVALID);
    assert_int_equal(pool_pipeline_drain_until(line.pipeline, &no_deadline, NULL), POOL_INVALID);
    assert_int_equal(pool_pipeline_counts(NULL).pushed + pool_pipeline_counts(line.pipeline).pushed, 0);
    assert_int_equal(pool_pipeline_stage_counts(NULL, 0).taken + stage(&line, 1).taken, 0);
    line_clear(&line);
    pool_pipeline_destroy(NULL);
}

static void items_go_through_all_stages(void **state)
{
    (void)state;
    const struct pool_stage stages[] = {{.step = work, .workers = 3, .capacity = 2},
                                        {.step = work, .workers = 1, .capacity = 1},
                                        {.step = consume, .workers = 2, .capacity = 3}};
    struct line line;
    line_set(&line, stages, 3, 0);
    push(&line, ITEMS);
    assert_int_equal(pool_pipeline_drain(line.pipeline, NULL), POOL_OK);
    for (int i = 0; i < ITEMS; i++)
        assert_true(line.things[i].worked == 3 && line.things[i].discarded == 0);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(stage(&line, i).taken, ITEMS);
        assert_int_equal(stage(&line, i).passed, i < 2 ? ITEMS : 0);
        assert_in_range(stage(&line, i).peak, 1, stages[i].capacity);
    }
    struct pool_pipeline_counts counts = pool_pipeline_counts(line.pipeline);
    assert_true(counts.consumed == ITEMS && counts.pushed == ITEMS && counts.workers == 0);
    assert_ledger(&line);
    assert_int_equal(pool_pipeline_drain(line.pipeline, NULL), POOL_OK);
    assert_int_equal(pool_pipeline_push(line.pipeline, &line), POOL_STOPPED);
    assert_int_equal(pool_pipeline_try_push(line.pipeline, &line), POOL_STOPPED);
    line_clear(&line);
}

static void without_an_output_what_comes_out_is_discarded(void **state)
{
    (void)state;
    struct line line;
    line_set(&line, &one_stage, 1, 0);
    push(&line, 5);
    assert_int_equal(pool_pipeline_drain(line.pipeline, NULL), POOL_OK);
    for (int i = 0; i < 5; i++)
        assert_true(line.things[i].worked == 1 && line.things[i].discarded == 1);
    assert_int_equal(pool_pipeline_counts(line.pipeline).discarded, 5);
    assert_ledger(&line);
    line_clear(&line);
}

/* Three stages with queues of ten: when the last one stands still, exactly what fits between it and the
 * source is let in, and then the source waits. */
static void backpressure_reaches_the_source(void **state)
{
    (void)state;
    enum { ROOM = 3 * 10 + 3 };
    const struct pool_stage stages[] = {{.step = work, .workers = 1, .capacity = 10},
                                        {.step = work, .workers = 1, .capacity = 10},
                                        {.step = consume, .workers = 1, .capacity = 10}};
    struct line line;
    struct call source;
    struct timespec past = in_the_past();
    line_set(&line, stages, 3, 0);
    line.things[0].gate = &line.gate;
    gate_open(&line.gate);
    gate_open(&line.gate); /* the first two stages let it pass, the third holds it */
    push(&line, ROOM);
    AWAIT(stage(&line, 0).blocked == 1 && stage(&line, 1).blocked == 1 && stage(&line, 2).running == 1);
    assert_int_equal(stage(&line, 0).queued, 10);
    assert_int_equal(pool_pipeline_try_push(line.pipeline, &line.things[ROOM]), POOL_FULL);
    assert_int_equal(pool_pipeline_push_until(line.pipeline, &line.things[ROOM], &past), POOL_TIMED_OUT);
    call_start(&source, push_one, &line);
    AWAIT(pool_pipeline_counts(line.pipeline).blocked == 1);
    gate_open(&line.gate);
    assert_int_equal(call_join(&source), POOL_OK);
    assert_int_equal(pool_pipeline_drain(line.pipeline, NULL), POOL_OK);
    assert_int_equal(pool_pipeline_counts(line.pipeline).consumed, ROOM + 1);
    line_clear(&line);
}

/* --- order -------------------------------------------------------------------------------------------- */

/* The first item stays in its step; the others overtake it, and wait for their turn. */
static void an_ordered_stage_keeps_the_order(void **state)
{
    (void)state;
    const struct pool_stage ordered = {
        .step = work, .workers = 4, .capacity = 16, .order = POOL_STAGE_ORDERED};
    struct line line;
    void *item;
    line_set(&line, &ordered, 1, 16);
    line.things[0].gate = &line.gate;
    push(&line, 10);
    gate_await(&line.gate);
    AWAIT(stage(&line, 0).waiting == 3);
    assert_int_equal(stage(&line, 0).queued, 6); /* held up behind the slow one, but no more than that */
    assert_int_equal(pool_pipeline_try_take(line.pipeline, &item), POOL_EMPTY);
    gate_open(&line.gate);
    for (int i = 0; i < 10; i++)
        assert_int_equal(take(&line), i);
    line_clear(&line);
}

static void an_unordered_stage_overtakes(void **state)
{
    (void)state;
    const struct pool_stage unordered = {.step = work, .workers = 2, .capacity = 16};
    struct line line;
    line_set(&line, &unordered, 1, 16);
    line.things[0].gate = &line.gate;
    push(&line, 1);
    gate_await(&line.gate);
    push(&line, 4);
    for (int i = 1; i < 5; i++)
        assert_int_equal(take(&line), i);
    gate_open(&line.gate);
    assert_int_equal(take(&line), 0);
    line_clear(&line);
}

/* A consumed item has its turn too. */
static int keep_even(void *context, void *item, void **out)
{
    int error = work(context, item, out);
    if (((struct thing *)item)->number % 2)
        *out = NULL;
    return error;
}

static void ordered_stages_may_drop_items(void **state)
{
    (void)state;
    const struct pool_stage stages[] = {
        {.step = keep_even, .workers = 3, .capacity = 2, .order = POOL_STAGE_ORDERED},
        {.step = work, .workers = 3, .capacity = 2, .order = POOL_STAGE_ORDERED}};
    struct line line;
    void *item;
    line_set(&line, stages, 2, ITEMS);
    push(&line, ITEMS);
    assert_int_equal(pool_pipeline_drain(line.pipeline, NULL), POOL_OK);
    for (int i = 0; i < ITEMS; i += 2)
        assert_int_equal(take(&line), i);
    assert_int_equal(pool_pipeline_take(line.pipeline, &item), POOL_STOPPED);
    struct pool_pipeline_counts counts = pool_pipeline_counts(line.pipeline);
    assert_true(counts.delivered == ITEMS / 2 && counts.consumed == ITEMS / 2);
    assert_ledger(&line);
    line_clear(&line);
}

/* --- drain -------------------------------------------------------------------------------------------- */

static void a_drain_waits_for_who_takes(void **state)
{
    (void)state;
    struct line line;
    struct call drain;
    struct timespec past = in_the_past(), later = far_away();
    void *item;
    line_set(&line, &one_stage, 1, 1);
    push(&line, 3);
    assert_int_equal(pool_pipeline_drain_until(line.pipeline, &past, NULL), POOL_TIMED_OUT);
    assert_int_equal(pool_pipeline_push(line.pipeline, &line.things[3]),
                     POOL_STOPPED); /* it closes all the same */
    call_start(&drain, drain_it, &line);
    AWAIT(pool_pipeline_counts(line.pipeline).draining == 1 && stage(&line, 0).blocked == 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pool_pipeline_take_until(line.pipeline, &item, &later), POOL_OK);
        assert_ptr_equal(item, &line.things[i]);
    }
    assert_int_equal(call_join(&drain), POOL_OK);
    assert_int_equal(pool_pipeline_take(line.pipeline, &item), POOL_STOPPED);
    assert_int_equal(pool_pipeline_try_take(line.pipeline, &item), POOL_STOPPED);
    assert_int_equal(pool_pipeline_take_until(line.pipeline, &item, &past), POOL_STOPPED);
    assert_int_equal(pool_pipeline_drain_until(line.pipeline, &past, NULL), POOL_OK);
    assert_ledger(&line);
    line_clear(&line);
}

static void an_empty_output_makes_takers_wait(void **state)
{
    (void)state;
    struct line line;
    struct call taker;
    struct timespec past = in_the_past();
    void *item;
    line_set(&line, &one_stage, 1, 1);
    assert_int_equal(pool_pipeline_take_until(line.pipeline, &item, &past), POOL_TIMED_OUT);
    call_start(&taker, take_one, &line);
    push(&line, 1);
    assert_int_equal(call_join(&taker), POOL_OK);
    call_start(&taker, take_one, &line);
    assert_int_equal(pool_pipeline_close(line.pipeline), POOL_OK);
    assert_int_equal(pool_pipeline_close(line.pipeline), POOL_OK);
    assert_int_equal(call_join(&taker), POOL_STOPPED);
    line_clear(&line);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(wrong_options_are_refused),       CASE(wrong_arguments_are_refused),
        CASE(items_go_through_all_stages),     CASE(without_an_output_what_comes_out_is_discarded),
        CASE(backpressure_reaches_the_source), CASE(an_ordered_stage_keeps_the_order),
        CASE(an_unordered_stage_overtakes),    CASE(ordered_stages_may_drop_items),
        CASE(a_drain_waits_for_who_takes),     CASE(an_empty_output_makes_takers_wait),
    };
    return cmocka_run_group_tests_name("coordination: pipeline", cases, NULL, NULL);
}
