/* deadletter.c - the store: made from options and file, and put into. See deadletter.h.
 *
 * The line goes to the file before the list changes, so what the file refuses has not happened. Memory is
 * taken before the line, so what has been written is never lost for want of memory. Replay, and what is done
 * by hand, are in deadletter_replay.c.
 */
#include "deadletter.h"

#include "deadletter_store.h"
#include <stdlib.h>
#include <string.h>

static uint64_t real_time(void *context)
{
    struct timespec now;
    (void)context;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * POOL_SECOND + (uint64_t)now.tv_nsec;
}

/* --- create ------------------------------------------------------------------------------------------- */

static bool options_are_valid(const struct pool_deadletter_options *options)
{
    return options && options->items > 0 && (unsigned)options->full <= POOL_DEADLETTER_DROP_OLDEST &&
           (unsigned)options->safety <= POOL_DEADLETTER_SYNC;
}

static bool read_line(void *context, char sign, const struct pool_deadletter_item *item)
{
    struct pool_deadletter *dead = context;
    bool is_new = !dead->newest || item->id > dead->newest->item.id; /* as a rule: spares the search */
    struct letter *known = is_new ? NULL : pool_letter_find(dead, item->id);

    dead->lines++;
    if (item->id >= dead->next_id)
        dead->next_id = item->id + 1;
    if (sign == '-' && known) {
        pool_letter_drop(dead, known);
    } else if (sign == '*' && known) {
        known->item.at = item->at;
        known->item.attempts = item->attempts;
    } else if (sign == '+' && !known) {
        struct letter *letter = pool_letter_of(item);
        if (!letter)
            return false;
        pool_letter_append(dead, letter);
    }
    return true;
}

static void release(struct pool_deadletter *dead)
{
    while (dead->oldest)
        pool_letter_drop(dead, dead->oldest);
    pool_deadletter_file_close(&dead->file);
    free(dead->path);
    free(dead);
}

/* Drop the oldest until no more than MOST are kept. If the file takes no note of it, it is back after the
 * next create: rather twice than never. */
static void shrink_locked(struct pool_deadletter *dead, size_t most)
{
    struct letter *victim;

    while (dead->counts.kept > most && (victim = pool_letter_first_free(dead, 0))) {
        (void)pool_letter_write_locked(dead, '-', &victim->item);
        pool_letter_drop(dead, victim);
        dead->counts.dropped++;
    }
}

static enum pool_status open_file(struct pool_deadletter *dead)
{
    bool sync = dead->options.safety == POOL_DEADLETTER_SYNC;
    size_t size = strlen(dead->options.path) + 1;

    dead->path = malloc(size);
    if (!dead->path)
        return POOL_NO_MEMORY;
    dead->options.path = memcpy(dead->path, dead->options.path, size);
    enum pool_status status = pool_deadletter_file_open(&dead->file, dead->path, sync, read_line, dead);
    dead->counts.found = dead->counts.kept;
    dead->counts.torn = dead->file.torn;
    dead->counts.damaged = dead->file.damaged;
    if (status != POOL_OK)
        return status;
    if (dead->counts.kept > dead->options.items && dead->options.full == POOL_DEADLETTER_REFUSE)
        return POOL_FULL;
    shrink_locked(dead, dead->options.items);
    if (dead->lines > dead->counts.kept + 1 && dead->file.damaged == 0)
        (void)pool_deadletter_compact(dead); /* if not now, then next time */
    return POOL_OK;
}

static struct pool_deadletter *make(const struct pool_deadletter_options *options)
{
    struct pool_deadletter *made = calloc(1, sizeof *made);

    if (!made)
        return NULL;
    made->options = *options;
    made->clock = options->clock ? *options->clock : (struct pool_clock){.now = real_time};
    made->file.fd = -1;
    made->next_id = 1;
    lock_init(&made->lock);
    return made;
}

enum pool_status pool_deadletter_create(struct pool_deadletter **dead,
                                        const struct pool_deadletter_options *options)
{
    if (!dead)
        return POOL_INVALID;
    *dead = NULL;
    if (!options_are_valid(options))
        return POOL_INVALID;
    struct pool_deadletter *made = make(options);
    if (!made)
        return POOL_NO_MEMORY;
    enum pool_status status = options->path ? open_file(made) : POOL_OK;
    if (status == POOL_OK) {
        *dead = made;
        return POOL_OK;
    }
    if (status == POOL_FAILED && options->why)
        *options->why = made->file.error;
    pool_deadletter_destroy(made);
    return status;
}

/* --- put ---------------------------------------------------------------------------------------------- */

static bool item_is_valid(const struct pool_deadletter_item *item)
{
    return item && item->size <= POOL_DEADLETTER_MOST_BYTES && (item->payload || item->size == 0) &&
           (!item->reason ||
            strnlen(item->reason, POOL_DEADLETTER_MOST_REASON + 1) <= POOL_DEADLETTER_MOST_REASON);
}

static bool has_room_locked(struct pool_deadletter *dead)
{
    if (dead->next_id == UINT64_MAX)
        return false;
    if (dead->counts.kept < dead->options.items)
        return true;
    return dead->options.full == POOL_DEADLETTER_DROP_OLDEST && pool_letter_first_free(dead, 0);
}

static enum pool_status put_locked(struct pool_deadletter *dead, struct letter *letter)
{
    if (!has_room_locked(dead))
        return POOL_FULL;
    letter->item.id = dead->next_id;
    letter->item.at = pool_clock_now(&dead->clock);
    enum pool_status status = pool_letter_write_locked(dead, '+', &letter->item);
    if (status != POOL_OK)
        return status;
    dead->next_id++;
    dead->counts.put++;
    pool_letter_append(dead, letter);
    shrink_locked(dead, dead->options.items);
    return POOL_OK;
}

enum pool_status pool_deadletter_put(struct pool_deadletter *dead, const struct pool_deadletter_item *item,
                                     uint64_t *id)
{
    if (!dead || !item_is_valid(item))
        return POOL_INVALID;
    struct letter *letter = pool_letter_of(item);
    if (!letter)
        return POOL_NO_MEMORY;
    lock_take(&dead->lock);
    enum pool_status status = put_locked(dead, letter);
    dead->counts.refused += status != POOL_OK;
    if (status == POOL_OK && id)
        *id = letter->item.id;
    lock_drop(&dead->lock);
    if (status != POOL_OK)
        free(letter);
    return status;
}

/* --- asking, and the end ------------------------------------------------------------------------------ */

struct pool_deadletter_counts pool_deadletter_counts(struct pool_deadletter *dead)
{
    struct pool_deadletter_counts counts = {0};
    if (!dead)
        return counts;
    lock_take(&dead->lock);
    counts = dead->counts;
    lock_drop(&dead->lock);
    return counts;
}

void pool_deadletter_destroy(struct pool_deadletter *dead)
{
    if (!dead)
        return;
    lock_release(&dead->lock);
    release(dead);
}
