/* batcher.h - few large writes instead of many small ones: a batch goes out when it is large or old enough.
 *
 *     struct pool_batcher_options options = {
 *         .size = 29, .age = 5 * POOL_MILLISECOND, .capacity = 290, .flush = write_rows, .context = db};
 *     if (pool_batcher_create(&batcher, &options) != POOL_OK) ...
 *     if (pool_batcher_add(batcher, row) != POOL_OK) free(row);   // from any thread
 *     if (pool_batcher_close(batcher) != POOL_OK) ...             // the rest went out, not all of it well
 *     pool_batcher_destroy(batcher);
 *
 * The caller's steps: create, add from any threads, close, destroy. Items go out in the order in which they
 * came, one batch at a time. An item belongs to the caller until add answers POOL_OK, then to the batcher,
 * and to `flush` from its call on, whatever that answers: there is no second try here.
 *
 * Who calls flush: with POOL_BATCHER_THREAD a thread of the batcher's, which sleeps until a batch is due, on
 * the system's clock. With POOL_BATCHER_POLL whoever calls pool_batcher_poll, flush, close, or an add that
 * finds no room; then the age is told by `clock`, and nothing happens by itself.
 *
 * When more comes than goes out, `capacity` fills and add waits: that is the backpressure. Choose a size with
 * headroom: one that exactly matches the rates is 100 % load, and its backlog never drains (X95: 1 M events
 * over 50 K writes a second need 20 each to be level, 29 for a load of 70 %).
 *
 * Any thread may call anything, unless it says otherwise. From inside flush, a call that would wait for it
 * answers POOL_WOULD_DEADLOCK. flush is called without a lock. It must return, as in pool.h.
 */
#ifndef DEEPEND_POOL_BATCHER_H
#define DEEPEND_POOL_BATCHER_H

#include "clock.h"
#include "status.h"
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- the rule alone ----------------------------------------------------------------------------------- */

struct pool_batch_rule {
    size_t size;  /* due when so many wait, at least 1 */
    uint64_t age; /* nanoseconds: due when the oldest has waited so long; 0: however long */
};

#define POOL_BATCH_NEVER UINT64_MAX

/* Nanoseconds until COUNT items, the oldest of which has waited for WAITED nanoseconds, are due. 0: now.
 * POOL_BATCH_NEVER: not by waiting. Pure. */
uint64_t pool_batch_due_in(const struct pool_batch_rule *rule, size_t count, uint64_t waited);

/* --- the batcher -------------------------------------------------------------------------------------- */

struct pool_batcher;

enum pool_batcher_driver { POOL_BATCHER_THREAD, POOL_BATCHER_POLL };

struct pool_batcher_options {
    size_t size;     /* as in the rule, as is */
    uint64_t age;    /* this */
    size_t capacity; /* items that may wait, at least SIZE; those that flush has do not count */
    enum pool_batcher_driver driver;
    const struct pool_clock *clock; /* must live as long; NULL: the system's. Only for
                                       POOL_BATCHER_POLL: a thread cannot sleep by another's clock */
    int (*flush)(void *context, void **items, size_t count); /* 1 to SIZE items, in an array that is its own
                                                                until it returns. 0: it went well */
    void *context;
};

/* POOL_INVALID, POOL_NO_MEMORY and POOL_NO_THREAD leave nothing behind and *BATCHER NULL. */
POOL_MUST_LOOK enum pool_status pool_batcher_create(struct pool_batcher **batcher,
                                                    const struct pool_batcher_options *options);

/* Add an item: waiting for room (or, with polling, making it by a flush); without either (POOL_FULL); until
 * DEADLINE, on CLOCK_MONOTONIC (POOL_TIMED_OUT; one in the past still tries). POOL_STOPPED: closed. */
POOL_MUST_LOOK enum pool_status pool_batcher_add(struct pool_batcher *batcher, void *item);
POOL_MUST_LOOK enum pool_status pool_batcher_try_add(struct pool_batcher *batcher, void *item);
POOL_MUST_LOOK enum pool_status pool_batcher_add_until(struct pool_batcher *batcher, void *item,
                                                       const struct timespec *deadline);

/* Flush one batch if one is due: POOL_OK. POOL_EMPTY: none is, or another thread is flushing. *WAIT (may be
 * NULL) are the nanoseconds until one may be due, as in pool_batch_due_in; POOL_BATCH_NEVER for who found
 * another thread flushing. POOL_INVALID: the batcher has a thread for that. */
enum pool_status pool_batcher_poll(struct pool_batcher *batcher, uint64_t *wait);

/* Send out what has been added before this call, due or not, and wait until it is out. POOL_FAILED: a flush
 * failed meanwhile. */
enum pool_status pool_batcher_flush(struct pool_batcher *batcher);

/* Take no more items, send out the rest, wait until it is out. Repeats and several at once are fine.
 * POOL_FAILED: some flush has failed since create. */
enum pool_status pool_batcher_close(struct pool_batcher *batcher);

/* Close, let everybody out, join the thread, free. NULL is fine. Never from inside flush (asserted). */
void pool_batcher_destroy(struct pool_batcher *batcher);

/* A snapshot: added = sent + failed + waiting + flushing, in items. `blocked` adds wait for room. */
struct pool_batcher_counts {
    size_t waiting, flushing, blocked, closing; /* closing: threads in flush or close that wait */
    unsigned long long added, sent, failed;
    unsigned long long batches, full_batches; /* flushes begun; those of `size` items */
    int first_error;                          /* of the first flush that failed; 0: none did */
};
struct pool_batcher_counts pool_batcher_counts(struct pool_batcher *batcher);

#ifdef __cplusplus
}
#endif

#endif
