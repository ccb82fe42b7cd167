/* cancel.c - cancelling, asking, waiting and callbacks of cancel.h; the tokens' life is in cancel_tree.c.
 *
 * To cancel is one walk over the tree under its lock, without recursion: it marks, wakes sleepers, and moves
 * the callbacks to a list on the canceller's stack. They are called from there one by one without the lock.
 *
 * Not here: a thread that watches deadlines (see cancel.h).
 */
#include "cancel_inside.h"

/* --- rings of callbacks --------------------------------------------------------------------------------- */

static void ring_append(struct pool_cancel_callback *head, struct pool_cancel_callback *callback)
{
    callback->next = head;
    callback->previous = head->previous;
    head->previous->next = callback;
    head->previous = callback;
}

static void ring_move_all(struct pool_cancel_callback *from, struct pool_cancel_callback *to)
{
    while (from->next != from) {
        struct pool_cancel_callback *callback = from->next;
        cancel_ring_remove(callback);
        ring_append(to, callback);
    }
}

/* --- cancelling ----------------------------------------------------------------------------------------- */

static void mark_locked(struct pool_cancel *root, enum pool_status reason, struct runner *runner)
{
    assert(lock_is_mine(&root->family->lock));
    for (struct pool_cancel *token = root; token; token = pool_cancel_walk(token, root)) {
        if (cancel_reason(token) != POOL_OK)
            continue; /* it was cancelled before, and all below it with it */
        atomic_store_explicit(&token->reason, (int)reason, memory_order_release);
        ring_move_all(&token->callbacks, &runner->queue);
        bell_ring_all(&token->cancelled);
    }
}

/* Call what RUNNER has, one by one, without the lock. A callback that has returned may be gone. */
static void run_queue_locked(struct family *family, struct runner *runner)
{
    assert(lock_is_mine(&family->lock));
    runner->next = family->runners;
    family->runners = runner;
    while (runner->queue.next != &runner->queue) {
        struct pool_cancel_callback *callback = runner->queue.next;
        void (*run)(void *) = callback->run;
        void *arg = callback->arg;
        cancel_ring_remove(callback);
        runner->running = callback;
        lock_drop(&family->lock);
        run(arg);
        lock_take(&family->lock);
        runner->running = NULL;
        bell_ring_all(&family->ran);
    }
    struct runner **link = &family->runners;
    while (*link != runner)
        link = &(*link)->next;
    *link = runner->next;
}

enum pool_status pool_cancel_now(struct pool_cancel *token, enum pool_status reason)
{
    if (!token || reason == POOL_OK)
        return POOL_INVALID;
    struct runner runner = {.thread = pthread_self()};
    cancel_ring_init(&runner.queue);
    lock_take(&token->family->lock);
    bool first = cancel_reason(token) == POOL_OK;
    token->references++; /* a callback may give back the caller's */
    if (first) {
        mark_locked(token, reason, &runner);
        run_queue_locked(token->family, &runner);
    }
    pool_cancel_unref_and_drop(token);
    return first ? POOL_OK : POOL_ALREADY;
}

enum pool_status pool_cancel_check(struct pool_cancel *token)
{
    if (!token)
        return POOL_INVALID;
    enum pool_status reason = cancel_reason(token);
    if (reason != POOL_OK)
        return reason;
    uint64_t deadline = atomic_load_explicit(&token->deadline, memory_order_relaxed);
    if (deadline == UINT64_MAX || pool_clock_now(token->family->clock) < deadline)
        return POOL_OK;
    pool_cancel_ref(token); /* a callback may give back the caller's */
    pool_cancel_now(token, POOL_TIMED_OUT);
    reason = cancel_reason(token); /* another's, if that was first */
    pool_cancel_unref(token);
    return reason;
}

/* --- waiting -------------------------------------------------------------------------------------------- */

static bool is_before(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec < b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

/* Until when a waiter may sleep: DEADLINE or TOKEN's own, in *SOONER; NULL: for ever. */
static const struct timespec *sleep_until(const struct pool_cancel *token, const struct timespec *deadline,
                                          struct timespec *sooner)
{
    const struct pool_clock *clock = token->family->clock;
    uint64_t own = atomic_load_explicit(&token->deadline, memory_order_relaxed);
    if (own == UINT64_MAX || (clock && clock->now)) /* a clock of the user's says nothing about sleep */
        return deadline;
    *sooner = (struct timespec){.tv_sec = (time_t)(own / POOL_SECOND), .tv_nsec = (long)(own % POOL_SECOND)};
    return deadline && is_before(deadline, sooner) ? deadline : sooner;
}

/* Sleep once: until TOKEN is cancelled, or a moment passed, or for no reason. True: DEADLINE has passed. */
static bool sleep_once(struct pool_cancel *token, const struct timespec *deadline)
{
    struct timespec sooner;
    bool late = false;

    lock_take(&token->family->lock);
    const struct timespec *until = sleep_until(token, deadline, &sooner);
    if (cancel_reason(token) == POOL_OK)
        late = bell_wait(&token->cancelled, until) == ETIMEDOUT;
    lock_drop(&token->family->lock);
    return late && until == deadline;
}

enum pool_status pool_cancel_wait(struct pool_cancel *token, const struct timespec *deadline)
{
    bool late = false;

    if (!token || (deadline && !deadline_is_valid(deadline)))
        return POOL_INVALID;
    while (pool_cancel_check(token) == POOL_OK) { /* once more after the deadline, too */
        if (late)
            return POOL_TIMED_OUT;
        late = sleep_once(token, deadline);
    }
    return POOL_OK;
}

/* --- callbacks ------------------------------------------------------------------------------------------ */

enum pool_status pool_cancel_on(struct pool_cancel *token, struct pool_cancel_callback *callback,
                                void (*run)(void *arg), void *arg)
{
    if (!token || !callback || !run)
        return POOL_INVALID;
    *callback = (struct pool_cancel_callback){.run = run, .arg = arg};
    lock_take(&token->family->lock);
    bool late = cancel_reason(token) != POOL_OK;
    if (!late)
        ring_append(&token->callbacks, callback);
    lock_drop(&token->family->lock);
    if (late)
        run(arg);
    return late ? POOL_ALREADY : POOL_OK;
}

/* Wait until no other thread runs CALLBACK. One that runs in this thread cannot be waited for: its runner
 * forgets it, since from now on its memory may be another callback. */
static void await_end_locked(struct family *family, const struct pool_cancel_callback *callback)
{
    assert(lock_is_mine(&family->lock));
    struct runner *runner = family->runners;
    while (runner) {
        bool runs = runner->running == callback;
        if (runs && pthread_equal(runner->thread, pthread_self()))
            runner->running = NULL;
        else if (runs)
            bell_wait(&family->ran, NULL);
        runner = runs ? family->runners : runner->next; /* it may have changed meanwhile */
    }
}

enum pool_status pool_cancel_forget(struct pool_cancel *token, struct pool_cancel_callback *callback)
{
    if (!token || !callback)
        return POOL_INVALID;
    struct family *family = token->family;
    lock_take(&family->lock);
    bool in_time = callback->next != NULL; /* on its token's ring, or still on a runner's */
    if (in_time)
        cancel_ring_remove(callback);
    await_end_locked(family, callback);
    lock_drop(&family->lock);
    return in_time ? POOL_OK : POOL_ALREADY;
}
