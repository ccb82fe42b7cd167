/* fixture_trials.h - compile the programs of observe/, run them under their variants, observe the runs. For
 * test_observe.c. */
#ifndef DEEPEND_FIXTURE_TRIALS_H
#define DEEPEND_FIXTURE_TRIALS_H

#include "base/file.h"
#include "base/process.h"
#include "observe/observe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>
#include <cmocka.h>

enum { CASES = 200, WORDS = 64 };

static const char folder[] = "grader/test/observe";
static const char box[] = "support/box.c";

/* One program under one variant. */
struct trial {
    char *name, *text; /* of the program */
    const struct variant *variant;
    char *expected; /* "race: Line {loop} ..." */
    char *binary, *log;
    struct process compile, job;
    struct submission submission;
    struct build build;
    struct run run;
    struct observation *observation;
};

struct trials {
    void *mem;
    char *folder, *box_text;
    struct trial list[CASES];
    size_t count;
};

/* Its folder holds the code that is not the learner's. */
static const struct exercise exercise = {.directory = "grader/test/observe/support",
                                         .limits = {.threads = 16, .output_kb = 64}};
static const struct check_spec check = {.name = "test", .when_stuck = CLASS_DEADLOCK};

/* --- what the programs declare ----------------------------------------------------------------------- */

/* What stands behind " * - KEY: " in TEXT, on that line and those that it goes on in, or NULL. */
static char *declared(void *mem, const char *text, const char *key)
{
    char *mark = talloc_asprintf(mem, "\n * - %s: ", key), *words = talloc_strdup(mem, "");
    const char *at = strstr(text, mark);

    if (!at)
        return NULL;
    for (at += strlen(mark);; at++) {
        size_t length = strcspn(at, "\n");
        words = talloc_asprintf_append(words, "%s%.*s", *words ? " " : "", (int)length, at);
        at += length;
        if (strncmp(at, "\n * ", 4) != 0 || strncmp(at, "\n * - ", 6) == 0)
            return words;
        at += strlen("\n *") + strspn(at + strlen("\n *"), " ") - 1;
    }
}

/* The number of the line of TEXT that holds MARK. */
static int line_of(const char *text, const char *mark)
{
    char *comment = talloc_asprintf(NULL, "/* %s */", mark);
    const char *at = strstr(text, comment);
    int line = 1;

    if (!at)
        fail_msg("no line is marked %s", comment);
    for (const char *c = text; c < at; c++)
        line += *c == '\n';
    talloc_free(comment);
    return line;
}

/* Call USE with each {mark} of SENTENCE, and its line. */
static int mark_line(const struct trials *trials, const struct trial *trial, const char *mark)
{
    return line_of(strncmp(mark, "{box:", 5) == 0 ? trials->box_text : trial->text, mark);
}

static char *with_lines(const struct trials *trials, const struct trial *trial, const char *sentence)
{
    char *text = talloc_strdup(trials->mem, "");

    while (*sentence) {
        size_t plain = strcspn(sentence, "{");
        text = talloc_strndup_append_buffer(text, sentence, plain);
        sentence += plain;
        if (!*sentence)
            break;
        size_t length = strcspn(sentence, "}") + 1;
        char *mark = talloc_strndup(trials->mem, sentence, length);
        text = talloc_asprintf_append_buffer(text, "%d", mark_line(trials, trial, mark));
        sentence += length;
    }
    return text;
}

/* --- compiling and running --------------------------------------------------------------------------- */

static void add_all(const char **argv, size_t *count, const char *const *words)
{
    while (*words)
        argv[(*count)++] = *words++;
}

static int for_valgrind(const struct variant *variant)
{
    return variant->tool == TOOL_MEMCHECK || variant->tool == TOOL_HELGRIND;
}

static void prepare_compile(struct trials *trials, struct trial *trial)
{
    const char **argv = talloc_zero_array(trials->mem, const char *, WORDS);
    size_t count = 0;

    trial->binary = talloc_asprintf(trials->mem, "%s/%s.%s", trials->folder, trial->name,
                                    for_valgrind(trial->variant) ? "valgrind" : trial->variant->name);
    /* by their bare names, as build/ compiles a submission */
    add_all(argv, &count,
            (const char *const[]){"clang", "-std=gnu11", "-w", "-pthread", "-fdebug-compilation-dir=.", "-o",
                                  trial->binary, trial->name, box, NULL});
    add_all(argv, &count, trial->variant->compile);
    add_all(argv, &count, trial->variant->link);
    trial->compile = (struct process){.argv = argv, .directory = folder};
}

static const char *with_log(void *mem, const char *word, const char *log)
{
    const char *mark = strstr(word, "%LOG");
    if (!mark)
        return word;
    return talloc_asprintf(mem, "%.*s%s%s", (int)(mark - word), word, log, with_log(mem, mark + 4, log));
}

static void prepare_run(struct trials *trials, struct trial *trial)
{
    const char **argv = talloc_zero_array(trials->mem, const char *, WORDS);
    size_t count = 0;

    trial->log =
        talloc_asprintf(trials->mem, "%s/%s.%s.log", trials->folder, trial->name, trial->variant->name);
    argv[count++] = "env";
    for (size_t i = 0; trial->variant->environment[i]; i++)
        argv[count++] = with_log(trials->mem, trial->variant->environment[i], trial->log);
    for (size_t i = 0; trial->variant->wrapper[i]; i++)
        argv[count++] = with_log(trials->mem, trial->variant->wrapper[i], trial->log);
    argv[count++] = trial->binary;
    trial->job = (struct process){.argv = argv, .cpu_seconds = 120};
}

/* The log, to whose name the sanitizers add the number of their process. */
static char *read_log(struct trials *trials, const struct trial *trial)
{
    glob_t found;
    char *log = talloc_strdup(trials->mem, ""), *pattern = talloc_asprintf(trials->mem, "%s*", trial->log);

    if (glob(pattern, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++)
            log = talloc_strdup_append(log, file_read(trials->mem, found.gl_pathv[i], 1 << 24, NULL, NULL));
        globfree(&found);
    }
    return log;
}

static void observe(struct trials *trials, struct trial *trial)
{
    int code = trial->job.exit_code;

    trial->submission =
        (struct submission){.name = trial->name, .text = trial->text, .length = strlen(trial->text)};
    trial->build = (struct build){.exercise = &exercise, .submission = &trial->submission};
    trial->run = (struct run){.check = &check,
                              .variant = trial->variant,
                              .binary = trial->binary,
                              .end = RUN_EXITED,
                              .exit_code = code > 128 ? 0 : code,
                              .signal = code > 128 ? code - 128 : 0,
                              .completed = strstr(trial->job.output, "done") != NULL,
                              .log = read_log(trials, trial)};
    trial->observation = observe_runs(trials->mem, &trial->build, &trial->run, 1);
}

/* --- all at once, two at a time ---------------------------------------------------------------------- */

static void add_trials(struct trials *trials, const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t before = trials->count;
    char *text = file_read(trials->mem, path, 1 << 20, NULL, NULL);

    for (const struct variant *variant = variant_table; variant->name; variant++) {
        char *expected = declared(trials->mem, text, variant->name);
        if (!expected)
            continue;
        assert_true(trials->count < CASES);
        struct trial *trial = &trials->list[trials->count++];
        *trial = (struct trial){.name = talloc_strdup(trials->mem, slash + 1),
                                .text = text,
                                .variant = variant,
                                .expected = expected};
        prepare_compile(trials, trial);
        prepare_run(trials, trial);
    }
    if (trials->count == before)
        fail_msg("%s declares nothing", path);
}

/* Memcheck and Helgrind take the same executable. */
static int compiled_before(const struct trials *trials, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(trials->list[i].binary, trials->list[index].binary) == 0)
            return 1;
    return 0;
}

static void compile_all(struct trials *trials)
{
    struct process jobs[CASES];
    const struct trial *of[CASES];
    size_t count = 0;
    struct error err;

    for (size_t i = 0; i < trials->count; i++)
        if (!compiled_before(trials, i)) {
            of[count] = &trials->list[i];
            jobs[count++] = trials->list[i].compile;
        }
    if (process_run(trials->mem, jobs, count, 2, &err) != 0)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < count; i++)
        if (jobs[i].exit_code != 0)
            fail_msg("%s (%s): %s", of[i]->name, of[i]->variant->name, jobs[i].output);
}

static void run_all(struct trials *trials)
{
    struct process jobs[CASES];
    struct error err;

    for (size_t i = 0; i < trials->count; i++)
        jobs[i] = trials->list[i].job;
    if (process_run(trials->mem, jobs, trials->count, 2, &err) != 0)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < trials->count; i++) {
        trials->list[i].job = jobs[i];
        observe(trials, &trials->list[i]);
    }
}

static struct trials *trials_prepare(void)
{
    struct trials *trials = talloc_zero(NULL, struct trials);
    glob_t found;

    trials->mem = trials;
    trials->folder = talloc_strdup(trials, "/tmp/test-observe-XXXXXX");
    trials->box_text = file_read(trials, talloc_asprintf(trials, "%s/%s", folder, box), 1 << 20, NULL, NULL);
    if (!mkdtemp(trials->folder) || !trials->box_text ||
        glob(talloc_asprintf(trials, "%s/*.c", folder), 0, NULL, &found) != 0)
        return NULL;
    for (size_t i = 0; i < found.gl_pathc; i++)
        add_trials(trials, found.gl_pathv[i]);
    globfree(&found);
    return trials;
}

#endif
