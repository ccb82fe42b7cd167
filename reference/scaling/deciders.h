/* deciders.h - from a sample to a wanted size: one small interface, and the deciders behind it.
 *
 *     struct pool_threshold band = {.signal = POOL_SIGNAL_UTILISATION, .high = 0.75, .low = 0.10,
 *                                   .grow = 1.5, .shrink = 0.9};
 *     struct pool_decider decider;
 *     if (pool_threshold_decider(&band, &decider) != POOL_OK) ...  // nonsense in the numbers
 *     unsigned wanted = pool_decide(&decider, &sample);            // or give it to a controller
 *
 * A decider answers with a size, at least 1. It knows no floor, ceiling or cooldown, unless it says so: those
 * are the controller's. `sample.workers` is the size asked for last. The structs are the caller's and must
 * stay where they are while a decider is in use; those without a "state" band are only read, and may be
 * changed between two decisions.
 *
 * Owner thread only: whoever decides. Nothing blocks, nothing allocates. pool_X_decider answers POOL_INVALID
 * for NULL or settings out of range, and otherwise clears the state. Which one to take: see the table in
 * README.md.
 */
#ifndef DEEPEND_POOL_DECIDERS_H
#define DEEPEND_POOL_DECIDERS_H

#include "signals.h"
#include "smooth.h"
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pool_decider {
    unsigned (*decide)(void *self, const struct pool_sample *sample);
    void *self;
};

static inline unsigned pool_decide(const struct pool_decider *decider, const struct pool_sample *sample)
{
    return decider->decide(decider->self, sample);
}

/* Above HIGH grow, below LOW shrink, between them stay. With high = low it flaps: every reading is on one
 * side. HIGH and LOW are in the signal's unit: 75/10 of a queue's fill is not 75/10 of utilisation (X22). */
struct pool_threshold {
    enum pool_signal signal;
    double high, low;    /* high >= low */
    double grow, shrink; /* factors, grow >= 1 >= shrink >= 0; each move is by at least one worker */
};
enum pool_status pool_threshold_decider(struct pool_threshold *threshold, struct pool_decider *decider);

/* Additive increase, multiplicative decrease: +ADD above HIGH; down to KEEP of the size below LOW, or while
 * CONGESTION is above LIMIT (0: there is none). Shares a contended resource fairly among several that do the
 * same (D.-M. Chiu and R. Jain, "Analysis of the Increase and Decrease Algorithms for Congestion Avoidance in
 * Computer Networks", 1989). To keep a promise about waiting it is the wrong way round, slow up and quick
 * down (X08). */
struct pool_aimd {
    enum pool_signal demand;
    double high, low;
    unsigned add; /* at least 1 */
    double keep;  /* 0.75: cut by a quarter */
    enum pool_signal congestion;
    double limit;
};
enum pool_status pool_aimd_decider(struct pool_aimd *aimd, struct pool_decider *decider);

/* PID on the logarithm of the size: output = I + kp e + kd d(ln signal)/dt, I' = ki e, e = ln(signal /
 * target). Utilisation is load / workers, so in logarithms the pool is a plain gain of -1, and one setting
 * fits 4 workers and 400. D is taken of the measurement, so a changed target gives no kick. Two guards
 * against windup: I is clamped to [floor, ceiling], and `tracking` pulls it to the size that there really is,
 * so a cooldown or a limit outside does not wind it up either (back-calculation: K. J. Astrom and T.
 * Hagglund, "PID Controllers", 2nd ed. 1995, 3.5). Tune kp, then ki, then kd. */
struct pool_pid {
    enum pool_signal signal;
    double target;     /* above 0: 0.7 */
    double kp, ki, kd; /* without unit, 1/s, s */
    double tracking;   /* 1/s; 0: none; ki is a good choice */
    double zone;       /* a wish within this share of the present size is none: 0.1; 0: follow every worker */
    unsigned floor, ceiling; /* those of the controller: 1 <= floor <= ceiling */
    /* state: */
    bool primed;
    uint64_t at;
    double integral, output, last; /* logarithms of workers, workers, signal */
};
enum pool_status pool_pid_decider(struct pool_pid *pid, struct pool_decider *decider);

/* A timetable that repeats, read LEAD ahead so that the workers are warm in time. */
struct pool_schedule_entry {
    uint64_t from; /* ns after the beginning of the period */
    unsigned size; /* at least 1 */
};
struct pool_schedule {
    const struct pool_schedule_entry *entries; /* ascending `from`; before the first, the last one holds */
    size_t count;
    uint64_t period, origin, lead; /* ns; a period begins at the clock's time ORIGIN */
};
enum pool_status pool_schedule_decider(struct pool_schedule *schedule, struct pool_decider *decider);

/* Straight on: the demand's level and slope (C. C. Holt, 1957, in the form for irregular samples), HORIZON
 * ahead, divided by USED. A falling trend is not believed in advance, and no answer is above TRUST times the
 * present size. */
struct pool_trend {
    double used;                    /* 0.7: busy workers / workers to aim at */
    uint64_t horizon, level, slope; /* ns; the latter two are time constants of smoothing */
    double trust;                   /* at least 1 */
    /* state: */
    struct pool_ewma demand, change; /* workers; workers a second */
};
enum pool_status pool_trend_decider(struct pool_trend *trend, struct pool_decider *decider);

/* Several together. Of the reactive ones the largest answer counts. A forecast may raise it, but to at most
 * TRUST times the demand that is there now: taking the maximum alone would correct forecasts that are too low
 * and never one that is too high (X87). Then the vetoes: they stop growth and never cause a shrink. While the
 * downstream is sick the size stays as it is, for signals of tasks that fail at once say nothing; half open
 * it may grow by CAUTIOUS at most, and does not shrink. */
struct pool_veto {
    enum pool_signal signal;
    double limit; /* no growth while the signal is above it */
};
struct pool_composite {
    const struct pool_decider *reactive, *forecasts; /* each is asked each time */
    size_t reactive_count, forecast_count;           /* at least one reactive */
    double trust;                                    /* at least 1 if there are forecasts */
    const struct pool_veto *vetoes;
    size_t veto_count;
    unsigned cautious;
};
enum pool_status pool_composite_decider(struct pool_composite *composite, struct pool_decider *decider);

#ifdef __cplusplus
}
#endif

#endif
