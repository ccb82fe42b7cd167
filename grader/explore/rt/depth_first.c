/* depth_first.c - every schedule with at most `bound` preemptions, once; or, without a bound, one schedule of
 * each set of schedules that come to the same.
 *
 * The choices of the schedule just run are the stack of the search: the last of them that has an option left
 * takes that one, and what follows it is open again.
 *
 * Leaving out (`reduce`) is by sleep sets (Godefroid: "Partial-order methods for the verification of
 * concurrent systems", 1996, chapter 5). A *step* is what a thread does from one point to its next. Two steps
 * of different threads *meet* when one writes what the other touches. The argument:
 *
 *   1. Steps that do not meet may change places. Each reads the same, so does the same; none decides whether
 *      the other can run, for that depends on a mutex, a waiter, a thread's end, ..., which the step that
 *      changes it writes; and the state behind both is the same.
 *   2. Let all schedules that begin with step a at some state have been run, and b be tried there next. A
 *      schedule b, x, y, a, ... in which a meets none of b, x, y is one that began with a, with steps that do
 *      not meet in another order. So a sleeps: it is not taken behind b until a step that it meets has been.
 *      Where only sleepers could go on, all schedules from there are known: the run is broken off.
 *   3. What is asleep and not yet met does, later, just what it did when it was tried. So its footprint is
 *      known by then, and nothing has to be foretold. A choice within a step (which waiter, does malloc fail)
 *      makes it several steps of one thread; they sleep together, by all that they touched.
 *   4. Thus every state is reached, each schedule left out has the same steps in the same order for every
 *      thread and every object as one that was run, and verdicts and outputs are all there. What differs is
 *      the number of schedules: it counts the orders that can make a difference.
 *
 * It holds only if a footprint misses nothing that decides anything. It has all accesses and atomics of the
 * program, the objects of the model, and the heap and what was printed as one thing, "the library". Hidden is
 * what the C library reads and writes through pointers for the program (strcpy): that can make a difference
 * only where it races, for else locks, that are seen, order it. To meet everything is said of: a step that
 * ends the program; one that touched too much to be listed; one behind which a thread yields, for whether
 * that may go on depends on who ran last. The search gives up leaving out (`irreducible`) when a thread spins
 * so long that others are preferred, or that time passes, for the same reason; when a table is full; at an
 * operation that is not in the list below. It does not begin when deadlines may pass early, as each moves
 * everybody's clock; when the program calls functions that library.c does not know; nor when it is not
 * trusted, as it could write to the tables. Virtual time else moves only when nobody can run: then nobody
 * sleeps in the sense of 2.
 *
 * With a bound on preemptions nothing is left out: the schedule that was kept may have more preemptions than
 * the one that was left out, and lie beyond the bound (Coons, Musuvathi, McKinley: "Bounded partial-order
 * reduction", OOPSLA 2013).
 */
#include "explore/rt/inside.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { STEPS = 1 << 19, RANGES = 1 << 21, STEP_RANGES = 64, NO_STEP = -1 };

/* A thread's step that was tried at a choice. */
struct step {
    uint8_t thread;
    uint8_t is_open;       /* begun, and not seen to end: it may have ended the program */
    uint8_t is_everything; /* its footprint */
    uint32_t range, ranges;
};

/* A choice between threads. Its options tried so far are the steps from `step` on, the last one under way. */
struct node {
    uint32_t choice, step;
    uint8_t asleep[EXPLORE_THREADS]; /* by option, when the choice was met */
};

/* Stacks that the server and its children share; none has an entry of a choice that the search has left. */
struct search {
    uint32_t nodes, steps, ranges;
    int is_skipped, is_given_up; /* said by a child of its run */
    struct node node[EXPLORE_CHOICES];
    struct step step[STEPS];
    struct range range[RANGES];
};

/* Of one run, in the child. All zero when it begins. */
struct walk {
    struct search *search;
    uint32_t depth;                   /* nodes passed */
    uint32_t asleep[EXPLORE_THREADS]; /* its step's index + 1; 0: awake */
    int step;                         /* index of the one under way, NO_STEP: it is not kept */
    struct range room[STEP_RANGES];
    struct footprint footprint; /* of the one under way */
};

static struct walk walk = {.step = NO_STEP, .footprint = {.range = walk.room, .room = STEP_RANGES}};

/* --- a run that is broken off --------------------------------------------------------------------------- */

static void break_off(int *said) __attribute__((noreturn));
static void break_off(int *said)
{
    *said = 1;
    rt.arena->last = (struct explore_outcome){.class = CLASS_NONE, .choices = rt.choices};
    rt.over = 1;
    syscall(SYS_exit_group, 0);
    __builtin_unreachable();
}

static void give_up(void)
{
    break_off(&walk.search->is_given_up);
}

/* --- what a step touches -------------------------------------------------------------------------------- */

/* What the operations do to their object, for others: two that only look at it do not meet. A reader of a
 * read-write lock counts as one that looks, as readers do not mind each other. */
enum effect { UNKNOWN, NOTHING, LOOKS, CHANGES, MAKES_THREAD };

static const uint8_t effects[] = {
    [OPERATION_BEGIN] = NOTHING,         [OPERATION_END] = NOTHING,       [OPERATION_CREATE] = MAKES_THREAD,
    [OPERATION_JOIN] = CHANGES,          [OPERATION_DETACH] = CHANGES,    [OPERATION_LOCK] = CHANGES,
    [OPERATION_TRYLOCK] = CHANGES,       [OPERATION_UNLOCK] = CHANGES,    [OPERATION_WAIT] = CHANGES,
    [OPERATION_SIGNAL] = CHANGES,        [OPERATION_BROADCAST] = CHANGES, [OPERATION_READ_LOCK] = LOOKS,
    [OPERATION_WRITE_LOCK] = CHANGES,    [OPERATION_RW_UNLOCK] = CHANGES, [OPERATION_SEM_WAIT] = CHANGES,
    [OPERATION_SEM_POST] = CHANGES,      [OPERATION_BARRIER] = CHANGES,   [OPERATION_ONCE] = CHANGES,
    [OPERATION_SLEEP] = NOTHING,         [OPERATION_YIELD] = NOTHING,     [OPERATION_READ] = LOOKS,
    [OPERATION_WRITE] = CHANGES,         [OPERATION_ATOMIC_READ] = LOOKS, [OPERATION_ATOMIC_WRITE] = CHANGES,
    [OPERATION_ATOMIC_UPDATE] = CHANGES, [OPERATION_DESTROY] = CHANGES,   [OPERATION_PRINT] = CHANGES,
    [OPERATION_OTHER] = CHANGES,
};

void rt_touch(const void *address, unsigned long size, int is_write)
{
    uintptr_t first = (uintptr_t)address;

    if (rt.reducing)
        footprint_add(&walk.footprint, (struct range){first, first + size - 1, is_write != 0});
}

void rt_touch_library(void)
{
    static const char library = 0;

    rt_changed();
    rt_touch(&library, 1, 1);
}

void depth_first_meets_all(void)
{
    if (rt.reducing)
        give_up();
}

void depth_first_did(enum explore_operation operation, const void *object, unsigned size)
{
    enum effect effect = operation < sizeof effects ? effects[operation] : UNKNOWN;

    if (effect == UNKNOWN)
        give_up();
    if (effect == MAKES_THREAD)
        rt_touch_library();
    if (effect != NOTHING && object)
        rt_touch(object, size ? size : 1, effect != LOOKS);
}

/* --- steps ---------------------------------------------------------------------------------------------- */

static struct footprint footprint_of(const struct step *step)
{
    struct range *range = &walk.search->range[step->range];
    return (struct footprint){range, step->ranges, STEP_RANGES, step->is_everything};
}

/* Add what was touched to the step under way, when that is the last one on the stack: what was tried before
 * is known. A step comes several times when there is a choice within it. */
static void keep_footprint(const struct footprint *footprint)
{
    struct search *search = walk.search;

    if (walk.step == NO_STEP || (uint32_t)walk.step + 1 != search->steps)
        return;
    struct step *step = &search->step[walk.step];
    if (step->range + STEP_RANGES > RANGES)
        give_up();
    struct footprint kept = footprint_of(step);
    footprint_add_all(&kept, footprint);
    step->is_everything = kept.is_everything;
    step->ranges = kept.count;
    search->ranges = step->range + kept.count;
    step->is_open = 0;
}

static void wake_sleepers(const struct footprint *footprint)
{
    for (unsigned i = 0; i < rt.threads; i++) {
        if (!walk.asleep[i])
            continue;
        struct footprint sleeper = footprint_of(&walk.search->step[walk.asleep[i] - 1]);
        if (footprints_meet(&sleeper, footprint))
            walk.asleep[i] = 0;
    }
}

/* The calling thread is at its next point, or blocks, or is through. */
static void end_step(void)
{
    int yields = self >= 0 && rt.thread[self].operation == OPERATION_YIELD;

    if (self >= 0 && rt.streak >= SPINNING && !yields)
        give_up();
    if (library_has_printed())
        rt_touch_library();
    walk.footprint.is_everything |= (uint8_t)yields;
    keep_footprint(&walk.footprint);
    wake_sleepers(&walk.footprint);
    walk.footprint.count = walk.footprint.is_everything = 0;
    walk.step = NO_STEP;
}

static void begin_step(struct step *step, int thread)
{
    step->thread = (uint8_t)thread;
    walk.step = (int)(step - walk.search->step);
    if ((uint32_t)walk.step + 1 == walk.search->steps)
        step->is_open = 1;
}

static struct step *push_step(struct search *search)
{
    struct step *step = &search->step[search->steps++];
    *step = (struct step){.range = search->ranges};
    return step;
}

/* --- choices, in the child ------------------------------------------------------------------------------ */

/* A choice that stands in the prefix: what was tried there before falls asleep. */
static unsigned choose_again(const int *enabled, unsigned count)
{
    struct search *search = walk.search;
    const struct node *node = &search->node[walk.depth++];
    unsigned option = rt.arena->choice[rt.choices].option % count;
    uint32_t end = walk.depth < search->nodes ? node[1].step : search->steps;

    if (walk.depth > search->nodes || node->choice != rt.choices)
        give_up(); /* the program went another way than before */
    for (uint32_t i = node->step; i + 1 < end; i++)
        walk.asleep[search->step[i].thread] = i + 1;
    begin_step(&search->step[end - 1], enabled[option]);
    return option;
}

/* A choice beyond the prefix: the first option that is awake. */
static unsigned choose_first(const int *enabled, unsigned count)
{
    struct search *search = walk.search;
    unsigned option = 0;

    while (option < count && walk.asleep[enabled[option]])
        option++;
    if (option == count)
        break_off(&search->is_skipped);
    if (rt.choices >= EXPLORE_CHOICES || search->steps == STEPS)
        give_up();
    struct node *node = &search->node[search->nodes++];
    walk.depth++;
    node->choice = rt.choices;
    node->step = search->steps;
    for (unsigned i = 0; i < count; i++)
        node->asleep[i] = walk.asleep[enabled[i]] != 0;
    begin_step(push_step(search), enabled[option]);
    return option;
}

unsigned depth_first_pick(const int *enabled, unsigned count)
{
    end_step();
    if (count > 1)
        return rt.choices < rt.request->replay_choices ? choose_again(enabled, count)
                                                       : choose_first(enabled, count);
    if (walk.asleep[enabled[0]])
        break_off(&walk.search->is_skipped);
    return 0;
}

/* --- the next schedule, in the server ------------------------------------------------------------------- */

/* Does taking another option than the default here cost a preemption? */
static int would_preempt(const struct explore_choice *choice)
{
    return choice->kind == CHOICE_THREAD && !choice->forced;
}

static int next_within_bound(struct explore_arena *arena, struct explore_request *request)
{
    struct explore_choice *choice = arena->choice;
    uint32_t count = arena->last.choices, spent = 0;

    for (uint32_t i = 0; i < count; i++)
        spent += would_preempt(&choice[i]) && choice[i].option > 0;
    for (uint32_t i = count; i-- > 0;) {
        if (would_preempt(&choice[i]) && choice[i].option > 0)
            spent--;
        if (choice[i].option + 1 >= choice[i].arity || (would_preempt(&choice[i]) && spent >= request->bound))
            continue;
        choice[i].option++;
        request->replay_choices = i + 1;
        return 1;
    }
    return 0;
}

/* Take from the stacks what belongs to choices behind CHOICE. */
static void cut(struct search *search, uint32_t choice)
{
    while (search->nodes > 0 && search->node[search->nodes - 1].choice > choice)
        search->steps = search->node[--search->nodes].step;
    const struct step *last = search->steps > 0 ? &search->step[search->steps - 1] : NULL;
    search->ranges = last ? last->range + last->ranges : 0;
}

/* The next option at NODE that is awake, or ARITY. */
static unsigned next_awake(const struct node *node, unsigned option, unsigned arity)
{
    do
        option++;
    while (option < arity && node->asleep[option]);
    return option;
}

static int next_reduced(struct search *search, struct explore_arena *arena, struct explore_request *request)
{
    struct explore_choice *choice = arena->choice;

    if (search->steps > 0 && search->step[search->steps - 1].is_open)
        search->step[search->steps - 1].is_everything = 1; /* it ended the program */
    for (uint32_t i = arena->last.choices; i-- > 0;) {
        cut(search, i);
        int is_node = search->nodes > 0 && search->node[search->nodes - 1].choice == i;
        unsigned next = is_node
                            ? next_awake(&search->node[search->nodes - 1], choice[i].option, choice[i].arity)
                            : choice[i].option + 1u;
        if (next >= choice[i].arity)
            continue;
        if (is_node && search->steps == STEPS)
            break;
        choice[i].option = (uint8_t)next;
        request->replay_choices = i + 1;
        if (is_node)
            push_step(search);
        return 1;
    }
    return 0;
}

int depth_first_next(struct explore_arena *arena, struct explore_request *request)
{
    struct search *search = walk.search;

    if (!request->reduce)
        return next_within_bound(arena, request);
    arena->batch.irreducible |= search->is_given_up != 0;
    search->is_skipped = 0;
    return !search->is_given_up && next_reduced(search, arena, request);
}

int depth_first_skipped(const struct explore_request *request)
{
    return request->strategy == EXPLORE_DFS && request->reduce &&
           (walk.search->is_skipped || walk.search->is_given_up);
}

void depth_first_begin(struct explore_request *request)
{
    request->replay_choices = 0;
    if (!request->reduce)
        return;
    request->reduce = !request->early && !request->confined && rt_sees_accesses() && library_is_known();
    if (!walk.search) {
        void *shared = mmap(NULL, sizeof *walk.search, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (shared == MAP_FAILED) {
            request->reduce = 0;
            return;
        }
        walk.search = shared;
    }
    struct search *search = walk.search;
    search->nodes = search->steps = search->ranges = 0;
    search->is_skipped = search->is_given_up = 0;
}
