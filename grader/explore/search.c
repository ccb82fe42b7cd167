/* search.c - runs schedules by the thousand, see search.h.
 *
 * Schedule number i is the same schedule whoever runs it, for its seed is options->seed + i. So rounds of
 * consecutive numbers are dealt out like cards to the servers, and of the failing ones the smallest number
 * counts.
 *
 * Depth-first search is left to one server: what it may leave out below a choice is known only when what was
 * tried there before has been run, and which schedule is the first, and where a limit on their number cuts,
 * depends on all that come before. Two servers could at best halve the time of a search that leaves nothing
 * out; to leave out takes away more (grader/test/explore/counts/locked_three.c: 84 schedules for 3934).
 */
#include "explore/search.h"

#include "base/process.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { FIRST_ROUND = 100, ROUND = 400, OUTPUTS_MOST = 4096 };

struct round {
    uint64_t start, count;
    int stop_at_first;
};

/* The search under way. */
struct searcher {
    void *mem;
    struct explore_session *session;
    const struct explore_options *options;
    struct search *search;
    double until; /* on the monotonic clock, 0: no limit */
    struct error *err;
};

static struct explore_request request_for(const struct explore_options *options)
{
    return (struct explore_request){
        .version = EXPLORE_VERSION,
        .strategy = options->strategy,
        .seed = options->seed,
        .stride = 1,
        .count = options->schedules,
        .step_limit = options->step_limit,
        .bound = options->bound,
        .memory_points = options->memory_points != 0,
        .detect_races = options->detect_races != 0,
        .spurious = options->spurious,
        .early = options->early,
        .fail_create = options->fail_create,
        .fail_malloc = options->fail_malloc,
        .keep_outputs = options->keep_outputs != 0,
    };
}

/* Nanoseconds that are left; 0 only without a limit. */
static uint64_t time_left(const struct searcher *s)
{
    if (s->until == 0)
        return 0;
    double left = s->until - clock_seconds();
    return left > 0 ? (uint64_t)(left * 1e9) + 1 : 1;
}

static int time_is_up(const struct searcher *s)
{
    return s->until != 0 && clock_seconds() >= s->until;
}

/* --- outputs ------------------------------------------------------------------------------------------ */

/* The schedule of OUTPUT by its choices, or by its seed when they were not kept. */
static void take_schedule(struct searcher *s, const struct explore_arena *arena,
                          const struct explore_output *output, struct schedule *schedule)
{
    static const enum explore_strategy portfolio[] = {EXPLORE_SURW, EXPLORE_RANDOM, EXPLORE_PCT, EXPLORE_POS};

    schedule->request = request_for(s->options);
    schedule->request.keep_outputs = 0;
    if (output->choices == UINT32_MAX) {
        schedule->request.seed = output->first_seed;
        if (schedule->request.strategy == EXPLORE_PORTFOLIO)
            schedule->request.strategy = portfolio[output->first_seed % 4];
        return;
    }
    schedule->request.strategy = EXPLORE_REPLAY;
    schedule->picks = talloc_array(s->mem, struct pick, output->choices + 1);
    for (uint32_t i = 0; i < output->choices; i++)
        if (arena->output_option[output->first_choice + i])
            schedule->picks[schedule->pick_count++] =
                (struct pick){i, arena->output_option[output->first_choice + i]};
}

static void add_output(struct searcher *s, const struct explore_arena *arena,
                       const struct explore_output *output)
{
    struct search *search = s->search;
    uint64_t first = output->first_seed - s->options->seed;
    struct search_output *known = NULL;

    for (size_t i = 0; i < search->output_count && !known; i++)
        if (search->outputs[i].length == output->length &&
            memcmp(search->outputs[i].text, output->text, output->length) == 0)
            known = &search->outputs[i];
    if (!known && search->output_count == OUTPUTS_MOST)
        return;
    if (!known) {
        search->outputs =
            talloc_realloc(s->mem, search->outputs, struct search_output, (unsigned)search->output_count + 1);
        known = &search->outputs[search->output_count++];
        *known = (struct search_output){.length = output->length, .first = UINT64_MAX};
        known->text = talloc_zero_array(s->mem, char, output->length + 1);
        memcpy(known->text, output->text, output->length);
    }
    known->count += output->count;
    if (first < known->first) {
        known->first = first;
        known->schedule = (struct schedule){0};
        take_schedule(s, arena, output, &known->schedule);
    }
}

static int compare_outputs(const void *a, const void *b)
{
    const struct search_output *left = a, *right = b;
    return left->first < right->first ? -1 : left->first > right->first;
}

/* --- one round ---------------------------------------------------------------------------------------- */

/* Deal the round out, and wait for all. */
static int play_round(struct searcher *s, const struct round *round)
{
    unsigned servers = session_servers(s->session);
    struct explore_request request = request_for(s->options);

    request.stride = servers;
    request.stop_at_first = (uint32_t)round->stop_at_first;
    request.nanoseconds = time_left(s);
    for (unsigned i = 0; i < servers; i++) {
        request.seed = s->options->seed + round->start + i;
        request.count = round->count > i ? (round->count - i - 1) / servers + 1 : 0;
        if (session_ask(s->session, i, &request, s->err) != 0)
            return -1;
    }
    return session_wait(s->session, s->err);
}

/* The server with the first failing schedule of the round, or NULL. */
static struct explore_arena *first_failing(struct searcher *s)
{
    struct explore_arena *first = NULL;

    for (unsigned i = 0; i < session_servers(s->session); i++) {
        struct explore_arena *arena = session_arena(s->session, i);
        if (arena->batch.first && (!first || arena->batch.first_seed < first->batch.first_seed))
            first = arena;
    }
    return first;
}

/* Keep the failing schedule that stands in ARENA. */
static void take_fault(struct searcher *s, const struct explore_arena *arena)
{
    struct search *search = s->search;

    search->fault = arena->last;
    search->schedule.request = request_for(s->options);
    search->schedule.request.keep_outputs = 0;
    search->seeded = search->schedule.request;
    search->schedule.request.strategy = EXPLORE_REPLAY;
    search->schedule.request.seed = 0;
    schedule_take(s->mem, arena, &search->schedule);
    search->seeded.strategy =
        s->options->strategy == EXPLORE_DFS ? EXPLORE_REPLAY : arena->batch.first_strategy;
    search->seeded.seed = arena->batch.first_seed;
}

/* Add up what the servers did; returns how many schedules that were. */
static uint64_t add_up(struct searcher *s)
{
    uint64_t run = 0;

    for (unsigned i = 0; i < session_servers(s->session); i++) {
        const struct explore_arena *arena = session_arena(s->session, i);
        run += arena->batch.run;
        s->search->failed += arena->batch.failed;
        s->search->nondeterministic |= arena->batch.nondeterministic != 0;
        for (uint32_t k = 0; k < arena->batch.output_count; k++)
            add_output(s, arena, &arena->output[k]);
    }
    s->search->run += run;
    return run;
}

/* For session_watch. */
static int look_on(void *context, uint64_t run)
{
    const struct searcher *s = context;
    return s->options->watch(s->options->context, s->search->run + run, 0);
}

/* --- the whole ---------------------------------------------------------------------------------------- */

/* How often does it fail? Count over the whole round in which it did first. Schedules that never end are not
 * waited for a second time. */
static int count_round(struct searcher *s, struct round *round)
{
    struct search *search = s->search;
    uint64_t before = search->run;

    round->stop_at_first = 0;
    search->failed = 0;
    if (search->fault.class != CLASS_LIVELOCK && search->fault.class != CLASS_TIMEOUT &&
        !search->fault.unsupported) {
        if (play_round(s, round) != 0)
            return -1;
        if (add_up(s) == round->count)
            return 0;
    }
    search->run = before + search->first - round->start; /* it was cut short: only what is certain */
    search->failed = 1;
    return 0;
}

static int found_one(struct searcher *s, struct round *round, struct explore_arena *arena)
{
    s->search->first = arena->batch.first_seed - s->options->seed + 1;
    take_fault(s, arena);
    return round->stop_at_first ? count_round(s, round) : 0;
}

/* The program leaves nothing open: its one schedule was run, by each server. */
static int only_one(struct searcher *s, struct explore_arena *failing)
{
    struct search *search = s->search;

    add_up(s);
    search->run = search->exhausted = 1;
    search->failed = search->first = failing != NULL;
    if (failing)
        take_fault(s, failing);
    return 0;
}

static int run_seeded(struct searcher *s)
{
    struct search *search = s->search;
    uint64_t start = 0;

    while (start < s->options->schedules && !time_is_up(s) && !session_stopped(s->session)) {
        struct round round = {start, start == 0 ? FIRST_ROUND : ROUND, !s->options->keep_outputs};
        if (round.count > s->options->schedules - start)
            round.count = s->options->schedules - start;
        if (play_round(s, &round) != 0)
            return -1;
        struct explore_arena *failing = first_failing(s);
        if (session_arena(s->session, 0)->batch.exhausted)
            return only_one(s, failing);
        if (failing && round.stop_at_first)
            return found_one(s, &round, failing);
        uint64_t run = add_up(s);
        if (failing && !search->first && found_one(s, &round, failing) != 0)
            return -1;
        if (run < round.count || search->fault.unsupported) /* time is up, or it cannot be judged */
            break;
        start += round.count;
    }
    return 0;
}

static int run_depth_first(struct searcher *s)
{
    struct explore_arena *arena = session_arena(s->session, 0);
    struct explore_request request = request_for(s->options);

    request.seed = s->options->seed;
    request.stop_at_first = !s->options->keep_outputs;
    request.reduce = s->options->bound >= EXPLORE_UNBOUNDED;
    do {
        request.nanoseconds = time_left(s);
        if (session_ask(s->session, 0, &request, s->err) != 0 || session_wait(s->session, s->err) != 0)
            return -1;
        request.reduce = 0;
    } while (arena->batch.irreducible && !time_is_up(s));
    add_up(s);
    s->search->exhausted =
        arena->batch.exhausted && !arena->batch.nondeterministic && !arena->batch.irreducible;
    if (!arena->batch.first)
        return 0;
    s->search->first = arena->batch.first;
    take_fault(s, arena);
    return 0;
}

int search_run(void *mem, struct explore_session *session, const struct explore_options *options,
               struct search *search, struct error *err)
{
    struct searcher s = {.mem = mem, .session = session, .options = options, .search = search, .err = err};

    *search = (struct search){0};
    if (options->seconds > 0)
        s.until = clock_seconds() + options->seconds;
    if (options->watch)
        session_watch(session, look_on, &s);
    int result = options->strategy == EXPLORE_DFS ? run_depth_first(&s) : run_seeded(&s);
    session_watch(session, NULL, NULL);
    if (search->output_count > 0)
        qsort(search->outputs, search->output_count, sizeof search->outputs[0], compare_outputs);
    return result;
}
