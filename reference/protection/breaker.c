/* breaker.c - closed, open, half open: a state machine under one lock, moved by calls and the clock. See
 * breaker.h.
 *
 * Each state has its own end: CLOSED by the tally, OPEN by time, HALF_OPEN by the probes or their limit. What
 * time alone decides is done first in every call, in catch_up_locked, so that all else sees the state of now.
 */
#include "breaker.h"

#include "pool_monitor.h"
#include "tally.h"
#include <stdlib.h>

struct pool_breaker {
    struct pool_breaker_options options; /* fixed after create, with the defaults filled in */
    struct pool_clock clock;             /* fixed after create */

    struct lock lock; /* the only one */

    /* Guarded by lock. */
    enum pool_breaker_state state;
    uint64_t era;         /* grows with every change of state */
    uint64_t since;       /* when this state began */
    uint64_t open_for;    /* OPEN: how long this opening lasts */
    uint64_t next_open;   /* how long the next one will */
    unsigned probes_out;  /* HALF_OPEN: under way */
    unsigned probes_good; /* HALF_OPEN: ended well */
    uint64_t probed;      /* HALF_OPEN: when the last probe began */
    struct pool_tally tally;
    unsigned long long passed, refused, late, openings;
};

static bool options_are_valid(const struct pool_breaker_options *options)
{
    return options && options->window > 0 && options->volume > 0 && options->percent >= 1 &&
           options->percent <= 100 && options->open_least > 0 && options->open_most >= options->open_least &&
           options->probes > 0;
}

static void fill_defaults(struct pool_breaker_options *options)
{
    if (options->growth == 0)
        options->growth = 2;
    if (options->calm == 0)
        options->calm = options->open_most;
    if (options->probe_limit == 0)
        options->probe_limit = options->open_least;
}

enum pool_status pool_breaker_create(struct pool_breaker **breaker,
                                     const struct pool_breaker_options *options)
{
    if (!breaker)
        return POOL_INVALID;
    *breaker = NULL;
    if (!options_are_valid(options))
        return POOL_INVALID;
    struct pool_breaker *made = calloc(1, sizeof *made);
    if (!made)
        return POOL_NO_MEMORY;
    made->options = *options;
    fill_defaults(&made->options);
    if (options->clock)
        made->clock = *options->clock;
    made->since = pool_clock_now(&made->clock);
    made->next_open = options->open_least;
    pool_tally_init(&made->tally, options->window, made->since);
    lock_init(&made->lock);
    *breaker = made;
    return POOL_OK;
}

/* --- changes of state --------------------------------------------------------------------------------- */

static void enter_state_locked(struct pool_breaker *breaker, enum pool_breaker_state state, uint64_t now)
{
    assert(lock_is_mine(&breaker->lock));
    breaker->state = state;
    breaker->era++;
    breaker->since = now;
    breaker->probes_out = breaker->probes_good = 0;
}

static void open_locked(struct pool_breaker *breaker, uint64_t now)
{
    const struct pool_breaker_options *options = &breaker->options;

    enter_state_locked(breaker, POOL_BREAKER_OPEN, now);
    breaker->openings++;
    breaker->open_for = breaker->next_open;
    breaker->next_open = breaker->open_for > options->open_most / options->growth
                             ? options->open_most
                             : breaker->open_for * options->growth;
}

static void close_locked(struct pool_breaker *breaker, uint64_t now)
{
    enter_state_locked(breaker, POOL_BREAKER_CLOSED, now);
    pool_tally_init(&breaker->tally, breaker->options.window, now);
}

static uint64_t time_since(uint64_t then, uint64_t now)
{
    return now > then ? now - then : 0;
}

static void catch_up_closed_locked(struct pool_breaker *breaker, uint64_t now)
{
    pool_tally_advance(&breaker->tally, now);
    if (time_since(breaker->since, now) >= breaker->options.calm)
        breaker->next_open = breaker->options.open_least;
}

static void catch_up_open_locked(struct pool_breaker *breaker, uint64_t now)
{
    if (time_since(breaker->since, now) >= breaker->open_for)
        enter_state_locked(breaker, POOL_BREAKER_HALF_OPEN, now);
}

/* A probe that nobody tells of (its caller died, or hangs) must not keep the breaker half open for ever. */
static void catch_up_half_open_locked(struct pool_breaker *breaker, uint64_t now)
{
    if (breaker->probes_out > 0 && time_since(breaker->probed, now) >= breaker->options.probe_limit)
        open_locked(breaker, now);
}

static uint64_t catch_up_locked(struct pool_breaker *breaker)
{
    static void (*const catch_up[])(struct pool_breaker * breaker, uint64_t now) = {
        [POOL_BREAKER_CLOSED] = catch_up_closed_locked,
        [POOL_BREAKER_OPEN] = catch_up_open_locked,
        [POOL_BREAKER_HALF_OPEN] = catch_up_half_open_locked,
    };
    uint64_t now = pool_clock_now(&breaker->clock);

    catch_up[breaker->state](breaker, now);
    return now;
}

/* --- calls -------------------------------------------------------------------------------------------- */

static bool may_pass_locked(struct pool_breaker *breaker, uint64_t now)
{
    if (breaker->state == POOL_BREAKER_CLOSED)
        return true;
    if (breaker->state == POOL_BREAKER_OPEN ||
        breaker->probes_out + breaker->probes_good >= breaker->options.probes)
        return false;
    breaker->probes_out++;
    breaker->probed = now;
    return true;
}

static uint64_t worth_a_try_locked(const struct pool_breaker *breaker, uint64_t now)
{
    if (breaker->state == POOL_BREAKER_OPEN)
        return breaker->open_for - time_since(breaker->since, now);
    return breaker->options.probe_limit - time_since(breaker->probed, now);
}

enum pool_status pool_breaker_enter(struct pool_breaker *breaker, struct pool_breaker_pass *pass)
{
    if (!breaker || !pass)
        return POOL_INVALID;
    *pass = (struct pool_breaker_pass){0};
    lock_take(&breaker->lock);
    uint64_t now = catch_up_locked(breaker);
    bool passes = may_pass_locked(breaker, now);
    if (passes) {
        breaker->passed++;
        pass->held = 1;
        pass->era = breaker->era;
    } else {
        breaker->refused++;
        pass->retry_after = worth_a_try_locked(breaker, now);
    }
    lock_drop(&breaker->lock);
    return passes ? POOL_OK : POOL_REJECTED;
}

static void judge_closed_locked(struct pool_breaker *breaker, enum pool_call_outcome outcome, uint64_t now)
{
    const struct pool_breaker_options *options = &breaker->options;

    pool_tally_add(&breaker->tally, outcome != POOL_CALL_IGNORED, outcome == POOL_CALL_FAILED);
    if (outcome == POOL_CALL_FAILED && breaker->tally.sum.all >= options->volume &&
        breaker->tally.sum.marked * 100 >= breaker->tally.sum.all * options->percent)
        open_locked(breaker, now);
}

static void judge_probe_locked(struct pool_breaker *breaker, enum pool_call_outcome outcome, uint64_t now)
{
    breaker->probes_out--;
    if (outcome == POOL_CALL_FAILED)
        open_locked(breaker, now);
    else if (outcome == POOL_CALL_GOOD && ++breaker->probes_good == breaker->options.probes)
        close_locked(breaker, now);
}

static void leave_locked(struct pool_breaker *breaker, struct pool_breaker_pass *pass,
                         enum pool_call_outcome outcome)
{
    uint64_t now = catch_up_locked(breaker);

    pass->held = 0;
    if (pass->era != breaker->era)
        breaker->late++;
    else if (breaker->state == POOL_BREAKER_CLOSED)
        judge_closed_locked(breaker, outcome, now);
    else
        judge_probe_locked(breaker, outcome, now);
}

enum pool_status pool_breaker_leave(struct pool_breaker *breaker, struct pool_breaker_pass *pass,
                                    enum pool_call_outcome outcome)
{
    if (!breaker || !pass || (unsigned)outcome > POOL_CALL_IGNORED)
        return POOL_INVALID;
    lock_take(&breaker->lock);
    bool held = pass->held;
    if (held)
        leave_locked(breaker, pass, outcome);
    lock_drop(&breaker->lock);
    return held ? POOL_OK : POOL_INVALID;
}

/* --- by hand ------------------------------------------------------------------------------------------ */

enum pool_status pool_breaker_trip(struct pool_breaker *breaker)
{
    if (!breaker)
        return POOL_INVALID;
    lock_take(&breaker->lock);
    open_locked(breaker, catch_up_locked(breaker));
    lock_drop(&breaker->lock);
    return POOL_OK;
}

enum pool_status pool_breaker_reset(struct pool_breaker *breaker)
{
    if (!breaker)
        return POOL_INVALID;
    lock_take(&breaker->lock);
    close_locked(breaker, catch_up_locked(breaker));
    breaker->next_open = breaker->options.open_least;
    lock_drop(&breaker->lock);
    return POOL_OK;
}

struct pool_breaker_view pool_breaker_view(struct pool_breaker *breaker)
{
    struct pool_breaker_view view = {0};
    if (!breaker)
        return view;
    lock_take(&breaker->lock);
    uint64_t now = catch_up_locked(breaker);
    view = (struct pool_breaker_view){
        .state = breaker->state,
        .open_for = breaker->state == POOL_BREAKER_OPEN ? worth_a_try_locked(breaker, now) : 0,
        .calls = breaker->tally.sum.all,
        .failures = breaker->tally.sum.marked,
        .passed = breaker->passed,
        .refused = breaker->refused,
        .late = breaker->late,
        .transitions = breaker->era,
        .openings = breaker->openings,
    };
    lock_drop(&breaker->lock);
    return view;
}

void pool_breaker_destroy(struct pool_breaker *breaker)
{
    if (!breaker)
        return;
    lock_release(&breaker->lock);
    free(breaker);
}
