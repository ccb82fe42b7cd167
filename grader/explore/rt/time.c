/* time.c - virtual time. The clocks start at round numbers, and stand still while any thread can get on with
 * something. For a thread that does nothing but look at a clock they move, see livelock.c. */
#include "explore/rt/inside.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define HERE __builtin_return_address(0)

static const int64_t second = 1000000000;

/* Where the clocks stand at virtual time 0: round numbers, the same in every schedule, so that what a program
 * prints of them is. */
static int64_t epoch(clockid_t clock)
{
    return (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ? 1700000000LL : 1000000LL) * second;
}

static int64_t nanoseconds(const struct timespec *time)
{
    return time->tv_sec * second + time->tv_nsec;
}

uint64_t time_deadline(clockid_t clock, const struct timespec *deadline)
{
    int64_t at = nanoseconds(deadline) - epoch(clock);
    return at < 0 ? 0 : (uint64_t)at;
}

static int never(void *context)
{
    (void)context;
    return 0;
}

static void sleep_until(uint64_t deadline, const void *pc)
{
    rt_point(OPERATION_SLEEP, NULL, pc, 0);
    if (deadline > rt_clock())
        rt_block(OPERATION_SLEEP, NULL, pc, never, NULL, deadline);
    cancel_point();
}

unsigned __wrap_sleep(unsigned seconds)
{
    extern unsigned __real_sleep(unsigned);
    if (!rt_active())
        return __real_sleep(seconds);
    sleep_until(rt_clock() + (uint64_t)seconds * (uint64_t)second, HERE);
    return 0;
}

int __wrap_usleep(useconds_t microseconds)
{
    extern int __real_usleep(useconds_t);
    if (!rt_active())
        return __real_usleep(microseconds);
    sleep_until(rt_clock() + microseconds * 1000ULL, HERE);
    return 0;
}

int __wrap_nanosleep(const struct timespec *length, struct timespec *left)
{
    extern int __real_nanosleep(const struct timespec *, struct timespec *);
    if (!rt_active())
        return __real_nanosleep(length, left);
    sleep_until(rt_clock() + (uint64_t)nanoseconds(length), HERE);
    return 0;
}

int __wrap_clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *left)
{
    extern int __real_clock_nanosleep(clockid_t, int, const struct timespec *, struct timespec *);
    if (!rt_active())
        return __real_clock_nanosleep(clock, flags, time, left);
    sleep_until(flags & TIMER_ABSTIME ? time_deadline(clock, time) : rt_clock() + (uint64_t)nanoseconds(time),
                HERE);
    return 0;
}

/* The clock is looked at. Over and over again, with nothing else done, is to wait for time to pass. */
static int64_t read_clock(clockid_t clock)
{
    enum { LOOKS_MOST = 1000 };

    if (rt.clock_read_at != rt.steps)
        rt.clock_read = 0;
    rt.clock_read_at = rt.steps;
    if (++rt.clock_read > LOOKS_MOST)
        livelock_pass_time();
    return epoch(clock) + (int64_t)rt_clock();
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    extern int __real_clock_gettime(clockid_t, struct timespec *);
    if (!rt_active())
        return __real_clock_gettime(clock, now);
    int64_t at = read_clock(clock);
    *now = (struct timespec){at / second, at % second};
    return 0;
}

int __wrap_gettimeofday(struct timeval *now, void *zone)
{
    extern int __real_gettimeofday(struct timeval *, void *);
    if (!rt_active())
        return __real_gettimeofday(now, zone);
    int64_t at = read_clock(CLOCK_REALTIME);
    *now = (struct timeval){at / second, at % second / 1000};
    return 0;
}

time_t __wrap_time(time_t *now)
{
    extern time_t __real_time(time_t *);
    if (!rt_active())
        return __real_time(now);
    time_t at = read_clock(CLOCK_REALTIME) / second;
    if (now)
        *now = at;
    return at;
}

int __wrap_sched_yield(void)
{
    extern int __real_sched_yield(void);
    if (!rt_active())
        return __real_sched_yield();
    rt_point(OPERATION_YIELD, NULL, HERE, 0);
    return 0;
}

int __wrap_pthread_yield(void)
{
    if (rt_active())
        rt_point(OPERATION_YIELD, NULL, HERE, 0);
    return 0;
}
