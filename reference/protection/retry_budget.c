/* retry_budget.c - requests and retries of the last window, and whether one more may be. See retry_budget.h.
 *
 * In the tally, `all` are requests and `marked` are retries.
 */
#include "retry_budget.h"

#include "pool_monitor.h"
#include "tally.h"
#include <stdlib.h>

struct pool_retry_budget {
    /* Fixed after create. */
    struct pool_clock clock;
    unsigned percent, spare;

    struct lock lock; /* the only one */

    /* Guarded by lock. */
    struct pool_tally tally;
    unsigned long long requests, retries, refused; /* of all time */
};

enum pool_status pool_retry_budget_create(struct pool_retry_budget **budget,
                                          const struct pool_retry_budget_options *options)
{
    if (!budget)
        return POOL_INVALID;
    *budget = NULL;
    if (!options || options->percent > 1000 || (options->percent == 0 && options->spare == 0) ||
        options->window == 0)
        return POOL_INVALID;
    struct pool_retry_budget *made = calloc(1, sizeof *made);
    if (!made)
        return POOL_NO_MEMORY;
    if (options->clock)
        made->clock = *options->clock;
    made->percent = options->percent;
    made->spare = options->spare;
    pool_tally_init(&made->tally, options->window, pool_clock_now(&made->clock));
    lock_init(&made->lock);
    *budget = made;
    return POOL_OK;
}

static void take_and_catch_up(struct pool_retry_budget *budget)
{
    lock_take(&budget->lock);
    pool_tally_advance(&budget->tally, pool_clock_now(&budget->clock));
}

enum pool_status pool_retry_budget_request(struct pool_retry_budget *budget)
{
    if (!budget)
        return POOL_INVALID;
    take_and_catch_up(budget);
    pool_tally_add(&budget->tally, 1, 0);
    budget->requests++;
    lock_drop(&budget->lock);
    return POOL_OK;
}

static bool spend_locked(struct pool_retry_budget *budget)
{
    assert(lock_is_mine(&budget->lock));
    if (budget->tally.sum.marked >= budget->tally.sum.all * budget->percent / 100 + budget->spare) {
        budget->refused++;
        return false;
    }
    pool_tally_add(&budget->tally, 0, 1);
    budget->retries++;
    return true;
}

enum pool_status pool_retry_budget_spend(struct pool_retry_budget *budget)
{
    if (!budget)
        return POOL_INVALID;
    take_and_catch_up(budget);
    bool spent = spend_locked(budget);
    lock_drop(&budget->lock);
    return spent ? POOL_OK : POOL_REJECTED;
}

struct pool_retry_budget_view pool_retry_budget_view(struct pool_retry_budget *budget)
{
    struct pool_retry_budget_view view = {0};
    if (!budget)
        return view;
    take_and_catch_up(budget);
    view = (struct pool_retry_budget_view){
        .requests = budget->tally.sum.all,
        .retries = budget->tally.sum.marked,
        .all_requests = budget->requests,
        .all_retries = budget->retries,
        .refused = budget->refused,
    };
    lock_drop(&budget->lock);
    return view;
}

void pool_retry_budget_destroy(struct pool_retry_budget *budget)
{
    if (!budget)
        return;
    lock_release(&budget->lock);
    free(budget);
}
