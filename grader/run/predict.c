/* predict.c - list every outcome of a prediction's program, each by its simplest schedule. See predict.h.
 *
 * Depth-first search without a bound runs every schedule there is, but for those that differ from another one
 * only in the order of steps that do not meet. Threads are stopped before each synchronisation and each
 * atomic. That is complete for a program without a data race (between two of these points nobody can see what
 * a thread does), so races are looked for on the way, and a program that has one is refused: it has no
 * defined outcomes. It is refused as well when one of its schedules does not end well, and when there are
 * more of them than anybody would wait for. Not covered, and so not for such programs: wake-ups without a
 * reason (wait in a loop), deadlines, weakly ordered atomics, and two prints of one thread with no
 * synchronisation between them, which count as one.
 *
 * Then the searches with no preemption, with one, and so on give each outcome the schedule with the fewest.
 * The list depends on the program alone, and is kept for the next time.
 */
#include "run/predict.h"

#include "base/process.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { SCHEDULES_MOST = 10000, SCHEDULES_BOUNDED = 2000, OUTCOMES_MOST = 64 };

static const char list_name[] = "outcomes/1";

/* An enumeration under way. The report's outputs are what has been found. */
struct listing {
    void *mem;
    const struct build *build;
    struct explore_target target;
    struct explore_report *report;
    char *trouble;
};

static struct explore_target target_of(const struct build *build)
{
    struct explore_target target = {.binary = build->binaries[0].path};

    snprintf(target.hash, sizeof target.hash, "%.16s", build->program_key);
    return target;
}

static int fail(struct listing *listing, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int fail(struct listing *listing, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *words = talloc_vasprintf(listing->mem, format, arguments);
    va_end(arguments);
    listing->trouble = talloc_asprintf(listing->mem, "%s of %s %s", listing->build->exercise->program,
                                       listing->build->exercise->id, words);
    return -1;
}

/* --- searching ---------------------------------------------------------------------------------------- */

/* Every schedule with at most BOUND preemptions, when these are no more than MOST. */
static int search(struct listing *listing, unsigned bound, unsigned most, struct explore_report **report)
{
    struct explore_options options = explore_defaults();
    struct error err;

    options.strategy = EXPLORE_DFS;
    options.schedules = most;
    options.bound = bound;
    options.memory_points = 0;
    options.keep_outputs = 1;
    options.minimise = 0;
    if (explore_run(listing->mem, &listing->target, &options, report, &err) == 0)
        return 0;
    listing->trouble = talloc_strdup(listing->mem, err.text);
    return -1;
}

/* Whether REPORT is the whole truth about the program. */
static int is_whole(struct listing *listing, const struct explore_report *report)
{
    if (report->unsupported)
        return fail(listing, "uses what the schedule explorer does not follow: %s", report->unsupported);
    if (report->failed > 0)
        return fail(listing, "does not end well in %" PRIu64 " of %" PRIu64 " schedules (%s): %s",
                    report->failed, report->run, class_name(report->class), report->message);
    if (report->nondeterministic)
        return fail(listing, "is not deterministic in itself: one schedule had two outcomes");
    if (!report->exhausted)
        return fail(listing, "has more than %d schedules, too many to run all of them", SCHEDULES_MOST);
    if (report->output_count > OUTCOMES_MOST)
        return fail(listing, "has more than %d outcomes", OUTCOMES_MOST);
    return 0;
}

/* --- outcomes ----------------------------------------------------------------------------------------- */

/* Where the outcome stands in the list; its length when it does not. */
static size_t find(const struct explore_report *report, const char *text)
{
    size_t at = 0;
    while (at < report->output_count && strcmp(report->outputs[at].text, text) != 0)
        at++;
    return at;
}

/* The list, in the words of an answer; outcomes that differ in blanks alone are one. */
static int list_outcomes(struct listing *listing, const struct explore_report *all)
{
    struct explore_report *report = listing->report = talloc_zero(listing->mem, struct explore_report);

    report->run = all->run;
    report->exhausted = 1;
    report->bound = EXPLORE_UNBOUNDED;
    report->outputs = talloc_array(report, struct explore_output_seen, (unsigned)all->output_count);
    for (size_t i = 0; i < all->output_count; i++) {
        char *text = outcome_written(report, all->outputs[i].text);
        if (!text)
            return fail(listing, "prints what a line of text cannot say");
        if (find(report, text) == report->output_count)
            report->outputs[report->output_count++] =
                (struct explore_output_seen){.text = text, .token = all->outputs[i].token};
    }
    return 0;
}

/* Of the outcomes behind the first COUNT, those in FOUND come next, with their schedules from there. Returns
 * how many are in their places then. */
static size_t promote(struct explore_report *report, size_t count, const struct explore_report *found)
{
    for (size_t i = 0; i < found->output_count; i++) {
        const char *text = outcome_written(report, found->outputs[i].text);
        size_t at = text ? find(report, text) : report->output_count;
        if (at < count || at == report->output_count)
            continue;
        struct explore_output_seen outcome = {.text = report->outputs[at].text,
                                              .token = found->outputs[i].token};
        memmove(&report->outputs[count + 1], &report->outputs[count], (at - count) * sizeof outcome);
        report->outputs[count++] = outcome;
    }
    return count;
}

/* The search without a bound says which outcomes there are. Those from no preemption on find them again, the
 * simplest first; what they do not come to within their measure keeps the schedule that it had. */
static int enumerate(struct listing *listing)
{
    struct explore_report *all, *some;
    size_t count = 0;
    int more = 1;

    if (search(listing, EXPLORE_UNBOUNDED, SCHEDULES_MOST, &all) != 0 || is_whole(listing, all) != 0 ||
        list_outcomes(listing, all) != 0)
        return -1;
    for (unsigned bound = 0; more && count < listing->report->output_count; bound++) {
        if (search(listing, bound, SCHEDULES_BOUNDED, &some) != 0)
            return -1;
        count = promote(listing->report, count, some);
        more = some->exhausted;
    }
    return 0;
}

/* --- keeping ------------------------------------------------------------------------------------------ */

static void remember(const struct listing *listing)
{
    const struct explore_report *report = listing->report;
    json_t *outcomes = json_array();
    json_t *list = json_pack("{s:I, s:o}", "run", (json_int_t)report->run, "outcomes", outcomes);

    for (size_t i = 0; i < report->output_count; i++)
        json_array_append_new(outcomes, json_pack("{s:s, s:s}", "text", report->outputs[i].text, "token",
                                                  report->outputs[i].token));
    char *text = json_dumps(list, JSON_INDENT(1));
    if (text)
        build_remember(listing->build, list_name, text);
    free(text);
    json_decref(list);
}

/* The list that was kept, if there is one. */
static int recall(struct listing *listing)
{
    char *text = build_recall(listing->mem, listing->build, list_name);
    json_t *list = text ? json_loads(text, 0, NULL) : NULL, *entry, *outcomes;
    json_int_t run;
    size_t i;

    if (!list || json_unpack(list, "{s:I, s:o}", "run", &run, "outcomes", &outcomes) != 0) {
        json_decref(list);
        return -1;
    }
    struct explore_report *report = listing->report = talloc_zero(listing->mem, struct explore_report);
    report->run = (uint64_t)run;
    report->exhausted = 1;
    report->bound = EXPLORE_UNBOUNDED;
    report->outputs = talloc_array(report, struct explore_output_seen, (unsigned)json_array_size(outcomes));
    json_array_foreach(outcomes, i, entry) report->outputs[report->output_count++] =
        (struct explore_output_seen){
            .text = talloc_strdup(report, json_string_value(json_object_get(entry, "text"))),
            .token = talloc_strdup(report, json_string_value(json_object_get(entry, "token")))};
    json_decref(list);
    return 0;
}

/* --- the whole ---------------------------------------------------------------------------------------- */

void predict_run(void *mem, const struct build *build, struct run *runs, size_t count)
{
    struct listing listing = {.mem = mem, .build = build, .target = target_of(build)};
    double begun = clock_seconds();

    if (recall(&listing) != 0 && enumerate(&listing) == 0)
        remember(&listing);
    for (size_t i = 0; i < count; i++) {
        struct run *run = &runs[i];
        run->output = talloc_strdup(mem, "");
        run->log = talloc_strdup(mem, "");
        run->seconds = clock_seconds() - begun;
        run->end = listing.trouble ? RUN_NOT_STARTED : RUN_EXITED;
        run->trouble = listing.trouble;
        run->completed = !listing.trouble;
        run->explored = listing.trouble ? NULL : listing.report;
    }
}

int predict_replay(void *mem, const struct build *build, const char *token, struct explore_report **report,
                   struct error *err)
{
    struct explore_target target = target_of(build);
    return explore_replay(mem, &target, token, report, err);
}
