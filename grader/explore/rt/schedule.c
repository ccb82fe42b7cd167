/* schedule.c - whose turn it is. The heart of the runtime: threads, points, choices, the virtual clock, and
 * the end of a schedule.
 *
 * Theory of operation. Each thread of the program is a real thread, parked on a futex of its own but for the
 * one that has the turn. Before each operation that other threads can notice, the running thread calls
 * rt_point: the thread to go next is chosen, and if it is another one, the turn is handed over and the caller
 * parks. So the program's interleaving is exactly the sequence of these choices, and running them again runs
 * the program again.
 *
 * A thread that cannot go on (rt_block) is asked, whenever the turn is given away, whether it can now. When
 * no thread can, virtual time jumps to the earliest deadline; when there is none either, the program is
 * stuck.
 */
#include "explore/rt/inside.h"

#include <limits.h>
#include <linux/futex.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct rt rt = {.probing = -1, .intended = -1};

static __thread int self = -1; /* number of the calling thread; -1: not one of the program's */
static __thread int in_runtime;

int rt_active(void)
{
    return self >= 0 && !in_runtime && !rt.over;
}

int rt_self(void)
{
    return self;
}

const struct explore_request *rt_request(void)
{
    return rt.request;
}

uint64_t rt_clock(void)
{
    return rt.clock;
}

/* --- the turn ------------------------------------------------------------------------------------------- */

static void turn_give(int thread)
{
    __atomic_store_n(&rt.thread[thread].turn, 1, __ATOMIC_RELEASE);
    syscall(SYS_futex, &rt.thread[thread].turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

void turn_await(int thread)
{
    self = thread;
    while (!__atomic_load_n(&rt.thread[thread].turn, __ATOMIC_ACQUIRE))
        syscall(SYS_futex, &rt.thread[thread].turn, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    __atomic_store_n(&rt.thread[thread].turn, 0, __ATOMIC_RELAXED);
}

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

    if (rt.probing < 0) /* else they were described when they got stuck, before the probe */
        describe_threads();
    *outcome = (struct explore_outcome){
        .class = class,
        .choices = rt.choices,
        .events = rt.events,
        .threads = rt.threads,
        .steps = rt.steps,
        .clock_ns = rt.clock,
        .preemptions = rt.preemptions,
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

void rt_unsupported(const char *what, const void *pc)
{
    struct explore_outcome *outcome = conclude(CLASS_NONE);

    outcome->unsupported = 1;
    outcome->pc[0] = (uintptr_t)pc;
    snprintf(outcome->message, sizeof outcome->message, "%s", what);
    end_process(0);
    __builtin_unreachable();
}

/* --- choices -------------------------------------------------------------------------------------------- */

/* The option that is prescribed for the next choice: by a replay or a prefix of the depth-first search. -1:
 * none is. */
static int prescribed(void)
{
    if (rt.choices < rt.request->replay_choices &&
        (rt.strategy == EXPLORE_REPLAY || rt.strategy == EXPLORE_DFS))
        return rt.arena->choice[rt.choices].option;
    return -1;
}

static void record(enum explore_choice_kind kind, unsigned option, unsigned arity, unsigned forced)
{
    if (rt.choices < EXPLORE_CHOICES) {
        struct explore_choice *choice = &rt.arena->choice[rt.choices];
        if (prescribed() >= 0 && choice->arity && choice->arity != arity)
            rt.arena->batch.nondeterministic = 1;
        *choice = (struct explore_choice){(uint8_t)option, (uint8_t)arity, (uint8_t)kind, (uint8_t)forced};
    }
    rt.choices++;
}

unsigned rt_choose(enum explore_choice_kind kind, unsigned arity)
{
    if (arity <= 1)
        return 0;
    int wanted = prescribed();
    unsigned option = wanted >= 0 ? (unsigned)wanted % arity
                      : rt.strategy == EXPLORE_DFS || rt.strategy == EXPLORE_REPLAY
                          ? 0
                          : (unsigned)(rt_random() % arity);
    record(kind, option, arity, 1);
    return option;
}

int rt_chance(enum explore_choice_kind kind, unsigned per_mille)
{
    if (per_mille == 0)
        return 0;
    int wanted = prescribed();
    unsigned option = wanted >= 0 ? (unsigned)wanted & 1
                      : rt.strategy == EXPLORE_DFS || rt.strategy == EXPLORE_REPLAY
                          ? 0
                          : rt_random() % 1000 < per_mille;
    record(kind, option, 2, 1);
    return (int)option;
}

/* --- who can run ---------------------------------------------------------------------------------------- */

static int can_run(const struct rt_thread *t)
{
    if (t->state == THREAD_CAN_RUN)
        return 1;
    return t->state == THREAD_STUCK && (t->timed_out || t->probed || (t->able && t->able(t->context)));
}

/* The runnable threads in the order of the options: the running one first, then the others by number, round
 * the circle. One that yields is left out while another can run: else a loop that waits by yielding would go
 * round for ever. */
static unsigned list_enabled(int *enabled)
{
    unsigned count = 0;
    int from = self >= 0 ? self : 0, yields = self >= 0 && rt.thread[self].operation == OPERATION_YIELD;

    for (unsigned i = (unsigned)yields; i < rt.threads; i++) {
        int thread = (int)((from + i) % rt.threads);
        if (can_run(&rt.thread[thread]))
            enabled[count++] = thread;
    }
    if (count == 0 && yields && can_run(&rt.thread[from]))
        enabled[count++] = from;
    return count;
}

static int earliest(void)
{
    int best = -1;

    for (unsigned i = 0; i < rt.threads; i++)
        if (rt.thread[i].state == THREAD_STUCK && rt.thread[i].deadline != RT_NEVER &&
            !rt.thread[i].timed_out && (best < 0 || rt.thread[i].deadline < rt.thread[best].deadline))
            best = (int)i;
    return best;
}

static void pass_deadline(int thread)
{
    if (rt.thread[thread].deadline > rt.clock)
        rt.clock = rt.thread[thread].deadline;
    rt.thread[thread].timed_out = 1;
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

static void stuck(void)
{
    if (rt.probing < 0)
        describe_threads();
    if (probe())
        return;
    if (rt.probing < 0)
        rt.probing = EXPLORE_THREADS; /* they have been described */
    rt_fail(CLASS_DEADLOCK, NULL, NULL, NULL, "no thread can go on");
}

/* The probed thread is about to do OPERATION. To look whether there is something to do is no progress. */
static void probe_step(enum explore_operation operation, const void *object)
{
    if (operation == OPERATION_LOCK || operation == OPERATION_READ || operation == OPERATION_ATOMIC_READ ||
        (operation == OPERATION_WAIT && object == rt.probed_object))
        return;
    rt_fail(CLASS_LOST_WAKEUP, rt.probed_pc, NULL, rt.probed_object,
            "thread %d sleeps on, though the signal it waits for has been given", rt.probing);
}

/* --- the point ------------------------------------------------------------------------------------------ */

static void count_step(void)
{
    rt.steps++;
    if (rt.steps > rt.request->step_limit)
        rt_fail(CLASS_LIVELOCK, rt.thread[self].pc, NULL, rt.thread[self].object,
                "%llu steps were made, and the program had not come to an end",
                (unsigned long long)rt.request->step_limit);
}

/* Choose the next thread among ENABLED and record the choice. */
static int choose_thread(const int *enabled, unsigned count)
{
    int running_can = self >= 0 && count > 0 && enabled[0] == self;

    if (count == 1)
        return enabled[0];
    int wanted = prescribed();
    unsigned option = wanted >= 0 ? (unsigned)wanted % count : strategy_pick(enabled, count);
    record(CHOICE_THREAD, option, count, !running_can);
    if (running_can && option != 0)
        rt.preemptions++;
    return enabled[option];
}

/* Find out who goes next. Moves the clock when it has to. */
static int next_thread(void)
{
    int enabled[EXPLORE_THREADS], sleeper;
    unsigned count = list_enabled(enabled);

    if (count > 0 && rt.request->early && (sleeper = earliest()) >= 0 &&
        rt_chance(CHOICE_EARLY_TIMEOUT, rt.request->early)) {
        pass_deadline(sleeper);
        count = list_enabled(enabled);
    }
    while (count == 0) {
        sleeper = earliest();
        if (sleeper >= 0)
            pass_deadline(sleeper);
        else
            stuck();
        count = list_enabled(enabled);
    }
    return choose_thread(enabled, count);
}

/* Give the turn to whoever is next, and come back with it. */
static void reschedule(void)
{
    int next = next_thread();

    rt.streak = next == rt.last ? rt.streak + 1 : 0;
    rt.last = next;
    if (next == self)
        return;
    int me = self;
    turn_give(next);
    turn_await(me);
}

void rt_note(enum explore_operation operation, const void *object, const void *pc, unsigned size)
{
    if (rt.request->trace && rt.events < EXPLORE_EVENTS)
        rt.arena->event[rt.events++] = (struct explore_event){
            .clock_ns = rt.clock,
            .object = (uintptr_t)object,
            .pc = (uintptr_t)pc,
            .choice = rt.choices,
            .thread = (uint8_t)self,
            .operation = (uint8_t)operation,
            .blocked = rt.thread[self].was_blocked,
            .size = (uint8_t)size,
        };
    rt.thread[self].was_blocked = 0;
}

void rt_point(enum explore_operation operation, const void *object, const void *pc, unsigned size)
{
    struct rt_thread *me = &rt.thread[self];

    in_runtime = 1;
    me->operation = operation;
    me->object = object;
    me->pc = pc;
    count_step();
    if (rt.probing == self)
        probe_step(operation, object);
    reschedule();
    me->steps++;
    strategy_done(self);
    rt_note(operation, object, pc, size);
    in_runtime = 0;
}

int rt_block(enum explore_operation operation, const void *object, const void *pc, int (*able)(void *context),
             void *context, uint64_t deadline_ns)
{
    struct rt_thread *me = &rt.thread[self];

    in_runtime = 1;
    me->operation = operation;
    me->object = object;
    me->pc = pc;
    me->able = able;
    me->context = context;
    me->deadline = deadline_ns;
    me->timed_out = 0;
    me->state = THREAD_STUCK;
    me->was_blocked = 1;
    reschedule();
    int late = me->timed_out && !me->probed;
    me->state = THREAD_CAN_RUN;
    me->able = NULL;
    me->deadline = RT_NEVER;
    me->probed = 0;
    in_runtime = 0;
    return late;
}

/* --- begin and end -------------------------------------------------------------------------------------- */

void schedule_begin(struct explore_arena *arena, const struct explore_request *request, uint64_t seed,
                    enum explore_strategy strategy, uint64_t order)
{
    rt.arena = arena;
    rt.request = request;
    rt.random = seed * 0x2545f4914f6cdd1dULL + order;
    rt.strategy = strategy;
    rt.threads = 1;
    rt.last = 0;
    rt.thread[0] =
        (struct rt_thread){.state = THREAD_CAN_RUN, .deadline = RT_NEVER, .creator = -1, .joined = 1};
    strategy_begin();
    strategy_created(0);
    self = 0;
}

/* A thread is through: never to return to the caller. */
void schedule_thread_ends(int thread)
{
    struct rt_thread *me = &rt.thread[thread];

    in_runtime = 1;
    if (rt.probing == thread)
        probe_step(OPERATION_END, NULL);
    me->operation = OPERATION_END;
    me->state = THREAD_OVER;
    rt_note(OPERATION_END, NULL, NULL, 0);
    int next = next_thread();
    rt.streak = 0;
    rt.last = next;
    self = -1;
    turn_give(next);
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
        if (!t->joined && !t->detached)
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
    look_for_leaks();
    struct explore_outcome *outcome = conclude(status == 0 ? CLASS_NONE : CLASS_WRONG_RESULT);
    outcome->exit_status = status;
    if (status != 0)
        snprintf(outcome->message, sizeof outcome->message, "the program ended with status %d", status);
    rt.over = 1;
    __real_exit(status);
}
