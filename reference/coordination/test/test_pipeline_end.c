/* test_pipeline_end.c - the pipeline: failures, cancels, calls from inside, destroy. */
#include "pipeline_test.h"

static void the_first_failure_stops_everything(void **state)
{
    (void)state;
    const struct pool_stage stages[] = {{.step = work, .workers = 1, .capacity = 8},
                                        {.step = work, .workers = 1, .capacity = 8},
                                        {.step = work, .workers = 1, .capacity = 8}};
    struct line line;
    struct pool_pipeline_failure failure = {0};
    void *item;
    line_set(&line, stages, 3, 8);
    line.things[2].gate = &line.gate;
    push(&line, 6);
    gate_await(&line.gate); /* the third item in the first stage */
    gate_open(&line.gate);
    gate_await(&line.gate); /* and in the second: items 0 and 1 are through */
    AWAIT(pool_pipeline_stage_counts(line.pipeline, 2).passed == 2 && stage(&line, 1).queued == 3);
    line.things[2].error = 99; /* it is in the gate: nobody reads this before the gate opens */
    gate_open(&line.gate);
    assert_int_equal(pool_pipeline_drain(line.pipeline, &failure), POOL_FAILED);
    assert_true(failure.stage == 1 && failure.error == 99);
    for (int i = 0; i < 6; i++)
        assert_int_equal(line.things[i].discarded, i != 2); /* the failing step had its item for itself */
    struct pool_pipeline_counts counts = pool_pipeline_counts(line.pipeline);
    assert_true(counts.failed == 1 && counts.discarded == 5 && counts.workers == 0);
    assert_ledger(&line);
    assert_int_equal(pool_pipeline_push(line.pipeline, &line.things[7]), POOL_CANCELLED);
    assert_int_equal(pool_pipeline_try_push(line.pipeline, &line.things[7]), POOL_CANCELLED);
    assert_int_equal(pool_pipeline_take(line.pipeline, &item), POOL_CANCELLED);
    assert_int_equal(pool_pipeline_cancel(line.pipeline), POOL_OK); /* the first reason stays */
    assert_int_equal(pool_pipeline_drain(line.pipeline, NULL), POOL_FAILED);
    line_clear(&line);
}

/* A step that runs during a cancel finishes, and what it puts out is thrown away. */
static void a_cancel_waits_for_no_step_but_a_drain_does(void **state)
{
    (void)state;
    const struct pool_stage stages[] = {{.step = work, .workers = 1, .capacity = 8},
                                        {.step = work, .workers = 1, .capacity = 8}};
    struct line line;
    struct call drain;
    line_set(&line, stages, 2, 8);
    line.things[0].gate = &line.gate;
    push(&line, 4);
    gate_await(&line.gate);
    assert_int_equal(pool_pipeline_cancel(line.pipeline), POOL_OK);
    for (int i = 0; i < 4; i++)
        assert_int_equal(line.things[i].discarded, i > 0); /* already, while the step runs */
    call_start(&drain, drain_it, &line);
    AWAIT(pool_pipeline_counts(line.pipeline).draining == 1);
    assert_false(drain.returned);
    gate_open(&line.gate);
    assert_int_equal(call_join(&drain), POOL_CANCELLED);
    assert_true(line.things[0].worked == 1 && line.things[0].discarded == 1);
    assert_ledger(&line);
    line_clear(&line);
}

static void a_cancel_lets_everybody_out(void **state)
{
    (void)state;
    const struct pool_stage stages[] = {
        {.step = work, .workers = 3, .capacity = 1, .order = POOL_STAGE_ORDERED}};
    struct line line;
    struct call pusher, taker;
    line_set(&line, stages, 1, 1);
    line.things[0].gate = &line.gate;
    push(&line, 3);
    gate_await(&line.gate);
    AWAIT(stage(&line, 0).waiting == 2);
    push(&line, 1);
    call_start(&pusher, push_one, &line);
    call_start(&taker, take_one, &line);
    AWAIT(pool_pipeline_counts(line.pipeline).blocked == 1);
    assert_int_equal(pool_pipeline_cancel(line.pipeline), POOL_OK);
    assert_int_equal(call_join(&pusher), POOL_CANCELLED);
    assert_int_equal(call_join(&taker), POOL_CANCELLED);
    AWAIT(stage(&line, 0).waiting == 0); /* though the one before them is still in its step */
    gate_open(&line.gate);
    assert_int_equal(pool_pipeline_drain(line.pipeline, NULL), POOL_CANCELLED);
    assert_int_equal(pool_pipeline_counts(line.pipeline).discarded, 4);
    assert_ledger(&line);
    line_clear(&line);
}

/* A worker that waits for room behind it is let out as well, with its item. */
/* What a step has used up is used up, also when the cancel comes before its turn. */
static void a_cancel_does_not_forget_what_was_consumed(void **state)
{
    (void)state;
    const struct pool_stage ordered = {
        .step = consume, .workers = 2, .capacity = 4, .order = POOL_STAGE_ORDERED};
    struct line line;
    line_set(&line, &ordered, 1, 0);
    line.things[0].gate = &line.gate;
    push(&line, 2);
    gate_await(&line.gate);
    AWAIT(stage(&line, 0).waiting == 1);
    assert_int_equal(pool_pipeline_cancel(line.pipeline), POOL_OK);
    AWAIT(stage(&line, 0).waiting == 0); /* though the one before is still in its step */
    gate_open(&line.gate);
    assert_int_equal(pool_pipeline_drain(line.pipeline, NULL), POOL_CANCELLED);
    assert_int_equal(pool_pipeline_counts(line.pipeline).consumed, 2);
    assert_ledger(&line);
    line_clear(&line);
}

static void a_cancel_lets_blocked_workers_out(void **state)
{
    (void)state;
    const struct pool_stage stages[] = {{.step = work, .workers = 2, .capacity = 4}};
    struct line line;
    line_set(&line, stages, 1, 1);
    push(&line, 3);
    AWAIT(stage(&line, 0).blocked == 2);
    assert_int_equal(pool_pipeline_cancel(line.pipeline), POOL_OK);
    assert_int_equal(pool_pipeline_drain(line.pipeline, NULL), POOL_CANCELLED);
    for (int i = 0; i < 3; i++)
        assert_true(line.things[i].worked == 1 && line.things[i].discarded == 1);
    assert_ledger(&line);
    line_clear(&line);
}

/* --- from inside -------------------------------------------------------------------------------------- */

struct answers {
    struct line *line;
    struct thing extra[3];
    enum pool_status push, full, try, until, take, drain, later;
};

static int ask_from_inside(void *context, void *item, void **out)
{
    struct answers *answers = context;
    struct pool_pipeline *pipeline = answers->line->pipeline;
    struct timespec past = in_the_past();
    void *none;

    *out = item;
    if (item != &answers->line->things[0])
        return 0;
    answers->push = pool_pipeline_push(pipeline, &answers->extra[0]);
    answers->full = pool_pipeline_push(pipeline, &answers->extra[1]);
    answers->try = pool_pipeline_try_push(pipeline, &answers->extra[1]);
    answers->until = pool_pipeline_push_until(pipeline, &answers->extra[1], &past);
    answers->take = pool_pipeline_take(pipeline, &none);
    answers->drain = pool_pipeline_drain(pipeline, NULL);
    answers->later = pool_pipeline_drain_until(pipeline, &past, NULL);
    return 0;
}

static void a_step_cannot_wait_for_its_own_pipeline(void **state)
{
    (void)state;
    struct line line;
    struct answers answers = {.line = &line};
    const struct pool_stage stages[] = {
        {.step = ask_from_inside, .context = &answers, .workers = 1, .capacity = 1}};
    line_set(&line, stages, 1, 4);
    push(&line, 1);
    AWAIT(stage(&line, 0).passed == 2);
    assert_int_equal(answers.push, POOL_OK); /* a step may feed its own pipeline while there is room */
    assert_int_equal(answers.full, POOL_WOULD_DEADLOCK);
    assert_int_equal(answers.try, POOL_FULL);
    assert_int_equal(answers.until, POOL_TIMED_OUT);
    assert_int_equal(answers.take, POOL_WOULD_DEADLOCK);
    assert_int_equal(answers.drain, POOL_WOULD_DEADLOCK);
    assert_int_equal(answers.later, POOL_WOULD_DEADLOCK);
    assert_int_equal(take(&line), 0);
    line_clear(&line);
}

static int take_one_inside(void *context, void *item, void **out)
{
    struct answers *answers = context;
    void *other;
    *out = item;
    if (item == &answers->line->things[1])
        answers->take = pool_pipeline_take(answers->line->pipeline, &other);
    if (item == &answers->line->things[2])
        (void)pool_pipeline_cancel(answers->line->pipeline); /* does not wait: fine from inside */
    return 0;
}

static void a_step_may_take_and_cancel(void **state)
{
    (void)state;
    struct line line;
    struct answers answers = {.line = &line};
    const struct pool_stage stages[] = {
        {.step = take_one_inside, .context = &answers, .workers = 1, .capacity = 4}};
    line_set(&line, stages, 1, 4);
    push(&line, 3);
    AWAIT(pool_pipeline_counts(line.pipeline).workers == 0);
    assert_int_equal(answers.take, POOL_OK);
    assert_int_equal(pool_pipeline_drain(line.pipeline, NULL), POOL_CANCELLED);
    assert_ledger(&line);
    line_clear(&line);
}

/* --- destroy ------------------------------------------------------------------------------------------ */

static void a_destroy_throws_out_what_is_left(void **state)
{
    (void)state;
    const struct pool_stage stages[] = {{.step = work, .workers = 1, .capacity = 8}};
    struct line line;
    struct call pusher, destroy;
    line_set(&line, stages, 1, 2);
    push(&line, 11); /* two in the output, one in the worker's hands, eight in front */
    call_start(&pusher, push_one, &line);
    AWAIT(pool_pipeline_counts(line.pipeline).blocked == 1);
    call_start(&destroy, destroy_it, &line);
    assert_int_equal(call_join(&pusher), POOL_CANCELLED);
    assert_int_equal(call_join(&destroy), POOL_OK);
    for (int i = 0; i < 11; i++)
        assert_int_equal(line.things[i].discarded, 1);
    assert_int_equal(line.things[ITEMS - 1].discarded, 0); /* refused: still its caller's */
    line.pipeline = NULL;
    line_clear(&line);
}

static void discarding_needs_no_function(void **state)
{
    (void)state;
    const struct pool_stage stages[] = {{.step = work, .workers = 1, .capacity = 8}};
    struct pool_pipeline_options options = {.stages = stages, .count = 1, .output = 1};
    struct line line = {.pushed = 0};
    gate_init(&line.gate);
    assert_int_equal(pool_pipeline_create(&line.pipeline, &options), POOL_OK);
    push(&line, 5);
    assert_int_equal(pool_pipeline_cancel(line.pipeline), POOL_OK);
    assert_int_equal(pool_pipeline_drain(line.pipeline, NULL), POOL_CANCELLED);
    assert_ledger(&line);
    line_clear(&line);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(the_first_failure_stops_everything), CASE(a_cancel_waits_for_no_step_but_a_drain_does),
        CASE(a_cancel_lets_everybody_out),        CASE(a_cancel_does_not_forget_what_was_consumed),
        CASE(a_cancel_lets_blocked_workers_out),  CASE(a_step_cannot_wait_for_its_own_pipeline),
        CASE(a_step_may_take_and_cancel),         CASE(a_destroy_throws_out_what_is_left),
        CASE(discarding_needs_no_function),
    };
    return cmocka_run_group_tests_name("coordination: the end of a pipeline", cases, NULL, NULL);
}
