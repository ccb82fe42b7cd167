/* deadletter.h - where what has failed for good is kept, with the reason, until somebody sends it again.
 *
 *     struct pool_deadletter *dead;
 *     pool_deadletter_create(&dead, &(struct pool_deadletter_options){.items = 10000, .path = "dead.log"});
 *     struct pool_deadletter_item item = {.reason = "503 from mail", .attempts = 4, .payload = p, .size = n};
 *     if (pool_deadletter_put(dead, &item, &id) != POOL_OK) ...          // it is nowhere else: log it
 *     pool_deadletter_replay(dead, 100, send_again, context, &outcome);  // later, when the cause is repaired
 *
 * The store is bounded, and says when it is full: a dead letter that vanishes is lost work. With a path every
 * change is a line at the end of that file before the call returns, so a crash loses nothing that was
 * answered with POOL_OK (after a power cut: with POOL_DEADLETTER_SYNC). A line half written by a crash is cut
 * off at the next create; one that was damaged later is left alone and counted.
 *
 * A replay is at least once: after a crash between the sending and the note of it an item is sent again, so
 * the receiver must know its `id` (M37). Replay some at a time: all at once is a herd (I15).
 *
 * Any thread may call any function. Each holds the store's one lock, with a path also while it writes, so it
 * may take as long as the disk does. POOL_INVALID answers NULL.
 */
#ifndef DEEPEND_POOL_DEADLETTER_H
#define DEEPEND_POOL_DEADLETTER_H

#include "clock.h"
#include "status.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pool_deadletter;

enum pool_deadletter_full { POOL_DEADLETTER_REFUSE, POOL_DEADLETTER_DROP_OLDEST };
enum pool_deadletter_safety { POOL_DEADLETTER_WRITE, POOL_DEADLETTER_SYNC }; /* SYNC: to the disk each time */

enum { POOL_DEADLETTER_MOST_BYTES = 1 << 26, POOL_DEADLETTER_MOST_REASON = 1 << 12 };

struct pool_deadletter_options {
    size_t items;                   /* kept at most; 0 is refused (M27) */
    enum pool_deadletter_full full; /* what a put does then */
    const char *path;               /* NULL: in memory only */
    enum pool_deadletter_safety safety;
    int *why;                       /* gets the errno of a create that answers POOL_FAILED; may be NULL */
    const struct pool_clock *clock; /* copied; NULL: CLOCK_REALTIME, for the times outlive the process */
};

/* Make a store and read the file, if it is there. POOL_FAILED: it cannot be opened, read or written.
 * POOL_REJECTED: another store has it. POOL_FULL: it holds more than `items`, and may not drop any. */
POOL_MUST_LOOK enum pool_status pool_deadletter_create(struct pool_deadletter **dead,
                                                       const struct pool_deadletter_options *options);

struct pool_deadletter_item {
    uint64_t id;         /* given by put: 1, 2, ...; never given twice, across restarts too */
    uint64_t at;         /* when it failed last, ns by the store's clock; put sets it */
    unsigned attempts;   /* made so far; a replay that fails adds one */
    const char *reason;  /* up to POOL_DEADLETTER_MOST_REASON bytes; NULL: "" */
    const void *payload; /* SIZE bytes up to POOL_DEADLETTER_MOST_BYTES, of any kind; NULL if SIZE is 0 */
    size_t size;
};

/* Keep a copy of ITEM; *ID (may be NULL) becomes its number. POOL_OK. POOL_FULL: no room, or all of it is
 * being replayed. POOL_FAILED: the file took no line. POOL_NO_MEMORY. After these nothing has changed. */
POOL_MUST_LOOK enum pool_status pool_deadletter_put(struct pool_deadletter *dead,
                                                    const struct pool_deadletter_item *item, uint64_t *id);

/* POOL_OK: it is delivered and may be forgotten; anything else: not. Called without a lock; it may call the
 * store. ITEM and what it points at live until it returns. */
typedef enum pool_status pool_deadletter_send(const struct pool_deadletter_item *item, void *context);

struct pool_deadletter_outcome {
    size_t sent, failed;
};

/* Send the MOST oldest items again, one after the other; those that came after the call began are not its
 * business, nor those that another replay has in hand. POOL_OK, also if none was left; *OUTCOME (may be NULL)
 * says how it went. POOL_FAILED: the file took no line. Then it stops; what was sent may be sent again. */
enum pool_status pool_deadletter_replay(struct pool_deadletter *dead, size_t most, pool_deadletter_send *send,
                                        void *context, struct pool_deadletter_outcome *outcome);

/* Forget one: POOL_OK. POOL_EMPTY: it is not there. POOL_REJECTED: a replay has it in hand. POOL_FAILED. */
enum pool_status pool_deadletter_remove(struct pool_deadletter *dead, uint64_t id);

/* A copy of the oldest item with a number above AFTER (0: of all), in one block for free(). POOL_OK;
 * POOL_EMPTY or POOL_NO_MEMORY with *COPY NULL. */
POOL_MUST_LOOK enum pool_status pool_deadletter_next(struct pool_deadletter *dead, uint64_t after,
                                                     struct pool_deadletter_item **copy);

/* Write the file anew with only what is kept, in PATH.new, and put it in the old one's place; damaged lines
 * are left out. Create does so by itself if lines can be saved and none is damaged. POOL_FAILED: the old one
 * stays, or, with SYNC, a power cut may bring it back. Without a path there is nothing to do. */
enum pool_status pool_deadletter_compact(struct pool_deadletter *dead);

/* A snapshot. found + put = kept + sent + removed + dropped. */
struct pool_deadletter_counts {
    size_t kept, in_hand;
    unsigned long long found, put, sent, removed, dropped, refused;
    unsigned long long torn, damaged; /* lines of the file: cut off, left alone */
    int file_error;                   /* errno of the last write that failed; 0: none did */
};
struct pool_deadletter_counts pool_deadletter_counts(struct pool_deadletter *dead);

/* Free it; the file stays. NULL is fine. Nobody may be calling, or call later. */
void pool_deadletter_destroy(struct pool_deadletter *dead);

#ifdef __cplusplus
}
#endif

#endif
