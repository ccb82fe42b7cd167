/* fairness.c - put, take, done: whose turn it is, and how far a turn goes. See fairness.h.
 *
 * The entry at the ring's head has the turn. A turn begins with credit: `quantum` * weight more under deficit
 * round robin, `weight` items under round robin, which is the same with every cost and the quantum 1. It ends
 * when the next item costs more than the credit that is left, which is kept for the next turn, or when
 * nothing is left to start, and then the credit is lost. A turn that meets the cap goes on when a job is
 * done: without that, small items would count as much as large ones. The table (fairness_table.c) keeps
 * entries, ring and items.
 */
#include "fairness.h"

#include "fairness_table.h"
#include "pool_monitor.h"
#include <stdlib.h>

struct pool_fairness {
    struct pool_fairness_options options; /* fixed after create */
    struct pool_clock clock;              /* fixed after create */

    struct lock lock; /* the only one */

    /* Guarded by lock. */
    bool stopped;
    struct fairness_table table;
    size_t running;
    unsigned long long accepted, done, refused;
    struct bell work; /* slept at until: somebody has the turn, or stopped and nothing is queued */
};

static bool is_from_one_to(size_t number, size_t most)
{
    return number >= 1 && number <= most;
}

static bool options_are_valid(const struct pool_fairness_options *options)
{
    return options && (unsigned)options->pick <= POOL_FAIRNESS_DEFICIT &&
           is_from_one_to(options->tenants, POOL_FAIRNESS_MOST) &&
           is_from_one_to(options->items, POOL_FAIRNESS_MOST) && options->per_tenant > 0 &&
           options->running > 0 &&
           (options->pick == POOL_FAIRNESS_ROUND_ROBIN ||
            (options->quantum > 0 && options->quantum <= POOL_FAIRNESS_MOST_COST));
}

enum pool_status pool_fairness_create(struct pool_fairness **fair,
                                      const struct pool_fairness_options *options)
{
    if (!fair)
        return POOL_INVALID;
    *fair = NULL;
    if (!options_are_valid(options))
        return POOL_INVALID;
    struct pool_fairness *made = calloc(1, sizeof *made);
    if (!made || !pool_fairness_table_init(&made->table, options->tenants, options->items)) {
        free(made);
        return POOL_NO_MEMORY;
    }
    made->options = *options;
    if (options->pick == POOL_FAIRNESS_ROUND_ROBIN)
        made->options.quantum = 1;
    if (options->clock)
        made->clock = *options->clock;
    lock_init(&made->lock);
    bell_init(&made->work, &made->lock);
    *fair = made;
    return POOL_OK;
}

/* The entry's counts have changed, and so may have where it belongs. */
static void settle_locked(struct pool_fairness *fair, struct pool_tenant *tenant)
{
    assert(lock_is_mine(&fair->lock));
    pool_fairness_table_settle(&fair->table, tenant, fair->options.running, pool_clock_now(&fair->clock));
}

static struct pool_tenant *get_locked(struct pool_fairness *fair, uint64_t tenant)
{
    return pool_fairness_table_get(&fair->table, tenant, pool_clock_now(&fair->clock), fair->options.idle);
}

/* --- put ---------------------------------------------------------------------------------------------- */

static enum pool_status put_locked(struct pool_fairness *fair, uint64_t id, uint64_t cost, void *item)
{
    if (fair->stopped)
        return POOL_STOPPED;
    /* A full store makes no entry: whoever is refused must not fill the table. */
    bool full = fair->table.free_item == NOWHERE;
    struct pool_tenant *tenant = full ? pool_fairness_table_find(&fair->table, id) : get_locked(fair, id);
    if (!tenant)
        return POOL_FULL;
    if (full || tenant->queued >= fair->options.per_tenant) {
        tenant->refused++;
        return POOL_FULL;
    }
    pool_fairness_table_push(&fair->table, tenant, item, cost);
    tenant->accepted++;
    settle_locked(fair, tenant);
    if (tenant->in_turn)
        bell_ring(&fair->work);
    return POOL_OK;
}

enum pool_status pool_fairness_put(struct pool_fairness *fair, uint64_t tenant, uint64_t cost, void *item)
{
    if (!fair || cost == 0 || cost > POOL_FAIRNESS_MOST_COST)
        return POOL_INVALID;
    lock_take(&fair->lock);
    enum pool_status status =
        put_locked(fair, tenant, fair->options.pick == POOL_FAIRNESS_DEFICIT ? cost : 1, item);
    if (status == POOL_OK)
        fair->accepted++;
    else
        fair->refused++;
    lock_drop(&fair->lock);
    return status;
}

/* --- take --------------------------------------------------------------------------------------------- */

static uint64_t next_cost(const struct pool_fairness *fair, const struct pool_tenant *tenant)
{
    return fair->table.items[tenant->first].cost;
}

static uint64_t turns_worth(const struct pool_fairness *fair, const struct pool_tenant *tenant)
{
    return fair->options.quantum * tenant->weight;
}

/* Nobody can pay for its next item after a whole round: skip the rounds that would only save up. At the end
 * of the next round somebody can. */
static void skip_rounds_locked(struct pool_fairness *fair)
{
    struct pool_tenant *tenants = fair->table.tenants;
    uint64_t least = UINT64_MAX;

    for (uint32_t i = fair->table.turns.first; i != NOWHERE; i = tenants[i].next) {
        uint64_t missing = next_cost(fair, &tenants[i]) - tenants[i].credit;
        uint64_t worth = turns_worth(fair, &tenants[i]);
        uint64_t rounds = missing / worth + (missing % worth != 0);
        least = rounds < least ? rounds : least;
    }
    for (uint32_t i = fair->table.turns.first; i != NOWHERE; i = tenants[i].next)
        tenants[i].credit += (least - 1) * turns_worth(fair, &tenants[i]);
}

/* Whose next item may start now; the ring must not be empty. Two rounds at most. */
static struct pool_tenant *pick_locked(struct pool_fairness *fair)
{
    assert(lock_is_mine(&fair->lock));
    for (size_t passed = 0;; passed++) {
        struct pool_tenant *head = &fair->table.tenants[fair->table.turns.first];
        if (!head->turn_open)
            head->credit += turns_worth(fair, head);
        head->turn_open = true;
        if (next_cost(fair, head) <= head->credit)
            return head;
        pool_fairness_table_rotate(&fair->table);
        if (passed + 1 == fair->table.turns.count)
            skip_rounds_locked(fair);
    }
}

static void take_locked(struct pool_fairness *fair, struct pool_fairness_job *job)
{
    struct pool_tenant *tenant = pick_locked(fair);
    struct fairness_item item = pool_fairness_table_pop(&fair->table, tenant);

    tenant->credit -= item.cost;
    tenant->running++;
    fair->running++;
    *job = (struct pool_fairness_job){
        .item = item.item, .tenant = tenant->id, .cost = item.cost, .entry = tenant};
    settle_locked(fair, tenant);
    if (fair->stopped && fair->table.queued == 0)
        bell_ring_all(&fair->work); /* nothing will come any more */
}

static enum pool_status try_locked(struct pool_fairness *fair, struct pool_fairness_job *job)
{
    if (fair->stopped && fair->table.queued == 0)
        return POOL_STOPPED;
    if (fair->table.turns.count == 0)
        return POOL_EMPTY;
    take_locked(fair, job);
    return POOL_OK;
}

enum pool_status pool_fairness_take(struct pool_fairness *fair, struct pool_fairness_job *job,
                                    const struct timespec *deadline)
{
    enum pool_status status;
    int late = 0;

    if (!fair || !job || (deadline && !deadline_is_valid(deadline)))
        return POOL_INVALID;
    *job = (struct pool_fairness_job){0};
    lock_take(&fair->lock);
    while ((status = try_locked(fair, job)) == POOL_EMPTY && deadline && !late)
        late = bell_wait(&fair->work, deadline);
    lock_drop(&fair->lock);
    return status == POOL_EMPTY && deadline ? POOL_TIMED_OUT : status;
}

enum pool_status pool_fairness_done(struct pool_fairness *fair, struct pool_fairness_job *job)
{
    if (!fair || !job)
        return POOL_INVALID;
    lock_take(&fair->lock);
    struct pool_tenant *tenant = job->entry;
    if (tenant) {
        job->entry = NULL;
        tenant->running--;
        tenant->done++;
        fair->running--;
        fair->done++;
        settle_locked(fair, tenant);
        if (tenant->in_turn)
            bell_ring(&fair->work);
    }
    lock_drop(&fair->lock);
    return tenant ? POOL_OK : POOL_INVALID;
}

/* --- pins --------------------------------------------------------------------------------------------- */

enum pool_status pool_fairness_pin(struct pool_fairness *fair, uint64_t id, unsigned weight)
{
    if (!fair || !is_from_one_to(weight, POOL_FAIRNESS_MOST_WEIGHT))
        return POOL_INVALID;
    lock_take(&fair->lock);
    struct pool_tenant *tenant = get_locked(fair, id);
    if (tenant) {
        tenant->pins++;
        tenant->weight = weight;
        settle_locked(fair, tenant);
    }
    lock_drop(&fair->lock);
    return tenant ? POOL_OK : POOL_FULL;
}

enum pool_status pool_fairness_unpin(struct pool_fairness *fair, uint64_t id)
{
    if (!fair)
        return POOL_INVALID;
    lock_take(&fair->lock);
    struct pool_tenant *tenant = pool_fairness_table_find(&fair->table, id);
    bool pinned = tenant && tenant->pins > 0;
    if (pinned) {
        if (--tenant->pins == 0)
            tenant->weight = 1;
        settle_locked(fair, tenant);
    }
    lock_drop(&fair->lock);
    return pinned ? POOL_OK : POOL_INVALID;
}

/* --- the end, and asking ------------------------------------------------------------------------------ */

enum pool_status pool_fairness_stop(struct pool_fairness *fair)
{
    if (!fair)
        return POOL_INVALID;
    lock_take(&fair->lock);
    fair->stopped = true;
    bell_ring_all(&fair->work);
    lock_drop(&fair->lock);
    return POOL_OK;
}

struct pool_fairness_counts pool_fairness_counts(struct pool_fairness *fair)
{
    struct pool_fairness_counts counts = {0};
    if (!fair)
        return counts;
    lock_take(&fair->lock);
    counts = (struct pool_fairness_counts){
        .tenants = fair->table.known,
        .queued = fair->table.queued,
        .running = fair->running,
        .waiting = fair->work.waiting,
        .accepted = fair->accepted,
        .done = fair->done,
        .refused = fair->refused,
        .forgotten = fair->table.forgotten,
    };
    lock_drop(&fair->lock);
    return counts;
}

struct pool_fairness_counts pool_fairness_tenant(struct pool_fairness *fair, uint64_t id)
{
    struct pool_fairness_counts counts = {0};
    if (!fair)
        return counts;
    lock_take(&fair->lock);
    const struct pool_tenant *tenant = pool_fairness_table_find(&fair->table, id);
    if (tenant)
        counts = (struct pool_fairness_counts){
            .tenants = 1,
            .queued = tenant->queued,
            .running = tenant->running,
            .accepted = tenant->accepted,
            .done = tenant->done,
            .refused = tenant->refused,
        };
    lock_drop(&fair->lock);
    return counts;
}

void pool_fairness_destroy(struct pool_fairness *fair)
{
    if (!fair)
        return;
    for (size_t i = 0; i < fair->table.most_tenants; i++)
        for (struct pool_tenant *tenant = &fair->table.tenants[i]; tenant->queued > 0;) {
            struct fairness_item item = pool_fairness_table_pop(&fair->table, tenant);
            if (fair->options.discard)
                fair->options.discard(item.item);
        }
    pool_fairness_table_release(&fair->table);
    bell_release(&fair->work);
    lock_release(&fair->lock);
    free(fair);
}
