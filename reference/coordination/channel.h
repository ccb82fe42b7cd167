/* channel.h - a small bounded queue of pointers that makes its users wait.
 *
 *     struct pool_channel *jobs;
 *     if (pool_channel_create(&jobs, 16) != POOL_OK) ...
 *     if (pool_channel_send(jobs, job) != POOL_OK) free(job);          // one thread
 *     while (pool_channel_receive(jobs, &item) == POOL_OK) use(item);  // another, until closed and empty
 *     pool_channel_close(jobs);                                        // the first again: no more will come
 *
 * The caller's steps: create, send and receive from any number of threads, close, receive the rest, destroy.
 * Items leave in the order in which they came. An item is the sender's until a send answers POOL_OK, then the
 * channel's, then its receiver's. NULL is an item like any other.
 *
 * A full channel makes senders wait: that is how a slow stage slows its source (M30). Memory grows only with
 * the number of waiting senders (X10).
 *
 * Any thread may call anything. Nobody waits in any order: who comes at the right moment goes first.
 */
#ifndef DEEPEND_POOL_CHANNEL_H
#define DEEPEND_POOL_CHANNEL_H

#include "status.h"
#include <stddef.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pool_channel;

/* CAPACITY items may wait, at least 1 (a channel of 0, where sender and receiver meet, is not offered).
 * POOL_INVALID, also for a capacity that no memory could hold, and POOL_NO_MEMORY leave nothing behind and
 * *CHANNEL NULL. */
POOL_MUST_LOOK enum pool_status pool_channel_create(struct pool_channel **channel, size_t capacity);

/* Send, waiting for room; without waiting (POOL_FULL); waiting until DEADLINE, on CLOCK_MONOTONIC
 * (POOL_TIMED_OUT; one in the past still tries). POOL_STOPPED: the channel is or was being closed. */
POOL_MUST_LOOK enum pool_status pool_channel_send(struct pool_channel *channel, void *item);
POOL_MUST_LOOK enum pool_status pool_channel_try_send(struct pool_channel *channel, void *item);
POOL_MUST_LOOK enum pool_status pool_channel_send_until(struct pool_channel *channel, void *item,
                                                        const struct timespec *deadline);

/* Receive into *ITEM, waiting for an item; without waiting (POOL_EMPTY); until DEADLINE (POOL_TIMED_OUT).
 * POOL_STOPPED: closed, and nothing is left. *ITEM is written only with POOL_OK. */
POOL_MUST_LOOK enum pool_status pool_channel_receive(struct pool_channel *channel, void **item);
POOL_MUST_LOOK enum pool_status pool_channel_try_receive(struct pool_channel *channel, void **item);
POOL_MUST_LOOK enum pool_status pool_channel_receive_until(struct pool_channel *channel, void **item,
                                                           const struct timespec *deadline);

/* Receive, and in *NUMBER how many were received before this one: whoever works on items in several threads
 * can put them back in order by it. */
POOL_MUST_LOOK enum pool_status pool_channel_receive_numbered(struct pool_channel *channel, void **item,
                                                              unsigned long long *number);

/* No more items: waiting senders go away with POOL_STOPPED, receivers get what is left. May be repeated, by
 * several at once. POOL_INVALID: NULL. */
enum pool_status pool_channel_close(struct pool_channel *channel);

/* Close, wait until everybody inside has left, free. NULL is fine. Items that are left are forgotten: receive
 * them first. From now on nobody may call. */
void pool_channel_destroy(struct pool_channel *channel);

/* A snapshot: sent = received + queued. `peak` is the most that was ever queued. */
struct pool_channel_counts {
    size_t capacity, queued, peak, senders, receivers; /* the last two wait */
    unsigned long long sent, received;
};
struct pool_channel_counts pool_channel_counts(struct pool_channel *channel);

#ifdef __cplusplus
}
#endif

#endif
