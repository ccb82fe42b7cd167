/* fixture_runs.h - hand-made runs for the tests of observe/: endings, stacks and logs that real programs give
 * too rarely. */
#ifndef DEEPEND_FIXTURE_RUNS_H
#define DEEPEND_FIXTURE_RUNS_H

#include "observe/observe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <cmocka.h>

/* Forty lines, so that every line number of a test has a text. */
static inline char *fixture_text(void *mem)
{
    char *text = talloc_strdup(mem, "");

    for (int line = 1; line <= 40; line++)
        text = talloc_asprintf_append_buffer(text, "    statement(%d);\n", line);
    return text;
}

static inline struct observation *fixture_observe(void *mem, const struct run *run)
{
    struct exercise *exercise = talloc_zero(mem, struct exercise);
    struct submission *submission = talloc_zero(mem, struct submission);
    struct build *build = talloc_zero(mem, struct build);

    exercise->directory = "/home/me/deepend/exercises/junior/01-x";
    exercise->limits = (struct limits){.threads = 8, .output_kb = 64};
    submission->name = "tasks.c";
    submission->text = fixture_text(mem);
    build->exercise = exercise;
    build->submission = submission;
    return observe_runs(mem, build, run, 1);
}

/* A run of VARIANT that went well. */
static inline struct run fixture_run(const char *variant)
{
    static const struct check_spec check = {.name = "check", .when_stuck = CLASS_LOST_WAKEUP};

    return (struct run){.check = &check,
                        .variant = variant_find(variant),
                        .binary = "/nowhere/binary",
                        .end = RUN_EXITED,
                        .completed = 1,
                        .output = "",
                        .log = ""};
}

static inline void expect_one(const struct observation *observation, enum verdict_class class,
                              const char *message)
{
    if (observation->trouble)
        fail_msg("trouble: %s", observation->trouble);
    for (size_t i = 1; i < observation->finding_count; i++)
        print_error("also %s: %s\n", class_name(observation->findings[i].class),
                    observation->findings[i].message);
    assert_int_equal(observation->finding_count, 1);
    assert_string_equal(observation->findings[0].message, message);
    assert_string_equal(class_name(observation->findings[0].class), class_name(class));
}

static inline void expect_trouble(const struct observation *observation, const char *words)
{
    for (size_t i = 0; i < observation->finding_count; i++)
        print_error("found %s: %s\n", class_name(observation->findings[i].class),
                    observation->findings[i].message);
    assert_int_equal(observation->finding_count, 0);
    assert_non_null(observation->trouble);
    assert_non_null(strstr(observation->trouble, words));
}

#endif
