/* pool_semaphore.c - a weighted semaphore with a queue that nobody jumps.
 *
 * Those who wait stand in a list, each with a place on its own stack and a bell of its own. Permits are not
 * left lying for whoever wakes first: the thread that frees room hands it to the head of the list, under the
 * lock, and so on while the next head fits. Hence the invariant, true whenever the lock is free: the list is
 * empty, or its head does not fit. That is why a newcomer need only look whether the list is empty.
 *
 * The wanted weight of a place can sum to more than SIZE_MAX only with more threads than memory allows places
 * of that weight for; the sum is told in the counts and decides nothing.
 */
#include "pool_semaphore.h"

#include "pool_monitor.h"
#include <stdlib.h>

/* A place in the queue, on the stack of the thread that stands there. Guarded by the semaphore's lock. */
struct place {
    size_t weight;
    enum pool_status status; /* POOL_EMPTY while it waits */
    struct bell called;      /* slept at until: status is not POOL_EMPTY */
    struct place *before, *behind;
};

struct pool_semaphore {
    /* Fixed after create. */
    size_t size;

    struct lock lock;

    /* Guarded by lock. */
    size_t held;
    bool closed;
    struct place *first, *last;
    size_t visitors; /* threads inside a waiting acquire, called or not: the semaphore must outlive them */
    size_t wanted;
    unsigned long long acquired, rejected, timed_out;
    struct bell empty; /* slept at by destroy until: visitors is 0 */
};

enum pool_status pool_semaphore_create(struct pool_semaphore **semaphore, size_t size)
{
    if (!semaphore)
        return POOL_INVALID;
    *semaphore = NULL;
    if (size == 0 || size > POOL_SEMAPHORE_MAX)
        return POOL_INVALID;
    struct pool_semaphore *made = calloc(1, sizeof *made);
    if (!made)
        return POOL_NO_MEMORY;
    made->size = size;
    lock_init(&made->lock);
    bell_init(&made->empty, &made->lock);
    *semaphore = made;
    return POOL_OK;
}

/* --- the queue ---------------------------------------------------------------------------------------- */

static void stand_in_line_locked(struct pool_semaphore *semaphore, struct place *place)
{
    place->before = semaphore->last;
    *(place->before ? &place->before->behind : &semaphore->first) = place;
    semaphore->last = place;
    semaphore->wanted += place->weight;
}

/* Out of the line, called or giving up. */
static void leave_line_locked(struct pool_semaphore *semaphore, struct place *place, enum pool_status status)
{
    *(place->before ? &place->before->behind : &semaphore->first) = place->behind;
    *(place->behind ? &place->behind->before : &semaphore->last) = place->before;
    semaphore->wanted -= place->weight;
    place->status = status;
    bell_ring(&place->called);
}

static bool fits_locked(const struct pool_semaphore *semaphore, size_t weight)
{
    assert(lock_is_mine(&semaphore->lock));
    return weight <= semaphore->size - semaphore->held;
}

static void grant_locked(struct pool_semaphore *semaphore, size_t weight)
{
    semaphore->held += weight;
    semaphore->acquired++;
}

/* Restore the invariant: hand out room from the head on. */
static void call_next_locked(struct pool_semaphore *semaphore)
{
    while (semaphore->first && fits_locked(semaphore, semaphore->first->weight)) {
        grant_locked(semaphore, semaphore->first->weight);
        leave_line_locked(semaphore, semaphore->first, POOL_OK);
    }
}

/* --- acquire ------------------------------------------------------------------------------------------ */

static enum pool_status try_locked(struct pool_semaphore *semaphore, size_t weight)
{
    if (semaphore->closed)
        return POOL_STOPPED;
    if (semaphore->first || !fits_locked(semaphore, weight))
        return POOL_REJECTED;
    grant_locked(semaphore, weight);
    return POOL_OK;
}

/* Wait to be called. The one that gives up may have been what kept the others waiting. */
static enum pool_status wait_locked(struct pool_semaphore *semaphore, size_t weight,
                                    const struct timespec *deadline)
{
    struct place place = {.weight = weight, .status = POOL_EMPTY};
    int late = 0;

    bell_init(&place.called, &semaphore->lock);
    stand_in_line_locked(semaphore, &place);
    semaphore->visitors++;
    while (place.status == POOL_EMPTY && !late)
        late = bell_wait(&place.called, deadline);
    if (place.status == POOL_EMPTY) {
        leave_line_locked(semaphore, &place, POOL_TIMED_OUT);
        semaphore->timed_out++;
        call_next_locked(semaphore);
    }
    if (--semaphore->visitors == 0)
        bell_ring(&semaphore->empty);
    bell_release(&place.called);
    return place.status;
}

static bool weight_is_valid(const struct pool_semaphore *semaphore, size_t weight)
{
    return semaphore && weight > 0 && weight <= semaphore->size;
}

static enum pool_status acquire(struct pool_semaphore *semaphore, size_t weight,
                                const struct timespec *deadline)
{
    if (!weight_is_valid(semaphore, weight))
        return POOL_INVALID;
    lock_take(&semaphore->lock);
    enum pool_status status = try_locked(semaphore, weight);
    if (status == POOL_REJECTED)
        status = wait_locked(semaphore, weight, deadline);
    lock_drop(&semaphore->lock);
    return status;
}

enum pool_status pool_semaphore_acquire(struct pool_semaphore *semaphore, size_t weight)
{
    return acquire(semaphore, weight, NULL);
}

enum pool_status pool_semaphore_acquire_until(struct pool_semaphore *semaphore, size_t weight,
                                              const struct timespec *deadline)
{
    return deadline_is_valid(deadline) ? acquire(semaphore, weight, deadline) : POOL_INVALID;
}

enum pool_status pool_semaphore_try(struct pool_semaphore *semaphore, size_t weight)
{
    if (!weight_is_valid(semaphore, weight))
        return POOL_INVALID;
    lock_take(&semaphore->lock);
    enum pool_status status = try_locked(semaphore, weight);
    semaphore->rejected += status == POOL_REJECTED;
    lock_drop(&semaphore->lock);
    return status;
}

/* --- release and the end ------------------------------------------------------------------------------ */

enum pool_status pool_semaphore_release(struct pool_semaphore *semaphore, size_t weight)
{
    if (!weight_is_valid(semaphore, weight))
        return POOL_INVALID;
    enum pool_status status = POOL_INVALID;
    lock_take(&semaphore->lock);
    if (weight <= semaphore->held) {
        semaphore->held -= weight;
        call_next_locked(semaphore);
        status = POOL_OK;
    }
    lock_drop(&semaphore->lock);
    return status;
}

static void close_locked(struct pool_semaphore *semaphore)
{
    semaphore->closed = true;
    while (semaphore->first)
        leave_line_locked(semaphore, semaphore->first, POOL_STOPPED);
}

enum pool_status pool_semaphore_close(struct pool_semaphore *semaphore)
{
    if (!semaphore)
        return POOL_INVALID;
    lock_take(&semaphore->lock);
    close_locked(semaphore);
    lock_drop(&semaphore->lock);
    return POOL_OK;
}

void pool_semaphore_destroy(struct pool_semaphore *semaphore)
{
    if (!semaphore)
        return;
    lock_take(&semaphore->lock);
    close_locked(semaphore);
    while (semaphore->visitors > 0)
        bell_wait(&semaphore->empty, NULL);
    lock_drop(&semaphore->lock);
    bell_release(&semaphore->empty);
    lock_release(&semaphore->lock);
    free(semaphore);
}

struct pool_semaphore_counts pool_semaphore_counts(struct pool_semaphore *semaphore)
{
    struct pool_semaphore_counts counts = {0};
    if (!semaphore)
        return counts;
    lock_take(&semaphore->lock);
    for (const struct place *place = semaphore->first; place; place = place->behind)
        counts.waiting++;
    counts.size = semaphore->size;
    counts.held = semaphore->held;
    counts.wanted = semaphore->wanted;
    counts.acquired = semaphore->acquired;
    counts.rejected = semaphore->rejected;
    counts.timed_out = semaphore->timed_out;
    lock_drop(&semaphore->lock);
    return counts;
}
