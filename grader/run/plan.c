/* plan.c - which runs a build needs, see plan.h; and one schedule of one of them once more. */
#include "run/plan.h"

#include "run/explored.h"
#include "run/predict.h"

#include <string.h>
#include <talloc.h>

static const char *binary_for(const struct build *build, const char *variant)
{
    for (size_t i = 0; i < build->binary_count; i++)
        if (strcmp(build->binaries[i].variant->name, variant) == 0)
            return build->binaries[i].path;
    return NULL;
}

static const struct check_spec *check_named(const struct exercise *exercise, const char *name)
{
    for (size_t i = 0; i < exercise->check_count; i++)
        if (strcmp(exercise->checks[i].name, name) == 0)
            return &exercise->checks[i];
    return NULL;
}

int run_replay(void *mem, const struct build *build, const char *check, const char *variant,
               const char *token, struct explore_report **report, struct error *err)
{
    const struct run run = {.check = check_named(build->exercise, check),
                            .variant = variant_find(variant),
                            .binary = binary_for(build, variant)};

    if (!run.check || !run.binary || run.variant->threads == THREADS_REAL)
        return error_usage(err, "%s has no check `%s` under `%s` any more", build->exercise->id, check,
                           variant);
    if (build->exercise->program)
        return predict_replay(mem, build, token, report, err);
    return explored_replay(mem, build, &run, token, report, err);
}

/* The list of runs, in the manifest's order, none started. */
int plan_runs(void *mem, const struct build *build, const struct run_options *options, struct run **runs,
              size_t *count, struct error *err)
{
    const struct exercise *exercise = build->exercise;

    *runs = talloc_array(mem, struct run, 0);
    *count = 0;
    for (size_t c = 0; c < exercise->check_count; c++) {
        const struct check_spec *check = &exercise->checks[c];
        if (options->only_check && strcmp(options->only_check, check->name) != 0)
            continue;
        for (size_t v = 0; v < check->variant_count; v++) {
            const struct variant *variant = variant_find(check->variants[v]);
            const char *binary = variant ? binary_for(build, variant->name) : NULL;
            if (!binary)
                return error_grader(err, "%s: check `%s` names the variant `%s`, which %s", exercise->id,
                                    check->name, check->variants[v],
                                    variant ? "was not built" : "does not exist");
            if (options->only_explored && variant->threads == THREADS_REAL)
                continue;
            *runs = talloc_realloc(mem, *runs, struct run, *count + 1);
            (*runs)[(*count)++] = (struct run){.check = check, .variant = variant, .binary = binary};
        }
    }
    return 0;
}
