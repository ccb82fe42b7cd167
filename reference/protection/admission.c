/* admission.c - the gate: a bucket's level and a count of those inside, under one lock. See admission.h.
 *
 * Room is looked at before the rate, so that a request without room costs no token. The mean time inside is
 * an exponentially weighted one, an eighth for the newest, as TCP keeps its round-trip time (RFC 6298).
 */
#include "admission.h"

#include "bucket_level.h"
#include "chance.h"
#include "pool_monitor.h"
#include <stdlib.h>

struct pool_admission {
    /* Fixed after create. */
    struct pool_clock clock;
    unsigned limit;

    struct lock lock; /* the only one */

    /* Guarded by lock. */
    bool closed;
    struct pool_bucket_level rate;
    uint64_t stay;   /* mean time inside, ns; before anybody left, what makes the hint */
    uint64_t chance; /* the generator's state */
    struct pool_admission_counts counts;
    struct bell empty; /* slept at until: nobody is inside */
};

enum pool_status pool_admission_create(struct pool_admission **gate,
                                       const struct pool_admission_options *options)
{
    struct pool_bucket_level rate;

    if (!gate)
        return POOL_INVALID;
    *gate = NULL;
    if (!options || options->limit == 0 ||
        !pool_bucket_level_init(&rate, options->tokens, options->period, options->burst,
                                pool_clock_now(options->clock)))
        return POOL_INVALID;
    struct pool_admission *made = calloc(1, sizeof *made);
    if (!made)
        return POOL_NO_MEMORY;
    if (options->clock)
        made->clock = *options->clock;
    uint64_t hint = options->hint ? options->hint : POOL_SECOND;
    made->limit = options->limit;
    made->rate = rate;
    made->stay = hint > UINT64_MAX / made->limit ? UINT64_MAX : hint * made->limit;
    made->chance = options->seed;
    lock_init(&made->lock);
    bell_init(&made->empty, &made->lock);
    *gate = made;
    return POOL_OK;
}

/* From LEAST to twice that; at least a nanosecond, for a hint of 0 would mean "at once". */
static uint64_t spread(uint64_t *chance, uint64_t least)
{
    if (least == 0)
        least = 1;
    uint64_t more = pool_chance_up_to(chance, least);
    return more > UINT64_MAX - least ? UINT64_MAX : least + more;
}

/* Why the next request may not enter, and when it should come again. */
static enum pool_admission_reason judge_locked(struct pool_admission *gate, uint64_t now, uint64_t *wait)
{
    assert(lock_is_mine(&gate->lock));
    pool_bucket_level_advance(&gate->rate, now);
    *wait = pool_bucket_level_wait(&gate->rate, 1);
    if (gate->counts.inside >= gate->limit) {
        uint64_t room = gate->stay / gate->limit;
        *wait = *wait > room ? *wait : room; /* room alone would not do if the rate says later */
        return POOL_ADMISSION_NO_ROOM;
    }
    return *wait > 0 ? POOL_ADMISSION_TOO_FAST : POOL_ADMISSION_GRANTED;
}

static enum pool_status enter_locked(struct pool_admission *gate, struct pool_admission_pass *pass)
{
    uint64_t now = pool_clock_now(&gate->clock), wait;
    struct pool_admission_counts *counts = &gate->counts;

    pass->reason = judge_locked(gate, now, &wait);
    if (pass->reason != POOL_ADMISSION_GRANTED) {
        (*(pass->reason == POOL_ADMISSION_NO_ROOM ? &counts->no_room : &counts->too_fast))++;
        pass->retry_after = spread(&gate->chance, wait);
        return POOL_REJECTED;
    }
    (void)pool_bucket_level_spend(&gate->rate, 1); /* the token is there: this cannot fail */
    counts->entered++;
    counts->inside++;
    if (counts->inside > counts->peak)
        counts->peak = counts->inside;
    pass->entered = now;
    pass->inside = 1;
    return POOL_OK;
}

enum pool_status pool_admission_enter(struct pool_admission *gate, struct pool_admission_pass *pass)
{
    enum pool_status status = POOL_STOPPED;

    if (!gate || !pass)
        return POOL_INVALID;
    *pass = (struct pool_admission_pass){0};
    lock_take(&gate->lock);
    if (gate->closed)
        gate->counts.closed++;
    else
        status = enter_locked(gate, pass);
    lock_drop(&gate->lock);
    return status;
}

static void leave_locked(struct pool_admission *gate, struct pool_admission_pass *pass)
{
    uint64_t now = pool_clock_now(&gate->clock);
    uint64_t stayed = now > pass->entered ? now - pass->entered : 0;

    pass->inside = 0;
    gate->stay = gate->counts.left == 0 ? stayed : gate->stay - gate->stay / 8 + stayed / 8;
    gate->counts.left++;
    if (--gate->counts.inside == 0)
        bell_ring_all(&gate->empty);
}

enum pool_status pool_admission_leave(struct pool_admission *gate, struct pool_admission_pass *pass)
{
    if (!gate || !pass)
        return POOL_INVALID;
    lock_take(&gate->lock);
    bool inside = pass->inside;
    if (inside)
        leave_locked(gate, pass);
    lock_drop(&gate->lock);
    return inside ? POOL_OK : POOL_INVALID;
}

enum pool_status pool_admission_close(struct pool_admission *gate)
{
    if (!gate)
        return POOL_INVALID;
    lock_take(&gate->lock);
    gate->closed = true;
    lock_drop(&gate->lock);
    return POOL_OK;
}

enum pool_status pool_admission_drain(struct pool_admission *gate, const struct timespec *deadline,
                                      unsigned *left)
{
    int late = 0;

    if (!gate || !deadline_is_valid(deadline))
        return POOL_INVALID;
    lock_take(&gate->lock);
    gate->closed = true;
    while (gate->counts.inside > 0 && !late)
        late = bell_wait(&gate->empty, deadline);
    unsigned inside = gate->counts.inside;
    lock_drop(&gate->lock);
    if (left)
        *left = inside;
    return inside == 0 ? POOL_OK : POOL_TIMED_OUT;
}

struct pool_admission_counts pool_admission_counts(struct pool_admission *gate)
{
    struct pool_admission_counts counts = {0};
    if (!gate)
        return counts;
    lock_take(&gate->lock);
    counts = gate->counts;
    lock_drop(&gate->lock);
    return counts;
}

uint64_t pool_admission_seconds(uint64_t nanoseconds)
{
    uint64_t seconds = nanoseconds / POOL_SECOND + (nanoseconds % POOL_SECOND != 0);
    return seconds > 0 ? seconds : 1;
}

void pool_admission_destroy(struct pool_admission *gate)
{
    if (!gate)
        return;
    bell_release(&gate->empty);
    lock_release(&gate->lock);
    free(gate);
}
