/* story.c - a verdict in words that a junior understands: what happened, why nothing forbade it, where, and
 * who waits for whom. See story.h; the steps are told in steps.c.
 */
#include "explore/story.h"

#include <stdarg.h>
#include <string.h>
#include <talloc.h>

struct teller {
    struct explore_report *report;
    const struct explore_arena *arena;
    const struct explore_outcome *outcome;
    struct names *names;
};

const char *story_verb(enum explore_operation operation)
{
    static const char *const verbs[] = {
#define X(suffix, verb) verb,
        EXPLORE_OPERATIONS(X)
#undef X
    };
    return (unsigned)operation < sizeof verbs / sizeof verbs[0] ? verbs[operation] : "does";
}

/* --- pieces -------------------------------------------------------------------------------------------- */

void story_place(struct explore_report *report, const struct source_place *place, const char *format, ...)
{
    va_list arguments;

    if (!place->file)
        return;
    report->where =
        talloc_realloc(report, report->where, struct explore_place, (unsigned)report->where_count + 1);
    struct explore_place *where = &report->where[report->where_count++];
    va_start(arguments, format);
    *where = (struct explore_place){.file = talloc_strdup(report, place->file),
                                    .line = place->line,
                                    .what = talloc_vasprintf(report, format, arguments)};
    va_end(arguments);
}

static char *add_text(void *mem, char *text, const char *between, const char *more)
{
    return text ? talloc_asprintf_append_buffer(text, "%s%s", between, more) : talloc_strdup(mem, more);
}

static const char *who(const struct teller *t, int thread)
{
    return names_thread(t->names, thread);
}

/* " (line 14)", or "". */
static const char *at_line(const struct teller *t, uint64_t pc, const char *format)
{
    const struct source_place *place = names_place(t->names, pc);
    return place->line ? talloc_asprintf(t->names, format, place->line) : "";
}

static const char *object_name(const struct teller *t, uint64_t object, uint64_t pc, unsigned operation)
{
    struct explore_event event = {.object = object, .pc = pc, .operation = (uint8_t)operation};
    const char *name = names_object(t->names, &event);
    return name ? name : "it";
}

/* --- who waits ----------------------------------------------------------------------------------------- */

static char *wait_text(const struct teller *t, int number)
{
    const struct explore_thread *thread = &t->arena->thread[number];
    void *mem = t->report;
    const char *me = who(t, number), *line = at_line(t, thread->pc, " (line %d)");

    if (thread->operation == OPERATION_JOIN)
        return talloc_asprintf(mem, "%s waits for %s to end%s", me, who(t, thread->waits_for), line);
    const char *name = object_name(t, thread->object, thread->pc, thread->operation);
    switch (thread->operation) {
    case OPERATION_LOCK:
    case OPERATION_READ_LOCK:
    case OPERATION_WRITE_LOCK:
        if (thread->waits_for == number)
            return talloc_asprintf(mem, "%s waits for `%s`%s, which it holds itself%s", me, name, line,
                                   at_line(t, thread->held_pc, " since line %d"));
        if (thread->waits_for >= 0)
            return talloc_asprintf(mem, "%s waits for `%s`%s, held by %s%s", me, name, line,
                                   who(t, thread->waits_for), at_line(t, thread->held_pc, " since line %d"));
        return talloc_asprintf(mem, "%s waits for `%s`%s", me, name, line);
    case OPERATION_WAIT:
        return talloc_asprintf(mem, "%s waits for a signal on `%s`%s", me, name, line);
    case OPERATION_SEM_WAIT:
        return talloc_asprintf(mem, "%s waits for a post to the semaphore `%s`%s", me, name, line);
    case OPERATION_BARRIER:
        return talloc_asprintf(mem, "%s waits at the barrier `%s` for more threads to arrive%s", me, name,
                               line);
    case OPERATION_GATE:
        return talloc_asprintf(mem, "%s is held by the check at `%s`%s", me, name, line);
    case OPERATION_COUNT:
        return talloc_asprintf(mem, "%s waits for `%s` to be counted up%s", me, name, line);
    default:
        return talloc_asprintf(mem, "%s waits in a call that never returns%s", me, line);
    }
}

/* A thread on a circle of waiting, or -1. */
static int on_circle(const struct teller *t)
{
    for (uint32_t i = 0; i < t->outcome->threads; i++) {
        int at = (int)i;
        for (uint32_t steps = 0; steps <= t->outcome->threads; steps++) {
            const struct explore_thread *thread = &t->arena->thread[at];
            if (thread->state != THREAD_STUCK || thread->waits_for < 0 ||
                thread->waits_for >= (int)t->outcome->threads)
                break;
            at = thread->waits_for;
            if (at == (int)i)
                return at;
        }
    }
    return -1;
}

static void tell_wait(const struct teller *t, int number)
{
    struct explore_report *report = t->report;

    report->waits[report->wait_count] = wait_text(t, number);
    story_place(report, names_place(t->names, t->arena->thread[number].pc), "%s",
                report->waits[report->wait_count]);
    report->wait_count++;
}

/* Everybody who is stuck: those on the circle of waiting first, in its order. */
static void tell_waits(const struct teller *t)
{
    int first = on_circle(t), told[EXPLORE_THREADS] = {0};

    t->report->waits = talloc_array(t->report, char *, t->outcome->threads + 1);
    for (int at = first; at >= 0 && !told[at]; at = t->arena->thread[at].waits_for) {
        tell_wait(t, at);
        told[at] = 1;
    }
    for (int i = (int)t->outcome->threads - 1; i >= 0; i--)
        if (t->arena->thread[i].state == THREAD_STUCK && !told[i])
            tell_wait(t, i);
}

/* --- one teller for each class ------------------------------------------------------------------------- */

/* "between line 5 and line 6": where the thread stands that was stopped before STEP. */
static const char *standing(const struct teller *t, const struct explore_step *step)
{
    int behind = step->stopped_behind, line = step->stopped_line;

    if (behind && line && behind != line)
        return talloc_asprintf(t->names, "between line %d and line %d", behind, line);
    if (line && behind)
        return talloc_asprintf(t->names, "in the middle of line %d", line);
    if (line)
        return talloc_asprintf(t->names, "at line %d", line);
    return behind ? talloc_asprintf(t->names, "behind line %d", behind) : "where it is";
}

/* Why it could happen, as far as the decisive switch tells. */
static char *between(const struct teller *t)
{
    const struct explore_report *report = t->report;

    if (report->decisive >= report->step_count)
        return NULL;
    const struct explore_step *step = &report->steps[report->decisive];
    if (!step->preempts || step->stopped < 0)
        return NULL;
    return talloc_asprintf(t->report, "Nothing keeps %s from running while %s is %s", who(t, step->thread),
                           who(t, step->stopped), standing(t, step));
}

static void tell_deadlock(struct teller *t)
{
    struct explore_report *report = t->report;
    char *text = NULL;

    if (t->outcome->pc[0]) { /* a thread locked what it holds */
        const char *name = object_name(t, t->outcome->object, t->outcome->pc[0], OPERATION_LOCK);
        report->message = talloc_asprintf(
            report, "%s locks `%s`, which it holds already%s: it waits for itself",
            who(t, (int)t->outcome->thread), name, at_line(t, t->outcome->pc[1], " since line %d"));
        report->why = talloc_strdup(report, "An ordinary mutex does not count how often its owner has locked "
                                            "it; its owner waits like everybody else");
        story_place(report, names_place(t->names, t->outcome->pc[0]), "locked again");
        story_place(report, names_place(t->names, t->outcome->pc[1]), "locked first");
        return;
    }
    tell_waits(t);
    int first = on_circle(t), at = first;
    for (size_t i = 0; first >= 0 && (i == 0 || at != first); i++) {
        text = add_text(report, text, "; ", report->waits[i]);
        at = t->arena->thread[at].waits_for;
    }
    if (text) {
        report->message = talloc_asprintf(report, "Threads wait for each other in a circle: %s", text);
        report->why = talloc_strdup(report, "Each keeps what the next one needs while it waits, and nothing "
                                            "makes them ask in one order");
        return;
    }
    for (size_t i = 0; i < report->wait_count; i++)
        text = add_text(report, text, "; ", report->waits[i]);
    report->message = talloc_asprintf(report, "No thread can go on: %s", text ? text : "all are waiting");
    report->why = talloc_strdup(report, "Everybody who could end this waiting has ended or is waiting too");
}

/* Signals on OBJECT before the sleeper's last wait there, or that it was not the one to hear. */
static const struct explore_event *missed_signal(const struct teller *t, uint64_t object)
{
    for (uint32_t i = t->outcome->events; i-- > 0;) {
        const struct explore_event *event = &t->arena->event[i];
        if (event->object == object &&
            (event->operation == OPERATION_SIGNAL || event->operation == OPERATION_BROADCAST))
            return event;
    }
    return NULL;
}

static void tell_lost_wakeup(struct teller *t)
{
    struct explore_report *report = t->report;
    uint64_t object = t->outcome->object, pc = t->outcome->pc[0];
    const struct explore_event *missed = missed_signal(t, object);
    const char *name = object_name(t, object, pc, OPERATION_WAIT);
    int sleeper = 0;

    for (uint32_t i = 0; i < t->outcome->threads; i++)
        if (t->arena->thread[i].pc == pc && t->arena->thread[i].object == object &&
            t->arena->thread[i].state == THREAD_STUCK)
            sleeper = (int)i;
    report->message = talloc_asprintf(
        report, "%s waits on `%s`%s for a signal that has already been given%s: nobody will wake it",
        who(t, sleeper), name, at_line(t, pc, " (line %d)"),
        missed ? at_line(t, missed->pc, " at line %d") : "");
    report->why = talloc_strdup(
        report,
        "A condition variable keeps no signals: one that comes while nobody waits is gone, and one that "
        "wakes the wrong thread is used up. Only a state that is tested under the mutex, in a loop, lasts");
    story_place(report, names_place(t->names, pc), "%s sleeps here for ever", who(t, sleeper));
    if (missed)
        story_place(report, names_place(t->names, missed->pc), "%s %s `%s` here, in vain",
                    who(t, missed->thread), story_verb(missed->operation), name);
    tell_waits(t);
}

static void tell_race(struct teller *t)
{
    story_race(t->report, t->arena, t->outcome, t->names);
}

static void tell_freed(struct teller *t)
{
    story_freed(t->report, t->arena, t->outcome, t->names);
}

static void tell_leak(struct teller *t)
{
    struct explore_report *report = t->report;

    report->message = talloc_strdup(report, t->outcome->message);
    report->why =
        talloc_strdup(report, "A thread that is neither joined nor detached keeps its stack, and one "
                              "that still runs when main returns is cut off in the middle");
    if (names_place(t->names, t->outcome->pc[0])->file)
        story_place(report, names_place(t->names, t->outcome->pc[0]), "%s",
                    t->outcome->object ? "it waits here" : "it is started here");
    tell_waits(t);
}

static void tell_livelock(struct teller *t)
{
    struct explore_report *report = t->report;

    report->message = talloc_strdup(report, t->outcome->message);
    report->why =
        talloc_strdup(report, "Threads run, but what they wait for does not come about by their running");
    for (uint32_t i = 0; i < t->outcome->threads; i++)
        if (t->arena->thread[i].state == THREAD_CAN_RUN)
            story_place(report, names_place(t->names, t->arena->thread[i].pc), "%s is here", who(t, (int)i));
}

/* Misuse, crash, failed assertion, wrong status: something happened at one place. */
static void tell_other(struct teller *t)
{
    struct explore_report *report = t->report;
    const char *name = t->outcome->object && t->outcome->class == CLASS_MISUSE
                           ? object_name(t, t->outcome->object, t->outcome->pc[0], OPERATION_LOCK)
                           : NULL;

    report->message = name ? talloc_asprintf(report, "%s (`%s`)", t->outcome->message, name)
                           : talloc_strdup(report, t->outcome->message);
    report->why = between(t);
    const struct source_place *place = names_place(t->names, t->outcome->pc[0]);
    uint64_t last = t->outcome->thread < t->outcome->threads ? t->arena->thread[t->outcome->thread].pc : 0;
    if (place->file)
        story_place(report, place, "it happens in %s", who(t, (int)t->outcome->thread));
    else if (t->outcome->class == CLASS_CRASH)
        story_place(report, names_place(t->names, last), "%s was last seen here",
                    who(t, (int)t->outcome->thread));
    if (t->outcome->pc[1])
        story_place(report, names_place(t->names, t->outcome->pc[1]), "%s",
                    t->outcome->class == CLASS_INVALID_MEMORY ? "it was given back here"
                                                              : "the call before it");
}

static void (*const tellers[CLASS_COUNT])(struct teller *t) = {
    [CLASS_DEADLOCK] = tell_deadlock, [CLASS_LOST_WAKEUP] = tell_lost_wakeup,
    [CLASS_RACE] = tell_race,         [CLASS_INVALID_MEMORY] = tell_freed,
    [CLASS_THREAD_LEAK] = tell_leak,  [CLASS_LIVELOCK] = tell_livelock,
};

/* --- the decisive switch ------------------------------------------------------------------------------- */

static void tell_decision(struct teller *t)
{
    struct explore_report *report = t->report;

    if (report->decisive >= report->step_count)
        return;
    const struct explore_step *step = &report->steps[report->decisive];
    if (step->left_out)
        return;
    if (step->preempts && step->stopped >= 0)
        report->decision =
            talloc_asprintf(report, "Step %zu: %s is stopped %s, and %s goes first", report->decisive + 1,
                            who(t, step->stopped), standing(t, step), who(t, step->thread));
    else if (step->choice)
        report->decision = talloc_asprintf(report, "Step %zu: %s", report->decisive + 1, step->choice);
    else
        report->decision = talloc_asprintf(report, "Step %zu: of the threads that can go on, %s goes first",
                                           report->decisive + 1, who(t, step->thread));
}

/* A sentence begins with a capital, a name in the program does not. */
static char *capital(char *text)
{
    if (text && !memchr(text, '_', strcspn(text, " ")) && text[0] >= 'a' && text[0] <= 'z')
        text[0] = (char)(text[0] - 'a' + 'A');
    return text;
}

/* What happened in a function without lines (memcpy, strlen) happened where that was called. */
static void step_out(struct explore_outcome *outcome, struct names *names)
{
    for (int i = 0; i < 2; i++)
        if (!names_place(names, outcome->pc[i])->file && names_place(names, outcome->outer[i])->file)
            outcome->pc[i] = outcome->outer[i];
}

void story_tell(struct explore_report *report, const struct explore_arena *arena, struct names *names)
{
    struct explore_outcome outcome = arena->last;
    struct teller t = {report, arena, &outcome, names};

    step_out(&outcome, names);
    report->class = t.outcome->class;
    report->threads = t.outcome->threads;
    story_steps(report, arena, names);
    tell_decision(&t);
    if (t.outcome->class < CLASS_COUNT && t.outcome->class != CLASS_NONE)
        (tellers[t.outcome->class] ? tellers[t.outcome->class] : tell_other)(&t);
    if (!report->why)
        report->why = between(&t);
    if (!report->why && report->class != CLASS_NONE && t.outcome->preemptions == 0)
        report->why =
            talloc_strdup(report, "No thread has to be stopped for it: it happens when each runs on as "
                                  "far as it can");
    capital(report->message);
}
