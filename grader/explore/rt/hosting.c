/* hosting.c - a check of an exercise as the tested program: its gates, tallies and questions, see
 * check/explored.h.
 *
 * What check.c does with futexes and by asking the grader when it runs on real threads is done here by the
 * turn. Nothing of it is an order that the race detector could see. "No other thread can move", which from
 * outside takes two looks at the process, is known here at once.
 */
#include "check/explored.h"
#include "explore/rt/inside.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static const uint64_t census_ns = 10ULL * 1000 * 1000 * 1000;

void explored_begin(void)
{
    rt.hosted = 1;
}

void explored_done(void)
{
    rt.completed = 1;
}

void explored_point(enum explored_thing kind, const void *thing, const void *pc)
{
    if (rt_active())
        rt_point(kind == EXPLORED_GATE ? OPERATION_OPEN : OPERATION_COUNT, thing, pc, 0);
}

struct awaited {
    const int *word;
    int count;
};

static int is_reached(void *context)
{
    const struct awaited *awaited = context;
    return *awaited->word >= awaited->count;
}

void explored_await(enum explored_thing kind, const int *word, int count, const void *pc)
{
    enum explore_operation operation = kind == EXPLORED_GATE ? OPERATION_GATE : OPERATION_COUNT;
    struct awaited awaited = {word, count};

    rt_point(operation, word, pc, 0);
    while (!is_reached(&awaited))
        rt_block(operation, word, pc, is_reached, &awaited, RT_NEVER);
}

/* May no thread but the one with number CONTEXT go on? Others that ask the same do not count: each of them
 * could, and the first that does is the only one. */
static int others_rest(void *context)
{
    for (unsigned i = 0; i < rt.threads; i++) {
        const struct rt_thread *t = &rt.thread[i];
        if ((intptr_t)i == (intptr_t)context ||
            (t->state == THREAD_STUCK && t->operation == OPERATION_SETTLE))
            continue;
        if (thread_can_run(t) || (t->state == THREAD_STUCK && t->deadline != RT_NEVER))
            return 0;
    }
    return 1;
}

static void settle_until(uint64_t deadline, const void *pc)
{
    rt_block(OPERATION_SETTLE, NULL, pc, others_rest, (void *)(intptr_t)rt_self(), deadline);
}

void explored_settle(const void *pc)
{
    settle_until(RT_NEVER, pc);
}

int explored_threads(void)
{
    int count = 0;

    for (unsigned i = 0; i < rt.threads; i++)
        count += rt.thread[i].state != THREAD_OVER;
    return count;
}

int explored_census(const void *pc)
{
    settle_until(rt_clock() + census_ns, pc);
    return explored_threads() - 1;
}

void explored_record(const char *text, unsigned long length)
{
    if (length > EXPLORE_RECORD)
        length = EXPLORE_RECORD;
    memcpy(rt.arena->record, text, length);
    rt.arena->record_length = (uint32_t)length;
}

void explored_progress(void)
{
    struct rusage used;
    struct rlimit limit;

    if (rt_request()->run_seconds == 0 || syscall(SYS_getrusage, (long)RUSAGE_SELF, &used) != 0 ||
        syscall(SYS_prlimit64, 0L, (long)RLIMIT_CPU, NULL, &limit) != 0)
        return;
    limit.rlim_cur = (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec + 1) + rt_request()->loop_seconds;
    if (limit.rlim_cur < limit.rlim_max)
        syscall(SYS_prlimit64, 0L, (long)RLIMIT_CPU, &limit, NULL);
}

unsigned long long explored_clock(void)
{
    return rt_clock();
}

void explored_release(const void *thing)
{
    rt_release(thing);
}

void explored_acquire(const void *thing)
{
    rt_acquire(thing);
}

void explored_kill(int status)
{
    rt.completed = 1;
    schedule_killed(status);
}

void explored_fail(enum verdict_class class, const char *message, const void *pc)
{
    rt_fail(class, pc, NULL, NULL, "%s", message);
}
