/* verdict.c - how a schedule ends, and what is written down of it. Stuck or not, and if so, was a wake-up
 * lost? Who is left when main has returned?
 */
#include "check/explored.h"
#include "explore/rt/inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

/* --- the end of a schedule ------------------------------------------------------------------------------ */

static void end_process(int status)
{
    rt.over = 1;
    syscall(SYS_exit_group, status);
    __builtin_unreachable();
}

/* Leave in the arena what each thread is doing. */
static void describe_threads(void)
{
    for (unsigned i = 0; i < rt.threads; i++) {
        const struct rt_thread *t = &rt.thread[i];
        const void *held_pc = NULL;
        int waits = t->state == THREAD_STUCK ? waits_for(t, &held_pc) : -1;
        rt.arena->thread[i] = (struct explore_thread){
            .state = t->state == THREAD_STUCK && t->deadline != RT_NEVER ? THREAD_SLEEPING : t->state,
            .operation = (uint8_t)t->operation,
            .detached = t->detached,
            .joined = t->joined,
            .waits_for = (int16_t)waits,
            .object = (uintptr_t)t->object,
            .pc = (uintptr_t)t->pc,
            .held_pc = (uintptr_t)held_pc,
            .created_pc = (uintptr_t)t->created_pc,
            .steps = t->steps,
        };
    }
}

/* Write the outcome down, but for the message. */
static struct explore_outcome *conclude(enum verdict_class class)
{
    struct explore_outcome *outcome = &rt.arena->last;

    if (check_concludes && rt.hosted)
        check_concludes();

    if (rt.probing < 0) /* else they were described when they got stuck, before the probe */
        describe_threads();
    *outcome = (struct explore_outcome){
        .class = class,
        .signal = outcome->signal,
        .choices = rt.choices,
        .events = rt.probing < 0 ? rt.events : rt.events_when_stuck,
        .threads = rt.threads,
        .steps = rt.steps,
        .clock_ns = rt.clock,
        .preemptions = rt.preemptions,
        .thread = rt_self() > 0 ? (uint32_t)rt_self() : 0,
        .outer = {(uintptr_t)rt.outer[0], (uintptr_t)rt.outer[1]},
        .nondeterministic = (uint32_t)rt.nondeterministic,
        .proof = confine_proof(),
    };
    return outcome;
}

void rt_fail(enum verdict_class class, const void *pc, const void *pc2, const void *object,
             const char *format, ...)
{
    struct explore_outcome *outcome = conclude(class);
    va_list arguments;

    in_runtime = 1;
    outcome->pc[0] = (uintptr_t)pc;
    outcome->pc[1] = (uintptr_t)pc2;
    outcome->object = (uintptr_t)object;
    va_start(arguments, format);
    vsnprintf(outcome->message, sizeof outcome->message, format, arguments);
    va_end(arguments);
    end_process(0);
    __builtin_unreachable();
}

void schedule_killed(int status)
{
    in_runtime = 1;
    struct explore_outcome *outcome = conclude(CLASS_NONE);
    outcome->exit_status = status;
    end_process(status);
    __builtin_unreachable();
}

void rt_unsupported(const char *what, const void *pc)
{
    struct explore_outcome *outcome = conclude(CLASS_NONE);

    outcome->unsupported = 1;
    outcome->pc[0] = (uintptr_t)pc;
    snprintf(outcome->message, sizeof outcome->message, "%s", what);
    end_process(0);
    __builtin_unreachable();
}

/* --- stuck ---------------------------------------------------------------------------------------------- */

/* No thread can go on. Was a wake-up lost? Wake a thread whose condition variable was signalled in vain: if
 * it then does something, other than to look and wait again, the signal would have helped. The verdict comes
 * with that step. Returns 0 when nobody is left to try. */
static int probe(void)
{
    for (unsigned i = 0; i < rt.threads; i++) {
        struct rt_thread *t = &rt.thread[i];
        if (t->state != THREAD_STUCK || t->operation != OPERATION_WAIT || t->was_probed ||
            object_find(t->object, OBJECT_COND)->unheard == 0)
            continue;
        t->probed = t->was_probed = 1;
        rt.probing = (int)i;
        rt.probed_pc = t->pc;
        rt.probed_object = t->object;
        return 1;
    }
    return 0;
}

void schedule_stuck(void)
{
    if (rt.probing < 0) {
        describe_threads();
        rt.events_when_stuck = rt.events;
    }
    if (probe())
        return;
    if (rt.probing < 0)
        rt.probing = EXPLORE_THREADS; /* they have been described */
    rt_fail(CLASS_DEADLOCK, NULL, NULL, NULL, "no thread can go on");
}

/* The probed thread is about to do OPERATION. To look whether there is something to do is no progress. */
void probe_step(enum explore_operation operation, const void *object)
{
    if (operation == OPERATION_LOCK || operation == OPERATION_READ || operation == OPERATION_ATOMIC_READ ||
        (operation == OPERATION_WAIT && object == rt.probed_object))
        return;
    rt_fail(CLASS_LOST_WAKEUP, rt.probed_pc, NULL, rt.probed_object,
            "thread %d sleeps on, though the signal it waits for has been given", rt.probing);
}

/* Is anybody left who was forgotten? */
static void look_for_leaks(void)
{
    int enabled[EXPLORE_THREADS];

    rt.thread[0].state = THREAD_OVER;
    unsigned running = list_enabled(enabled);
    for (unsigned i = 1; i < rt.threads; i++) {
        const struct rt_thread *t = &rt.thread[i];
        if (t->state == THREAD_STUCK && t->deadline == RT_NEVER && running == 0)
            rt_fail(CLASS_THREAD_LEAK, t->pc, NULL, t->object,
                    "the program has ended, but thread %u is still waiting", i);
        if (t->state != THREAD_OVER && rt.hosted)
            rt_fail(CLASS_THREAD_LEAK, t->pc ? t->pc : t->created_pc, NULL, t->object,
                    "thread %u is still there when the check is over", i);
        if (!t->joined && !t->detached && !rt.main_left)
            rt_fail(CLASS_THREAD_LEAK, t->created_pc, NULL, NULL, "thread %u was neither joined nor detached",
                    i);
    }
}

void schedule_main_ends(int status)
{
    extern void __real_exit(int) __attribute__((noreturn));

    in_runtime = 1;
    if (rt.probing == self)
        probe_step(OPERATION_END, NULL);
    if (rt.hosted && !rt.completed)
        rt_fail(CLASS_TAMPERED, rt.thread[self].pc, NULL, NULL,
                "the program ended before the check could finish");
    if (status == 0 && self == 0) /* else it has given up, and that is what there is to tell */
        look_for_leaks();
    struct explore_outcome *outcome = conclude(status == 0 ? CLASS_NONE : CLASS_WRONG_RESULT);
    outcome->exit_status = status;
    if (status != 0)
        snprintf(outcome->message, sizeof outcome->message, "the program ended with status %d", status);
    rt.over = 1;
    __real_exit(status);
}

void schedule_main_leaves(void)
{
    rt_point(OPERATION_END, NULL, NULL, 0);
    if (rt_alone())
        schedule_main_ends(0);
    rt.main_left = 1;
    schedule_thread_ends(0);
    for (;;) /* the process ends with another thread */
        syscall(SYS_ppoll, NULL, 0L, NULL, NULL, 0L);
}
