/* compile.h - the command lines of a build: what is made of which file, with which flags.
 *
 *     submission ──► preprocessed text ──► object for each variant ─┐
 *              └───► plain object, warnings                         ├─► program for each variant
 *     check.c, support ──► objects for each variant ────────────────┤
 *     reference/ ──► objects for each variant ──► archive ──────────┤
 *     grader/check/, grader/explore/rt/ ──► never instrumented ─────┘
 *
 * The library is an archive, so that a program takes only what it uses, and a submission may define names of
 * its own that the library also has.
 */
#ifndef DEEPEND_COMPILE_H
#define DEEPEND_COMPILE_H

#include "build/build.h"
#include "build/project.h"
#include "build/workshop.h"

struct works {
    struct work **items;
    size_t count;
};

/* What is made for one variant. */
struct variant_plan {
    const struct variant *variant;
    struct works checks;   /* check.c first, then the support files */
    struct works explorer; /* the explorer's runtime, for variants that it drives */
    struct works reference;
    struct work *archive;
    struct work *submission;
    struct work *program;
};

struct plan {
    struct work *version;      /* prints the compiler's */
    struct work *preprocessed; /* of the submission */
    struct work *plain;        /* its object without instrumentation or optimisation, with all warnings */
    struct works runtime;
    struct variant_plan *variants;
    size_t variant_count;
};

/* Plan everything; nothing is run. NULL (error_grader) when a check names a variant that does not exist. */
struct plan *plan_build(struct workshop *shop, const struct project *project,
                        const struct submission *submission, struct error *err);

void works_add(void *mem, struct works *works, struct work *work);
void works_append(void *mem, struct works *works, const struct works *more);

#endif
