/* stage.c - see stage.h and stage_check.h.
 *
 * A wait until a moment is a wait without an end, woken when the check moves the clocks: so a thread in one
 * has come to rest, and check_settle can say so. The clocks and the hold are relaxed atomics: they order no
 * threads.
 */
#define _GNU_SOURCE
#define STAGE_INSIDE
#include "stage_check.h"

#include "../../../grader/check/check.h"

#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

enum {
    HOUR = 3600,
    YEAR = 365 * 24 * HOUR, /* how long the machine seems to have run: a length is never a moment to come */
    JOINS = 2 * WORKERS_MOST,
    LATE_MOST = 1 << 16
};

enum fault { FAULT_NONE, FAULT_JOINED_TWICE, FAULT_NEVER_GIVES_UP };

static struct {
    atomic_int seconds; /* how far the clocks were moved */
    _Atomic(const pthread_cond_t *) held;
    struct gate release;
    atomic_int passing; /* hours pass: whoever wakes now, wakes for that */
    struct gate resume;
    atomic_int fault; /* enum fault: the first one seen */
    struct gate never;

    atomic_int slow_joins;
    atomic_int joins;
    _Atomic(pthread_t) joined[JOINS];
} stage;

/* --- the clocks ----------------------------------------------------------------------------------------- */

int stage_gettime(clockid_t clock, struct timespec *now)
{
    int error = clock_gettime(clock, now);

    now->tv_sec += atomic_load_explicit(&stage.seconds, memory_order_relaxed);
    if (clock == CLOCK_MONOTONIC)
        now->tv_sec += YEAR;
    return error;
}

struct timespec stage_in_hours(int hours)
{
    struct timespec moment;

    stage_gettime(CLOCK_MONOTONIC, &moment);
    moment.tv_sec += (time_t)hours * HOUR;
    return moment;
}

static int has_passed(clockid_t clock, const struct timespec *deadline)
{
    struct timespec now;

    stage_gettime(clock, &now);
    return now.tv_sec > deadline->tv_sec ||
           (now.tv_sec == deadline->tv_sec && now.tv_nsec >= deadline->tv_nsec);
}

void stage_hours_pass(struct service *service, int hours)
{
    atomic_fetch_add_explicit(&stage.seconds, hours * HOUR, memory_order_relaxed);
    atomic_store_explicit(&stage.passing, 1, memory_order_relaxed);
    stage_false_alarm(service);
    stage_rest();
    atomic_store_explicit(&stage.passing, 0, memory_order_relaxed);
    gate_open(&stage.resume);
}

/* --- faults --------------------------------------------------------------------------------------------- */

void stage_rest(void)
{
    check_settle();
    stage_judge();
}

void stage_judge(void)
{
    int fault = atomic_load(&stage.fault);

    CHECK_THAT(fault != FAULT_JOINED_TWICE, CLASS_MISUSE,
               "a worker was joined a second time: the first join frees what is left of a thread");
    CHECK_THAT(
        fault != FAULT_NEVER_GIVES_UP, CLASS_LIVELOCK,
        "a thread began one wait after the other, each with a deadline that had passed: it never gives up");
}

/* Only the check's own thread speaks: if this is another one, it stands still until that one has looked. */
static void fault_seen(enum fault fault)
{
    int none = FAULT_NONE;

    atomic_compare_exchange_strong(&stage.fault, &none, fault);
    if (gettid() == getpid())
        stage_judge();
    gate_wait(&stage.never);
}

/* --- waits ---------------------------------------------------------------------------------------------- */

void stage_false_alarm(struct service *service)
{
    pthread_mutex_lock(&service->lock);
    pthread_cond_broadcast(&service->work);
    pthread_cond_broadcast(&service->room);
    pthread_cond_broadcast(&service->ended);
    pthread_mutex_unlock(&service->lock);
}

void stage_hold(const pthread_cond_t *cond)
{
    atomic_store_explicit(&stage.held, cond, memory_order_relaxed);
}

void stage_hold_joins(void)
{
    atomic_store_explicit(&stage.slow_joins, 1, memory_order_relaxed);
}

void stage_release(void)
{
    gate_open(&stage.release);
}

static int hours_are_passing(void)
{
    return atomic_load_explicit(&stage.passing, memory_order_relaxed);
}

static void stand_at(struct gate *gate, pthread_mutex_t *mutex)
{
    pthread_mutex_unlock(mutex);
    gate_wait(gate);
    pthread_mutex_lock(mutex);
}

int stage_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
    int error;

    do
        error = pthread_cond_wait(cond, mutex);
    while (hours_are_passing());
    if (cond == atomic_load_explicit(&stage.held, memory_order_relaxed))
        stand_at(&stage.release, mutex);
    return error;
}

int stage_clockwait(pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t clock,
                    const struct timespec *deadline)
{
    static _Thread_local int late;

    if (!has_passed(clock, deadline)) {
        late = 0;
        pthread_cond_wait(cond, mutex);
        if (hours_are_passing())
            stand_at(&stage.resume, mutex);
        return has_passed(clock, deadline) ? ETIMEDOUT : 0;
    }
    if (++late == LATE_MOST)
        fault_seen(FAULT_NEVER_GIVES_UP);
    pthread_mutex_unlock(mutex);
    pthread_mutex_lock(mutex);
    return ETIMEDOUT;
}

int stage_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *deadline)
{
    return stage_clockwait(cond, mutex, CLOCK_REALTIME, deadline);
}

/* --- joins ---------------------------------------------------------------------------------------------- */

/* First into the list, then a look at the list: of two who join one thread, the later one sees the other.
 */
int stage_join(pthread_t thread, void **result)
{
    int mine = atomic_fetch_add(&stage.joins, 1);

    if (mine >= JOINS)
        fault_seen(FAULT_JOINED_TWICE);
    atomic_store(&stage.joined[mine], thread);
    for (int i = 0; i < JOINS; i++)
        if (i != mine && pthread_equal(atomic_load(&stage.joined[i]), thread))
            fault_seen(FAULT_JOINED_TWICE);
    if (atomic_load_explicit(&stage.slow_joins, memory_order_relaxed))
        gate_wait(&stage.release);
    return pthread_join(thread, result);
}

int stage_joined(const struct service *service)
{
    int count = 0;

    for (int i = 0; i < JOINS; i++)
        for (int k = 0; k < service->workers; k++)
            count += pthread_equal(atomic_load(&stage.joined[i]), service->threads[k]) != 0;
    return count;
}
