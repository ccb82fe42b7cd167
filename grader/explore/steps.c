/* steps.c - the interleaving as a list of steps: those that matter, with what came of them.
 *
 * The trace holds every scheduling point passed. What only one thread ever touched tells nothing about an
 * interleaving and is left out (locks only of long traces), and so is memory that nobody wrote. Who holds
 * which lock tells holders.c; rounds of a loop are made one by fold.c.
 */
#include "explore/holders.h"
#include "explore/story.h"

#include <string.h>
#include <talloc.h>

enum { STEPS_MOST = 400, FEW = 60, SHARED_SLOTS = 1 << 17 };

/* --- which objects are shared -------------------------------------------------------------------------- */

struct use {
    uint64_t object;
    uint8_t thread; /* that used it first */
    uint8_t shared, written, used;
};

static int is_memory(unsigned operation)
{
    return operation >= OPERATION_READ && operation <= OPERATION_ATOMIC_UPDATE;
}

static struct use *use_of(struct use *uses, uint64_t object)
{
    size_t slot = object * 0x9e3779b97f4a7c15ULL >> 47;

    while (uses[slot].used && uses[slot].object != object)
        slot = (slot + 1) & (SHARED_SLOTS - 1);
    return &uses[slot];
}

static struct use *find_uses(void *mem, const struct explore_arena *arena, uint32_t count)
{
    struct use *uses = talloc_zero_array(mem, struct use, SHARED_SLOTS);

    for (uint32_t i = 0; i < count; i++) {
        const struct explore_event *event = &arena->event[i];
        struct use *use = use_of(uses, event->object);
        if (!use->used)
            *use = (struct use){.object = event->object, .thread = event->thread, .used = 1};
        use->shared |= event->thread != use->thread;
        use->written |= event->operation == OPERATION_WRITE || event->operation == OPERATION_ATOMIC_WRITE ||
                        event->operation == OPERATION_ATOMIC_UPDATE;
    }
    return uses;
}

/* What the main thread does to memory before there is a second thread can surprise nobody. */
static int alone(const struct explore_arena *arena, const struct explore_event *event)
{
    const struct explore_event *at = arena->event;

    while (at < event && at->operation != OPERATION_CREATE)
        at++;
    return at == event && is_memory(event->operation);
}

static int matters(const struct explore_arena *arena, struct use *uses, struct names *names,
                   const struct explore_event *event)
{
    if (alone(arena, event))
        return 0;
    if (is_memory(event->operation) && event->object != arena->last.object && !names_own(names, event->pc))
        return 0;
    switch (event->operation) {
    case OPERATION_BEGIN:
    case OPERATION_OTHER:
    case OPERATION_SETTLE:
        return 0;
    case OPERATION_CREATE:
    case OPERATION_JOIN:
    case OPERATION_DETACH:
    case OPERATION_CANCEL:
    case OPERATION_END:
    case OPERATION_SLEEP:
    case OPERATION_YIELD:
        return 1;
    case OPERATION_INIT:
    case OPERATION_DESTROY:
        return event->object == arena->last.object;
    default:
        break;
    }
    const struct use *use = use_of(uses, event->object);
    if (event->object == arena->last.object && event->object)
        return 1;
    if (is_memory(event->operation))
        return use->shared && use->written;
    return use->shared || arena->last.events <= FEW;
}

/* --- the list ------------------------------------------------------------------------------------------ */

/* Was one of the choices FROM to TO a switch away from a thread that could have gone on (PREEMPTION), or any
 * that is not the default? */
static int chosen(const struct explore_arena *arena, uint32_t from, uint32_t to, int preemption)
{
    for (uint32_t i = from; i < to && i < EXPLORE_CHOICES; i++)
        if (arena->choice[i].option != 0 &&
            (!preemption || (arena->choice[i].kind == CHOICE_THREAD && !arena->choice[i].forced)))
            return 1;
    return 0;
}

/* What else was chosen among the choices FROM to TO, or NULL. */
static const char *other_choice(const struct explore_arena *arena, uint32_t from, uint32_t to)
{
    static const char *const texts[] = {
        [CHOICE_WAITER] = "the signal does not wake the thread that has waited longest",
        [CHOICE_SPURIOUS] = "a wait ends though nobody has signalled",
        [CHOICE_EARLY_TIMEOUT] = "a deadline passes while others could go on",
        [CHOICE_FAILURE] = "a call is made to fail",
    };

    for (uint32_t i = from; i < to && i < EXPLORE_CHOICES; i++)
        if (arena->choice[i].option != 0 && arena->choice[i].kind < sizeof texts / sizeof texts[0] &&
            texts[arena->choice[i].kind])
            return texts[arena->choice[i].kind];
    return NULL;
}

static void fill_step(struct explore_report *report, struct explore_step *step, struct names *names,
                      const struct explore_event *event, char *note, char *held)
{
    const struct source_place *place = names_place(names, event->pc);
    const char *object = names_object(names, event);

    *step = (struct explore_step){
        .thread = event->thread,
        .operation = event->operation,
        .object = object ? talloc_strdup(report, object) : NULL,
        .file = place->file ? talloc_strdup(report, place->file) : NULL,
        .line = place->line,
        .source = place->source ? talloc_strdup(report, place->source) : NULL,
        .blocked = event->blocked,
        .clock = (double)event->clock_ns / 1e9,
        .note = note ? talloc_steal(report, note) : NULL,
        .held = held ? talloc_steal(report, held) : NULL,
    };
}

/* Where the thread stands from which the turn was taken before event INDEX: behind what it did last, before
 * what it does next. */
static void tell_stopped(struct explore_step *step, const struct explore_arena *arena, struct names *names,
                         uint32_t index)
{
    const struct explore_thread *thread = &arena->thread[step->stopped];
    uint64_t next = thread->state == THREAD_OVER ? 0 : thread->pc;

    for (uint32_t i = index + 1; i < arena->last.events; i++)
        if (arena->event[i].thread == step->stopped) {
            next = arena->event[i].pc;
            break;
        }
    step->stopped_line = names_place(names, next)->line;
    for (uint32_t i = index; i-- > 0;)
        if (arena->event[i].thread == step->stopped) {
            if (arena->event[i].operation != OPERATION_BEGIN)
                step->stopped_behind = names_place(names, arena->event[i].pc)->line;
            return;
        }
}

/* Long lists keep their head and their tail. */
static void shorten(struct explore_report *report)
{
    size_t half = STEPS_MOST / 2, out;

    if (report->step_count <= STEPS_MOST)
        return;
    out = report->step_count - STEPS_MOST;
    report->steps[half] = (struct explore_step){.thread = -1, .left_out = out + 1};
    memmove(&report->steps[half + 1], &report->steps[half + 1 + out],
            (STEPS_MOST - half - 1) * sizeof report->steps[0]);
    if (report->decisive > half)
        report->decisive = report->decisive > half + out ? report->decisive - out : half;
    report->step_count = STEPS_MOST;
}

/* Lines are told with their files' names, unless all are of one file, or of the one that is looked at. */
static void label(struct explore_report *report, const char *own)
{
    for (size_t i = 0; !own && i < report->step_count; i++)
        own = report->steps[i].file;
    int several = 0;
    for (size_t i = 0; i < report->step_count; i++)
        several |= report->steps[i].file && strcmp(report->steps[i].file, own) != 0;
    for (size_t i = 0; i < report->step_count; i++) {
        struct explore_step *step = &report->steps[i];
        if (!step->file)
            continue;
        step->label = several && strcmp(step->file, own) != 0
                          ? talloc_asprintf(report, "%s:%d", step->file, step->line)
                          : talloc_asprintf(report, "%d", step->line);
    }
}

void story_steps(struct explore_report *report, const struct explore_arena *arena, struct names *names)
{
    void *scratch = talloc_new(report);
    uint32_t count = arena->last.events, before = 0;
    struct use *uses = find_uses(scratch, arena, count);
    struct holders *holders = holders_new(scratch, arena->last.threads);
    int preempts = 0, picked = 0, last = 0, stopped = -1;
    const char *other = NULL;
    size_t fallback = SIZE_MAX, decisive = SIZE_MAX;

    for (uint32_t i = 0; i < count; i++)
        if (matters(arena, uses, names, &arena->event[i]))
            names_learn(names, &arena->event[i]);
    report->steps = talloc_array(report, struct explore_step, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const struct explore_event *event = &arena->event[i];
        char *note = holders_advance(scratch, holders, names, event);
        if (event->thread != last)
            preempts = chosen(arena, before, event->choice, 1), stopped = last;
        other = event->choice > before && !other ? other_choice(arena, before, event->choice) : other;
        picked |= event->choice > before && chosen(arena, before, event->choice, 0);
        before = event->choice;
        last = event->thread;
        if (!other && !matters(arena, uses, names, event))
            continue;
        struct explore_step *step = &report->steps[report->step_count];
        fill_step(report, step, names, event, note, holders_describe(scratch, holders, names));
        step->preempts = preempts;
        step->choice = other ? talloc_strdup(report, other) : NULL;
        other = NULL;
        step->stopped = stopped >= 0 && event->thread != stopped ? stopped : -1;
        if (step->stopped >= 0)
            tell_stopped(step, arena, names, i);
        stopped = -1;
        if (preempts && decisive == SIZE_MAX)
            decisive = report->step_count;
        if (picked && fallback == SIZE_MAX)
            fallback = report->step_count;
        preempts = 0;
        report->step_count++;
    }
    decisive = decisive != SIZE_MAX ? decisive : fallback;
    report->decisive = decisive != SIZE_MAX ? decisive : report->step_count;
    story_fold(report);
    shorten(report);
    label(report, names_own_file(names));
    if (decisive == SIZE_MAX)
        report->decisive = report->step_count;
    talloc_free(scratch);
}
