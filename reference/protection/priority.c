/* priority.c - one first-in-first-out list for each level; the next item is the best of their heads. See
 * priority.h.
 *
 * Within a level arrivals only grow, for the clock is read under the lock, so its head is its best, and a
 * take compares no more than `levels` heads. No number wraps: a level's bonus is below 2^62, and 2^63 ns of
 * clock are 292 years.
 */
#include "priority.h"

#include "pool_monitor.h"
#include <stdlib.h>

struct entry {
    void *item;
    uint64_t arrived;
    struct entry *next; /* of the same level, or free */
};

struct level {
    struct entry *first, *last;
    struct pool_priority_counts counts;
};

struct pool_priority {
    /* Fixed after create. */
    struct pool_clock clock;
    unsigned level_count;
    uint64_t age;
    void (*discard)(void *item);

    struct lock lock; /* the only one */

    /* Guarded by lock. */
    bool stopped;
    uint64_t now; /* the last time read: it never goes back */
    struct entry *free;
    struct bell work; /* slept at until: an item is queued, or stopped */
    struct pool_priority_counts counts;
    struct level *levels;
    struct entry *entries;
};

static bool options_are_valid(const struct pool_priority_options *options)
{
    return options && options->levels >= 1 && options->levels <= POOL_PRIORITY_MOST_LEVELS &&
           options->items >= 1 && options->items <= POOL_PRIORITY_MOST_ITEMS && options->age > 0 &&
           (options->age <= POOL_PRIORITY_MOST_AGE || options->age == POOL_PRIORITY_STRICT);
}

static void release(struct pool_priority *queue)
{
    free(queue->levels);
    free(queue->entries);
    free(queue);
}

static struct pool_priority *make(const struct pool_priority_options *options)
{
    struct pool_priority *made = calloc(1, sizeof *made);

    if (!made)
        return NULL;
    made->levels = calloc(options->levels, sizeof *made->levels);
    made->entries = calloc(options->items, sizeof *made->entries);
    if (!made->levels || !made->entries) {
        release(made);
        return NULL;
    }
    for (size_t i = 0; i + 1 < options->items; i++)
        made->entries[i].next = &made->entries[i + 1];
    made->free = made->entries;
    return made;
}

enum pool_status pool_priority_create(struct pool_priority **queue,
                                      const struct pool_priority_options *options)
{
    if (!queue)
        return POOL_INVALID;
    *queue = NULL;
    if (!options_are_valid(options))
        return POOL_INVALID;
    struct pool_priority *made = make(options);
    if (!made)
        return POOL_NO_MEMORY;
    if (options->clock)
        made->clock = *options->clock;
    made->level_count = options->levels;
    made->age = options->age;
    made->discard = options->discard;
    lock_init(&made->lock);
    bell_init(&made->work, &made->lock);
    *queue = made;
    return POOL_OK;
}

static uint64_t now_locked(struct pool_priority *queue)
{
    assert(lock_is_mine(&queue->lock));
    uint64_t now = pool_clock_now(&queue->clock);

    if (now > queue->now)
        queue->now = now;
    return queue->now;
}

/* --- put ---------------------------------------------------------------------------------------------- */

static void append_locked(struct pool_priority *queue, struct level *level, void *item)
{
    struct entry *entry = queue->free;

    queue->free = entry->next;
    *entry = (struct entry){.item = item, .arrived = now_locked(queue)};
    *(level->last ? &level->last->next : &level->first) = entry;
    level->last = entry;
}

static enum pool_status put_locked(struct pool_priority *queue, struct level *level, void *item)
{
    if (queue->stopped || !queue->free) {
        queue->counts.refused++;
        level->counts.refused++;
        return queue->stopped ? POOL_STOPPED : POOL_FULL;
    }
    append_locked(queue, level, item);
    queue->counts.put++;
    queue->counts.queued++;
    level->counts.put++;
    level->counts.queued++;
    bell_ring(&queue->work);
    return POOL_OK;
}

enum pool_status pool_priority_put(struct pool_priority *queue, unsigned level, void *item)
{
    if (!queue || level >= queue->level_count)
        return POOL_INVALID;
    lock_take(&queue->lock);
    enum pool_status status = put_locked(queue, &queue->levels[level], item);
    lock_drop(&queue->lock);
    return status;
}

/* --- take --------------------------------------------------------------------------------------------- */

/* Does the head of LOW, STEPS levels below, start before that of HIGH? A tie goes to the higher level. */
static bool overtakes(const struct pool_priority *queue, const struct level *low, const struct level *high,
                      unsigned steps)
{
    return queue->age != POOL_PRIORITY_STRICT &&
           low->first->arrived + steps * queue->age < high->first->arrived;
}

static struct level *best_locked(struct pool_priority *queue)
{
    unsigned best = queue->level_count;

    for (unsigned i = 0; i < queue->level_count; i++) {
        if (!queue->levels[i].first)
            continue;
        if (best == queue->level_count || overtakes(queue, &queue->levels[i], &queue->levels[best], i - best))
            best = i;
    }
    return best == queue->level_count ? NULL : &queue->levels[best];
}

static void *take_first_locked(struct pool_priority *queue, struct level *level)
{
    struct entry *entry = level->first;
    void *item = entry->item;

    level->first = entry->next;
    if (!level->first)
        level->last = NULL;
    *entry = (struct entry){.next = queue->free}; /* no stale pointer stays (X51) */
    queue->free = entry;
    queue->counts.taken++;
    queue->counts.queued--;
    level->counts.taken++;
    level->counts.queued--;
    return item;
}

static enum pool_status try_locked(struct pool_priority *queue, void **item)
{
    struct level *best = best_locked(queue);

    if (!best)
        return queue->stopped ? POOL_STOPPED : POOL_EMPTY;
    *item = take_first_locked(queue, best);
    return POOL_OK;
}

enum pool_status pool_priority_take(struct pool_priority *queue, void **item, const struct timespec *deadline)
{
    enum pool_status status;
    int late = 0;

    if (!queue || !item || (deadline && !deadline_is_valid(deadline)))
        return POOL_INVALID;
    *item = NULL;
    lock_take(&queue->lock);
    while ((status = try_locked(queue, item)) == POOL_EMPTY && deadline && !late)
        late = bell_wait(&queue->work, deadline);
    lock_drop(&queue->lock);
    return status == POOL_EMPTY && deadline ? POOL_TIMED_OUT : status;
}

/* --- the end, and asking ------------------------------------------------------------------------------ */

enum pool_status pool_priority_stop(struct pool_priority *queue)
{
    if (!queue)
        return POOL_INVALID;
    lock_take(&queue->lock);
    queue->stopped = true;
    bell_ring_all(&queue->work);
    lock_drop(&queue->lock);
    return POOL_OK;
}

static uint64_t waited_locked(struct pool_priority *queue, const struct level *level)
{
    return level->first ? now_locked(queue) - level->first->arrived : 0;
}

struct pool_priority_counts pool_priority_level(struct pool_priority *queue, unsigned level)
{
    struct pool_priority_counts counts = {0};
    if (!queue || level >= queue->level_count)
        return counts;
    lock_take(&queue->lock);
    counts = queue->levels[level].counts;
    counts.oldest = waited_locked(queue, &queue->levels[level]);
    lock_drop(&queue->lock);
    return counts;
}

struct pool_priority_counts pool_priority_counts(struct pool_priority *queue)
{
    struct pool_priority_counts counts = {0};
    if (!queue)
        return counts;
    lock_take(&queue->lock);
    counts = queue->counts;
    counts.waiting = queue->work.waiting;
    for (unsigned i = 0; i < queue->level_count; i++) {
        uint64_t waited = waited_locked(queue, &queue->levels[i]);
        counts.oldest = waited > counts.oldest ? waited : counts.oldest;
    }
    lock_drop(&queue->lock);
    return counts;
}

void pool_priority_destroy(struct pool_priority *queue)
{
    if (!queue)
        return;
    for (unsigned i = 0; i < queue->level_count && queue->discard; i++)
        for (struct entry *entry = queue->levels[i].first; entry; entry = entry->next)
            queue->discard(entry->item);
    bell_release(&queue->work);
    lock_release(&queue->lock);
    release(queue);
}
