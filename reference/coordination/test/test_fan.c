/* test_fan.c - map, quorum, first: results in order, limits, early ends, helpers that are not to be had. */
#include "coordination_test.h"
#include "fan.h"

enum { CALLS = 24 };

/* What the calls of one case share. */
struct board {
    struct pool *pool; /* NULL: threads of the fan's own */
    struct pool_fan fan;
    struct gate gate;
    atomic_int called, running, peak, saw_cancel;
    int errors[CALLS];      /* what each call answers */
    bool gated[CALLS];      /* it stops in the gate first */
    bool until_told[CALLS]; /* it stays until it is told that its result is not wanted */
    struct pool_fan_slot slots[CALLS];
};

static int call(void *context, size_t index, struct pool_group *group, void **value)
{
    struct board *board = context;
    int now = atomic_fetch_add(&board->running, 1) + 1;
    for (int peak = board->peak; now > peak && !atomic_compare_exchange_weak(&board->peak, &peak, now);)
        ;
    atomic_fetch_add(&board->called, 1);
    if (board->gated[index])
        gate_pass(&board->gate);
    while (board->until_told[index] && !pool_group_is_cancelled(group))
        sched_yield();
    if (pool_group_is_cancelled(group))
        atomic_fetch_add(&board->saw_cancel, 1);
    *value = (void *)(uintptr_t)(index + 100);
    atomic_fetch_sub(&board->running, 1);
    return board->errors[index];
}

static void board_set(struct board *board, unsigned workers, size_t limit)
{
    memset(board, 0, sizeof *board);
    gate_init(&board->gate);
    if (workers > 0) {
        struct pool_options options = {.workers = workers, .capacity = 4};
        assert_int_equal(pool_create(&board->pool, &options), POOL_OK);
    }
    board->fan = (struct pool_fan){.pool = board->pool, .limit = limit, .call = call, .context = board};
}

static void board_clear(struct board *board)
{
    pool_destroy(board->pool);
    gate_release(&board->gate);
}

/* Each case that says so runs on threads (0 workers) and on pools of one and three workers. */
static unsigned worker_counts[] = {0, 1, 3};

static unsigned workers_of(void **state)
{
    return *(unsigned *)*state;
}

#define EVERYWHERE(function)                                                                                 \
    {#function " (threads)", function, case_begins, NULL, &worker_counts[0]},                                \
        {#function " (1 worker)", function, case_begins, NULL, &worker_counts[1]},                           \
    {                                                                                                        \
#function " (3 workers)", function, case_begins, NULL, &worker_counts[2]                             \
    }

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    struct board board;
    size_t winner = 77;
    board_set(&board, 0, 1);
    struct pool_fan wrong = board.fan;
    wrong.limit = 0;
    assert_int_equal(pool_fan_map(&wrong, 1, board.slots), POOL_INVALID);
    wrong = board.fan;
    wrong.call = NULL;
    assert_int_equal(pool_fan_map(&wrong, 1, board.slots), POOL_INVALID);
    assert_int_equal(pool_fan_map(NULL, 1, board.slots), POOL_INVALID);
    assert_int_equal(pool_fan_map(&board.fan, 1, NULL), POOL_INVALID);
    assert_int_equal(pool_fan_quorum(&board.fan, 3, 0, board.slots), POOL_INVALID);
    assert_int_equal(pool_fan_quorum(&board.fan, 3, 4, board.slots), POOL_INVALID);
    assert_int_equal(pool_fan_quorum(&board.fan, 0, 0, board.slots), POOL_INVALID);
    assert_int_equal(pool_fan_quorum(NULL, 3, 1, board.slots), POOL_INVALID);
    assert_int_equal(pool_fan_first(&board.fan, 0, board.slots, &winner), POOL_INVALID);
    assert_int_equal(pool_fan_first(NULL, 1, board.slots, &winner), POOL_INVALID);
    assert_int_equal(pool_fan_map(&board.fan, 0, board.slots), POOL_OK); /* nothing to do is done */
    assert_true(winner == 77 && board.called == 0);
    board_clear(&board);
}

static void results_are_in_order(void **state)
{
    struct board board;
    board_set(&board, workers_of(state), 4);
    assert_int_equal(pool_fan_map(&board.fan, CALLS, board.slots), POOL_OK);
    for (size_t i = 0; i < CALLS; i++) {
        assert_true(board.slots[i].status == POOL_OK && board.slots[i].error == 0);
        assert_int_equal((uintptr_t)board.slots[i].value, i + 100);
    }
    assert_int_equal(board.called, CALLS);
    assert_in_range(board.peak, 1, 4);
    assert_int_equal(board.saw_cancel, 0); /* all results are wanted to the end */
    board_clear(&board);
}

static enum pool_status map_it(void *arg)
{
    struct board *board = arg;
    return pool_fan_map(&board->fan, CALLS, board->slots);
}

/* Helpers there are: with a limit of three, three calls stand in the gate at once, and a fourth does not
 * begin. */
static void so_many_at_once(void **state)
{
    struct board board;
    struct call mapper;
    board_set(&board, workers_of(state) ? 3 : 0, 3);
    for (int i = 0; i < CALLS; i++)
        board.gated[i] = true;
    call_start(&mapper, map_it, &board);
    for (int i = 0; i < 3; i++)
        gate_await(&board.gate);
    assert_int_equal(board.called, 3);
    for (int i = 0; i < CALLS; i++)
        gate_open(&board.gate);
    assert_int_equal(call_join(&mapper), POOL_OK);
    assert_int_equal(board.peak, 3);
    board_clear(&board);
}

/* A call that is still running when the caller has nothing more to do is still wanted. */
static void the_last_one_is_wanted_too(void **state)
{
    struct board board;
    struct call mapper;
    board_set(&board, workers_of(state) ? 3 : 0, 2);
    board.gated[0] = board.gated[1] = true;
    call_start(&mapper, map_it, &board);
    gate_await(&board.gate);
    gate_await(&board.gate);
    gate_open(&board.gate); /* one of the two does all the others */
    AWAIT(board.called == CALLS && board.running == 1);
    gate_open(&board.gate);
    assert_int_equal(call_join(&mapper), POOL_OK);
    assert_int_equal(board.saw_cancel, 0);
    board_clear(&board);
}

static void the_first_failure_ends_a_map(void **state)
{
    struct board board;
    board_set(&board, workers_of(state), 1);
    board.errors[5] = 55;
    assert_int_equal(pool_fan_map(&board.fan, CALLS, board.slots), POOL_FAILED);
    for (size_t i = 0; i < CALLS; i++)
        assert_int_equal(board.slots[i].status, i < 5 ? POOL_OK : i == 5 ? POOL_FAILED : POOL_CANCELLED);
    assert_int_equal(board.slots[5].error, 55);
    assert_int_equal((uintptr_t)board.slots[5].value, 105); /* what it left there is the caller's */
    assert_int_equal(board.called, 6);
    board_clear(&board);
}

static void a_failure_tells_those_that_run(void **state)
{
    struct board board;
    board_set(&board, workers_of(state) ? 3 : 0, 3);
    board.until_told[0] = board.until_told[1] = true;
    board.errors[2] = 9;
    assert_int_equal(pool_fan_map(&board.fan, CALLS, board.slots), POOL_FAILED);
    assert_int_equal(board.called, 3);
    assert_int_equal(board.saw_cancel, 2);
    assert_int_equal(board.running, 0); /* nothing runs any more */
    board_clear(&board);
}

static void the_first_success_wins(void **state)
{
    struct board board;
    size_t winner = 77;
    board_set(&board, workers_of(state) ? 3 : 0, 3);
    board.until_told[0] = true;
    board.errors[1] = 4;
    assert_int_equal(pool_fan_first(&board.fan, 3, board.slots, &winner), POOL_OK);
    assert_int_equal(winner, 2);
    assert_int_equal(board.slots[1].status, POOL_FAILED);
    assert_int_equal(board.slots[0].status, POOL_OK); /* it went well too, but later */
    assert_int_equal(board.saw_cancel, 1);
    assert_int_equal(pool_fan_first(&board.fan, 3, board.slots, NULL), POOL_OK); /* who need not know */
    board_clear(&board);
}

static void first_goes_on_until_one_goes_well(void **state)
{
    struct board board;
    size_t winner = 77;
    board_set(&board, workers_of(state), 1);
    for (int i = 0; i < 5; i++)
        board.errors[i] = 1;
    assert_int_equal(pool_fan_first(&board.fan, 5, board.slots, &winner), POOL_FAILED);
    assert_true(winner == 77 && board.called == 5);
    assert_int_equal(pool_fan_first(&board.fan, CALLS, board.slots, &winner), POOL_OK);
    assert_int_equal(winner, 5);
    assert_int_equal(board.called, 5 + 6);
    board_clear(&board);
}

static void a_quorum_ends_when_it_is_decided(void **state)
{
    struct board board;
    board_set(&board, workers_of(state), 1);
    board.errors[0] = 1;
    assert_int_equal(pool_fan_quorum(&board.fan, 5, 2, board.slots), POOL_OK);
    assert_int_equal(board.called, 3); /* one failed, two went well */
    assert_int_equal(board.slots[3].status, POOL_CANCELLED);
    board.errors[2] = 1;
    board.called = 0;
    assert_int_equal(pool_fan_quorum(&board.fan, 5, 4, board.slots), POOL_FAILED);
    assert_int_equal(board.called, 3); /* two of five failed: four cannot be had */
    board_clear(&board);
}

/* --- helpers that are not to be had ------------------------------------------------------------------- */

static void without_helpers_the_caller_does_it_all(void **state)
{
    (void)state;
    struct board board;
    struct gate elsewhere;
    gate_init(&elsewhere);
    board_set(&board, 1, 8);
    assert_int_equal(pool_submit(board.pool, gate_pass, &elsewhere), POOL_OK); /* the worker is busy */
    gate_await(&elsewhere);
    assert_int_equal(pool_fan_map(&board.fan, CALLS, board.slots),
                     POOL_OK); /* its queue is too short as well */
    assert_true(board.called == CALLS && board.peak == 1);
    gate_open(&elsewhere);
    assert_int_equal(pool_stop(board.pool), POOL_OK);
    assert_int_equal(pool_fan_map(&board.fan, CALLS, board.slots), POOL_OK); /* the pool is stopped */
    assert_int_equal(board.called, 2 * CALLS);
    board_clear(&board);
    gate_release(&elsewhere);
}

static int map_inside(void *context, size_t index, struct pool_group *group, void **value)
{
    struct board *outer = context, *inner = malloc(sizeof *inner);
    (void)index;
    (void)group;
    (void)value;
    memset(inner, 0, sizeof *inner);
    inner->fan = (struct pool_fan){.pool = outer->pool, .limit = 4, .call = call, .context = inner};
    enum pool_status status = pool_fan_map(&inner->fan, CALLS, inner->slots);
    atomic_fetch_add(&outer->called, inner->called);
    free(inner);
    return status == POOL_OK ? 0 : 1;
}

static void fans_may_be_nested_on_one_pool(void **state)
{
    struct board board;
    board_set(&board, workers_of(state), 4);
    board.fan.call = map_inside;
    assert_int_equal(pool_fan_map(&board.fan, CALLS, board.slots), POOL_OK);
    assert_int_equal(board.called, CALLS * CALLS);
    board_clear(&board);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(wrong_arguments_are_refused),
        EVERYWHERE(results_are_in_order),
        EVERYWHERE(so_many_at_once),
        EVERYWHERE(the_last_one_is_wanted_too),
        EVERYWHERE(the_first_failure_ends_a_map),
        EVERYWHERE(a_failure_tells_those_that_run),
        EVERYWHERE(the_first_success_wins),
        EVERYWHERE(first_goes_on_until_one_goes_well),
        EVERYWHERE(a_quorum_ends_when_it_is_decided),
        CASE(without_helpers_the_caller_does_it_all),
        EVERYWHERE(fans_may_be_nested_on_one_pool),
    };
    return cmocka_run_group_tests_name("coordination: fan", cases, NULL, NULL);
}
