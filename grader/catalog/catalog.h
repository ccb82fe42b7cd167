/* catalog.h - every exercise, as its exercise.yaml tells it.
 *
 * First stage of the way through the house. Loads and validates manifests; knows nothing of building or
 * judging. Everything is plain data on a talloc context, read-only once loaded. Paths are absolute.
 */
#ifndef DEEPEND_CATALOG_H
#define DEEPEND_CATALOG_H

#include "base/error.h"
#include "check/class.h"
#include <stddef.h>

enum exercise_kind {
    KIND_FIX,
    KIND_IMPLEMENT,
    KIND_PREDICT,
    KIND_SIZE,
    KIND_REVIEW,
    KIND_DIAGNOSE,
    KIND_DESIGN
};
enum exercise_level { LEVEL_JUNIOR, LEVEL_MIDDLE, LEVEL_SENIOR, LEVEL_STAFF };

const char *kind_name(enum exercise_kind kind);
const char *level_name(enum exercise_level level);

/* A check, as the manifest orders it. Each of its variants is run and judged by itself, and earns `points`.
 */
struct check_spec {
    char *name;  /* as in check.c */
    char *title; /* what it shows, one plain phrase, for people */
    char **variants;
    size_t variant_count;
    unsigned points;               /* for each variant */
    enum verdict_class when_stuck; /* what a hang means here: deadlock unless told */
};

/* A known-wrong answer: graded by `deepend selftest`, where it must fail with `class` in exactly the checks
 * `fails`. */
struct mutant {
    char *file; /* mutants/NAME.c, absolute; its ending is that of the learner's file */
    enum verdict_class class;
    char **fails; /* names of checks */
    size_t fail_count;
    char *why; /* the mistake, and why people make it */
};

/* What one check may use, natively; each variant multiplies (see build.h). */
struct limits {
    unsigned cpu_ms;    /* processor time of all threads together */
    unsigned idle_ms;   /* time in which no thread wanted a processor: a slow machine costs nothing */
    unsigned memory_mb; /* resident */
    unsigned threads;
    unsigned output_kb;
};

struct incident; /* see catalog/incident.h */

struct exercise {
    char *directory; /* .../exercises/LEVEL/NN-slug */
    char *id;        /* "junior/01-captured-variable" */
    char *title;
    enum exercise_kind kind;
    enum exercise_level level;
    unsigned minutes;
    char **covers; /* seed ids */
    size_t cover_count;
    char *lesson;   /* folder under lessons/ */
    char *file;     /* the learner's file, a base name: "tasks.c" */
    char *program;  /* kind predict: whose outputs are to be told, a base name: "program.c"; else NULL */
    char **support; /* C files beside it that are linked in, base names */
    size_t support_count;
    char **strict; /* warnings that are errors here: "unused-result" */
    size_t strict_count;
    struct check_spec *checks;
    size_t check_count;
    struct limits limits;
    struct mutant *mutants;
    size_t mutant_count;
    const struct incident *incident; /* of which this is the part that is built and graded, or NULL */
};

/* An exercise that cannot be used, for a fault of its author's. */
struct faulty {
    char *id;      /* by its folder */
    char *message; /* "FILE:LINE: what is wrong" */
};

struct catalog {
    char *root;                  /* the project's folder */
    const char *noun;            /* what its entries are: "exercise", "incident" */
    struct exercise **exercises; /* by level, then by number */
    size_t exercise_count;
    struct faulty *faulty; /* left out of `exercises` */
    size_t faulty_count;
};

/* Load all of ROOT/exercises. NULL (error_grader) when they cannot be read at all; a fault in one leaves the
 * others as they are. */
struct catalog *catalog_load(void *mem, const char *root, struct error *err);

/* The exercise that NAME means (for a faulty one error_grader with its message): a full id, "junior/1",
 * "01-captured-variable", "captured-variable", or any part of an id that only one exercise has. NULL with
 * error_usage otherwise; the text lists what was near. */
const struct exercise *catalog_find(const struct catalog *catalog, const char *name, struct error *err);

/* Most points there are. */
unsigned exercise_max_score(const struct exercise *exercise);

/* The name of the exercise's own file STEM ("starter", "solution"), which ends as the learner's does:
 * "starter.c". On MEM. */
char *exercise_part(void *mem, const struct exercise *exercise, const char *stem);

#include "catalog/incident.h"

#endif
