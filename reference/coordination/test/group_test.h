/* group_test.h - tasks, pools and calls for the tests of the group. Each case runs twice where that makes
 * sense: on a pool and on threads of the group's own. */
#ifndef DEEPEND_GROUP_TEST_H
#define DEEPEND_GROUP_TEST_H

#include "coordination_test.h"
#include "group.h"

/* What the tasks of one case share. */
struct probe {
    struct gate gate;
    atomic_int ran, discarded, cancels;
    atomic_int running, peak;
    struct pool *pool; /* NULL: threads of the group's own */
    struct pool_group *group;
};

static inline int count_run(void *arg, struct pool_group *group)
{
    (void)group;
    atomic_fetch_add(&((struct probe *)arg)->ran, 1);
    return 0;
}

static inline int stay(void *arg, struct pool_group *group)
{
    (void)group;
    struct probe *probe = arg;
    gate_pass(&probe->gate);
    atomic_fetch_add(&probe->ran, 1);
    return 0;
}

static inline int fail_7(void *arg, struct pool_group *group)
{
    (void)group;
    atomic_fetch_add(&((struct probe *)arg)->ran, 1);
    return 7;
}

static inline int stay_and_fail_8(void *arg, struct pool_group *group)
{
    stay(arg, group);
    return 8;
}

static inline void count_discard(void *arg)
{
    atomic_fetch_add(&((struct probe *)arg)->discarded, 1);
}

static inline void count_cancel(void *context)
{
    atomic_fetch_add(&((struct probe *)context)->cancels, 1);
}

/* --- where the tasks run: a case that is told gets it as its first state ---------------------------------
 */

enum where { ON_POOL, ON_THREADS };

static enum where on_pool = ON_POOL, on_threads = ON_THREADS;

static inline enum where where_of(void **state)
{
    return *(enum where *)*state;
}

#define CASE_ON(function, where, name)                                                                       \
    {                                                                                                        \
        name, function, case_begins, NULL, where                                                             \
    }
#define BOTH(function)                                                                                       \
    CASE_ON(function, &on_pool, #function " (pool)"), CASE_ON(function, &on_threads, #function " (threads)")

/* A probe with a group that counts everything. WORKERS of the pool; the pool's own discard must never be
 * called (it would abort). */
static inline void forbidden(void *arg)
{
    (void)arg;
    abort();
}

static inline void probe_set(struct probe *probe, enum where where, unsigned workers, size_t limit,
                             enum pool_group_on_failure on_failure)
{
    memset(probe, 0, sizeof *probe);
    gate_init(&probe->gate);
    struct pool_options pool_options = {.workers = workers, .capacity = 64, .discard = forbidden};
    if (where == ON_POOL)
        assert_int_equal(pool_create(&probe->pool, &pool_options), POOL_OK);
    struct pool_group_options options = {.pool = probe->pool,
                                         .limit = limit,
                                         .on_failure = on_failure,
                                         .discard = count_discard,
                                         .on_cancel = count_cancel,
                                         .context = probe};
    assert_int_equal(pool_group_create(&probe->group, &options), POOL_OK);
}

static inline void assert_ledger(struct pool_group *group)
{
    struct pool_group_counts now = pool_group_counts(group);
    assert_int_equal(now.accepted,
                     now.queued + now.running + now.succeeded + now.failed + now.cancelled + now.discarded);
}

static inline void probe_clear(struct probe *probe)
{
    if (probe->group)
        assert_ledger(probe->group);
    pool_group_destroy(probe->group);
    pool_destroy(probe->pool);
    gate_release(&probe->gate);
}

static inline void go(struct probe *probe, pool_group_task *run, int times)
{
    for (int i = 0; i < times; i++)
        assert_int_equal(pool_group_go(probe->group, run, probe, NULL), POOL_OK);
}

/* As functions for call_start. */
static inline enum pool_status go_once(void *arg)
{
    struct probe *probe = arg;
    return pool_group_go(probe->group, count_run, probe, NULL);
}

static inline enum pool_status wait_for_all(void *arg)
{
    return pool_group_wait(((struct probe *)arg)->group, NULL);
}

static inline enum pool_status reset_it(void *arg)
{
    return pool_group_reset(((struct probe *)arg)->group);
}

static inline enum pool_status destroy_it(void *arg)
{
    pool_group_destroy(((struct probe *)arg)->group);
    return POOL_OK;
}

static inline enum pool_status stop_pool(void *arg)
{
    return pool_stop(((struct probe *)arg)->pool);
}

#endif
