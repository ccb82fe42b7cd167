/* core_test.h - what the core pool's tests share: gates, tokens, calls in other threads, and looking inside.
 *
 * No test sleeps to let something happen. A gate holds a worker where the test wants it; await_sleepers looks
 * into the pool, under its lock, until so many threads wait for a bell; a token tells what became of an
 * argument. Only the main thread may use cmocka's assertions.
 *
 * Here everything is `static inline`, since each test program uses a part of it.
 */
#ifndef DEEPEND_CORE_TEST_H
#define DEEPEND_CORE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../pool_inside.h"
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

/* Seconds. A backstop for a case that hangs: the process ends by SIGALRM. No judgement about speed. */
#ifndef CASE_LIMIT
#define CASE_LIMIT 300
#endif
static inline int case_begins(void **state)
{
    (void)state;
    alarm(CASE_LIMIT);
    return 0;
}
#define CASE(function) cmocka_unit_test_setup(function, case_begins)

/* --- tokens: the argument of a task, and what became of it ---------------------------------------------- */

struct token {
    atomic_int ran, discarded, refused;
};

static inline void token_run(void *arg)
{
    atomic_fetch_add(&((struct token *)arg)->ran, 1);
}

static inline void token_discard(void *arg)
{
    if (arg)
        atomic_fetch_add(&((struct token *)arg)->discarded, 1);
}

/* Submit a token and note it on the token if the pool refuses. */
static inline enum pool_status token_offer(struct pool *pool, struct token *token)
{
    enum pool_status status = pool_submit(pool, token_run, token);
    if (status != POOL_OK)
        atomic_fetch_add(&token->refused, 1);
    return status;
}

static inline void assert_fate(const struct token *token, int ran, int discarded, int refused)
{
    assert_int_equal(token->ran, ran);
    assert_int_equal(token->discarded, discarded);
    assert_int_equal(token->refused, refused);
}

/* --- gates ------------------------------------------------------------------------------------------------
 */

struct gate {
    sem_t arrived, open;
};

static inline void gate_init(struct gate *gate)
{
    sem_init(&gate->arrived, 0, 0);
    sem_init(&gate->open, 0, 0);
}

static inline void gate_release(struct gate *gate)
{
    sem_destroy(&gate->arrived);
    sem_destroy(&gate->open);
}

static inline void semaphore_wait(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        ;
}

/* The task: say that it has been reached, stay until somebody opens it. */
static inline void gate_pass(void *arg)
{
    struct gate *gate = arg;
    sem_post(&gate->arrived);
    semaphore_wait(&gate->open);
}

static inline void gate_open(struct gate *gate)
{
    sem_post(&gate->open);
}

/* --- pools ------------------------------------------------------------------------------------------------
 */

static inline struct pool *pool_make(unsigned workers, size_t capacity)
{
    struct pool *pool;
    struct pool_options options = {.workers = workers, .capacity = capacity, .discard = token_discard};
    assert_int_equal(pool_create(&pool, &options), POOL_OK);
    return pool;
}

/* Hold one worker in GATE. */
static inline void hold_worker(struct pool *pool, struct gate *gate)
{
    gate_init(gate);
    assert_int_equal(pool_submit(pool, gate_pass, gate), POOL_OK);
    semaphore_wait(&gate->arrived);
}

/* Queue tokens until there is no room. Returns how many. */
static inline int fill(struct pool *pool, struct token *tokens)
{
    int count = 0;
    while (pool_try_submit(pool, token_run, &tokens[count]) == POOL_OK)
        count++;
    return count;
}

/* Look until COUNT threads wait for BELL and none of them has been called. */
static inline void await_sleepers(struct pool *pool, const struct bell *bell, size_t count)
{
    for (bool there = false; !there; sched_yield()) {
        lock_take(&pool->lock);
        there = bell->waiting == count && bell_line(bell) == count;
        lock_drop(&pool->lock);
    }
}

/* Look until COUNT workers stand in the idle list: asleep, and not called. */
static inline void await_idle_workers(struct pool *pool, unsigned count)
{
    while (pool_counts(pool).idle != count)
        sched_yield();
}

/* Look until the pool has run every task that it accepted. */
static inline void await_idle(struct pool *pool)
{
    struct pool_counts counts;
    do {
        sched_yield();
        counts = pool_counts(pool);
    } while (counts.queued + counts.running > 0);
}

static inline void assert_balance(struct pool *pool)
{
    struct pool_counts now = pool_counts(pool);
    assert_int_equal(now.submitted, now.completed + now.failed + now.discarded + now.queued + now.running);
}

/* --- a stage: one worker held in a gate, and a full queue -------------------------------------------------
 */

enum { QUEUED = 5 };

struct stage {
    struct pool *pool;
    struct gate gate;
    struct token tokens[QUEUED + 1];
};

static inline void stage_set(struct stage *stage)
{
    *stage = (struct stage){.pool = pool_make(1, QUEUED)};
    hold_worker(stage->pool, &stage->gate);
    assert_int_equal(fill(stage->pool, stage->tokens), QUEUED);
}

static inline void stage_clear(struct stage *stage)
{
    pool_destroy(stage->pool);
    gate_release(&stage->gate);
}

static inline void assert_all(const struct stage *stage, int ran, int discarded)
{
    for (int i = 0; i < QUEUED; i++)
        assert_fate(&stage->tokens[i], ran, discarded, 0);
}

static inline void assert_closed(struct pool *pool)
{
    struct token token = {0};
    struct timespec later = pool_deadline_after(3600 * 1000);
    assert_int_equal(pool_submit(pool, token_run, &token), POOL_STOPPED);
    assert_int_equal(pool_try_submit(pool, token_run, &token), POOL_STOPPED);
    assert_int_equal(pool_submit_until(pool, token_run, &token, &later), POOL_STOPPED);
    assert_int_equal(pool_submit_wait(pool, token_run, &token), POOL_STOPPED);
    assert_fate(&token, 0, 0, 0);
}

/* --- a call in a thread of its own ------------------------------------------------------------------------
 */

typedef enum pool_status submit_call(struct pool *pool, pool_task *run, void *arg);
typedef enum pool_status end_call(struct pool *pool);

struct call {
    pthread_t thread;
    submit_call *submit; /* this one with run and arg, or */
    end_call *end;       /* this one */
    struct pool *pool;
    pool_task *run;
    void *arg;
    enum pool_status status;
    atomic_bool returned;
};

static inline void *call_main(void *arg)
{
    struct call *call = arg;
    call->status = call->submit ? call->submit(call->pool, call->run, call->arg) : call->end(call->pool);
    atomic_store(&call->returned, true);
    return NULL;
}

static inline void call_submit(struct call *call, submit_call *submit, struct pool *pool, pool_task *run,
                               void *arg)
{
    *call = (struct call){.submit = submit, .pool = pool, .run = run, .arg = arg};
    assert_int_equal(pthread_create(&call->thread, NULL, call_main, call), 0);
}

static inline void call_end(struct call *call, end_call *end, struct pool *pool)
{
    *call = (struct call){.end = end, .pool = pool};
    assert_int_equal(pthread_create(&call->thread, NULL, call_main, call), 0);
}

static inline enum pool_status call_join(struct call *call)
{
    pthread_join(call->thread, NULL);
    return call->status;
}

/* --- deadlines --------------------------------------------------------------------------------------------
 */

static inline long long nanoseconds(struct timespec time)
{
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static inline bool has_passed(struct timespec deadline)
{
    return nanoseconds(pool_deadline_after(0)) >= nanoseconds(deadline);
}

/* As submit calls, for call_submit: a deadline far away, and one in the past. */
static inline enum pool_status submit_until_far(struct pool *pool, pool_task *run, void *arg)
{
    struct timespec deadline = pool_deadline_after(3600 * 1000);
    return pool_submit_until(pool, run, arg, &deadline);
}

static inline enum pool_status submit_until_past(struct pool *pool, pool_task *run, void *arg)
{
    struct timespec deadline = pool_deadline_after(-1000);
    return pool_submit_until(pool, run, arg, &deadline);
}

#endif
