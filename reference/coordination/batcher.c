/* batcher.c - a ring of waiting items, and one flush at a time.
 *
 * Whatever drives it, the thread, a poll, an add without room, a flush or a close, does the same: if nobody
 * is flushing, take up to `size` of the oldest items out of the ring, call flush without the lock, book the
 * result. `added` numbers the items; since they leave in order, `settled` (sent or failed) tells which of
 * them are out, and a flush that was asked for is a number that `settled` has to reach.
 */
#include "batcher.h"

#include "pool_monitor.h"
#include "scope.h"
#include <stdlib.h>

struct entry {
    void *item;
    uint64_t since; /* when it was added, by the batcher's clock */
};

struct pool_batcher {
    /* Fixed after create. */
    struct pool_batch_rule rule;
    size_t capacity;
    enum pool_batcher_driver driver;
    const struct pool_clock *clock;
    int (*flush)(void *context, void **items, size_t count);
    void *context;
    struct entry *ring;
    void **batch; /* what is being flushed: owned by whoever set counts.flushing */

    struct lock lock;

    /* Guarded by lock. */
    struct pool_batcher_counts counts;
    size_t head;
    bool closed;
    unsigned long long taken;  /* of those added, how many have left the ring */
    unsigned long long wanted; /* so many are to leave it without being due */
    unsigned long long failures;
    size_t visitors;
    struct bell room; /* slept at by adds until: waiting < capacity, or closed, or (polling) nobody flushes */
    struct bell due;  /* slept at by the thread until: a batch is due, or wanted, or closed */
    struct bell settled; /* slept at by flush and close until: what they want is out, or nobody flushes */
    struct bell gone;    /* slept at by destroy until: visitors is 0 */

    /* Owner thread only: written by create, read by destroy. */
    pthread_t thread;
};

uint64_t pool_batch_due_in(const struct pool_batch_rule *rule, size_t count, uint64_t waited)
{
    if (count >= rule->size)
        return 0;
    if (count == 0 || rule->age == 0)
        return POOL_BATCH_NEVER;
    return waited >= rule->age ? 0 : rule->age - waited;
}

/* --- one flush ---------------------------------------------------------------------------------------- */

static uint64_t due_in_locked(const struct pool_batcher *batcher)
{
    assert(lock_is_mine(&batcher->lock));
    size_t count = batcher->counts.waiting;
    bool by_age = count > 0 && count < batcher->rule.size && batcher->rule.age > 0;
    uint64_t now = by_age ? pool_clock_now(batcher->clock) : 0;
    uint64_t waited = by_age ? now - batcher->ring[batcher->head].since : 0;
    return pool_batch_due_in(&batcher->rule, count, waited);
}

static size_t take_batch_locked(struct pool_batcher *batcher)
{
    size_t waiting = batcher->counts.waiting;
    size_t count = waiting < batcher->rule.size ? waiting : batcher->rule.size;
    for (size_t i = 0; i < count; i++) {
        batcher->batch[i] = batcher->ring[batcher->head].item;
        batcher->ring[batcher->head].item = NULL; /* only the batch still shows it to a leak checker (X51) */
        batcher->head = batcher->head + 1 == batcher->capacity ? 0 : batcher->head + 1;
    }
    batcher->counts.waiting -= count;
    batcher->counts.flushing = count;
    batcher->counts.batches++;
    batcher->counts.full_batches += count == batcher->rule.size;
    batcher->taken += count;
    bell_ring_all(&batcher->room);
    return count;
}

/* Flush the oldest items, letting go of the lock. Somebody waits in the ring, and nobody is flushing. */
static void flush_one_locked(struct pool_batcher *batcher)
{
    struct pool_scope frame;
    struct pool_batcher_counts *counts = &batcher->counts;

    assert(counts->waiting > 0 && counts->flushing == 0);
    size_t count = take_batch_locked(batcher);
    lock_drop(&batcher->lock);
    pool_scope_enter(&frame, batcher);
    int error = batcher->flush(batcher->context, batcher->batch, count);
    pool_scope_leave(&frame);
    lock_take(&batcher->lock);
    counts->flushing = 0;
    *(error == 0 ? &counts->sent : &counts->failed) += count;
    batcher->failures += error != 0;
    counts->first_error = counts->first_error == 0 ? error : counts->first_error;
    bell_ring_all(&batcher->settled);
    if (batcher->driver == POOL_BATCHER_POLL)
        bell_ring(&batcher->room); /* one of them may be the next to flush */
}

/* --- the thread --------------------------------------------------------------------------------------- */

/* WAIT nanoseconds from now. NULL if that is further away than any program lives (a century). */
static const struct timespec *deadline_in(uint64_t wait, struct timespec *deadline)
{
    const uint64_t century = 100 * 366 * UINT64_C(86400) * POOL_SECOND;
    if (wait > century)
        return NULL;
    uint64_t then = pool_clock_now(NULL) + wait;
    *deadline =
        (struct timespec){.tv_sec = (time_t)(then / POOL_SECOND), .tv_nsec = (long)(then % POOL_SECOND)};
    return deadline;
}

static void *thread_main(void *arg)
{
    struct pool_batcher *batcher = arg;
    struct timespec deadline;

    lock_take(&batcher->lock);
    for (;;) {
        uint64_t wait = due_in_locked(batcher);
        bool ask = batcher->closed || batcher->taken < batcher->wanted;
        if (batcher->counts.waiting > 0 && (wait == 0 || ask))
            flush_one_locked(batcher);
        else if (batcher->closed)
            break;
        else
            bell_wait(&batcher->due, deadline_in(wait, &deadline));
    }
    lock_drop(&batcher->lock);
    return NULL;
}

/* --- add ---------------------------------------------------------------------------------------------- */

static enum pool_status add_locked(struct pool_batcher *batcher, void *item)
{
    struct pool_batcher_counts *counts = &batcher->counts;
    if (batcher->closed)
        return POOL_STOPPED;
    if (counts->waiting == batcher->capacity)
        return POOL_FULL;
    size_t to_end = batcher->capacity - batcher->head;
    size_t slot = counts->waiting < to_end ? batcher->head + counts->waiting : counts->waiting - to_end;
    uint64_t now = batcher->rule.age > 0 ? pool_clock_now(batcher->clock) : 0;
    batcher->ring[slot] = (struct entry){.item = item, .since = now};
    counts->waiting++;
    counts->added++;
    if (counts->waiting == batcher->rule.size || (counts->waiting == 1 && batcher->rule.age > 0))
        bell_ring(&batcher->due); /* in between, the thread sleeps until the oldest is old */
    return POOL_OK;
}

/* Until there is room, or DEADLINE has passed (NULL: none). Who is late tries once more: nobody else would
 * hear of the room it was rung for. */
static enum pool_status add_patiently_locked(struct pool_batcher *batcher, void *item,
                                             const struct timespec *deadline)
{
    enum pool_status status;
    int late = 0;

    while ((status = add_locked(batcher, item)) == POOL_FULL && !late) {
        if (!deadline && pool_scope_inside(batcher))
            return POOL_WOULD_DEADLOCK;
        if (batcher->driver == POOL_BATCHER_POLL && batcher->counts.flushing == 0)
            flush_one_locked(batcher);
        else
            late = bell_wait(&batcher->room, deadline);
    }
    return status == POOL_FULL ? POOL_TIMED_OUT : status;
}

static void visit_begin(struct pool_batcher *batcher)
{
    lock_take(&batcher->lock);
    batcher->visitors++;
}

static enum pool_status visit_end(struct pool_batcher *batcher, enum pool_status status)
{
    if (--batcher->visitors == 0)
        bell_ring(&batcher->gone);
    lock_drop(&batcher->lock);
    return status;
}

enum pool_status pool_batcher_add(struct pool_batcher *batcher, void *item)
{
    if (!batcher)
        return POOL_INVALID;
    visit_begin(batcher);
    return visit_end(batcher, add_patiently_locked(batcher, item, NULL));
}

enum pool_status pool_batcher_try_add(struct pool_batcher *batcher, void *item)
{
    if (!batcher)
        return POOL_INVALID;
    visit_begin(batcher);
    return visit_end(batcher, add_locked(batcher, item));
}

enum pool_status pool_batcher_add_until(struct pool_batcher *batcher, void *item,
                                        const struct timespec *deadline)
{
    if (!batcher || !deadline_is_valid(deadline))
        return POOL_INVALID;
    visit_begin(batcher);
    return visit_end(batcher, add_patiently_locked(batcher, item, deadline));
}

/* --- poll, flush, close ------------------------------------------------------------------------------- */

enum pool_status pool_batcher_poll(struct pool_batcher *batcher, uint64_t *wait)
{
    uint64_t unused;
    wait = wait ? wait : &unused;
    *wait = POOL_BATCH_NEVER;
    if (!batcher || batcher->driver != POOL_BATCHER_POLL)
        return POOL_INVALID;
    enum pool_status status = POOL_EMPTY;
    visit_begin(batcher);
    if (batcher->counts.flushing == 0) {
        if (due_in_locked(batcher) == 0) {
            flush_one_locked(batcher);
            status = POOL_OK;
        }
        *wait = due_in_locked(batcher);
    }
    return visit_end(batcher, status);
}

static unsigned long long settled_locked(const struct pool_batcher *batcher)
{
    return batcher->counts.sent + batcher->counts.failed;
}

/* Until the first NUMBER items are out. */
static void send_out_locked(struct pool_batcher *batcher, unsigned long long number)
{
    batcher->wanted = number > batcher->wanted ? number : batcher->wanted;
    bell_ring(&batcher->due);
    while (settled_locked(batcher) < number) {
        if (batcher->driver == POOL_BATCHER_POLL && batcher->counts.flushing == 0) {
            flush_one_locked(batcher);
            continue;
        }
        batcher->counts.closing++;
        bell_wait(&batcher->settled, NULL);
        batcher->counts.closing--;
    }
}

enum pool_status pool_batcher_flush(struct pool_batcher *batcher)
{
    if (!batcher)
        return POOL_INVALID;
    if (pool_scope_inside(batcher))
        return POOL_WOULD_DEADLOCK;
    visit_begin(batcher);
    unsigned long long failures = batcher->failures;
    send_out_locked(batcher, batcher->counts.added);
    return visit_end(batcher, batcher->failures == failures ? POOL_OK : POOL_FAILED);
}

enum pool_status pool_batcher_close(struct pool_batcher *batcher)
{
    if (!batcher)
        return POOL_INVALID;
    if (pool_scope_inside(batcher))
        return POOL_WOULD_DEADLOCK;
    visit_begin(batcher);
    batcher->closed = true;
    bell_ring_all(&batcher->room);
    send_out_locked(batcher, batcher->counts.added);
    return visit_end(batcher, batcher->failures == 0 ? POOL_OK : POOL_FAILED);
}

/* --- create and destroy ------------------------------------------------------------------------------- */

static void batcher_free(struct pool_batcher *batcher)
{
    bell_release(&batcher->gone);
    bell_release(&batcher->settled);
    bell_release(&batcher->due);
    bell_release(&batcher->room);
    lock_release(&batcher->lock);
    free(batcher->batch);
    free(batcher->ring);
    free(batcher);
}

void pool_batcher_destroy(struct pool_batcher *batcher)
{
    if (!batcher)
        return;
    bool inside = pool_scope_inside(batcher);
    assert(!inside && "pool_batcher_destroy was called from the batcher's own flush");
    if (inside)
        return; /* without assertions: a leak rather than a flush in freed memory */
    pool_batcher_close(batcher);
    lock_take(&batcher->lock);
    while (batcher->visitors > 0)
        bell_wait(&batcher->gone, NULL);
    lock_drop(&batcher->lock);
    if (batcher->driver == POOL_BATCHER_THREAD)
        must(pthread_join(batcher->thread, NULL));
    batcher_free(batcher);
}

static bool options_are_valid(const struct pool_batcher_options *options)
{
    return options && options->flush && options->size > 0 && options->capacity >= options->size &&
           options->capacity <= PTRDIFF_MAX / sizeof(struct entry) && options->driver <= POOL_BATCHER_POLL &&
           !(options->driver == POOL_BATCHER_THREAD && options->clock);
}

/* A batcher without its thread. NULL: out of memory. */
static struct pool_batcher *batcher_new(const struct pool_batcher_options *options)
{
    struct pool_batcher *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->rule = (struct pool_batch_rule){.size = options->size, .age = options->age};
    made->capacity = options->capacity;
    made->driver = options->driver;
    made->clock = options->clock;
    made->flush = options->flush;
    made->context = options->context;
    lock_init(&made->lock);
    bell_init(&made->room, &made->lock);
    bell_init(&made->due, &made->lock);
    bell_init(&made->settled, &made->lock);
    bell_init(&made->gone, &made->lock);
    made->ring = calloc(options->capacity, sizeof made->ring[0]);
    made->batch = calloc(options->size, sizeof made->batch[0]);
    if (made->ring && made->batch)
        return made;
    batcher_free(made);
    return NULL;
}

enum pool_status pool_batcher_create(struct pool_batcher **batcher,
                                     const struct pool_batcher_options *options)
{
    if (!batcher)
        return POOL_INVALID;
    *batcher = NULL;
    if (!options_are_valid(options))
        return POOL_INVALID;
    struct pool_batcher *made = batcher_new(options);
    if (!made)
        return POOL_NO_MEMORY;
    if (made->driver == POOL_BATCHER_THREAD && pthread_create(&made->thread, NULL, thread_main, made) != 0) {
        batcher_free(made);
        return POOL_NO_THREAD;
    }
    *batcher = made;
    return POOL_OK;
}

struct pool_batcher_counts pool_batcher_counts(struct pool_batcher *batcher)
{
    struct pool_batcher_counts counts = {0};
    if (!batcher)
        return counts;
    lock_take(&batcher->lock);
    counts = batcher->counts;
    counts.blocked = batcher->room.waiting;
    lock_drop(&batcher->lock);
    return counts;
}
