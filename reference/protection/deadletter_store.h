/* deadletter_store.h - what the dead-letter store's files share: its fields and its letters. Private to this
 * room. Functions here are called with the lock held, but for pool_letter_of and those that only copy.
 */
#ifndef DEEPEND_POOL_DEADLETTER_STORE_H
#define DEEPEND_POOL_DEADLETTER_STORE_H

#include "deadletter.h"
#include "deadletter_file.h"
#include "pool_monitor.h"

/* A letter that a replay has in hand stays in the list; nobody else changes or frees it until it is put down.
 */
struct letter {
    struct letter *next, *before;
    bool in_hand;
    struct pool_deadletter_item item; /* its texts lie behind it */
    char texts[];
};

struct pool_deadletter {
    /* Fixed after create. */
    struct pool_deadletter_options options;
    struct pool_clock clock;
    char *path;

    struct lock
        lock; /* the only one; the file is written under it, since its lines are in the list's order */

    /* Guarded by lock. */
    struct letter *oldest, *newest;
    uint64_t next_id;
    struct deadletter_file file;
    struct pool_deadletter_counts counts;
    unsigned long long lines; /* in the file when it was read */
};

/* A copy of ITEM. NULL: out of memory. */
struct letter *pool_letter_of(const struct pool_deadletter_item *item);

/* COPY's texts go to ROOM, which has pool_letter_texts_size(ITEM) bytes. */
size_t pool_letter_texts_size(const struct pool_deadletter_item *item);
void pool_letter_copy(struct pool_deadletter_item *copy, const struct pool_deadletter_item *item, char *room);

void pool_letter_append(struct pool_deadletter *dead, struct letter *letter);

/* Out of the list, and freed. */
void pool_letter_drop(struct pool_deadletter *dead, struct letter *letter);

/* NULL: it is not there. */
struct letter *pool_letter_find(struct pool_deadletter *dead, uint64_t id);

/* The oldest above AFTER that is in nobody's hand. NULL: none is. */
struct letter *pool_letter_first_free(struct pool_deadletter *dead, uint64_t after);

/* A line to the file, if there is one. */
enum pool_status pool_letter_write_locked(struct pool_deadletter *dead, char sign,
                                          const struct pool_deadletter_item *item);

/* Forget LETTER, in the file and here, and count it in *GONE. After POOL_FAILED or _NO_MEMORY it is there. */
enum pool_status pool_letter_forget_locked(struct pool_deadletter *dead, struct letter *letter,
                                           unsigned long long *gone);

#endif
