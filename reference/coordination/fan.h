/* fan.h - the same call for many, at once but not too many at once, and then one result.
 *
 *     struct pool_fan_slot slots[200];
 *     struct pool_fan fan = {.pool = pool, .limit = 8, .call = fetch, .context = urls};
 *     if (pool_fan_map(&fan, 200, slots) != POOL_OK) ...  // slots[i]: how urls[i] went, in the array's order
 *     if (pool_fan_first(&fan, 3, slots, &winner) == POOL_OK) use(slots[winner].value);
 *
 * The caller's steps: one call. It returns when nothing of it runs any more, so what the calls use may lie on
 * the caller's stack (B04). That goes for first and quorum too: the slower calls are told
 * (pool_group_is_cancelled), those that have not begun never do, and the rest is waited for.
 *
 * The calling thread works as well: it is one of the `limit`. The others are tasks of a group on the pool, or
 * without a pool threads of the group's own. If the pool's queue is full, the pool stopped, or no thread to
 * be had, there are fewer helpers, and in the end the caller does all of it alone: a fan never fails for want
 * of helpers, and may be used inside a task of its own pool. So a call must not wait for another one of the
 * same fan.
 *
 * Begun in the order of the index, at most `limit` at once. For nested limits multiply: a limit here of 50
 * for each of 5 callers is 250 calls (X25). A limit of 0 is refused (M27).
 *
 * Any thread may use a fan, several at once too: the struct is only read.
 */
#ifndef DEEPEND_POOL_FAN_H
#define DEEPEND_POOL_FAN_H

#include "group.h"
#include "status.h"
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The INDEX-th call. 0: it went well. *VALUE is NULL before; it lands in the slot, whatever the answer. GROUP
 * is there to ask whether the result is still wanted. */
typedef int pool_fan_call(void *context, size_t index, struct pool_group *group, void **value);

struct pool_fan {
    struct pool *pool; /* NULL: threads of its own */
    size_t limit;      /* calls at once, the caller's thread included; 1 is the caller alone */
    pool_fan_call *call;
    void *context;
};

/* POOL_OK; POOL_FAILED with its error; POOL_CANCELLED: it never began, since it was decided without it. */
struct pool_fan_slot {
    enum pool_status status;
    int error;
    void *value; /* the caller's from now on: also of a call that failed, or succeeded when that no longer
                    mattered */
};

/* All COUNT calls have to go well: POOL_OK. The first failure ends it: POOL_FAILED. COUNT 0: POOL_OK, nothing
 * to do. SLOTS: COUNT of them, all written. Of all three: POOL_INVALID, POOL_NO_MEMORY: nothing ran. */
POOL_MUST_LOOK enum pool_status pool_fan_map(const struct pool_fan *fan, size_t count,
                                             struct pool_fan_slot *slots);

/* NEED of the COUNT calls have to go well: then it ends, POOL_OK. It ends as well, POOL_FAILED, as soon as so
 * many have failed that NEED cannot be reached. More than NEED slots may be POOL_OK: calls that were running.
 * POOL_INVALID: NEED is 0 or more than COUNT. */
POOL_MUST_LOOK enum pool_status pool_fan_quorum(const struct pool_fan *fan, size_t count, size_t need,
                                                struct pool_fan_slot *slots);

/* A quorum of one: *WINNER (may be NULL) is the index of the first that went well; untouched if none did. */
POOL_MUST_LOOK enum pool_status pool_fan_first(const struct pool_fan *fan, size_t count,
                                               struct pool_fan_slot *slots, size_t *winner);

#ifdef __cplusplus
}
#endif

#endif
