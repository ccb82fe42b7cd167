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
#include <sys/syscall.h>
#include <unistd.h>

struct rt rt = {.probing = -1, .intended = -1};

__thread int self = -1; /* number of the calling thread; -1: not one of the program's */
__thread int in_runtime;

int rt_active(void)
{
    return self >= 0 && !in_runtime && !rt.over;
}

int rt_alone(void)
{
    return rt.living == 1;
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
    if (!rt.thread[thread].stack) /* it begins; what called this calls the program next */
        rt.thread[thread].stack = (const char *)__builtin_frame_address(0) + 2 * sizeof(void *);
    while (!__atomic_load_n(&rt.thread[thread].turn, __ATOMIC_ACQUIRE))
        syscall(SYS_futex, &rt.thread[thread].turn, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    __atomic_store_n(&rt.thread[thread].turn, 0, __ATOMIC_RELAXED);
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
    if (rt.request->simulate)
        return;
    if (rt.choices < EXPLORE_CHOICES) {
        struct explore_choice *choice = &rt.arena->choice[rt.choices];
        if (prescribed() >= 0 && choice->arity && choice->arity != arity)
            rt.nondeterministic = 1;
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

/* Is it asleep where a cancelled thread wakes up? */
static int is_cancelled(const struct rt_thread *t)
{
    return t->cancelled && !t->cancel_off &&
           (t->operation == OPERATION_WAIT || t->operation == OPERATION_JOIN ||
            t->operation == OPERATION_SEM_WAIT || t->operation == OPERATION_SLEEP);
}

int thread_can_run(const struct rt_thread *t)
{
    if (t->state == THREAD_CAN_RUN)
        return 1;
    return t->state == THREAD_STUCK &&
           (t->timed_out || t->probed || is_cancelled(t) || (t->able && t->able(t->context)));
}

/* The runnable threads from FROM on, round the circle, but for the first FIRST of them, and for those that
 * are known to go round. */
static unsigned list(int *enabled, int from, unsigned first, int with_those_that_go_round)
{
    unsigned count = 0;

    for (unsigned i = first; i < rt.threads; i++) {
        int thread = (int)((from + i) % rt.threads);
        if (thread_can_run(&rt.thread[thread]) &&
            (with_those_that_go_round || !livelock_goes_round(&rt.thread[thread])))
            enabled[count++] = thread;
    }
    return count;
}

/* The runnable threads in the order of the options: the running one first, then the others by number, round
 * the circle. One that yields is left out while another can run: else a loop that waits by yielding would go
 * round for ever. So is one that has made very many steps in a row, which does not yield and still waits.
 * Before that, all that are known to go round with nothing changed are left out while any other can run. */
unsigned list_enabled(int *enabled)
{
    int from = self >= 0 ? self : 0;
    unsigned yields = self >= 0 && (rt.thread[self].operation == OPERATION_YIELD || rt.streak >= SPINNING);
    unsigned count = list(enabled, from, yields, 0);

    if (count == 0 && yields)
        count = list(enabled, from, 0, 0);
    if (count == 0)
        count = list(enabled, from, yields, 1);
    return count || !yields ? count : list(enabled, from, 0, 1);
}

int schedule_earliest(void)
{
    int best = -1;

    for (unsigned i = 0; i < rt.threads; i++)
        if (rt.thread[i].state == THREAD_STUCK && rt.thread[i].deadline != RT_NEVER &&
            !rt.thread[i].timed_out && (best < 0 || rt.thread[i].deadline < rt.thread[best].deadline))
            best = (int)i;
    return best;
}

/* The clock moves to the deadline of THREAD, and with it all pass that end by then: who of them goes first is
 * open. */
void schedule_pass_deadline(int thread)
{
    if (rt.thread[thread].deadline > rt.clock)
        rt.clock = rt.thread[thread].deadline;
    for (unsigned i = 0; i < rt.threads; i++)
        if (rt.thread[i].state == THREAD_STUCK && rt.thread[i].deadline <= rt.clock)
            rt.thread[i].timed_out = 1;
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
    int wanted = prescribed();
    unsigned option = 0;

    if (rt.reducing) /* where there is no choice, too */
        option = depth_first_pick(enabled, count);
    else if (count > 1)
        option = wanted >= 0 ? (unsigned)wanted % count : strategy_pick(enabled, count);
    if (count == 1)
        return enabled[0];
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

    if (count > 0 && rt.request->early && (sleeper = schedule_earliest()) >= 0 &&
        rt_chance(CHOICE_EARLY_TIMEOUT, rt.request->early)) {
        schedule_pass_deadline(sleeper);
        count = list_enabled(enabled);
    }
    while (count == 0) {
        sleeper = schedule_earliest();
        if (sleeper >= 0)
            schedule_pass_deadline(sleeper);
        else
            schedule_stuck();
        count = list_enabled(enabled);
    }
    return choose_thread(enabled, count);
}

/* May the running thread go on without a look at the others? When every choice is the default: mostly. */
static int goes_on(void)
{
    const struct rt_thread *me = &rt.thread[self];

    return rt.request->simulate && me->state == THREAD_CAN_RUN && me->operation != OPERATION_YIELD &&
           rt.streak < SPINNING;
}

/* Give the turn to whoever is next, and come back with it. */
static void reschedule(void)
{
    int next = goes_on() ? self : next_thread();

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
    if (!rt.request->simulate)
        livelock_look();
    reschedule();
    me->steps++;
    livelock_did(operation);
    strategy_done(self);
    if (rt.reducing)
        depth_first_did(operation, object, size);
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
    me->timed_out = deadline_ns <= rt.clock;
    me->state = THREAD_STUCK;
    me->was_blocked = 1;
    rt_changed();
    reschedule();
    rt_changed();
    if (rt.reducing)
        depth_first_did(operation, object, 0);
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
    rt.reducing = strategy == EXPLORE_DFS && request->reduce;
    rt.threads = rt.living = 1;
    rt.last = 0;
    rt.thread[0] =
        (struct rt_thread){.state = THREAD_CAN_RUN, .deadline = RT_NEVER, .creator = -1, .joined = 1};
    rt.thread[0].stack = (const char *)__builtin_frame_address(0) + 2 * sizeof(void *);
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
    rt.living--;
    rt_changed();
    rt_touch((void *)(uintptr_t)thread, 1, 1);
    rt_note(OPERATION_END, NULL, NULL, 0);
    if (rt.living == 0)
        schedule_main_ends(0); /* the main thread has left before */
    int next = next_thread();
    rt.streak = 0;
    rt.last = next;
    self = -1;
    turn_give(next);
}
