/* limiter.c - permits, those who wait for one, and the windows that feed the rule. See limiter.h.
 *
 * One lock. A permit that comes free goes to the first in the line under the lock, so nobody who only tries
 * can slip in between. The rule (limit_rule.c) is asked when a call ends, at most once a window.
 */
#include "limiter.h"

#include "limit_rule.h"
#include "waitline.h"
#include <stdlib.h>

/* Calls that a window must have seen: a mean of fewer says little. */
enum { WINDOW_CALLS = 10 };

/* What has been seen since the last decision. */
struct window {
    uint64_t since;
    double latency; /* sum over the good calls, ns */
    unsigned long good, failed;
    unsigned peak;
};

struct pool_limiter {
    /* Fixed after create. */
    struct pool_clock clock;
    uint64_t window_length;

    struct lock lock; /* the only one */

    /* Guarded by lock. */
    bool stopped;
    struct pool_limit_rule rule;
    struct window window;
    struct waitline line;
    struct pool_limiter_counts counts;
};

static bool options_are_valid(const struct pool_limiter_options *options)
{
    if (!options || (unsigned)options->rule > POOL_LIMITER_VEGAS || options->start == 0 ||
        options->start > POOL_LIMITER_MOST)
        return false;
    if (options->rule == POOL_LIMITER_FIXED)
        return true;
    if (options->rule == POOL_LIMITER_AIMD && options->slow == 0)
        return false;
    return options->floor >= 1 && options->floor <= options->start && options->start <= options->ceiling &&
           options->ceiling <= POOL_LIMITER_MOST && options->window > 0;
}

enum pool_status pool_limiter_create(struct pool_limiter **limiter,
                                     const struct pool_limiter_options *options)
{
    if (!limiter)
        return POOL_INVALID;
    *limiter = NULL;
    if (!options_are_valid(options))
        return POOL_INVALID;
    struct pool_limiter *made = calloc(1, sizeof *made);
    if (!made)
        return POOL_NO_MEMORY;
    if (options->clock)
        made->clock = *options->clock;
    made->window_length = options->window;
    made->window.since = pool_clock_now(&made->clock);
    pool_limit_rule_init(&made->rule, options);
    made->counts.limit = options->start;
    lock_init(&made->lock);
    *limiter = made;
    return POOL_OK;
}

/* --- permits ------------------------------------------------------------------------------------------ */

static void count_in_locked(struct pool_limiter *limiter)
{
    assert(lock_is_mine(&limiter->lock));
    unsigned in_flight = ++limiter->counts.in_flight;

    limiter->counts.begun++;
    if (in_flight > limiter->counts.peak)
        limiter->counts.peak = in_flight;
    if (in_flight > limiter->window.peak)
        limiter->window.peak = in_flight;
}

/* Whoever is served here is counted here: until it wakes, its permit must look taken. */
static void serve_line_locked(struct pool_limiter *limiter)
{
    while (limiter->line.first && limiter->counts.in_flight < limiter->counts.limit) {
        count_in_locked(limiter);
        waitline_answer_first(&limiter->line, POOL_OK);
    }
}

static enum pool_status try_locked(struct pool_limiter *limiter)
{
    assert(lock_is_mine(&limiter->lock));
    if (limiter->stopped)
        return POOL_STOPPED;
    if (limiter->counts.in_flight >= limiter->counts.limit)
        return POOL_REJECTED;
    assert(!limiter->line.first); /* whoever waits is served as soon as the limit allows it */
    count_in_locked(limiter);
    return POOL_OK;
}

static enum pool_status wait_locked(struct pool_limiter *limiter, const struct timespec *deadline)
{
    struct waiter me;

    waitline_join(&limiter->line, &me, &limiter->lock);
    return waitline_wait(&limiter->line, &me, deadline);
}

/* DEADLINE NULL: do not wait. */
static enum pool_status begin(struct pool_limiter *limiter, struct pool_limiter_permit *permit,
                              const struct timespec *deadline)
{
    *permit = (struct pool_limiter_permit){0};
    lock_take(&limiter->lock);
    enum pool_status status = try_locked(limiter);
    if (status == POOL_REJECTED && deadline)
        status = wait_locked(limiter, deadline);
    if (status == POOL_OK)
        *permit = (struct pool_limiter_permit){.since = pool_clock_now(&limiter->clock), .held = 1};
    else
        limiter->counts.refused++;
    lock_drop(&limiter->lock);
    return status;
}

enum pool_status pool_limiter_try(struct pool_limiter *limiter, struct pool_limiter_permit *permit)
{
    return limiter && permit ? begin(limiter, permit, NULL) : POOL_INVALID;
}

enum pool_status pool_limiter_wait(struct pool_limiter *limiter, struct pool_limiter_permit *permit,
                                   const struct timespec *deadline)
{
    return limiter && permit && deadline_is_valid(deadline) ? begin(limiter, permit, deadline) : POOL_INVALID;
}

/* --- the end of a call -------------------------------------------------------------------------------- */

static void adopt_locked(struct pool_limiter *limiter, unsigned limit)
{
    limiter->counts.limit = limit;
    serve_line_locked(limiter);
}

/* A new window begins with those who are in flight: they count for its peak. */
static void decide_locked(struct pool_limiter *limiter, uint64_t now)
{
    struct window *window = &limiter->window;

    if (limiter->window_length == 0 || now < window->since || now - window->since < limiter->window_length ||
        window->good + window->failed < WINDOW_CALLS)
        return;
    struct pool_limit_window seen = {
        .latency = window->good ? window->latency / (double)window->good : 0,
        .peak = window->peak,
        .failed = window->failed > 0,
    };
    unsigned limit = pool_limit_rule_next(&limiter->rule, &seen);
    limiter->counts.changes += limit != limiter->counts.limit;
    *window = (struct window){.since = now, .peak = limiter->counts.in_flight};
    adopt_locked(limiter, limit);
}

static void book_locked(struct pool_limiter *limiter, uint64_t latency, enum pool_call_outcome outcome)
{
    struct pool_limiter_counts *counts = &limiter->counts;

    counts->in_flight--;
    if (outcome == POOL_CALL_GOOD) {
        counts->good++;
        limiter->window.good++;
        limiter->window.latency += latency > 0 ? (double)latency : 1; /* 0 would mean: none seen */
    } else if (outcome == POOL_CALL_FAILED) {
        counts->failed++;
        limiter->window.failed++;
    } else {
        counts->ignored++;
    }
}

enum pool_status pool_limiter_done(struct pool_limiter *limiter, struct pool_limiter_permit *permit,
                                   enum pool_call_outcome outcome)
{
    if (!limiter || !permit || (unsigned)outcome > POOL_CALL_IGNORED)
        return POOL_INVALID;
    lock_take(&limiter->lock);
    bool held = permit->held;
    if (held) {
        uint64_t now = pool_clock_now(&limiter->clock);
        permit->held = 0;
        book_locked(limiter, now > permit->since ? now - permit->since : 0, outcome);
        decide_locked(limiter, now);
        serve_line_locked(limiter);
    }
    lock_drop(&limiter->lock);
    return held ? POOL_OK : POOL_INVALID;
}

/* --- by hand ------------------------------------------------------------------------------------------ */

enum pool_status pool_limiter_set(struct pool_limiter *limiter, unsigned limit)
{
    if (!limiter || limit == 0 || limit > POOL_LIMITER_MOST)
        return POOL_INVALID;
    lock_take(&limiter->lock);
    limiter->rule.limit = limit;
    adopt_locked(limiter, limit);
    lock_drop(&limiter->lock);
    return POOL_OK;
}

enum pool_status pool_limiter_stop(struct pool_limiter *limiter)
{
    if (!limiter)
        return POOL_INVALID;
    lock_take(&limiter->lock);
    limiter->stopped = true;
    while (limiter->line.first)
        waitline_answer_first(&limiter->line, POOL_STOPPED);
    lock_drop(&limiter->lock);
    return POOL_OK;
}

struct pool_limiter_counts pool_limiter_counts(struct pool_limiter *limiter)
{
    struct pool_limiter_counts counts = {0};
    if (!limiter)
        return counts;
    lock_take(&limiter->lock);
    counts = limiter->counts;
    counts.waiting = (unsigned)limiter->line.count;
    lock_drop(&limiter->lock);
    return counts;
}

void pool_limiter_destroy(struct pool_limiter *limiter)
{
    if (!limiter)
        return;
    assert(limiter->line.count == 0);
    lock_release(&limiter->lock);
    free(limiter);
}
