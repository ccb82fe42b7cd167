/* seeds.c - the explorer's rows with many seeds, see seeds.h. */
#include "cmd/seeds.h"

#include "report/text.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

enum { STRIDE = 1000003 }; /* between the first schedules of two seeds */

/* One file under trial, and what came of it. */
struct trial {
    struct session *session;
    const struct exercise *exercise;
    const char *path, *name;
    int wrong; /* 1: a known-wrong answer, which must be found; 0: the solution */
    unsigned seeds, found, replayed;
    char *trouble;
};

/* The classes that are the explorer's to find in every order of the threads. */
static int is_explored(enum verdict_class class)
{
    static const char classes[CLASS_COUNT] = {
        [CLASS_DEADLOCK] = 1, [CLASS_LOST_WAKEUP] = 1, [CLASS_LOST_TASK] = 1, [CLASS_WRONG_RESULT] = 1};
    return classes[class];
}

static int has_explored_check(const struct exercise *exercise)
{
    for (size_t c = 0; c < exercise->check_count; c++)
        for (size_t v = 0; v < exercise->checks[c].variant_count; v++) {
            const struct variant *variant = variant_find(exercise->checks[c].variants[v]);
            if (variant && variant->threads != THREADS_REAL)
                return 1;
        }
    return 0;
}

/* --- one seed ----------------------------------------------------------------------------------------- */

/* Does the token of RUN lead to the same fault? */
static int replays(void *mem, const struct build *build, const struct run *run)
{
    struct explore_report *report;
    struct error err;

    return run->explored->token &&
           run_replay(mem, build, run->check->name, run->variant->name, run->explored->token, &report,
                      &err) == 0 &&
           report->class == run->explored->class && !report->nondeterministic;
}

static void note_trouble(struct trial *trial, const char *text)
{
    if (!trial->trouble)
        trial->trouble = talloc_strdup(trial->session->mem, text);
}

static void try_seed(struct trial *trial, const struct build *build, unsigned seed)
{
    void *mem = talloc_new(NULL);
    const struct run_options options = {
        .only_explored = 1, .stop_early = 1, .seed = 1 + (uint64_t)seed * STRIDE};
    struct run *runs;
    size_t count;
    struct error err;

    if (run_checks(mem, build, &options, &runs, &count, &err) != 0) {
        note_trouble(trial, err.text);
        count = 0;
    }
    for (size_t i = 0; i < count; i++) {
        const struct explore_report *report = runs[i].explored;
        if (runs[i].trouble || (report && report->unsupported))
            note_trouble(trial, runs[i].trouble ? runs[i].trouble : report->unsupported);
        if (!report || report->class == CLASS_NONE)
            continue;
        trial->found++;
        trial->replayed += replays(mem, build, &runs[i]) != 0;
    }
    talloc_free(mem);
}

/* --- one file ----------------------------------------------------------------------------------------- */

static int holds(const struct trial *trial)
{
    if (trial->trouble)
        return 0;
    return trial->wrong ? trial->found == trial->seeds && trial->replayed == trial->seeds : trial->found == 0;
}

static void tell(const struct trial *trial, const struct report_style *style)
{
    void *mem = talloc_new(NULL);
    int good = holds(trial);

    printf("%s%s %-34s %-36s ",
           text_paint(mem, style, good ? ACCENT_GREEN : ACCENT_RED, good ? "ok" : "WRONG"), good ? "   " : "",
           trial->exercise->id, trial->name);
    if (trial->wrong)
        printf("found with %u of %u seeds, %u tokens replay", trial->found, trial->seeds, trial->replayed);
    else
        printf("passes with %u of %u seeds", trial->seeds - trial->found, trial->seeds);
    printf("%s%s\n", trial->trouble ? "; " : "", trial->trouble ? trial->trouble : "");
    fflush(stdout);
    talloc_free(mem);
}

static int try_file(struct trial *trial, const struct report_style *style)
{
    void *mem = talloc_new(NULL);
    struct error err;
    struct submission *submission = submission_load(mem, trial->exercise, trial->path, &err);
    struct build *build =
        submission ? build_submission(mem, trial->session->root, trial->exercise, submission, &err) : NULL;

    if (!build || build->status != BUILD_DONE)
        note_trouble(trial, build ? "it is not accepted" : err.text);
    for (unsigned seed = 0; seed < trial->seeds && !trial->trouble; seed++)
        try_seed(trial, build, seed);
    tell(trial, style);
    talloc_free(mem);
    return holds(trial) ? 0 : 1;
}

/* --- all ---------------------------------------------------------------------------------------------- */

static unsigned try_exercise(struct session *session, const struct exercise *exercise, unsigned seeds,
                             const struct report_style *style)
{
    char *solution = talloc_asprintf(session->mem, "%s/solution.c", exercise->directory);
    struct trial trial = {session, exercise, solution, "solution.c", 0, seeds, 0, 0, NULL};
    unsigned wrong = (unsigned)try_file(&trial, style);

    for (size_t i = 0; i < exercise->mutant_count; i++) {
        const struct mutant *mutant = &exercise->mutants[i];
        if (!is_explored(mutant->class))
            continue;
        trial = (struct trial){session, exercise, mutant->file, strrchr(mutant->file, '/') + 1, 1, seeds,
                               0,       0,        NULL};
        wrong += (unsigned)try_file(&trial, style);
    }
    return wrong;
}

enum exit_status seeds_try(struct session *session, const struct exercise *const *exercises, size_t count,
                           unsigned seeds, const struct report_style *style)
{
    unsigned wrong = 0;

    for (size_t i = 0; i < count; i++)
        if (!exercises[i]->program && !exercises[i]->incident && has_explored_check(exercises[i]))
            wrong += try_exercise(session, exercises[i], seeds, style);
    printf("\n%u file%s not as expected\n", wrong, wrong == 1 ? "" : "s");
    return wrong ? EXIT_BAD : EXIT_GOOD;
}
