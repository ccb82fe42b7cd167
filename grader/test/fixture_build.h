/* fixture_build.h - a small project to build in: one exercise, a library of one file, the real check runtime.
 */
#ifndef DEEPEND_FIXTURE_BUILD_H
#define DEEPEND_FIXTURE_BUILD_H

#include "base/file.h"
#include "build/build.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

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

static inline void stage_link(const struct stage *stage, const char *name)
{
    char here[PATH_MAX], *target, *path = talloc_asprintf(NULL, "%s/%s", stage->root, name);

    target = talloc_asprintf(path, "%s/%s", getcwd(here, sizeof here), name);
    if (symlink(target, path) != 0)
        abort();
    talloc_free(path);
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
    folder_make(talloc_asprintf(stage, "%s/grader", root), NULL);
    stage_link(stage, "grader/check");
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

#endif
