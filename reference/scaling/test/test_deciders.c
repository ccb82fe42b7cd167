/* test_deciders.c - each decider on hand-made samples: what it wants, where it stays, what it refuses. */
#include "scaling_test.h"
#include "deciders.h"
#include <limits.h>

static struct pool_sample sample_of(unsigned workers, enum pool_signal signal, double value)
{
    struct pool_sample sample = {.at = 1000 * POOL_SECOND, .workers = workers};
    sample.value[signal] = value;
    return sample;
}

static unsigned ask(const struct pool_decider *decider, unsigned workers, enum pool_signal signal,
                    double value)
{
    struct pool_sample sample = sample_of(workers, signal, value);
    return pool_decide(decider, &sample);
}

/* --- threshold ----------------------------------------------------------------------------------------- */

static void a_band_has_three_answers(void **state)
{
    struct pool_threshold band = {POOL_SIGNAL_FILL, 0.75, 0.10, 1.5, 0.9};
    struct pool_decider decider;
    (void)state;
    assert_int_equal(pool_threshold_decider(&band, &decider), POOL_OK);
    assert_int_equal(ask(&decider, 40, POOL_SIGNAL_FILL, 0.76), 60);
    assert_int_equal(ask(&decider, 40, POOL_SIGNAL_FILL, 0.75), 40); /* on the line is inside */
    assert_int_equal(ask(&decider, 40, POOL_SIGNAL_FILL, 0.10), 40);
    assert_int_equal(ask(&decider, 40, POOL_SIGNAL_FILL, 0.09), 36);
    assert_int_equal(ask(&decider, 40, POOL_SIGNAL_DEPTH, 99), 36); /* another signal is another matter */
    assert_int_equal(ask(&decider, 40, POOL_SIGNAL_FILL, NAN), 40);
}

static void each_move_is_at_least_one_worker(void **state)
{
    struct pool_threshold ones = {POOL_SIGNAL_UTILISATION, 0.5, 0.5, 1, 1};
    struct pool_decider decider;
    (void)state;
    assert_int_equal(pool_threshold_decider(&ones, &decider), POOL_OK);
    assert_int_equal(ask(&decider, 40, POOL_SIGNAL_UTILISATION, 0.51), 41);
    assert_int_equal(ask(&decider, 40, POOL_SIGNAL_UTILISATION, 0.49), 39);
    assert_int_equal(ask(&decider, 1, POOL_SIGNAL_UTILISATION, 0), 1); /* never 0 */
    assert_int_equal(ask(&decider, 0, POOL_SIGNAL_UTILISATION, 0.5), 1);
    assert_true(ask(&decider, UINT_MAX, POOL_SIGNAL_UTILISATION, 1) == UINT_MAX);
    ones.grow = 1.1; /* 10 x 1.1 is a little above 11 in binary */
    assert_int_equal(ask(&decider, 10, POOL_SIGNAL_UTILISATION, 1), 11);
    ones.shrink = 0; /* settings without state may change between decisions */
    assert_int_equal(ask(&decider, 10, POOL_SIGNAL_UTILISATION, 0), 1);
}

static void thresholds_out_of_range(void **state)
{
    static const struct pool_threshold bad[] = {{POOL_SIGNALS, 0.7, 0.3, 1, 1},
                                                {POOL_SIGNAL_FILL, 0.3, 0.7, 1, 1},
                                                {POOL_SIGNAL_FILL, NAN, 0.7, 1, 1},
                                                {POOL_SIGNAL_FILL, 0.7, 0.3, 0.9, 1},
                                                {POOL_SIGNAL_FILL, 0.7, 0.3, 1, 1.1},
                                                {POOL_SIGNAL_FILL, 0.7, 0.3, 1, -0.1},
                                                {(enum pool_signal) - 1, 0.7, 0.3, 1, 1.0}};
    struct pool_threshold good = {POOL_SIGNAL_FILL, 0.7, 0.3, 1, 1};
    struct pool_decider decider;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct pool_threshold it = bad[i];
        assert_int_equal(pool_threshold_decider(&it, &decider), POOL_INVALID);
    }
    assert_int_equal(pool_threshold_decider(NULL, &decider), POOL_INVALID);
    assert_int_equal(pool_threshold_decider(&good, NULL), POOL_INVALID);
}

/* --- AIMD ---------------------------------------------------------------------------------------------- */

static void up_by_adding_down_by_a_share(void **state)
{
    struct pool_aimd aimd = {POOL_SIGNAL_UTILISATION, 0.75, 0.4, 1, 0.75, POOL_SIGNAL_ERRORS, 0.05};
    struct pool_decider decider;
    (void)state;
    assert_int_equal(pool_aimd_decider(&aimd, &decider), POOL_OK);
    assert_int_equal(ask(&decider, 40, POOL_SIGNAL_UTILISATION, 0.8), 41);
    assert_int_equal(ask(&decider, 40, POOL_SIGNAL_UTILISATION, 0.5), 40);
    assert_int_equal(ask(&decider, 40, POOL_SIGNAL_UTILISATION, 0.3), 30);
    assert_int_equal(ask(&decider, 40, POOL_SIGNAL_UTILISATION, NAN), 40);
    struct pool_sample sample = sample_of(40, POOL_SIGNAL_UTILISATION, 0.9);
    sample.value[POOL_SIGNAL_ERRORS] = 0.06; /* congestion comes before demand */
    assert_int_equal(pool_decide(&decider, &sample), 30);
    aimd.limit = 0; /* none is looked at */
    assert_int_equal(pool_decide(&decider, &sample), 41);
    assert_int_equal(ask(&decider, 1, POOL_SIGNAL_UTILISATION, 0), 1);
    aimd.add = UINT_MAX;
    assert_true(ask(&decider, 40, POOL_SIGNAL_UTILISATION, 0.8) == UINT_MAX);
}

/* Two that share a link and cut when it is full come to equal shares; the other way round they do not (X08).
 */
static void aimd_is_fair_and_its_mirror_is_not(void **state)
{
    (void)state;
    for (int mirror = 0; mirror < 2; mirror++) {
        struct pool_aimd aimd = {POOL_SIGNAL_DEMAND, 100, 100, 1, 0.75, 0, 0};
        struct pool_threshold miad = {POOL_SIGNAL_DEMAND, 100, 100, 1.25, 1};
        struct pool_decider decider;
        unsigned a = 10, b = 80;
        assert_int_equal(
            mirror ? pool_threshold_decider(&miad, &decider) : pool_aimd_decider(&aimd, &decider), POOL_OK);
        for (int i = 0; i < 2000; i++) {
            double spare = a + b < 100 ? 101 : 99; /* above: there is room, below: too full */
            a = ask(&decider, a, POOL_SIGNAL_DEMAND, spare);
            b = ask(&decider, b, POOL_SIGNAL_DEMAND, spare);
        }
        unsigned difference = a > b ? a - b : b - a;
        assert_true(mirror ? difference > 30 : difference < 5);
    }
}

static void aimd_out_of_range(void **state)
{
    static const struct pool_aimd bad[] = {{POOL_SIGNALS, 1, 0, 1, 0.5, 0, 0},
                                           {0, 0, 1, 1, 0.5, 0, 0},
                                           {0, 1, 0, 0, 0.5, 0, 0},
                                           {0, 1, 0, 1, 1.5, 0, 0},
                                           {0, 1, 0, 1, -1, 0, 0},
                                           {0, 1, 0, 1, 0.5, POOL_SIGNALS, 0},
                                           {0, 1, 0, 1, 0.5, 0, -1},
                                           {0, 1, 0, 1, 0.5, 0, NAN}};
    struct pool_aimd good = {0, 1, 0, 1, 0.5, 0, 0};
    struct pool_decider decider;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct pool_aimd it = bad[i];
        assert_int_equal(pool_aimd_decider(&it, &decider), POOL_INVALID);
    }
    assert_int_equal(pool_aimd_decider(NULL, &decider), POOL_INVALID);
    assert_int_equal(pool_aimd_decider(&good, NULL), POOL_INVALID);
}

/* --- PID ----------------------------------------------------------------------------------------------- */

static struct pool_pid pid_of(double kp, double ki, double kd)
{
    return (struct pool_pid){.signal = POOL_SIGNAL_UTILISATION,
                             .target = 0.7,
                             .kp = kp,
                             .ki = ki,
                             .kd = kd,
                             .floor = 1,
                             .ceiling = 1000};
}

static unsigned pid_at(const struct pool_decider *decider, double seconds, unsigned workers, double used)
{
    struct pool_sample sample = sample_of(workers, POOL_SIGNAL_UTILISATION, used);
    sample.at += (uint64_t)(seconds * 1e9);
    return pool_decide(decider, &sample);
}

static void a_pid_starts_without_a_bump(void **state)
{
    struct pool_pid pid = pid_of(0.4, 0.6, 1);
    struct pool_decider decider;
    (void)state;
    assert_int_equal(pool_pid_decider(&pid, &decider), POOL_OK);
    assert_int_equal(pid_at(&decider, 0, 40, 0.7), 40);
    assert_int_equal(pid_at(&decider, 1, 40, 0.7), 40);
    assert_int_equal(pool_pid_decider(&pid, &decider), POOL_OK); /* again: the state is cleared */
    assert_int_equal(pid_at(&decider, 0, 13, 0.7), 13);
}

/* Each part alone, against the formula. */
static void its_three_parts(void **state)
{
    struct pool_decider decider;
    double e = log(0.9 / 0.7);
    (void)state;
    struct pool_pid p = pid_of(0.5, 0, 0);
    assert_int_equal(pool_pid_decider(&p, &decider), POOL_OK);
    pid_at(&decider, 0, 100, 0.7);
    assert_int_equal(pid_at(&decider, 1, 100, 0.9), (int)round(100 * exp(0.5 * e)));
    assert_int_equal(pid_at(&decider, 5, 100, 0.9),
                     (int)round(100 * exp(0.5 * e))); /* it does not grow with time */

    struct pool_pid i = pid_of(0, 0.5, 0);
    assert_int_equal(pool_pid_decider(&i, &decider), POOL_OK);
    pid_at(&decider, 0, 100, 0.7);
    assert_int_equal(pid_at(&decider, 2, 100, 0.9), (int)round(100 * exp(0.5 * e * 2)));
    assert_int_equal(pid_at(&decider, 4, 100, 0.9), (int)round(100 * exp(0.5 * e * 4)));
    assert_int_equal(pid_at(&decider, 4, 100, 0.9),
                     (int)round(100 * exp(0.5 * e * 4))); /* no time, no more */
    assert_int_equal(pid_at(&decider, 3, 100, 0.9), (int)round(100 * exp(0.5 * e * 4))); /* nor backwards */

    struct pool_pid d = pid_of(0, 0, 2);
    assert_int_equal(pool_pid_decider(&d, &decider), POOL_OK);
    pid_at(&decider, 0, 100, 0.7);
    assert_int_equal(pid_at(&decider, 1, 100, 0.9), (int)round(100 * exp(2 * e)));
    assert_int_equal(pid_at(&decider, 2, 100, 0.9), 100); /* a signal that stands has no derivative */
}

/* With the derivative of the error, a new target would look like a fall of the signal. */
static void a_new_target_gives_no_kick(void **state)
{
    struct pool_pid pid = pid_of(0, 0, 5);
    struct pool_decider decider;
    (void)state;
    assert_int_equal(pool_pid_decider(&pid, &decider), POOL_OK);
    pid_at(&decider, 0, 100, 0.7);
    pid_at(&decider, 1, 100, 0.7);
    pid.target = 0.5;
    assert_int_equal(pid_at(&decider, 1.1, 100, 0.7), 100);
}

static void it_finds_the_target_from_any_size(void **state)
{
    static const double loads[] = {3, 30, 300}; /* workers busy */
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct pool_pid pid = pid_of(0.2, 0.6, 0);
        struct pool_decider decider;
        unsigned size = 10;
        pid.tracking = 0.6;
        assert_int_equal(pool_pid_decider(&pid, &decider), POOL_OK);
        for (double at = 0; at < 60; at += 0.1)
            size = pid_at(&decider, at, size, fmin(1, loads[i] / size));
        assert_near(size, loads[i] / 0.7, loads[i] / 0.7 * 0.02 + 0.6); /* one gain, three sizes */
    }
}

/* What the clamp is for: 120 s above the ceiling, then down. */
static double seconds_at_ceiling(struct pool_pid *pid)
{
    struct pool_decider decider;
    unsigned size = 40;
    assert_int_equal(pool_pid_decider(pid, &decider), POOL_OK);
    for (double at = 0; at < 400; at += 0.1) {
        double busy = at < 120 ? 200 : 20;
        size = pid_at(&decider, at, size, fmin(1, busy / size));
        size = size > 64 ? 64 : size; /* the controller's ceiling */
        if (at > 120 && size < 64)
            return at - 120;
    }
    return INFINITY;
}

static void windup_and_both_guards(void **state)
{
    struct pool_pid pid = pid_of(0.4, 0.6, 0);
    (void)state;
    pid.ceiling = 1000000000;
    assert_true(seconds_at_ceiling(&pid) > 10); /* it remembers two minutes of wishing */
    pid.ceiling = 64;
    assert_true(seconds_at_ceiling(&pid) < 2); /* the clamp */
    pid.ceiling = 1000000000;
    pid.tracking = 0.6;
    assert_true(seconds_at_ceiling(&pid) < 2); /* tracking needs to know no ceiling */
}

/* Held back by a cooldown, the wish settles at the size that would be right. */
static void a_blocked_wish_waits_at_the_right_size(void **state)
{
    struct pool_pid pid = pid_of(0, 0.5, 0);
    struct pool_decider decider;
    unsigned wish = 0;
    (void)state;
    pid.tracking = 0.5;
    assert_int_equal(pool_pid_decider(&pid, &decider), POOL_OK);
    for (double at = 0; at < 60; at += 0.1)
        wish = pid_at(&decider, at, 100, 0.35);
    assert_int_equal(wish, 50);
    pid.tracking = 0;
    assert_int_equal(pool_pid_decider(&pid, &decider), POOL_OK);
    for (double at = 0; at < 60; at += 0.1)
        wish = pid_at(&decider, at, 100, 0.35);
    assert_int_equal(wish, 1); /* without tracking it has run away to the floor */
}

static void a_zone_keeps_it_still(void **state)
{
    struct pool_pid pid = pid_of(0.5, 0, 0);
    struct pool_decider decider;
    (void)state;
    pid.zone = 0.1;
    assert_int_equal(pool_pid_decider(&pid, &decider), POOL_OK);
    pid_at(&decider, 0, 100, 0.7);
    assert_int_equal(pid_at(&decider, 1, 100, 0.8), 100); /* it would be 107 */
    assert_int_equal(pid_at(&decider, 2, 100, 0.9), 113);
    assert_int_equal(pid_at(&decider, 3, 100, 0.62), 100);
    assert_int_equal(pid_at(&decider, 4, 100, 0.5), 85);
}

static void a_pid_on_odd_signals(void **state)
{
    struct pool_pid pid = pid_of(0, 1, 1);
    struct pool_decider decider;
    (void)state;
    assert_int_equal(pool_pid_decider(&pid, &decider), POOL_OK);
    assert_int_equal(pid_at(&decider, 0, 0, NAN), 1);
    assert_int_equal(pid_at(&decider, 1, 40, NAN), 1); /* NAN: as at the last one, which was the target */
    assert_int_equal(pid_at(&decider, 2, 40, 0), 1);
    assert_true(isfinite(pid.integral)); /* an idle pool's logarithm is bounded */
    assert_true(pid_at(&decider, 1000, 40, INFINITY) == 1000);
    assert_true(isfinite(pid.integral));
    pid.tracking = 1;
    assert_true(pid_at(&decider, 2000, 0, 0.7) >= 1);
    assert_true(isfinite(pid.integral));
}

static void pid_out_of_range(void **state)
{
    const double bad[] = {-1, NAN, INFINITY};
    struct pool_pid good = pid_of(1, 1, 1);
    struct pool_decider decider;
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct pool_pid it[6] = {good, good, good, good, good, good};
        it[0].target = bad[i];
        it[1].kp = bad[i];
        it[2].ki = bad[i];
        it[3].kd = bad[i];
        it[4].tracking = bad[i];
        it[5].zone = bad[i];
        for (int k = 0; k < 6; k++)
            assert_int_equal(pool_pid_decider(&it[k], &decider), POOL_INVALID);
    }
    struct pool_pid it = good;
    it.floor = 0;
    assert_int_equal(pool_pid_decider(&it, &decider), POOL_INVALID);
    it.floor = it.ceiling + 1;
    assert_int_equal(pool_pid_decider(&it, &decider), POOL_INVALID);
    it = good;
    it.signal = POOL_SIGNALS;
    assert_int_equal(pool_pid_decider(&it, &decider), POOL_INVALID);
    assert_int_equal(pool_pid_decider(NULL, &decider), POOL_INVALID);
    assert_int_equal(pool_pid_decider(&good, NULL), POOL_INVALID);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_band_has_three_answers),
        CASE(each_move_is_at_least_one_worker),
        CASE(thresholds_out_of_range),
        CASE(up_by_adding_down_by_a_share),
        CASE(aimd_is_fair_and_its_mirror_is_not),
        CASE(aimd_out_of_range),
        CASE(a_pid_starts_without_a_bump),
        CASE(its_three_parts),
        CASE(a_new_target_gives_no_kick),
        CASE(it_finds_the_target_from_any_size),
        CASE(windup_and_both_guards),
        CASE(a_blocked_wish_waits_at_the_right_size),
        CASE(a_zone_keeps_it_still),
        CASE(a_pid_on_odd_signals),
        CASE(pid_out_of_range),
    };
    return cmocka_run_group_tests_name("scaling: deciders", cases, NULL, NULL);
}
