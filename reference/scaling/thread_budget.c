/* thread_budget.c - who may hold how many of the threads.
 *
 * Two numbers for each member: `held`, what it has reserved and not returned, and `allowed`, what it should
 * have. The first is a fact, the second a plan: minima, then one thread after the other to whoever wants more
 * and comes first. A reservation raises `held` towards `allowed`, and only into room that no other member
 * holds or is promised.
 *
 * Invariant: the sum over all members of max(held, minimum) is at most the total. Planning is O(total x
 * members).
 */
#include "thread_budget.h"
#include "pool_monitor.h"
#include <assert.h>
#include <stdlib.h>

struct pool_budget_member {
    /* fixed after join */
    struct pool_thread_budget *budget;
    unsigned minimum;
    int priority;

    /* guarded by budget->lock */
    unsigned wanted, held, allowed;
    struct pool_budget_member *next;
};

struct pool_thread_budget {
    unsigned total; /* fixed after create */

    struct lock lock;
    struct pool_budget_member *members; /* guarded by lock */
};

enum pool_status pool_thread_budget_create(struct pool_thread_budget **budget, unsigned total)
{
    if (!budget)
        return POOL_INVALID;
    *budget = NULL;
    if (total == 0 || total > POOL_BUDGET_MOST)
        return POOL_INVALID;
    struct pool_thread_budget *made = calloc(1, sizeof *made);
    if (!made)
        return POOL_NO_MEMORY;
    made->total = total;
    lock_init(&made->lock);
    *budget = made;
    return POOL_OK;
}

void pool_thread_budget_destroy(struct pool_thread_budget *budget)
{
    if (!budget)
        return;
    assert(budget->members == NULL);
    lock_release(&budget->lock);
    free(budget);
}

/* --- the plan ------------------------------------------------------------------------------------------ */

static unsigned larger(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* What no member but EXCEPT (NULL: none at all) holds or is promised. */
static unsigned room_beside_locked(const struct pool_thread_budget *budget,
                                   const struct pool_budget_member *except)
{
    unsigned taken = 0;
    assert(lock_is_mine(&budget->lock));
    for (const struct pool_budget_member *m = budget->members; m; m = m->next)
        taken += m == except ? 0 : larger(m->held, m->minimum);
    assert(taken <= budget->total);
    return budget->total - taken;
}

/* A comes before B in line for the next thread. */
static bool comes_before(const struct pool_budget_member *a, const struct pool_budget_member *b)
{
    return a->priority != b->priority ? a->priority > b->priority : a->allowed < b->allowed;
}

static struct pool_budget_member *next_in_line_locked(struct pool_thread_budget *budget)
{
    struct pool_budget_member *first = NULL;
    for (struct pool_budget_member *m = budget->members; m; m = m->next)
        if (m->allowed < m->wanted && (!first || comes_before(m, first)))
            first = m;
    return first;
}

static void plan_locked(struct pool_thread_budget *budget)
{
    unsigned left = budget->total;
    struct pool_budget_member *next;

    assert(lock_is_mine(&budget->lock));
    for (struct pool_budget_member *m = budget->members; m; m = m->next) {
        m->allowed = m->minimum;
        left -= m->minimum;
    }
    for (; left > 0 && (next = next_in_line_locked(budget)); left--)
        next->allowed++;
}

/* --- members ------------------------------------------------------------------------------------------- */

enum pool_status pool_thread_budget_join(struct pool_thread_budget *budget,
                                         const struct pool_budget_options *options,
                                         struct pool_budget_member **member)
{
    if (!member)
        return POOL_INVALID;
    *member = NULL;
    if (!budget || !options)
        return POOL_INVALID;
    struct pool_budget_member *made = calloc(1, sizeof *made);
    if (!made)
        return POOL_NO_MEMORY;
    made->budget = budget;
    made->minimum = options->minimum;
    made->priority = options->priority;

    lock_take(&budget->lock);
    bool fits = made->minimum <= room_beside_locked(budget, NULL);
    if (fits) {
        made->next = budget->members;
        budget->members = made;
        plan_locked(budget);
    }
    lock_drop(&budget->lock);
    if (!fits) {
        free(made);
        return POOL_REJECTED;
    }
    *member = made;
    return POOL_OK;
}

void pool_thread_budget_leave(struct pool_budget_member *member)
{
    if (!member)
        return;
    struct pool_thread_budget *budget = member->budget;
    lock_take(&budget->lock);
    struct pool_budget_member **at = &budget->members;
    while (*at != member)
        at = &(*at)->next;
    *at = member->next;
    plan_locked(budget);
    lock_drop(&budget->lock);
    free(member);
}

unsigned pool_thread_budget_reserve(struct pool_budget_member *member, unsigned size)
{
    if (!member)
        return 0;
    struct pool_thread_budget *budget = member->budget;
    lock_take(&budget->lock);
    member->wanted = size;
    plan_locked(budget);
    unsigned target = smaller(size, smaller(member->allowed, room_beside_locked(budget, member)));
    member->held = larger(member->held, target);
    lock_drop(&budget->lock);
    return target;
}

enum pool_status pool_thread_budget_return(struct pool_budget_member *member, unsigned count)
{
    if (!member)
        return POOL_INVALID;
    struct pool_thread_budget *budget = member->budget;
    lock_take(&budget->lock);
    bool good = count <= member->held;
    if (good)
        member->held -= count;
    lock_drop(&budget->lock);
    return good ? POOL_OK : POOL_INVALID;
}

struct pool_budget_view pool_thread_budget_view(struct pool_budget_member *member)
{
    if (!member)
        return (struct pool_budget_view){0};
    struct pool_thread_budget *budget = member->budget;
    struct pool_budget_view view = {.total = budget->total};
    lock_take(&budget->lock);
    view.wanted = member->wanted;
    view.held = member->held;
    view.allowed = member->allowed;
    for (const struct pool_budget_member *m = budget->members; m; m = m->next)
        view.held_by_all += m->held;
    lock_drop(&budget->lock);
    return view;
}
