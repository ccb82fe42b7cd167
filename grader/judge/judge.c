/* judge.c - from findings to a verdict. See judge.h.
 *
 * Each row (a check under one variant) is judged by itself. Whatever speaks against it is a charge: the
 * findings of observe/, what the check itself said, and, when neither explains why the run did not end well,
 * how it ended. The charge that explains most is the row's verdict. A row without a charge passes only if its
 * check said that it was completed: silence is never a pass.
 *
 * Trouble of a tool makes a row an error, unless something was seen that the trouble cannot have caused: a
 * race that was reported stays a race when the sanitizer crashed afterwards.
 *
 * Nothing here reads a file, a clock or the environment.
 */
#include "judge/judge.h"

#include <string.h>
#include <talloc.h>

/* One thing that speaks against a row. Order of strength: see charge_before. */
struct charge {
    enum verdict_class class;
    char *message, *why;
    struct place *where;
    size_t where_count;
    char *raw, *token;
    int said_by_check; /* the check said it, with the nonce: no trouble of a tool can have caused it */
};

struct charges {
    struct charge *list;
    size_t count;
};

const char *status_name(enum verdict_status status)
{
    static const char *const names[] = {
        [VERDICT_PASS] = "pass", [VERDICT_FAIL] = "fail", [VERDICT_ERROR] = "error"};
    return names[status];
}

/* --- which charge explains most ------------------------------------------------------------------------ */

static int names_learner(const struct place *where, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (where[i].learner)
            return 1;
    return 0;
}

static int compare_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "");
}

/* By file, then by line, place for place; the shorter list first. */
static int compare_places(const struct charge *a, const struct charge *b)
{
    for (size_t i = 0; i < a->where_count && i < b->where_count; i++) {
        int order = compare_text(a->where[i].file, b->where[i].file);
        if (order == 0)
            order = a->where[i].line - b->where[i].line;
        if (order != 0)
            return order;
    }
    return (int)a->where_count - (int)b->where_count;
}

/* A total order, so that the order in which a tool reports does not matter: class, then the learner's lines
 * before others, then the place, then the words. */
static int charge_before(const struct charge *a, const struct charge *b)
{
    int order = (int)a->class - (int)b->class;
    if (order == 0)
        order = names_learner(b->where, b->where_count) - names_learner(a->where, a->where_count);
    if (order == 0)
        order = compare_places(a, b);
    if (order == 0)
        order = compare_text(a->message, b->message);
    return order < 0;
}

/* --- collecting charges --------------------------------------------------------------------------------- */

/* A run that was cut off had no chance to give anything back: what it then "leaks" says nothing about the
 * program. Threads that were counted when the check's function had returned, or that hang, are another
 * matter. */
static int speaks(const struct finding *finding, const struct run *run)
{
    if (run->completed || run->explored) /* the explorer knows how each schedule ended */
        return 1;
    if (finding->class == CLASS_THREAD_LEAK)
        return run->leaked_threads > 0 || run->end == RUN_STUCK;
    return finding->class != CLASS_MEMORY_LEAK;
}

/* A hang means what the manifest says, whoever saw it; a lost wake-up is more than a hang. */
static enum verdict_class class_here(const struct finding *finding, const struct run *run)
{
    int stuck = run->explored && finding->class == CLASS_DEADLOCK && run->check->when_stuck;
    return stuck ? run->check->when_stuck : finding->class;
}

static void add_findings(struct charges *charges, const struct observation *observation)
{
    for (size_t i = 0; i < observation->finding_count; i++) {
        const struct finding *found = &observation->findings[i];
        if (!speaks(found, observation->run))
            continue;
        charges->list[charges->count++] = (struct charge){.class = class_here(found, observation->run),
                                                          .message = found->message,
                                                          .why = found->why,
                                                          .where = found->where,
                                                          .where_count = found->where_count,
                                                          .raw = found->raw,
                                                          .token = found->token};
    }
}

static void add_failure(void *mem, struct charges *charges, const struct run *run)
{
    struct charge *charge = &charges->list[charges->count++];

    *charge = (struct charge){.class = run->fail_class ? run->fail_class : CLASS_WRONG_RESULT,
                              .message = run->fail_message,
                              .said_by_check = 1};
    if (run->fail_file) {
        charge->where = talloc_zero(mem, struct place);
        charge->where_count = 1;
        charge->where->file = run->fail_file;
        charge->where->line = run->fail_line;
        charge->where->what = talloc_strdup(mem, "the check saw it here");
    }
}

/* What it means that a run was ended from outside. A hang means what the manifest says. */
static const struct ending {
    enum verdict_class class;
    const char *message;
} endings[] = {
    [RUN_STUCK] = {CLASS_DEADLOCK, "every thread waits for another one, so nothing can ever happen again"},
    [RUN_IDLE] = {CLASS_TIMEOUT, "the program slept longer than the whole check may take"},
    [RUN_BUSY] = {CLASS_TIMEOUT,
                  "the program kept a processor busy for longer than the check allows and never finished"},
    [RUN_MEMORY] = {CLASS_OVERLOAD, "the program took more memory than the check allows"},
    [RUN_THREADS] = {CLASS_OVERLOAD, "the program started more threads than the check allows"},
    [RUN_OUTPUT] = {CLASS_OVERLOAD, "the program printed more than the check allows"},
};

/* The exit's own words, when the program ended by itself. False when nothing is wrong with it. */
static int exit_charge(void *mem, const struct run *run, struct charge *charge)
{
    if (run->signal) {
        const char *name = sigdescr_np(run->signal);
        charge->class = CLASS_CRASH;
        charge->message = talloc_asprintf(mem, "signal %d (%s) ended the program in the middle of the check",
                                          run->signal, name ? name : "unknown");
    } else if (!run->completed) {
        charge->class = CLASS_TAMPERED;
        charge->message = talloc_asprintf(
            mem, "the program ended with status %d before the check could finish", run->exit_code);
        charge->why =
            talloc_strdup(mem, "an early exit is no pass: only a check that runs to its end counts");
    } else if (run->leaked_threads > 0) {
        charge->class = CLASS_THREAD_LEAK;
        charge->message = talloc_asprintf(mem, "%d thread%s still there when the check was over",
                                          run->leaked_threads, run->leaked_threads == 1 ? " was" : "s were");
    } else {
        return 0;
    }
    return 1;
}

/* The last resort, for a run that nothing else explains. */
static void add_ending(void *mem, struct charges *charges, const struct run *run,
                       const struct check_spec *check)
{
    struct charge charge = {.class = CLASS_NONE};

    if (run->end == RUN_EXITED) {
        if (exit_charge(mem, run, &charge))
            charges->list[charges->count++] = charge;
        return;
    }
    charge.class = endings[run->end].class;
    if (run->end == RUN_STUCK && check->when_stuck)
        charge.class = check->when_stuck;
    charge.message = talloc_strdup(mem, endings[run->end].message);
    charges->list[charges->count++] = charge;
}

/* --- trouble -------------------------------------------------------------------------------------------- */

/* What keeps the grader from believing this run, or NULL. */
static const char *trouble_of(const struct observation *observation)
{
    const struct run *run = observation->run;

    if (observation->trouble)
        return observation->trouble;
    if (run->end == RUN_NOT_STARTED)
        return run->trouble ? run->trouble : "the check's process could not be started";
    if (run->end == RUN_ABANDONED)
        return run->trouble ? run->trouble : "the machine gave the check's process no processor for too long";
    return NULL;
}

/* Classes that are seen in how a run ends: a tool that crashes or hangs looks just the same. The others are a
 * tool's finished report of something that had happened before. */
static int may_be_the_tools_own(enum verdict_class class)
{
    static const char consequence[CLASS_COUNT] = {
        [CLASS_TAMPERED] = 1,   [CLASS_LOST_WAKEUP] = 1, [CLASS_DEADLOCK] = 1, [CLASS_LIVELOCK] = 1,
        [CLASS_STARVATION] = 1, [CLASS_LOST_TASK] = 1,   [CLASS_CRASH] = 1,    [CLASS_OVERLOAD] = 1,
        [CLASS_TIMEOUT] = 1,    [CLASS_SLOW] = 1,
    };
    return consequence[class];
}

static const struct charge *strongest(const struct charges *charges, int in_trouble)
{
    const struct charge *best = NULL;

    for (size_t i = 0; i < charges->count; i++) {
        const struct charge *charge = &charges->list[i];
        if (in_trouble && !charge->said_by_check && may_be_the_tools_own(charge->class))
            continue;
        if (!best || charge_before(charge, best))
            best = charge;
    }
    return best;
}

/* --- rows ----------------------------------------------------------------------------------------------- */

static void row_convict(void *mem, struct check_verdict *row, const struct charge *charge)
{
    row->status = VERDICT_FAIL;
    row->class = charge->class;
    row->message = charge->message ? charge->message : talloc_strdup(mem, class_meaning(charge->class));
    row->why = charge->why;
    row->where = charge->where;
    row->where_count = charge->where_count;
    row->raw = charge->raw;
    row->token = charge->token || !row->explored ? charge->token : row->explored->token;
}

static void row_judge(void *mem, struct check_verdict *row, const struct check_spec *check,
                      const struct observation *observation)
{
    const struct run *run = observation->run;
    const char *trouble = trouble_of(observation);
    struct charges charges = {talloc_array(mem, struct charge, observation->finding_count + 2), 0};

    row->run = run;
    row->explored =
        run->variant->simulated ? NULL : run->explored; /* one run, which says nothing of others */
    row->output = run->output && *run->output ? run->output : NULL;
    row->notes = run->notes;
    row->note_count = run->note_count;
    add_findings(&charges, observation);
    if (run->failed)
        add_failure(mem, &charges, run);
    if (charges.count == 0 && !trouble)
        add_ending(mem, &charges, run, check);

    const struct charge *charge = strongest(&charges, trouble != NULL);
    if (charge) {
        row_convict(mem, row, charge);
    } else if (trouble) {
        row->status = VERDICT_ERROR;
        row->message = talloc_strdup(mem, trouble);
        row->raw = run->log && *run->log ? run->log : NULL;
    } else {
        row->status = VERDICT_PASS;
        row->points = row->max_points;
    }
}

static const struct observation *observation_of(const char *check, const char *variant,
                                                const struct observation *observations, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(observations[i].run->check->name, check) == 0 &&
            strcmp(observations[i].run->variant->name, variant) == 0)
            return &observations[i];
    return NULL;
}

static void judge_rows(struct verdict *verdict, const struct observation *observations, size_t count)
{
    const struct exercise *exercise = verdict->exercise;
    size_t total = 0;

    for (size_t c = 0; c < exercise->check_count; c++)
        total += exercise->checks[c].variant_count;
    verdict->checks = talloc_zero_array(verdict, struct check_verdict, total);
    for (size_t c = 0; c < exercise->check_count; c++) {
        const struct check_spec *check = &exercise->checks[c];
        for (size_t v = 0; v < check->variant_count; v++) {
            struct check_verdict *row = &verdict->checks[verdict->check_count++];
            const struct observation *observation =
                observation_of(check->name, check->variants[v], observations, count);
            row->name = check->name;
            row->title = check->title ? check->title : check->name;
            row->variant = check->variants[v];
            row->max_points = check->points;
            row->status = VERDICT_ERROR;
            if (observation)
                row_judge(verdict->checks, row, check, observation);
            else
                row->message = talloc_strdup(verdict->checks, "this check was not run");
        }
    }
}

/* --- the whole ------------------------------------------------------------------------------------------ */

/* Failed rows outweigh those that could not be judged; a verdict without rows is nobody's pass. */
static void sum_up(struct verdict *verdict)
{
    size_t seen[3] = {0};

    for (size_t i = 0; i < verdict->check_count; i++) {
        const struct check_verdict *row = &verdict->checks[i];
        seen[row->status]++;
        verdict->score += row->points;
        if (row->status == VERDICT_FAIL && (!verdict->class || row->class < verdict->class))
            verdict->class = row->class;
    }
    if (seen[VERDICT_FAIL])
        verdict->status = VERDICT_FAIL;
    else if (seen[VERDICT_ERROR] || !seen[VERDICT_PASS])
        verdict->status = VERDICT_ERROR;
    else
        verdict->status = VERDICT_PASS;

    const struct check_verdict *headline = verdict_headline(verdict);
    if (headline)
        verdict->message = headline->message;
    else if (verdict->status == VERDICT_ERROR)
        verdict->message = talloc_strdup(verdict, "no check was run");
}

static void judge_build(struct verdict *verdict, const struct build *build)
{
    int refused = build->status == BUILD_REFUSED;
    const struct diagnostic *first = build->diagnostic_count ? &build->diagnostics[0] : NULL;

    verdict->status = VERDICT_FAIL;
    verdict->class = refused ? CLASS_FORBIDDEN : CLASS_BUILD;
    if (!first)
        verdict->message = talloc_strdup(verdict, class_meaning(verdict->class));
    else if (first->line > 0)
        verdict->message = talloc_asprintf(verdict, "%s, line %d: %s", first->file, first->line, first->text);
    else
        verdict->message = talloc_strdup(verdict, first->text);
}

struct verdict *judge_submission(void *mem, const struct build *build, const struct observation *observations,
                                 size_t observation_count)
{
    struct verdict *verdict = talloc_zero(mem, struct verdict);

    verdict->exercise = build->exercise;
    verdict->submission = build->submission;
    verdict->build = build;
    verdict->max_score = exercise_max_score(build->exercise);
    if (build->status != BUILD_DONE) {
        judge_build(verdict, build);
        return verdict;
    }
    judge_rows(verdict, observations, observation_count);
    sum_up(verdict);
    return verdict;
}

const struct check_verdict *verdict_headline(const struct verdict *verdict)
{
    const struct check_verdict *best = NULL;

    for (size_t i = 0; i < verdict->check_count; i++) {
        const struct check_verdict *row = &verdict->checks[i];
        if (row->status != verdict->status || row->class != verdict->class || row->status == VERDICT_PASS)
            continue;
        if (!best ||
            names_learner(row->where, row->where_count) > names_learner(best->where, best->where_count))
            best = row;
    }
    return best;
}

enum exit_status verdict_exit(const struct verdict *verdict)
{
    static const enum exit_status exits[] = {
        [VERDICT_PASS] = EXIT_GOOD, [VERDICT_FAIL] = EXIT_BAD, [VERDICT_ERROR] = EXIT_GRADER};
    return exits[verdict->status];
}
