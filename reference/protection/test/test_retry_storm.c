/* test_retry_storm.c - the other side is away for 10 s and 500 items want it (I15), in virtual time: with
 * what goes wrong, and with backoff, jitter, a gate and items that wait without a slot.
 */
#include "../chance.h"
#include "admission.h"
#include "protection_test.h"
#include "retry.h"

enum { ITEMS = 500, CALLS_MOST = 20000 };

struct storm {
    struct future *future;
    struct pool_admission *gate; /* NULL: none */
    struct pool_retry_policy policy;
    struct pool_retry retries[ITEMS];
    struct pool_admission_pass passes[ITEMS];
    bool asked_again;                /* the gate is asked again when it said it would be worth it */
    int queue[ITEMS], first, queued; /* items that are due and wait for the gate */
    uint64_t away_until, calls[CALLS_MOST], chance;
    int call_count, in_flight, peak, finished, given_up;
};

static void call_ends(void *world, uint64_t item);

/* A call takes 100 to 300 ms, or 10 ms to fail. */
static void call_begins(struct storm *storm, uint64_t item)
{
    uint64_t now = future_now(storm->future);
    uint64_t length = now < storm->away_until ? 10 * MS : (100 + pool_chance_up_to(&storm->chance, 200)) * MS;
    storm->calls[storm->call_count++] = now;
    storm->in_flight++;
    storm->peak = storm->in_flight > storm->peak ? storm->in_flight : storm->peak;
    future_plan(storm->future, length, call_ends, item << 1 | (now >= storm->away_until));
}

static void serve(struct storm *storm);

static void ask_again(void *world, uint64_t what)
{
    struct storm *storm = world;
    (void)what;
    storm->asked_again = false;
    serve(storm);
}

static bool let_in(struct storm *storm, int item)
{
    struct pool_admission_pass *pass = &storm->passes[item];
    if (!storm->gate || pool_admission_enter(storm->gate, pass) == POOL_OK)
        return true;
    if (pass->reason == POOL_ADMISSION_TOO_FAST && !storm->asked_again) {
        storm->asked_again = true;
        future_plan(storm->future, pass->retry_after, ask_again, 0);
    }
    return false;
}

static void serve(struct storm *storm)
{
    while (storm->queued > 0) {
        int item = storm->queue[storm->first];
        if (!let_in(storm, item))
            return;
        storm->first = (storm->first + 1) % ITEMS;
        storm->queued--;
        call_begins(storm, (uint64_t)item);
    }
}

static void item_is_due(void *world, uint64_t item)
{
    struct storm *storm = world;
    storm->queue[(storm->first + storm->queued++) % ITEMS] = (int)item;
    serve(storm);
}

static void call_ends(void *world, uint64_t what)
{
    struct storm *storm = world;
    uint64_t item = what >> 1, delay;
    storm->in_flight--;
    if (storm->gate)
        assert_status(pool_admission_leave(storm->gate, &storm->passes[item]), POOL_OK);
    if (what & 1)
        storm->finished++;
    else if (pool_retry_next(&storm->retries[item], 0, &delay) == POOL_OK)
        future_plan(storm->future, delay, item_is_due, item);
    else
        storm->given_up++;
    serve(storm);
}

/* RATE calls a second and 32 at once; 0: no gate. */
static struct storm *storm_run(struct pool_retry_policy policy, uint64_t rate)
{
    struct storm *storm = calloc(1, sizeof *storm);
    storm->future = future_create();
    storm->policy = policy;
    storm->policy.clock = &storm->future->clock.clock;
    storm->away_until = future_now(storm->future) + 10 * POOL_SECOND;
    struct pool_admission_options options = {
        .tokens = rate, .period = POOL_SECOND, .burst = 5, .limit = 32, .clock = &storm->future->clock.clock};
    if (rate)
        assert_status(pool_admission_create(&storm->gate, &options), POOL_OK);
    for (uint64_t i = 0; i < ITEMS; i++) {
        assert_status(pool_retry_begin(&storm->retries[i], &storm->policy, NULL, i), POOL_OK);
        future_plan(storm->future, 0, item_is_due, i);
    }
    future_run(storm->future, storm, 120 * POOL_SECOND);
    assert_int_equal(storm->finished + storm->given_up, ITEMS);
    assert_int_equal(storm->in_flight, 0);
    return storm;
}

static void storm_destroy(struct storm *storm)
{
    pool_admission_destroy(storm->gate);
    free(storm->future);
    free(storm);
}

/* The most calls that begin in any 100 ms after the recovery, in percent of the mean of such 100 ms. */
static uint64_t herd(const struct storm *storm)
{
    int first = 0, most = 0;
    while (first < storm->call_count && storm->calls[first] < storm->away_until)
        first++;
    int count = storm->call_count - first;
    for (int last = first, from = first; last < storm->call_count; last++) {
        while (storm->calls[last] - storm->calls[from] >= 100 * MS)
            from++;
        most = last - from + 1 > most ? last - from + 1 : most;
    }
    uint64_t span = storm->calls[storm->call_count - 1] - storm->calls[first];
    return (uint64_t)most * 100 * (span / (100 * MS) + 1) / (uint64_t)count;
}

static void without_jitter_and_cap_recovery_is_hit_by_the_whole_herd(void **state)
{
    (void)state;
    struct pool_retry_policy policy = {.attempts = 20,
                                       .base = POOL_SECOND,
                                       .most = POOL_SECOND,
                                       .total = POOL_RETRY_NO_DEADLINE,
                                       .jitter = POOL_JITTER_NONE};
    struct storm *storm = storm_run(policy, 0);
    assert_int_equal(storm->peak, ITEMS);
    assert_int_equal(storm->finished, ITEMS);
    assert_true(storm->call_count >= 10 * ITEMS); /* once a second each, all in vain */
    storm_destroy(storm);
}

static void three_tries_a_second_apart_lose_every_item(void **state)
{
    (void)state;
    struct pool_retry_policy policy = {.attempts = 3,
                                       .base = POOL_SECOND,
                                       .most = POOL_SECOND,
                                       .total = POOL_RETRY_NO_DEADLINE,
                                       .jitter = POOL_JITTER_NONE};
    struct storm *storm = storm_run(policy, 0);
    assert_int_equal(storm->given_up, ITEMS);
    storm_destroy(storm);
}

static const struct pool_retry_policy with_jitter = {.attempts = 8,
                                                     .base = POOL_SECOND,
                                                     .most = 4 * POOL_SECOND,
                                                     .total = POOL_RETRY_NO_DEADLINE,
                                                     .jitter = POOL_JITTER_ADDED};

static void jitter_alone_still_goes_beyond_the_cap(void **state)
{
    (void)state;
    struct storm *storm = storm_run(with_jitter, 0);
    assert_int_equal(storm->finished, ITEMS);
    assert_true(storm->peak > 32);
    assert_true(herd(storm) > 200);
    storm_destroy(storm);
}

/* Four jittered waits add up to a bell curve, and its middle comes as a herd: a cap without a rate. */
static void a_cap_alone_still_starts_many_at_once(void **state)
{
    (void)state;
    struct storm *storm = storm_run(with_jitter, 1000000);
    assert_in_range(storm->peak, 1, 32);
    assert_true(herd(storm) > 200);
    storm_destroy(storm);
}

/* I15's line: backoff 1, 2, 4 s plus up to 1 s, due items in a queue, 32 at once and 125 a second. Who waits
 * holds no place: the gate has never more inside than calls are under way. */
static void backoff_jitter_and_a_gate_make_a_calm_recovery(void **state)
{
    (void)state;
    struct storm *storm = storm_run(with_jitter, 125);
    struct pool_admission_counts counts = pool_admission_counts(storm->gate);
    assert_int_equal(storm->finished, ITEMS);
    assert_in_range(storm->peak, 1, 32);
    assert_int_equal(counts.peak, storm->peak);
    assert_int_equal(counts.entered, storm->call_count);
    assert_in_range(herd(storm), 100, 200);
    storm_destroy(storm);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(without_jitter_and_cap_recovery_is_hit_by_the_whole_herd),
        CASE(three_tries_a_second_apart_lose_every_item),
        CASE(jitter_alone_still_goes_beyond_the_cap),
        CASE(a_cap_alone_still_starts_many_at_once),
        CASE(backoff_jitter_and_a_gate_make_a_calm_recovery),
    };
    return cmocka_run_group_tests_name("protection: retry storm", cases, NULL, NULL);
}
