/* livelock.c - tells at once, and for certain, that a program goes round for ever; the limit on steps is the
 * last resort for what this does not see.
 *
 * A thread goes round when it is at the same place in its code twice, with the same stack and registers, and
 * between the two no thread has changed anything: no memory with another value, no lock, no clock. All it
 * knows is then as it was, so it will come here again and again, until another one changes something. Until
 * then the others have precedence, with every strategy. When it holds for each thread that can run, none will
 * get anywhere. When some thread waits for a deadline, that is the way out, for time goes by while others
 * spin: the clock moves there. The same when somebody looked at the clock: it moves by a little, then by
 * more.
 *
 * What counts as no change is a read, a yield, an attempt to lock or to take that fails, an atomic update
 * that leaves the value as it was. Local variables are in the registers and on the stack, whose part from the
 * program's last frame up is compared, as a hash of 64 bits. A thread that counts its attempts is therefore
 * never taken for one that goes round. Nothing is looked at until some steps have gone by without a change,
 * and nothing at all where the accesses are not seen (above ThreadSanitizer) or where functions of the C
 * library may keep a state that is not seen.
 */
#include "explore/rt/inside.h"

#include <unwind.h>

enum { QUIET_STEPS = 100, FRAMES_MOST = 16, STACK_MOST = 1 << 16, STEPS_A_LOOK = 256, LOOKS = 3 };

static const uint64_t moment = 1000 * 1000; /* nanoseconds */

/* Operations that by themselves change nothing; where they do, rt_changed is called. */
static const uint8_t is_quiet[] = {
    [OPERATION_LOCK] = 1,         [OPERATION_TRYLOCK] = 1,       [OPERATION_READ_LOCK] = 1,
    [OPERATION_WRITE_LOCK] = 1,   [OPERATION_SEM_WAIT] = 1,      [OPERATION_YIELD] = 1,
    [OPERATION_READ] = 1,         [OPERATION_WRITE] = 1,         [OPERATION_ATOMIC_READ] = 1,
    [OPERATION_ATOMIC_WRITE] = 1, [OPERATION_ATOMIC_UPDATE] = 1, [OPERATION_OTHER] = 1,
};

void rt_changed(void)
{
    rt.changed_at = rt.steps;
    rt.clock_step = 0;
}

void livelock_did(enum explore_operation operation)
{
    if (operation >= sizeof is_quiet || !is_quiet[operation])
        rt_changed();
}

/* --- what a thread knows -------------------------------------------------------------------------------- */

struct look {
    const struct rt_thread *thread;
    int frames;
    uint64_t hash; /* 0: it could not be taken */
};

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
    return hash ^ hash >> 29;
}

/* The registers that a call preserves, as DWARF numbers them, and all of the stack above the frame. */
static uint64_t hash_frame(struct _Unwind_Context *frame, const struct rt_thread *thread)
{
#ifdef __x86_64__
    static const int registers[] = {3, 6, 12, 13, 14, 15};
#else
    static const int registers[] = {19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29};
#endif
    const uint64_t *from = (const uint64_t *)_Unwind_GetCFA(frame), *to = thread->stack;
    uint64_t hash = mix(1, (uintptr_t)from);

    if (from > to || (size_t)(to - from) > STACK_MOST / sizeof *from)
        return 0;
    for (size_t i = 0; i < sizeof registers / sizeof registers[0]; i++)
        hash = mix(hash, _Unwind_GetGR(frame, registers[i]));
    while (from < to)
        hash = mix(hash, *from++);
    return hash ? hash : 1;
}

/* The frames of the runtime come first. That of the program is where the call was made. */
static _Unwind_Reason_Code find_frame(struct _Unwind_Context *frame, void *context)
{
    struct look *look = context;

    if (_Unwind_GetIP(frame) != (uintptr_t)look->thread->pc)
        return ++look->frames < FRAMES_MOST ? _URC_NO_REASON : _URC_END_OF_STACK;
    look->hash = hash_frame(frame, look->thread);
    return _URC_END_OF_STACK;
}

/* What ME knows is what it will be compared with from now on, for twice as long as before. */
static void remember(struct rt_thread *me, uint64_t hash, uint64_t window)
{
    me->seen_at = rt.steps;
    me->seen_until = rt.steps + window;
    me->seen_pc = me->pc;
    me->seen_hash = hash;
    me->looks_left = LOOKS + (unsigned)(window / STEPS_A_LOOK);
}

/* Is ME, which calls this, where it was before, and knowing the same? What it is compared with is taken anew
 * each time that twice as many steps have gone by (Brent's way to find a cycle). As a look takes as long as
 * some tens of steps, there are not many: a thread that reads a long list is not held up much, and a loop
 * that comes by the same place many times in one round is found late. */
static int goes_round(struct rt_thread *me)
{
    struct look look = {.thread = me};
    int is_fresh = me->seen_at > rt.changed_at, is_over = !is_fresh || rt.steps >= me->seen_until;

    if (!is_over && (me->seen_pc != me->pc || me->looks_left == 0))
        return 0;
    if (library_has_printed()) {
        rt_changed();
        return 0;
    }
    _Unwind_Backtrace(find_frame, &look);
    if (is_fresh && look.hash && look.hash == me->seen_hash && me->seen_pc == me->pc)
        return 1;
    if (is_over)
        remember(me, look.hash, is_fresh ? 2 * (me->seen_until - me->seen_at) : 2 * QUIET_STEPS);
    else
        me->looks_left--;
    return 0;
}

/* --- what comes of it ----------------------------------------------------------------------------------- */

int livelock_goes_round(const struct rt_thread *t)
{
    return t->round_at > rt.changed_at;
}

/* Does each thread that can run go round? */
static int all_go_round(void)
{
    for (unsigned i = 0; i < rt.threads; i++)
        if (thread_can_run(&rt.thread[i]) && !livelock_goes_round(&rt.thread[i]))
            return 0;
    return 1;
}

static int clock_was_read(void)
{
    return rt.clock_read && rt.clock_read_at >= rt.changed_at;
}

void livelock_pass_time(void)
{
    uint64_t step = rt.clock_step ? 2 * rt.clock_step : moment;
    int sleeper = schedule_earliest();

    depth_first_meets_all();
    if (sleeper >= 0)
        schedule_pass_deadline(sleeper);
    else
        rt.clock += step;
    rt_changed();
    rt.clock_step = sleeper >= 0 ? 0 : step;
}

void livelock_look(void)
{
    struct rt_thread *me = &rt.thread[self];

    if (rt.steps - rt.changed_at < QUIET_STEPS || rt.probing >= 0 || !rt_sees_accesses() ||
        !library_is_known())
        return;
    if (!goes_round(me))
        return;
    depth_first_meets_all(); /* which threads can run does not depend on their steps alone any more */
    me->round_at = rt.steps;
    if (!all_go_round())
        return;
    if (schedule_earliest() >= 0 || clock_was_read())
        livelock_pass_time();
    else
        rt_fail(CLASS_LIVELOCK, me->pc, NULL, me->object,
                "every thread that can run goes round in a loop, and none of them changes anything");
}
