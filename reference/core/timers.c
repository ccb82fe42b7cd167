/* timers.c - who calls the timers of timers.h, and how they are taken back.
 *
 * One lock guards all. A thread that calls a timer has a `runner` on its stack, in a list, so that others can
 * see what runs where: a cancel waits for it, a stop waits for all. After the callback the runner touches the
 * timer only if it has a period and nobody has taken it back meanwhile (`again`): all others may be gone.
 *
 * The heap always has room for what waits and for what runs, so that to put a timer back cannot fail.
 */
#include "timers.h"
#include "pool_monitor.h"
#include "timers_heap.h"

struct runner {
    struct pool_timer *timer; /* NULL: it was taken back from inside its callback */
    bool again;               /* put it back when its callback has returned */
    bool cancelled;           /* a cancel waits for it: nobody may add the timer meanwhile */
    pthread_t thread;
    struct runner *next;
};

enum phase { PHASE_OPEN, PHASE_STOPPING, PHASE_JOINING, PHASE_GONE };

struct pool_timers {
    /* fixed after create */
    enum pool_timers_driver driver;
    const struct pool_clock *clock;
    pthread_t thread; /* THREAD's; joined by the one stop that goes from STOPPING to JOINING */
    /* guarded by lock */
    struct lock lock;
    enum phase phase;
    struct heap heap;
    uint64_t orders;  /* given to timers so far */
    uint64_t horizon; /* the latest moment at which somebody looked for what is due */
    struct runner *runners;
    size_t runner_count;
    struct bell earlier; /* the thread waits for: another first timer, or not OPEN */
    struct bell ended;   /* cancel and stop wait for: a runner has ended; stop also for: GONE */
};

/* --- calling -------------------------------------------------------------------------------------------- */

/* What the call of TIMER at NOW is for; the timer's due moves on to its next moment. False: there is none. */
static bool tick_make(struct pool_timer *timer, uint64_t now, struct pool_tick *tick)
{
    *tick = (struct pool_tick){.due = timer->due, .now = now};
    if (timer->period == 0)
        return false;
    tick->missed = (now - timer->due) / timer->period;
    tick->due += tick->missed * timer->period;
    timer->due = tick->due + timer->period;
    return timer->due > tick->due; /* else the sum has overflowed */
}

static void runner_enter_locked(struct pool_timers *timers, struct runner *runner)
{
    assert(lock_is_mine(&timers->lock));
    runner->next = timers->runners;
    timers->runners = runner;
    timers->runner_count++;
}

static void runner_leave_locked(struct pool_timers *timers, struct runner *runner)
{
    assert(lock_is_mine(&timers->lock));
    struct runner **link = &timers->runners;
    while (*link != runner)
        link = &(*link)->next;
    *link = runner->next;
    timers->runner_count--;
    bell_ring_all(&timers->ended);
}

static void insert_locked(struct pool_timers *timers, struct pool_timer *timer)
{
    assert(lock_is_mine(&timers->lock));
    timer->order = timers->orders++;
    heap_insert(&timers->heap, timer);
}

static void call_first_locked(struct pool_timers *timers, uint64_t now)
{
    struct pool_timer *timer = timers->heap.slots[0];
    struct runner runner = {.timer = timer, .thread = pthread_self()};
    struct pool_tick tick;
    pool_timer_run *run = timer->run;
    void *arg = timer->arg;

    heap_remove(&timers->heap, timer);
    runner.again = tick_make(timer, now, &tick);
    runner_enter_locked(timers, &runner);
    lock_drop(&timers->lock);
    run(arg, &tick);
    lock_take(&timers->lock);
    if (runner.again && timer->place == 0 && timers->phase == PHASE_OPEN)
        insert_locked(timers, timer);
    runner_leave_locked(timers, &runner);
}

/* Call what is due at NOW and was there when this began. Returns how many. What is added meanwhile has a
 * later order and a time not before NOW, so it is behind all that was there. A stop empties the heap. */
static size_t call_due_locked(struct pool_timers *timers, uint64_t now)
{
    const struct heap *heap = &timers->heap;
    uint64_t limit = timers->orders;
    size_t calls = 0;

    assert(lock_is_mine(&timers->lock));
    timers->horizon = now > timers->horizon ? now : timers->horizon;
    while (heap->count > 0 && heap->slots[0]->due <= now && heap->slots[0]->order < limit) {
        call_first_locked(timers, now);
        calls++;
    }
    return calls;
}

static uint64_t next_due_locked(const struct pool_timers *timers)
{
    assert(lock_is_mine(&timers->lock));
    return timers->heap.count > 0 ? timers->heap.slots[0]->due : UINT64_MAX;
}

size_t pool_timers_poll(struct pool_timers *timers, uint64_t *next)
{
    size_t calls = 0;

    if (next)
        *next = UINT64_MAX;
    if (!timers)
        return 0;
    uint64_t now = pool_clock_now(timers->clock);
    lock_take(&timers->lock);
    calls = call_due_locked(timers, now);
    if (next)
        *next = next_due_locked(timers);
    lock_drop(&timers->lock);
    return calls;
}

static void *thread_main(void *arg)
{
    struct pool_timers *timers = arg;

    lock_take(&timers->lock);
    while (timers->phase == PHASE_OPEN) {
        uint64_t now = pool_clock_now(timers->clock);
        call_due_locked(timers, now);
        uint64_t next = next_due_locked(timers);
        struct timespec until = {.tv_sec = (time_t)(next / POOL_SECOND),
                                 .tv_nsec = (long)(next % POOL_SECOND)};
        if (next > now && timers->phase == PHASE_OPEN)
            bell_wait(&timers->earlier, next == UINT64_MAX ? NULL : &until);
    }
    lock_drop(&timers->lock);
    return NULL;
}

/* --- add and cancel ------------------------------------------------------------------------------------- */

static struct runner *runner_of_locked(const struct pool_timers *timers, const struct pool_timer *timer)
{
    assert(lock_is_mine(&timers->lock));
    struct runner *runner = timers->runners;
    while (runner && runner->timer != timer)
        runner = runner->next;
    return runner;
}

static enum pool_status add_locked(struct pool_timers *timers, struct pool_timer *timer, uint64_t due,
                                   uint64_t period, pool_timer_run *run, void *arg)
{
    if (timers->phase != PHASE_OPEN)
        return POOL_STOPPED;
    if (timer->place > 0)
        return POOL_ALREADY;
    const struct runner *runner = runner_of_locked(timers, timer);
    if (runner && runner->cancelled)
        return POOL_CANCELLED;
    if (!heap_reserve(&timers->heap, timers->heap.count + timers->runner_count + 1))
        return POOL_NO_MEMORY;
    timer->due = due > timers->horizon ? due : timers->horizon;
    timer->period = period;
    timer->run = run;
    timer->arg = arg;
    insert_locked(timers, timer);
    if (timers->heap.slots[0] == timer)
        bell_ring(&timers->earlier);
    return POOL_OK;
}

enum pool_status pool_timers_add(struct pool_timers *timers, struct pool_timer *timer, uint64_t due,
                                 uint64_t period, pool_timer_run *run, void *arg)
{
    if (!timers || !timer || !run)
        return POOL_INVALID;
    lock_take(&timers->lock);
    enum pool_status status = add_locked(timers, timer, due, period, run, arg);
    lock_drop(&timers->lock);
    return status;
}

/* Without `cancelled` a callback that adds its own timer could keep a cancel waiting for ever. */
enum pool_status pool_timers_cancel(struct pool_timers *timers, struct pool_timer *timer)
{
    bool was_to_come = false, done = false;

    if (!timers || !timer)
        return POOL_INVALID;
    lock_take(&timers->lock);
    while (!done) {
        struct runner *runner = runner_of_locked(timers, timer);
        was_to_come |= timer->place > 0 || (runner && runner->again);
        if (timer->place > 0)
            heap_remove(&timers->heap, timer);
        done = !runner;
        if (runner && pthread_equal(runner->thread, pthread_self())) {
            runner->again = false;
            runner->timer = NULL; /* this very callback: it cannot be waited for */
        } else if (runner) {
            runner->again = false;
            runner->cancelled = true;
            bell_wait(&timers->ended, NULL);
        }
    }
    lock_drop(&timers->lock);
    return was_to_come ? POOL_OK : POOL_ALREADY;
}

size_t pool_timers_count(struct pool_timers *timers)
{
    if (!timers)
        return 0;
    lock_take(&timers->lock);
    size_t count = timers->heap.count;
    lock_drop(&timers->lock);
    return count;
}

/* --- the end -------------------------------------------------------------------------------------------- */

static bool inside_locked(const struct pool_timers *timers)
{
    for (const struct runner *runner = timers->runners; runner; runner = runner->next)
        if (pthread_equal(runner->thread, pthread_self()))
            return true;
    return false;
}

/* Nothing begins any more: every timer that waits is its owner's. */
static void close_locked(struct pool_timers *timers)
{
    if (timers->phase != PHASE_OPEN)
        return;
    timers->phase = PHASE_STOPPING;
    while (timers->heap.count > 0)
        timers->heap.slots[--timers->heap.count]->place = 0;
    bell_ring_all(&timers->earlier);
}

/* One of several stops joins the thread; the others wait until it has. */
static void join_locked(struct pool_timers *timers)
{
    if (timers->phase == PHASE_STOPPING) {
        timers->phase = PHASE_JOINING;
        lock_drop(&timers->lock);
        if (timers->driver == POOL_TIMERS_THREAD)
            must(pthread_join(timers->thread, NULL));
        lock_take(&timers->lock);
        timers->phase = PHASE_GONE;
        bell_ring_all(&timers->ended);
    }
    while (timers->phase != PHASE_GONE)
        bell_wait(&timers->ended, NULL);
}

enum pool_status pool_timers_stop(struct pool_timers *timers)
{
    if (!timers)
        return POOL_INVALID;
    lock_take(&timers->lock);
    bool inside = inside_locked(timers);
    if (!inside) {
        close_locked(timers);
        while (timers->runners)
            bell_wait(&timers->ended, NULL);
        join_locked(timers);
    }
    lock_drop(&timers->lock);
    return inside ? POOL_WOULD_DEADLOCK : POOL_OK;
}

static void timers_free(struct pool_timers *timers)
{
    bell_release(&timers->earlier);
    bell_release(&timers->ended);
    lock_release(&timers->lock);
    free(timers->heap.slots);
    free(timers);
}

void pool_timers_destroy(struct pool_timers *timers)
{
    if (!timers)
        return;
    enum pool_status status = pool_timers_stop(timers);
    assert(status == POOL_OK); /* not from a callback */
    if (status == POOL_OK)
        timers_free(timers);
}

/* --- create --------------------------------------------------------------------------------------------- */

static bool options_are_valid(const struct pool_timers_options *options)
{
    return options->driver == POOL_TIMERS_POLLED ||
           (options->driver == POOL_TIMERS_THREAD && !(options->clock && options->clock->now));
}

static struct pool_timers *timers_new(const struct pool_timers_options *options)
{
    struct pool_timers *timers = malloc(sizeof *timers);
    if (!timers)
        return NULL;
    *timers = (struct pool_timers){.driver = options->driver, .clock = options->clock};
    lock_init(&timers->lock);
    bell_init(&timers->earlier, &timers->lock);
    bell_init(&timers->ended, &timers->lock);
    return timers;
}

enum pool_status pool_timers_create(struct pool_timers **timers, const struct pool_timers_options *options)
{
    static const struct pool_timers_options thread = {.driver = POOL_TIMERS_THREAD};

    if (!timers)
        return POOL_INVALID;
    *timers = NULL;
    if (!options)
        options = &thread;
    if (!options_are_valid(options))
        return POOL_INVALID;
    struct pool_timers *made = timers_new(options);
    if (!made)
        return POOL_NO_MEMORY;
    if (options->driver == POOL_TIMERS_THREAD &&
        pthread_create(&made->thread, NULL, thread_main, made) != 0) {
        timers_free(made);
        return POOL_NO_THREAD;
    }
    *timers = made;
    return POOL_OK;
}
