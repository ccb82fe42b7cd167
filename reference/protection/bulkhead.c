/* bulkhead.c - compartments over one total, see bulkhead.h.
 *
 * One lock for all, since the sum is one. Invariant: borrowed = the sum over all compartments of what is
 * inside beyond `reserved`, and borrowed <= shared = total - the sum of all reserved. Therefore inside <=
 * total, and a reserved place is always there for its owner.
 */
#include "bulkhead.h"

#include "waitline.h"
#include <stdlib.h>
#include <string.h>

struct pool_compartment {
    /* Fixed after create. */
    struct pool_bulkhead *bulkhead;
    char *name;
    unsigned reserved, limit, may_wait;

    /* Guarded by the bulkhead's lock. */
    struct waitline line;
    struct pool_bulkhead_counts counts;
};

struct pool_bulkhead {
    /* Fixed after create. */
    unsigned shared; /* places that can be borrowed */
    size_t count;

    struct lock lock; /* the only one */

    /* Guarded by lock. */
    bool stopped;
    size_t turn; /* whose line is looked at first when a place comes free */
    struct pool_bulkhead_counts counts;

    struct pool_compartment compartments[]; /* see there */
};

/* --- create ------------------------------------------------------------------------------------------- */

static bool kind_is_valid(const struct pool_bulkhead_options *options, size_t at)
{
    const struct pool_compartment_options *kind = &options->kinds[at];

    if (!kind->name || !*kind->name || kind->limit == 0 || kind->limit > options->total ||
        kind->reserved > kind->limit)
        return false;
    for (size_t i = 0; i < at; i++)
        if (strcmp(options->kinds[i].name, kind->name) == 0)
            return false;
    return true;
}

/* And *SHARED, what the reservations leave of the total. */
static bool options_are_valid(const struct pool_bulkhead_options *options, unsigned *shared)
{
    if (!options || options->total == 0 || options->total > POOL_BULKHEAD_MOST || !options->kinds ||
        options->count == 0 || options->count > POOL_BULKHEAD_MOST_KINDS)
        return false;
    *shared = options->total;
    for (size_t i = 0; i < options->count; i++) {
        if (!kind_is_valid(options, i) || options->kinds[i].reserved > *shared)
            return false;
        *shared -= options->kinds[i].reserved;
    }
    return true;
}

static void release(struct pool_bulkhead *bulkhead)
{
    for (size_t i = 0; i < bulkhead->count; i++)
        free(bulkhead->compartments[i].name);
    free(bulkhead);
}

static char *copy_of(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

static struct pool_bulkhead *make(const struct pool_bulkhead_options *options)
{
    struct pool_bulkhead *made = calloc(1, sizeof *made + options->count * sizeof made->compartments[0]);

    if (!made)
        return NULL;
    for (; made->count < options->count; made->count++) {
        const struct pool_compartment_options *kind = &options->kinds[made->count];
        char *name = copy_of(kind->name);
        if (!name) {
            release(made);
            return NULL;
        }
        made->compartments[made->count] = (struct pool_compartment){.bulkhead = made,
                                                                    .name = name,
                                                                    .reserved = kind->reserved,
                                                                    .limit = kind->limit,
                                                                    .may_wait = kind->waiting};
    }
    return made;
}

enum pool_status pool_bulkhead_create(struct pool_bulkhead **bulkhead,
                                      const struct pool_bulkhead_options *options)
{
    unsigned shared;

    if (!bulkhead)
        return POOL_INVALID;
    *bulkhead = NULL;
    if (!options_are_valid(options, &shared))
        return POOL_INVALID;
    struct pool_bulkhead *made = make(options);
    if (!made)
        return POOL_NO_MEMORY;
    made->shared = shared;
    lock_init(&made->lock);
    *bulkhead = made;
    return POOL_OK;
}

struct pool_compartment *pool_bulkhead_find(struct pool_bulkhead *bulkhead, const char *name)
{
    for (size_t i = 0; bulkhead && name && i < bulkhead->count; i++)
        if (strcmp(bulkhead->compartments[i].name, name) == 0)
            return &bulkhead->compartments[i];
    return NULL;
}

/* --- in and out --------------------------------------------------------------------------------------- */

static bool has_place_locked(const struct pool_compartment *compartment)
{
    const struct pool_bulkhead *bulkhead = compartment->bulkhead;

    assert(lock_is_mine(&bulkhead->lock));
    return compartment->counts.inside < compartment->reserved ||
           (compartment->counts.inside < compartment->limit && bulkhead->counts.borrowed < bulkhead->shared);
}

static void count_in(struct pool_bulkhead_counts *counts, bool borrows)
{
    counts->entered++;
    counts->borrowed += borrows;
    if (++counts->inside > counts->peak)
        counts->peak = counts->inside;
}

static void enter_locked(struct pool_compartment *compartment)
{
    bool borrows = compartment->counts.inside >= compartment->reserved;

    count_in(&compartment->counts, borrows);
    count_in(&compartment->bulkhead->counts, borrows);
}

static enum pool_status try_locked(struct pool_compartment *compartment)
{
    if (compartment->bulkhead->stopped)
        return POOL_STOPPED;
    if (!has_place_locked(compartment))
        return POOL_REJECTED;
    assert(!compartment->line.first); /* whoever waits is served as soon as there is a place */
    enter_locked(compartment);
    return POOL_OK;
}

static enum pool_status wait_locked(struct pool_compartment *compartment, const struct timespec *deadline)
{
    struct waiter me;

    if (compartment->line.count >= compartment->may_wait)
        return POOL_REJECTED;
    compartment->bulkhead->counts.waiting++;
    waitline_join(&compartment->line, &me, &compartment->bulkhead->lock);
    enum pool_status status = waitline_wait(&compartment->line, &me, deadline);
    compartment->bulkhead->counts.waiting--;
    return status;
}

/* DEADLINE NULL: do not wait. */
static enum pool_status go_in(struct pool_compartment *compartment, const struct timespec *deadline)
{
    struct pool_bulkhead *bulkhead = compartment->bulkhead;

    lock_take(&bulkhead->lock);
    enum pool_status status = try_locked(compartment);
    if (status == POOL_REJECTED && deadline)
        status = wait_locked(compartment, deadline);
    if (status != POOL_OK) {
        compartment->counts.refused++;
        bulkhead->counts.refused++;
    }
    lock_drop(&bulkhead->lock);
    return status;
}

enum pool_status pool_bulkhead_try(struct pool_compartment *compartment)
{
    return compartment ? go_in(compartment, NULL) : POOL_INVALID;
}

enum pool_status pool_bulkhead_enter(struct pool_compartment *compartment, const struct timespec *deadline)
{
    return compartment && deadline_is_valid(deadline) ? go_in(compartment, deadline) : POOL_INVALID;
}

/* One place has come free: to the first who can use it, beginning after the one that was served last. */
static void serve_one_locked(struct pool_bulkhead *bulkhead)
{
    for (size_t i = 0; bulkhead->counts.waiting > 0 && i < bulkhead->count; i++) {
        size_t at = (bulkhead->turn + i) % bulkhead->count;
        struct pool_compartment *compartment = &bulkhead->compartments[at];
        if (!compartment->line.first || !has_place_locked(compartment))
            continue;
        enter_locked(compartment);
        waitline_answer_first(&compartment->line, POOL_OK);
        bulkhead->turn = at + 1;
        return;
    }
}

enum pool_status pool_bulkhead_leave(struct pool_compartment *compartment)
{
    if (!compartment)
        return POOL_INVALID;
    struct pool_bulkhead *bulkhead = compartment->bulkhead;
    lock_take(&bulkhead->lock);
    bool inside = compartment->counts.inside > 0;
    if (inside) {
        bool borrowed = compartment->counts.inside > compartment->reserved;
        compartment->counts.inside--;
        compartment->counts.borrowed -= borrowed;
        bulkhead->counts.inside--;
        bulkhead->counts.borrowed -= borrowed;
        serve_one_locked(bulkhead);
    }
    lock_drop(&bulkhead->lock);
    return inside ? POOL_OK : POOL_INVALID;
}

/* --- the end, and asking ------------------------------------------------------------------------------ */

enum pool_status pool_bulkhead_stop(struct pool_bulkhead *bulkhead)
{
    if (!bulkhead)
        return POOL_INVALID;
    lock_take(&bulkhead->lock);
    bulkhead->stopped = true;
    for (size_t i = 0; i < bulkhead->count; i++)
        while (bulkhead->compartments[i].line.first)
            waitline_answer_first(&bulkhead->compartments[i].line, POOL_STOPPED);
    lock_drop(&bulkhead->lock);
    return POOL_OK;
}

struct pool_bulkhead_counts pool_bulkhead_counts(struct pool_bulkhead *bulkhead)
{
    struct pool_bulkhead_counts counts = {0};
    if (!bulkhead)
        return counts;
    lock_take(&bulkhead->lock);
    counts = bulkhead->counts;
    lock_drop(&bulkhead->lock);
    return counts;
}

struct pool_bulkhead_counts pool_compartment_counts(struct pool_compartment *compartment)
{
    struct pool_bulkhead_counts counts = {0};
    if (!compartment)
        return counts;
    lock_take(&compartment->bulkhead->lock);
    counts = compartment->counts;
    counts.waiting = (unsigned)compartment->line.count;
    lock_drop(&compartment->bulkhead->lock);
    return counts;
}

void pool_bulkhead_destroy(struct pool_bulkhead *bulkhead)
{
    if (!bulkhead)
        return;
    assert(bulkhead->counts.waiting == 0);
    lock_release(&bulkhead->lock);
    release(bulkhead);
}
