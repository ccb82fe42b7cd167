/* thread.c - threads of the program: started, joined, detached, ended. And the ends of the program itself. */
#include "check/explored.h"
#include "explore/rt/inside.h"

#include <errno.h>
#include <string.h>

#define HERE __builtin_return_address(0)

int __real_pthread_create(pthread_t *handle, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *arg);
int __real_pthread_join(pthread_t handle, void **result);
int __real_pthread_detach(pthread_t handle);
void __real_pthread_exit(void *result) __attribute__((noreturn));
void __real_exit(int status) __attribute__((noreturn));

/* The last of a thread's cleanup handlers, however it leaves. */
static void over(void *context)
{
    struct rt_thread *me = context;

    rt_release(me);
    schedule_thread_ends((int)(me - rt.thread));
}

static void *trampoline(void *context)
{
    struct rt_thread *me = context;
    int number = (int)(me - rt.thread);

    turn_await(number);
    rt_note(OPERATION_BEGIN, NULL, me->created_pc, 0);
    pthread_cleanup_push(over, me);
    me->result = me->run(me->arg);
    pthread_cleanup_pop(1);
    return me->result;
}

/* Number of the place for a new thread. A simulation goes on for so long that it uses those of threads that
 * were joined again: only how many there are at once is bounded. */
static unsigned place(void)
{
    for (unsigned i = 1; rt_request()->simulate && i < rt.threads; i++)
        if (rt.thread[i].joined && rt.thread[i].state == THREAD_OVER)
            return i;
    return rt.threads;
}

int __wrap_pthread_create(pthread_t *handle, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *arg)
{
    if (!rt_active())
        return __real_pthread_create(handle, attributes, run, arg);
    rt_point(OPERATION_CREATE, (void *)(uintptr_t)rt.threads, HERE, 0);
    if (rt_chance(CHOICE_FAILURE, rt_request()->fail_create))
        return EAGAIN;
    if (check_creates && check_creates(&run, &arg) != 0)
        return EAGAIN;
    unsigned number = place();
    if (number == EXPLORE_THREADS && rt.hosted)
        rt_fail(CLASS_OVERLOAD, HERE, NULL, NULL, "the program starts more than %d threads",
                EXPLORE_THREADS - 1);
    if (number == EXPLORE_THREADS)
        rt_unsupported("more threads in one schedule than the explorer keeps", HERE);
    int state = PTHREAD_CREATE_JOINABLE;
    struct rt_thread *child = &rt.thread[number];
    uint64_t expected = child->expected;
    if (attributes)
        pthread_attr_getdetachstate(attributes, &state);
    *child = (struct rt_thread){.state = THREAD_CAN_RUN,
                                .run = run,
                                .arg = arg,
                                .deadline = RT_NEVER,
                                .creator = rt_self(),
                                .created_pc = HERE,
                                .expected = expected,
                                .detached = state == PTHREAD_CREATE_DETACHED};
    int result = __real_pthread_create(&child->handle, attributes, trampoline, child);
    if (result != 0 && rt_request()->memory_bytes)
        rt_fail(CLASS_OVERLOAD, HERE, NULL, NULL,
                "the program takes more memory for threads than the check allows");
    if (result != 0) {
        child->state = THREAD_OVER;
        child->joined = 1;
        return result;
    }
    *handle = child->handle;
    rt.threads += number == rt.threads;
    rt.living++;
    strategy_created((int)number);
    rt_started((int)number);
    return 0;
}

/* The latest first: handles are used again after a join. */
static int find(pthread_t handle)
{
    int found = -1;

    for (int i = (int)rt.threads - 1; i > 0; i--) {
        if (rt.thread[i].handle != handle)
            continue;
        if (!rt_request()->simulate || !rt.thread[i].joined)
            return i;
        found = i;
    }
    return found;
}

static int is_over(void *context)
{
    return rt.thread[(intptr_t)context].state == THREAD_OVER;
}

static int join_until(pthread_t handle, void **result, uint64_t deadline, const void *pc)
{
    int number = find(handle);

    rt_point(OPERATION_JOIN, (void *)(uintptr_t)number, pc, 0);
    if (number < 0 || rt.thread[number].joined)
        rt_fail(CLASS_MISUSE, pc, NULL, NULL, "a thread is joined that %s",
                number < 0 ? "does not exist" : "has been joined before");
    if (rt.thread[number].detached)
        rt_fail(CLASS_MISUSE, pc, rt.thread[number].created_pc, NULL, "a thread is joined that is detached");
    if (number == rt_self())
        return EDEADLK;
    while (!is_over((void *)(intptr_t)number)) {
        if (rt_block(OPERATION_JOIN, (void *)(uintptr_t)number, pc, is_over, (void *)(intptr_t)number,
                     deadline))
            return ETIMEDOUT;
        cancel_point();
    }
    rt.thread[number].joined = 1;
    rt_ended(number);
    return __real_pthread_join(handle, result);
}

int __wrap_pthread_join(pthread_t handle, void **result)
{
    extern int __real_pthread_join(pthread_t, void **);
    return rt_active() ? join_until(handle, result, RT_NEVER, HERE) : __real_pthread_join(handle, result);
}

int __wrap_pthread_tryjoin_np(pthread_t handle, void **result)
{
    int number = find(handle);

    rt_point(OPERATION_JOIN, (void *)(uintptr_t)number, HERE, 0);
    if (number >= 0 && !is_over((void *)(intptr_t)number))
        return EBUSY;
    return join_until(handle, result, RT_NEVER, HERE);
}

uint64_t time_deadline(clockid_t clock, const struct timespec *deadline); /* time.c */

int __wrap_pthread_timedjoin_np(pthread_t handle, void **result, const struct timespec *deadline)
{
    return join_until(handle, result, time_deadline(CLOCK_REALTIME, deadline), HERE);
}

int __wrap_pthread_detach(pthread_t handle)
{
    if (!rt_active())
        return __real_pthread_detach(handle);
    int number = find(handle);
    rt_point(OPERATION_DETACH, (void *)(uintptr_t)number, HERE, 0);
    if (number < 0 || rt.thread[number].joined || rt.thread[number].detached)
        rt_fail(CLASS_MISUSE, HERE, NULL, NULL, "a thread is detached that was joined or detached before");
    rt.thread[number].detached = 1;
    return __real_pthread_detach(handle);
}

void __wrap_pthread_exit(void *result)
{
    if (rt_active() && rt_self() == 0)
        schedule_main_leaves();
    if (rt_active())
        rt.thread[rt_self()].result = result;
    __real_pthread_exit(result);
}

/* --- cancellation: deferred, at waits, joins and sleeps ---------------------------------------------------
 */

void cancel_point(void)
{
    struct rt_thread *me = &rt.thread[rt_self()];

    if (!me->cancelled || me->cancel_off)
        return;
    me->cancelled = 0; /* its cleanup handlers may wait */
    me->result = PTHREAD_CANCELED;
    __real_pthread_exit(PTHREAD_CANCELED);
}

int __wrap_pthread_cancel(pthread_t handle)
{
    extern int __real_pthread_cancel(pthread_t);
    int number = find(handle);

    if (!rt_active())
        return __real_pthread_cancel(handle);
    rt_point(OPERATION_CANCEL, (void *)(uintptr_t)number, HERE, 0);
    if (number < 0 || rt.thread[number].joined)
        rt_fail(CLASS_MISUSE, HERE, NULL, NULL, "a thread is cancelled that %s",
                number < 0 ? "does not exist" : "has been joined before");
    rt.thread[number].cancelled = 1;
    return 0;
}

void __wrap_pthread_testcancel(void)
{
    extern void __real_pthread_testcancel(void);

    if (!rt_active()) {
        __real_pthread_testcancel();
        return;
    }
    rt_point(OPERATION_OTHER, NULL, HERE, 0);
    cancel_point();
}

int __wrap_pthread_setcancelstate(int state, int *old)
{
    extern int __real_pthread_setcancelstate(int, int *);
    int was = rt_active() ? rt.thread[rt_self()].cancel_off : 0;

    if (!rt_active())
        return __real_pthread_setcancelstate(state, old);
    if (state != PTHREAD_CANCEL_ENABLE && state != PTHREAD_CANCEL_DISABLE)
        return EINVAL;
    if (old)
        *old = was ? PTHREAD_CANCEL_DISABLE : PTHREAD_CANCEL_ENABLE;
    rt.thread[rt_self()].cancel_off = state == PTHREAD_CANCEL_DISABLE;
    return 0;
}

int __wrap_pthread_setcanceltype(int type, int *old)
{
    extern int __real_pthread_setcanceltype(int, int *);

    if (rt_active() && type == PTHREAD_CANCEL_ASYNCHRONOUS)
        rt_unsupported("asynchronous cancellation", HERE);
    return __real_pthread_setcanceltype(type, old);
}

int __wrap_pthread_kill(pthread_t handle, int number)
{
    (void)handle;
    (void)number;
    rt_unsupported("pthread_kill", HERE);
}

/* --- the program's own ends --- */

void __wrap_exit(int status)
{
    if (rt_active()) {
        rt_point(OPERATION_OTHER, NULL, HERE, 0);
        schedule_main_ends(status);
    }
    __real_exit(status);
}

void __wrap___assert_fail(const char *text, const char *file, unsigned line, const char *function)
{
    extern void __real___assert_fail(const char *, const char *, unsigned, const char *)
        __attribute__((noreturn));
    const char *slash = strrchr(file, '/');

    (void)function;
    if (rt_active())
        rt_fail(CLASS_WRONG_RESULT, HERE, NULL, NULL, "the assertion `%s` (%s:%u) does not hold", text,
                slash ? slash + 1 : file, line);
    __real___assert_fail(text, file, line, function);
}
