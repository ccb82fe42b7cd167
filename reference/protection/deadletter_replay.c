/* deadletter_replay.c - sending letters again; removing, reading and compacting by hand. See deadletter.h.
 *
 * A letter is taken in hand under the lock, sent without it, and put down under it. Its texts never change,
 * and nobody drops it meanwhile, so the sender may read them without the lock.
 */
#include "deadletter_store.h"

#include <stdlib.h>
#include <string.h>

/* --- replay ------------------------------------------------------------------------------------------- */

static struct letter *take_in_hand(struct pool_deadletter *dead, uint64_t after, uint64_t last)
{
    lock_take(&dead->lock);
    struct letter *letter = pool_letter_first_free(dead, after);
    if (letter && letter->item.id > last)
        letter = NULL;
    if (letter) {
        letter->in_hand = true;
        dead->counts.in_hand++;
    }
    lock_drop(&dead->lock);
    return letter;
}

/* The attempts are only news: if the file does not take them, the letter is still there. */
static enum pool_status keep_locked(struct pool_deadletter *dead, struct letter *letter)
{
    if (letter->item.attempts < UINT32_MAX)
        letter->item.attempts++;
    letter->item.at = pool_clock_now(&dead->clock);
    return pool_letter_write_locked(dead, '*', &letter->item);
}

static enum pool_status put_down(struct pool_deadletter *dead, struct letter *letter, bool sent)
{
    lock_take(&dead->lock);
    letter->in_hand = false;
    dead->counts.in_hand--;
    enum pool_status status =
        sent ? pool_letter_forget_locked(dead, letter, &dead->counts.sent) : keep_locked(dead, letter);
    lock_drop(&dead->lock);
    return status;
}

static uint64_t last_id(struct pool_deadletter *dead)
{
    lock_take(&dead->lock);
    uint64_t last = dead->next_id - 1;
    lock_drop(&dead->lock);
    return last;
}

enum pool_status pool_deadletter_replay(struct pool_deadletter *dead, size_t most, pool_deadletter_send *send,
                                        void *context, struct pool_deadletter_outcome *outcome)
{
    struct pool_deadletter_outcome so_far = {0};
    enum pool_status status = POOL_OK;
    struct letter *letter;

    if (!dead || !send)
        return POOL_INVALID;
    uint64_t after = 0, last = last_id(dead);
    while (status == POOL_OK && most-- > 0 && (letter = take_in_hand(dead, after, last))) {
        after = letter->item.id;
        bool sent = send(&letter->item, context) == POOL_OK;
        so_far.sent += sent;
        so_far.failed += !sent;
        status = put_down(dead, letter, sent);
    }
    if (outcome)
        *outcome = so_far;
    return status;
}

/* --- by hand ------------------------------------------------------------------------------------------ */

static enum pool_status remove_locked(struct pool_deadletter *dead, uint64_t id)
{
    struct letter *letter = pool_letter_find(dead, id);

    if (!letter)
        return POOL_EMPTY;
    return letter->in_hand ? POOL_REJECTED : pool_letter_forget_locked(dead, letter, &dead->counts.removed);
}

enum pool_status pool_deadletter_remove(struct pool_deadletter *dead, uint64_t id)
{
    if (!dead)
        return POOL_INVALID;
    lock_take(&dead->lock);
    enum pool_status status = remove_locked(dead, id);
    lock_drop(&dead->lock);
    return status;
}

static enum pool_status copy_next_locked(struct pool_deadletter *dead, uint64_t after,
                                         struct pool_deadletter_item **copy)
{
    struct letter *letter = dead->oldest;

    while (letter && letter->item.id <= after)
        letter = letter->next;
    if (!letter)
        return POOL_EMPTY;
    *copy = malloc(sizeof **copy + pool_letter_texts_size(&letter->item));
    if (!*copy)
        return POOL_NO_MEMORY;
    pool_letter_copy(*copy, &letter->item, (char *)(*copy + 1));
    return POOL_OK;
}

enum pool_status pool_deadletter_next(struct pool_deadletter *dead, uint64_t after,
                                      struct pool_deadletter_item **copy)
{
    if (!dead || !copy)
        return POOL_INVALID;
    *copy = NULL;
    lock_take(&dead->lock);
    enum pool_status status = copy_next_locked(dead, after, copy);
    lock_drop(&dead->lock);
    return status;
}

/* The first line is the highest number ever given, as one that is gone: so no number is given twice. */
static enum pool_status rewrite_locked(struct pool_deadletter *dead, struct deadletter_file *fresh)
{
    const struct pool_deadletter_item highest = {.id = dead->next_id - 1};
    enum pool_status status = highest.id ? pool_deadletter_file_append(fresh, '-', &highest) : POOL_OK;

    for (struct letter *letter = dead->oldest; letter && status == POOL_OK; letter = letter->next)
        status = pool_deadletter_file_append(fresh, '+', &letter->item);
    return status;
}

static enum pool_status compact_locked(struct pool_deadletter *dead)
{
    struct deadletter_file fresh;
    enum pool_status status = pool_deadletter_file_beside(&fresh, &dead->file);

    if (status == POOL_OK) {
        status = rewrite_locked(dead, &fresh);
        if (status == POOL_OK)
            return pool_deadletter_file_replace(&dead->file, &fresh);
        pool_deadletter_file_abandon(&fresh, &dead->file);
    }
    if (status == POOL_FAILED)
        dead->file.error = fresh.error;
    return status;
}

enum pool_status pool_deadletter_compact(struct pool_deadletter *dead)
{
    if (!dead)
        return POOL_INVALID;
    lock_take(&dead->lock);
    enum pool_status status = dead->file.fd < 0 ? POOL_OK : compact_locked(dead);
    dead->counts.file_error = dead->file.error;
    lock_drop(&dead->lock);
    return status;
}
