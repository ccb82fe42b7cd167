/* test_incidents.c - the deciders on the recorded loads: the numbers of incidents I04, I05 and I46, in
 * virtual time.
 *
 * The same simulation as bench_deciders', with several seeds. Each "repaired" case stands beside the
 * unrepaired one, which must show the trouble: a bound that the broken controller keeps as well would prove
 * nothing.
 */
#include "scaling_test.h"
#include "../bench/figures.h"

/* One thread runs all this, so the sanitizers and Valgrind get one seed, for the sake of time. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define SLOW
#endif
#endif
#if defined(SLOW) || defined(DEEPEND_VALGRIND_ATOMICS_H)
enum { SEEDS = 1 };
#else
enum { SEEDS = 5 };
#endif

static struct run *play(enum contestant_name who, enum load_name load, enum plant_kind kind, unsigned ceiling,
                        uint64_t seed)
{
    struct run *run = malloc(sizeof *run);
    assert_non_null(run);
    run_make(run, who, &loads[load], kind, ceiling, seed);
    assert_int_equal(run->plant.lines, (size_t)(loads[load].seconds * 10 + 0.5));
    return run;
}

static void end_of(struct run *run)
{
    run_release(run);
    free(run);
}

/* --- I04: flapping ------------------------------------------------------------------------------------- */

static double resizes_in_noise(enum contestant_name who, uint64_t seed)
{
    struct run *run = play(who, LOAD_NOISE, PLANT_PLAIN, 0, seed);
    double resizes = run_figures(run).resizes_a_minute;
    end_of(run);
    return resizes;
}

static void one_threshold_flaps(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        assert_true(resizes_in_noise(ONE_THRESHOLD, seed) > 30);
        assert_true(resizes_in_noise(ONE_SMOOTHED, seed) > 30); /* smoothing is no cure */
    }
}

static void a_band_with_cooldowns_is_still(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        assert_true(resizes_in_noise(BAND, seed) <= 6);
        assert_true(resizes_in_noise(NARROW_BAND, seed) <= 6);
    }
}

/* Huge smoothing: the lag makes it swing, and the promise is broken in mere noise. */
static void too_much_smoothing_swings(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct run *lag = play(ONE_SMOOTHED, LOAD_NOISE, PLANT_PLAIN, 0, seed);
        struct run *raw = play(ONE_THRESHOLD, LOAD_NOISE, PLANT_PLAIN, 0, seed);
        struct figures of_lag = run_figures(lag), of_raw = run_figures(raw);
        assert_true(of_lag.most - of_lag.least > 2 * (of_raw.most - of_raw.least));
        assert_true(of_lag.late > of_raw.late);
        end_of(lag);
        end_of(raw);
    }
}

static void a_fourfold_step_is_reached_within_ten_seconds(void **state)
{
    static const enum contestant_name repaired[] = {BAND, NARROW_BAND};
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        for (size_t i = 0; i < 2; i++) {
            struct run *run = play(repaired[i], LOAD_STEP, PLANT_PLAIN, 0, seed);
            struct figures figures = run_figures(run);
            assert_true(figures.reached <= 10);
            assert_true(figures.kept_again <= 15); /* and the queue that grew meanwhile is worked off */
            assert_true(figures.kept_again > 0);   /* there was one */
            end_of(run);
        }
}

static void floor_and_ceiling_are_never_crossed(void **state)
{
    (void)state;
    for (enum contestant_name who = 0; who < CONTESTANTS; who++)
        for (enum load_name load = LOAD_STEP; load <= (SEEDS == 1 ? LOAD_STEP : LOAD_SAW); load++) {
            struct run *run = play(who, load, PLANT_PLAIN, 60, 1); /* low enough to be touched */
            struct figures figures = run_figures(run);
            assert_true(figures.least >= RUN_FLOOR && figures.most <= 60);
            struct pool_controller_state now = pool_controller_state(run->controller);
            assert_int_equal(now.decisions, run->plant.lines);
            end_of(run);
        }
}

/* --- I05: growing into a sick downstream --------------------------------------------------------------- */

static double still_to_run(const struct run *run)
{
    return run->plant.load->seconds - run->plant.load->slow_to;
}

static void without_guards_it_stays_sick(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct run *run = play(NARROW_BAND, LOAD_SLOW, PLANT_BARE, 0, seed);
        struct sickness it = run_sickness(run);
        assert_true(it.healthy_after > still_to_run(run) - 1); /* to the end, long after the cause has gone */
        assert_int_equal(run_figures(run).most, RUN_CEILING);
        end_of(run);
    }
}

static void a_breaker_alone_is_not_enough(void **state)
{
    int never = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct run *run = play(NARROW_BAND, LOAD_SLOW, PLANT_GUARDED, 0, seed);
        struct sickness it = run_sickness(run);
        assert_true(it.grew > 0);
        assert_true(it.peak > 1.2 * it.healthy_peak);
        never += it.healthy_after > still_to_run(run) - 1;
        end_of(run);
    }
    assert_true(never > SEEDS / 3); /* the others found back by luck */
}

static void vetoes_keep_it_from_growing_into_it(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct run *run = play(VETOED, LOAD_SLOW, PLANT_GUARDED, 0, seed);
        struct sickness it = run_sickness(run);
        assert_int_equal(it.grew, 0);
        assert_int_equal(it.moved_open, 0);
        assert_true(it.peak <= 1.2 * it.healthy_peak);
        assert_true(it.healthy_after <= 10);
        assert_true(run->plant.breaker.most_probes == PLANT_PROBES); /* it did open */
        end_of(run);
    }
}

/* --- I46: integral windup ------------------------------------------------------------------------------ */

static void a_guarded_pid_leaves_the_ceiling(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct run *run = play(PID_EXACT, LOAD_FLOOD, PLANT_PLAIN, FLOOD_CEILING, seed);
        struct windup it = run_windup(run);
        assert_true(it.left <= 10);
        assert_true(it.overshoot <= 0.10);
        assert_true(fabs(it.steady) <= 0.02);
        assert_true(run->plant.refused > 0); /* it was above the ceiling */
        end_of(run);
    }
}

static void an_unguarded_one_stays_for_long(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct run *run = play(PID_WINDING, LOAD_FLOOD, PLANT_PLAIN, FLOOD_CEILING, seed);
        assert_true(run_windup(run).left > 10);
        end_of(run);
    }
}

/* --- the simulation itself ----------------------------------------------------------------------------- */

static size_t lines_that_differ(const struct run *a, const struct run *b)
{
    size_t count = 0;
    for (size_t i = 0; i < a->plant.lines; i++) {
        const struct plant_line *x = &a->plant.history[i], *y = &b->plant.history[i];
        count += x->size != y->size || x->queued != y->queued || x->dwell != y->dwell ||
                 x->utilisation != y->utilisation || x->errors != y->errors;
    }
    return count;
}

static void a_run_is_the_same_every_time(void **state)
{
    struct run *first = play(PID, LOAD_STEP, PLANT_PLAIN, 0, 3),
               *second = play(PID, LOAD_STEP, PLANT_PLAIN, 0, 3);
    struct run *other = play(PID, LOAD_STEP, PLANT_PLAIN, 0, 4);
    (void)state;
    assert_int_equal(lines_that_differ(first, second), 0);
    assert_true(lines_that_differ(first, other) > 100);
    end_of(first);
    end_of(second);
    end_of(other);
}

/* Nothing is lost in the plant: what arrived has ended, was refused, waits or runs. */
static void the_plants_ledger_balances(void **state)
{
    (void)state;
    for (enum plant_kind kind = PLANT_PLAIN; kind <= PLANT_GUARDED; kind++) {
        struct run *run = play(NARROW_BAND, kind == PLANT_PLAIN ? LOAD_STEP : LOAD_SLOW, kind, 0, 2);
        const struct plant *plant = &run->plant;
        assert_true(plant->arrived > 10000);
        assert_int_equal(plant->arrived, plant->ended + plant->refused + plant->queued + plant->busy);
        end_of(run);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(one_threshold_flaps),
        CASE(a_band_with_cooldowns_is_still),
        CASE(too_much_smoothing_swings),
        CASE(a_fourfold_step_is_reached_within_ten_seconds),
        CASE(floor_and_ceiling_are_never_crossed),
        CASE(without_guards_it_stays_sick),
        CASE(a_breaker_alone_is_not_enough),
        CASE(vetoes_keep_it_from_growing_into_it),
        CASE(a_guarded_pid_leaves_the_ceiling),
        CASE(an_unguarded_one_stays_for_long),
        CASE(a_run_is_the_same_every_time),
        CASE(the_plants_ledger_balances),
    };
    return cmocka_run_group_tests_name("scaling: incidents", cases, NULL, NULL);
}
