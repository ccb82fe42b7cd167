/* smooth.h - readings that jump, made calm: a moving average with a time constant, a window with percentiles.
 *
 *     struct pool_ewma depth;
 *     pool_ewma_init(&depth, 2 * POOL_SECOND);
 *     double calm = pool_ewma_add(&depth, pool_clock_now(NULL), reading);
 *
 * Time is given by the caller in nanoseconds (clock.h), so both are pure state and run in virtual time.
 * Smoothing costs delay, about its time constant, and delay can itself make a control loop swing: widen a
 * band or a cooldown first (X22).
 *
 * Owner thread only: nothing here locks. Nothing blocks. A value that is not finite is left out and changes
 * nothing: one division by zero must not poison an average for ever (I26).
 */
#ifndef DEEPEND_POOL_SMOOTH_H
#define DEEPEND_POOL_SMOOTH_H

#include "status.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- exponentially weighted moving average ------------------------------------------------------------- */

/* For samples that come at irregular times: after a gap of D a new value weighs 1 - exp(-D / tau), so that
 * the answer does not depend on how often one looks. (A. Eckner, "Algorithms for Unevenly Spaced Time Series:
 * Moving Averages and Other Rolling Operators", 2012: EMA_next.) The fields are for reading. */
struct pool_ewma {
    double value;   /* 0 before the first sample; `count` tells */
    uint64_t tau;   /* ns; a step is followed to 63 % in tau, to 95 % in 3 tau */
    uint64_t at;    /* ns; the last sample's time */
    uint64_t count; /* samples taken; stays at its maximum */
};

/* TAU 0: no smoothing, each sample is the answer. */
void pool_ewma_init(struct pool_ewma *ewma, uint64_t tau);

/* Take VALUE, read at NOW; returns the average. The first sample is the answer as it is: no climb from 0. A
 * second sample at the same time, or an earlier one, weighs nothing unless tau is 0. */
double pool_ewma_add(struct pool_ewma *ewma, uint64_t now, double value);

/* The tau that weighs a sample with ALPHA (0 < alpha < 1) when one comes every INTERVAL ns: alpha 0.3 at 100
 * ms is 280 ms, 0.1 is 949 ms. 0 for an ALPHA out of range. */
uint64_t pool_ewma_tau(double alpha, uint64_t interval);

/* --- sliding window ------------------------------------------------------------------------------------ */

struct pool_window;

enum { POOL_WINDOW_MOST = 1 << 20 };

/* A window over the last SPAN ns that keeps at most CAPACITY samples, the newest (1 to POOL_WINDOW_MOST).
 * SPAN 0: no limit by age. POOL_INVALID or POOL_NO_MEMORY leave *WINDOW NULL; all memory is taken here. */
POOL_MUST_LOOK enum pool_status pool_window_create(struct pool_window **window, size_t capacity,
                                                   uint64_t span);
void pool_window_destroy(struct pool_window *window); /* NULL is fine */

/* Take VALUE, read at NOW, which is never less than before. O(capacity), a memmove: meant for hundreds. */
void pool_window_add(struct pool_window *window, uint64_t now, double value);

/* How many samples are at most SPAN old at NOW, their mean, and the smallest of them that is not exceeded by
 * SHARE (0 to 1; nearest rank, so always one of the samples). NAN when there is none or SHARE is out of
 * range. */
size_t pool_window_count(struct pool_window *window, uint64_t now);
double pool_window_mean(struct pool_window *window, uint64_t now);
double pool_window_percentile(struct pool_window *window, uint64_t now, double share);

#ifdef __cplusplus
}
#endif

#endif
