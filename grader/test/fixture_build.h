/* fixture_build.h - a small project to build in: one exercise, a library of one file, the real check runtime.
 */
#ifndef DEEPEND_FIXTURE_BUILD_H
#define DEEPEND_FIXTURE_BUILD_H

#include "base/file.h"
#include "base/process.h"
#include "build/build.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

struct stage {
    char *root, *folder; /* of the project, of the exercise */
    struct exercise exercise;
    struct check_spec check;
    struct error err;
};

static inline void stage_write(const struct stage *stage, const char *name, const char *text)
{
    char *path = talloc_asprintf(NULL, "%s/%s", stage->root, name);
    struct error err;

    if (file_replace(path, text, strlen(text), &err) != 0) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    talloc_free(path);
}

/* Copy the files of the project that PATTERN matches. */
static inline void stage_copy(const struct stage *stage, const char *pattern)
{
    glob_t found;

    if (glob(pattern, 0, NULL, &found) != 0)
        abort();
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char *text = file_read(NULL, found.gl_pathv[i], 1 << 20, NULL, NULL);
        stage_write(stage, found.gl_pathv[i], text);
        talloc_free(text);
    }
    globfree(&found);
}

/* Build for these variants, "tsan memory". */
static inline void stage_variants(struct stage *stage, const char *names)
{
    char *copy = talloc_strdup(stage, names), *name;

    stage->check.variants = talloc_array(stage, char *, strlen(names));
    stage->check.variant_count = 0;
    while ((name = strsep(&copy, " ")))
        stage->check.variants[stage->check.variant_count++] = name;
}

static const char stage_tasks_h[] = "#ifndef TASKS_H\n#define TASKS_H\n"
                                    "int run_tasks(int count);\n"
                                    "int given(int value);\n"
                                    "#endif\n";
static const char stage_check_c[] =
    "#include \"check.h\"\n#include \"tasks.h\"\n#include \"inside.h\"\n"
    "int hidden = 42;\n"
    "int given(int value)\n{\n    return value + 1;\n}\n"
    "static void runs(void)\n{\n    CHECK_INT(run_tasks(4), 4, \"not all ran\");\n}\n"
    "CHECKS({\"runs\", runs});\n";

/* One exercise with the file tasks.c, to be built `native`. Lies below /tmp until stage_end. */
static inline struct stage *stage_begin(void)
{
    struct stage *stage = talloc_zero(NULL, struct stage);
    char *root = talloc_strdup(stage, "/tmp/deepend-build-XXXXXX");

    if (!mkdtemp(root))
        abort();
    stage->root = root;
    stage->folder = talloc_asprintf(stage, "%s/exercises/junior/01-x", root);
    stage->exercise = (struct exercise){.directory = stage->folder,
                                        .id = "junior/01-x",
                                        .title = "X",
                                        .file = "tasks.c",
                                        .checks = &stage->check,
                                        .check_count = 1};
    stage->check = (struct check_spec){.name = "runs", .title = "it runs", .points = 1};
    stage_variants(stage, "native");
    folder_make(stage->folder, NULL);
    folder_make(talloc_asprintf(stage, "%s/reference/core", root), NULL);
    folder_make(talloc_asprintf(stage, "%s/grader/check", root), NULL);
    folder_make(talloc_asprintf(stage, "%s/grader/explore/rt", root), NULL);
    stage_copy(stage, "grader/check/*.[ch]");
    stage_copy(stage, "grader/explore/*.h");
    stage_copy(stage, "grader/explore/rt/*.[ch]");
    stage_write(stage, "reference/core/ticket.h", "int ticket_next(void);\n");
    stage_write(stage, "reference/core/ticket.c",
                "#include \"ticket.h\"\nint ticket_inside = 0;\n"
                "int ticket_next(void)\n{\n    return ++ticket_inside;\n}\n");
    stage_write(stage, "exercises/junior/01-x/tasks.h", stage_tasks_h);
    stage_write(stage, "exercises/junior/01-x/inside.h", "/* nothing yet */\n");
    stage_write(stage, "exercises/junior/01-x/check.c", stage_check_c);
    return stage;
}

static inline void stage_end(struct stage *stage)
{
    path_remove(stage->root);
    talloc_free(stage);
}

/* TEXT as the learner's file, loaded. */
static inline struct submission *stage_submit(struct stage *stage, const char *text)
{
    stage_write(stage, "mine.c", text);
    return submission_load(stage, &stage->exercise, talloc_asprintf(stage, "%s/mine.c", stage->root),
                           &stage->err);
}

/* Screen and build TEXT; NULL leaves stage->err. */
static inline struct build *stage_build(struct stage *stage, const char *text)
{
    struct submission *submission = stage_submit(stage, text);
    return submission ? build_submission(stage, stage->root, &stage->exercise, submission, &stage->err)
                      : NULL;
}

/* A submission that passes. */
static const char good[] =
    "#include \"tasks.h\"\nint run_tasks(int count)\n{\n    return given(count) - 1;\n}\n";

static inline int set_up(void **state)
{
    *state = stage_begin();
    return 0;
}

static inline int tear_down(void **state)
{
    stage_end(*state);
    return 0;
}

/* Build TEXT, which must succeed. */
static inline struct build *build_well(struct stage *stage, const char *text)
{
    struct build *build = stage_build(stage, text);

    if (!build)
        fail_msg("%s", stage->err.text);
    if (build->status != BUILD_DONE)
        fail_msg("%s", build->diagnostics[0].text);
    return build;
}

/* Another. */
static const char other[] =
    "#include \"tasks.h\"\nint run_tasks(int count)\n{\n    return given(count - 1);\n}\n";

static inline char *cache_folder(struct stage *stage)
{
    return talloc_asprintf(stage, "%s/build/cache", stage->root);
}

/* Whether BUILD's program passes its check. */
static inline int works(struct stage *stage, const struct build *build)
{
    const char *argv[] = {build->binaries[0].path, "runs", NULL};
    struct process job = {.argv = argv};

    return process_run(stage, &job, 1, 1, &stage->err) == 0 && job.exit_code == 0 &&
           strstr(job.output, "passed");
}

#endif
