/* explore.c - explore_run and explore_replay: search, make sure, make short, tell. See explore.h. */
#include "explore/explore.h"

#include "base/process.h"
#include "explore/names.h"
#include "explore/schedule.h"
#include "explore/search.h"
#include "explore/story.h"

#include <signal.h>
#include <string.h>
#include <talloc.h>

enum {
    TRIALS = 1200,         /* schedules run to make one short */
    TRIALS_LIVELOCK = 8,   /* where each takes long */
    LONG_SCHEDULE = 20000, /* steps from which on the same holds */
    PICKS_MOST = 1500      /* more make no token that anybody would copy */
};

/* An exploration under way. */
struct exploration {
    void *mem;
    struct explore_session *session;
    const struct explore_target *target;
    const struct explore_options *options;
    struct search search;
    struct explore_report *report;
    struct error *err;
};

/* --- is it the same each time? ------------------------------------------------------------------------ */

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ at[i]) * 0x100000001b3ULL;
    return hash;
}

/* A number that stands for everything that happened in the arena's last run. */
static uint64_t print_of(const struct explore_arena *arena)
{
    uint32_t events = arena->last.events < EXPLORE_EVENTS ? arena->last.events : EXPLORE_EVENTS;
    uint32_t choices = arena->last.choices < EXPLORE_CHOICES ? arena->last.choices : EXPLORE_CHOICES;
    uint64_t hash = 0xcbf29ce484222325ULL;

    hash = hash_bytes(hash, &arena->last.class, sizeof arena->last.class);
    hash = hash_bytes(hash, &arena->last.steps, sizeof arena->last.steps);
    hash = hash_bytes(hash, arena->choice, choices * sizeof arena->choice[0]);
    for (uint32_t i = 0; i < events; i++) { /* but for addresses, which mean nothing by themselves */
        const struct explore_event *event = &arena->event[i];
        uint64_t what[] = {event->clock_ns, event->pc, event->choice, event->thread, event->operation};
        hash = hash_bytes(hash, what, sizeof what);
    }
    return hash;
}

/* Play SCHEDULE twice with a trace, which stays in the arena of the first server. *SAME: both went alike. */
static int play_twice(struct explore_session *session, const struct schedule *schedule, int *same,
                      struct error *err)
{
    const struct explore_arena *arena = session_arena(session, 0);

    if (schedule_play(session, schedule, 1, err) != 0)
        return -1;
    uint64_t first = print_of(arena);
    if (schedule_play(session, schedule, 1, err) != 0)
        return -1;
    *same = print_of(arena) == first;
    return 0;
}

/* What the schedule just played had printed, or NULL. */
static char *printed(struct exploration *e)
{
    const struct explore_arena *arena = session_arena(e->session, 0);
    const struct explore_output *output = &arena->output[0];

    return arena->batch.output_count > 0 && output->length > 0
               ? talloc_strndup(e->report, output->text, output->length)
               : NULL;
}

/* --- the failing schedule ----------------------------------------------------------------------------- */

static unsigned trials_for(const struct explore_outcome *fault)
{
    if (fault->signal == SIGXCPU)
        return 0; /* each would take a second and more */
    return fault->class == CLASS_LIVELOCK || fault->steps > LONG_SCHEDULE ? TRIALS_LIVELOCK : TRIALS;
}

/* For session_watch, while a schedule is made short. */
static int look_on(void *context, uint64_t run)
{
    const struct exploration *e = context;
    (void)run;
    return e->options->watch(e->options->context, e->search.run, 1);
}

/* The failing schedule in the form that is told: short, or by its seed when its choices are too many. */
static int shape(struct exploration *e, struct schedule *schedule)
{
    struct search *search = &e->search;

    *schedule = search->schedule;
    if (e->options->minimise &&
        minimise(e->mem, e->session, schedule, &search->fault, trials_for(&search->fault), e->err) != 0)
        return -1;
    if (schedule->pick_count > PICKS_MOST && search->seeded.strategy != EXPLORE_REPLAY)
        *schedule = (struct schedule){.request = search->seeded};
    return 0;
}

static int tell_fault(struct exploration *e)
{
    struct schedule schedule;
    struct explore_report *report = e->report;
    const struct explore_arena *arena = session_arena(e->session, 0);
    int same = 1;

    if (play_twice(e->session, &e->search.schedule, &same, e->err) != 0)
        return -1;
    if (!same || !outcome_same(&arena->last, &e->search.fault))
        report->nondeterministic = 1;
    if (e->options->watch)
        session_watch(e->session, look_on, e);
    if (shape(e, &schedule) != 0 || play_twice(e->session, &schedule, &same, e->err) != 0)
        return -1;
    if (!same || !outcome_same(&arena->last, &e->search.fault))
        report->nondeterministic = 1;
    report->printed = printed(e);
    story_tell(report, arena, names_open(report, e->target));
    if (report->class != (enum verdict_class)e->search.fault.class) { /* it never came again */
        report->class = (enum verdict_class)e->search.fault.class;
        talloc_free(report->message);
        report->message = talloc_strdup(report, e->search.fault.message);
    }
    report->token = token_write(report, e->target->hash[0] ? e->target->hash : "00000000", &schedule);
    return 0;
}

/* --- running ------------------------------------------------------------------------------------------ */

static void tell_unsupported(struct exploration *e)
{
    struct names *names = names_open(e->report, e->target);
    const struct explore_outcome *fault = &e->search.fault;

    e->report->unsupported = talloc_strdup(e->report, fault->message);
    e->report->failed = 0;
    e->report->first = 0;
    story_place(e->report, names_place(names, fault->pc[0]), "%s", fault->message);
}

static void tell_outputs(struct exploration *e)
{
    struct explore_report *report = e->report;
    const struct search *search = &e->search;

    report->outputs =
        talloc_zero_array(report, struct explore_output_seen, (unsigned)search->output_count + 1);
    report->output_count = search->output_count;
    for (size_t i = 0; i < search->output_count; i++)
        report->outputs[i] = (struct explore_output_seen){
            .text = talloc_strdup(report, search->outputs[i].text),
            .count = search->outputs[i].count,
            .token = token_write(report, e->target->hash[0] ? e->target->hash : "00000000",
                                 &search->outputs[i].schedule),
        };
}

static int explore(struct exploration *e)
{
    struct explore_report *report = e->report;

    if (search_run(e->mem, e->session, e->options, &e->search, e->err) != 0)
        return -1;
    report->run = e->search.run;
    report->failed = e->search.failed;
    report->first = e->search.first;
    report->exhausted = e->search.exhausted;
    report->bound = e->options->bound;
    report->nondeterministic = e->search.nondeterministic;
    if (e->search.fault.unsupported) {
        tell_unsupported(e);
        return 0;
    }
    tell_outputs(e);
    return e->search.first ? tell_fault(e) : 0;
}

int explore_run(void *mem, const struct explore_target *target, const struct explore_options *options,
                struct explore_report **report, struct error *err)
{
    double begun = clock_seconds();
    void *scratch = talloc_new(mem);
    struct exploration e = {.mem = scratch, .target = target, .options = options, .err = err};

    e.report = talloc_zero(mem, struct explore_report);
    e.session = session_start(scratch, target, options->strategy == EXPLORE_DFS ? 1 : options->servers, err);
    int result = e.session ? explore(&e) : -1;
    e.report->seconds = clock_seconds() - begun;
    talloc_free(scratch);
    *report = e.report;
    return result;
}

/* --- once more ---------------------------------------------------------------------------------------- */

static void tell_output(struct exploration *e, const char *token)
{
    const struct explore_arena *arena = session_arena(e->session, 0);
    struct explore_report *report = e->report;

    if (arena->last.class != CLASS_NONE)
        report->printed = printed(e);
    if (arena->last.class != CLASS_NONE || arena->batch.output_count == 0)
        return;
    report->outputs = talloc_zero(report, struct explore_output_seen);
    report->output_count = 1;
    report->outputs[0] = (struct explore_output_seen){
        .text = talloc_strndup(report, arena->output[0].text, arena->output[0].length),
        .count = 1,
        .token = talloc_strdup(report, token),
    };
}

static int replay(struct exploration *e, const struct schedule *schedule, const char *token)
{
    const struct explore_arena *arena = session_arena(e->session, 0);
    int same = 1;

    if (play_twice(e->session, schedule, &same, e->err) != 0)
        return -1;
    e->report->run = 1;
    e->report->failed = arena->last.class != CLASS_NONE;
    e->report->first = e->report->failed;
    e->report->nondeterministic = !same;
    if (arena->last.unsupported) {
        e->search.fault = arena->last;
        tell_unsupported(e);
        return 0;
    }
    tell_output(e, token);
    story_tell(e->report, arena, names_open(e->report, e->target));
    return 0;
}

int explore_replay(void *mem, const struct explore_target *target, const char *token,
                   struct explore_report **report, struct error *err)
{
    double begun = clock_seconds();
    void *scratch = talloc_new(mem);
    char program[TOKEN_PROGRAM];
    struct schedule schedule;
    struct exploration e = {.mem = scratch, .target = target, .err = err};
    int result = token_read(scratch, token, program, &schedule, err);

    *report = e.report = talloc_zero(mem, struct explore_report);
    if (result == 0 && target->hash[0] && strncmp(program, target->hash, TOKEN_PROGRAM - 1) != 0)
        result = error_usage(err, "the token is of another program, or the program has changed since");
    if (result == 0) {
        e.session = session_start(scratch, target, 1, err);
        result = e.session ? replay(&e, &schedule, token) : -1;
    }
    e.report->token = talloc_strdup(e.report, token);
    e.report->seconds = clock_seconds() - begun;
    talloc_free(scratch);
    return result;
}
