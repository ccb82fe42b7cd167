/* retry.c - the attempts of one operation: a table of jitters, and the four ends. See retry.h.
 *
 * What costs nothing is asked first: attempts, then the deadline, then the budget, so that no retry is paid
 * for that will not be made. Sums and products stop at the largest number instead of wrapping.
 */
#include "retry.h"

#include "chance.h"
#include <stdbool.h>
#include <stddef.h>

static uint64_t sum(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t least_of(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* min(most, base * 2^n) for the retry after so many attempts. */
static uint64_t doubled(const struct pool_retry *retry)
{
    unsigned times = retry->attempts - 1;
    uint64_t base = retry->policy->base, most = retry->policy->most;

    return times >= 64 || base > most >> times ? most : base << times;
}

static uint64_t delay_none(struct pool_retry *retry)
{
    return doubled(retry);
}

static uint64_t delay_full(struct pool_retry *retry)
{
    return pool_chance_up_to(&retry->chance, doubled(retry));
}

static uint64_t delay_equal(struct pool_retry *retry)
{
    uint64_t whole = doubled(retry), half = whole / 2;
    return whole - half + pool_chance_up_to(&retry->chance, half);
}

static uint64_t delay_decorrelated(struct pool_retry *retry)
{
    uint64_t base = retry->policy->base;
    uint64_t reach = retry->last > UINT64_MAX / 3 ? UINT64_MAX : retry->last * 3;
    return least_of(retry->policy->most, base + pool_chance_up_to(&retry->chance, reach - base));
}

static uint64_t delay_added(struct pool_retry *retry)
{
    return sum(doubled(retry), pool_chance_up_to(&retry->chance, retry->policy->base));
}

static uint64_t (*const delays[])(struct pool_retry *retry) = {
    [POOL_JITTER_NONE] = delay_none,   [POOL_JITTER_FULL] = delay_full,
    [POOL_JITTER_EQUAL] = delay_equal, [POOL_JITTER_DECORRELATED] = delay_decorrelated,
    [POOL_JITTER_ADDED] = delay_added,
};

static bool policy_is_valid(const struct pool_retry_policy *policy)
{
    return policy && policy->attempts > 0 && policy->base > 0 && policy->most >= policy->base &&
           policy->total > 0 && (unsigned)policy->jitter <= POOL_JITTER_ADDED;
}

enum pool_status pool_retry_begin(struct pool_retry *retry, const struct pool_retry_policy *policy,
                                  struct pool_retry_budget *budget, uint64_t seed)
{
    if (!retry || !policy_is_valid(policy))
        return POOL_INVALID;
    *retry = (struct pool_retry){
        .policy = policy,
        .budget = budget,
        .chance = seed,
        .begun = pool_clock_now(policy->clock),
        .last = policy->base,
        .attempts = 1,
    };
    if (budget)
        (void)pool_retry_budget_request(budget);
    return POOL_OK;
}

/* The other side's wish is kept, but not to the nanosecond: it has told the same to everybody. */
static uint64_t choose_delay(struct pool_retry *retry, uint64_t at_least)
{
    uint64_t delay = delays[retry->policy->jitter](retry);

    retry->last = delay;
    if (delay >= at_least)
        return delay;
    if (retry->policy->jitter == POOL_JITTER_NONE)
        return at_least;
    return sum(at_least, pool_chance_up_to(&retry->chance, retry->policy->base));
}

static bool in_time(const struct pool_retry *retry, uint64_t delay)
{
    const struct pool_retry_policy *policy = retry->policy;
    uint64_t now = pool_clock_now(policy->clock);
    uint64_t passed = now > retry->begun ? now - retry->begun : 0;

    return policy->total == POOL_RETRY_NO_DEADLINE || sum(passed, delay) < policy->total;
}

enum pool_status pool_retry_next(struct pool_retry *retry, uint64_t at_least, uint64_t *delay)
{
    if (!retry || !retry->policy || !delay)
        return POOL_INVALID;
    *delay = 0;
    if (retry->attempts >= retry->policy->attempts)
        return POOL_FAILED;
    uint64_t chosen = choose_delay(retry, at_least);
    if (retry->too_late || !in_time(retry, chosen)) {
        retry->too_late = 1; /* a luckier draw must not bring it back */
        return POOL_TIMED_OUT;
    }
    if (retry->budget && pool_retry_budget_spend(retry->budget) != POOL_OK)
        return POOL_REJECTED;
    retry->attempts++;
    *delay = chosen;
    return POOL_OK;
}
