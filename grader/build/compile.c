/* compile.c - what is made of which file, with which flags. See compile.h. */
#include "build/compile.h"

#include "explore/explore.h"

#include <string.h>
#include <talloc.h>

enum { KIBIBYTE = 1024, MEBIBYTE = 1024 * 1024 };

/* For all C files. Debug information holds paths as they are below the root, so that results do not depend on
 * where the project or the submission lies. */
static const char *const language[] = {"-std=gnu11",
                                       "-pthread",
                                       "-U_FORTIFY_SOURCE",
                                       "-fno-color-diagnostics",
                                       "-fno-caret-diagnostics",
                                       "-fno-crash-diagnostics",
                                       "-fdebug-compilation-dir=.",
                                       NULL};

/* Who defines it himself, with a value or without, is not to be warned. */
static const char *const features[] = {"-D_GNU_SOURCE", "-Wno-macro-redefined", NULL};

/* The same text must be the same program tomorrow. */
static const char *const timeless[] = {"-D__DATE__=\"Jan  1 1970\"", "-D__TIME__=\"00:00:00\"",
                                       "-D__TIMESTAMP__=\"Thu Jan  1 00:00:00 1970\"",
                                       "-Wno-builtin-macro-redefined", NULL};

/* What is certainly wrong is an error; the rest is told as warnings. */
static const char *const strictness[] = {"-Wall",
                                         "-Wextra",
                                         "-Werror=implicit-function-declaration",
                                         "-Werror=return-type",
                                         "-Werror=int-conversion",
                                         "-Werror=incompatible-pointer-types",
                                         "-Werror=incompatible-function-pointer-types",
                                         NULL};

void works_add(void *mem, struct works *works, struct work *work)
{
    works->items = talloc_realloc(mem, works->items, struct work *, works->count + 1);
    works->items[works->count++] = work;
}

void works_append(void *mem, struct works *works, const struct works *more)
{
    for (size_t i = 0; i < more->count; i++)
        works_add(mem, works, more->items[i]);
}

/* --- the submission ----------------------------------------------------------------------------------- */

/* What compiles a submission is bounded: a few kilobytes of C can ask for a terabyte. */
static void bound(struct work *work, unsigned cpu_seconds, unsigned file_megabytes)
{
    work->cpu_seconds = cpu_seconds;
    work->file_bytes = (size_t)file_megabytes * MEBIBYTE;
    work->memory_bytes = (size_t)1536 * MEBIBYTE;
}

static struct work *new_reading(struct workshop *shop, const struct project *project,
                                const struct submission *submission, const char *product)
{
    struct work *work = work_new(shop, submission->name, product);

    work->input_name = submission->name;
    work->input_text = submission->text;
    work_words(work, shop->tools->clang, NULL);
    work_list(work, language);
    work_list(work, features);
    work_list(work, timeless);
    work_list(work, project->includes);
    work_hashed(work, project->headers_sum);
    bound(work, 5, 16);
    return work;
}

static struct work *plan_preprocessed(struct workshop *shop, const struct project *project,
                                      const struct submission *submission)
{
    struct work *work = new_reading(shop, project, submission, "preprocessed.i");
    work_words(work, "-E", submission->name, "-o", OUT "/preprocessed.i", NULL);
    return work;
}

static struct work *plan_plain(struct workshop *shop, const struct project *project,
                               const struct submission *submission)
{
    struct work *work = new_reading(shop, project, submission, "plain.o");
    const struct exercise *exercise = project->exercise;

    work_list(work, strictness);
    for (size_t i = 0; i < exercise->strict_count; i++)
        work_words(work, talloc_asprintf(work, "-Werror=%s", exercise->strict[i]), NULL);
    work_words(work, "-O0", "-c", submission->name, "-o", OUT "/plain.o", NULL);
    return work;
}

/* From the preprocessed text, which is what has been screened. */
static struct work *plan_object(struct workshop *shop, const struct project *project,
                                const struct submission *submission, const struct variant *variant,
                                struct work *preprocessed)
{
    const char *what = talloc_asprintf(shop->mem, "%s for %s", submission->name, variant->name);
    struct work *work = work_new(shop, what, "submission.o");

    work_words(work, shop->tools->clang, NULL);
    work_list(work, language);
    work_list(work, variant->compile);
    work_words(work, "-w", talloc_asprintf(work, "-fdebug-prefix-map=%s/=", project->root), "-x",
               "cpp-output", "-c", work_product(preprocessed), "-o", OUT "/submission.o", NULL);
    bound(work, 20, 64);
    return work;
}

/* --- our own files ------------------------------------------------------------------------------------ */

/* From the root, where tools run: neither the object nor its key depends on where the project lies. */
static struct work *plan_source(struct workshop *shop, const struct source *source, const char *const *flags)
{
    const char *slash = strrchr(source->path, '/');
    const char *name = slash ? slash + 1 : source->path;
    char *product = talloc_asprintf(shop->mem, "%.*s.o", (int)strlen(name) - 2, name);
    struct work *work = work_new(shop, source->path, product);

    work_words(work, shop->tools->clang, NULL);
    work_list(work, language);
    work_list(work, features);
    work_list(work, flags);
    work_list(work, source->includes);
    work_words(work, "-c", source->path, "-o", talloc_asprintf(work, "%s/%s", OUT, product), NULL);
    work_hashed(work, source->sum);
    return work;
}

static struct works plan_sources(struct workshop *shop, const struct sources *sources,
                                 const char *const *flags)
{
    struct works works = {0};

    for (size_t i = 0; i < sources->count; i++)
        works_add(shop->mem, &works, plan_source(shop, &sources->items[i], flags));
    return works;
}

static struct works plan_runtime(struct workshop *shop, const struct project *project)
{
    static const char *const flags[] = {
        "-O2", "-g", "-gdwarf-4", "-gdwarf-aranges", "-fno-omit-frame-pointer", NULL};
    return plan_sources(shop, &project->runtime, flags);
}

/* The explorer's runtime, of which each of its two kinds wants some files of its own. */
static struct works plan_explorer(struct workshop *shop, const struct project *project, int sanitizer)
{
    struct works works = {0};

    for (size_t i = 0; i < project->explorer.count; i++) {
        const struct source *source = &project->explorer.items[i];
        if (explore_runtime_wants(strrchr(source->path, '/') + 1, sanitizer))
            works_add(shop->mem, &works, plan_source(shop, source, explore_runtime_flags));
    }
    return works;
}

/* --- putting together --------------------------------------------------------------------------------- */

static void add_products(struct work *work, const struct works *parts)
{
    for (size_t i = 0; i < parts->count; i++)
        work_words(work, work_product(parts->items[i]), NULL);
}

/* create.c is for real threads only and account.c for live ones: the explorer stands in their place. */
static int runtime_wants(const struct variant *variant, const char *product)
{
    if (strcmp(product, "create.o") == 0)
        return variant->threads == THREADS_REAL;
    return strcmp(product, "account.o") != 0 || variant->live;
}

static void add_runtime(struct work *work, const struct works *runtime, const struct variant *variant)
{
    for (size_t i = 0; i < runtime->count; i++)
        if (runtime_wants(variant, runtime->items[i]->product))
            work_words(work, work_product(runtime->items[i]), NULL);
}

static struct work *plan_archive(struct workshop *shop, const struct works *parts)
{
    struct work *work = work_new(shop, "the reference library", "reference.a");
    work_words(work, shop->tools->archiver, "rcsD", OUT "/reference.a", NULL);
    add_products(work, parts);
    return work;
}

static struct work *plan_program(struct workshop *shop, const struct plan *plan,
                                 const struct variant_plan *parts)
{
    const char *what = talloc_asprintf(shop->mem, "the program for %s", parts->variant->name);
    struct work *work = work_new(shop, what, "program");

    work_words(work, shop->tools->clang, shop->tools->linker ? "-fuse-ld=lld" : "-pthread", "-pthread", NULL);
    if (parts->variant->threads == THREADS_REAL && !parts->variant->live)
        work_words(work, "-Wl,--wrap=pthread_create", NULL); /* check/create.c stands above it */
    else if (parts->variant->threads != THREADS_REAL)
        work_list(work, explore_link_flags(work, parts->variant->threads == THREADS_EXPLORED_OVER_TSAN));
    work_list(work, parts->variant->link);
    add_runtime(work, &plan->runtime, parts->variant);
    add_products(work, &parts->explorer);
    add_products(work, &parts->checks);
    work_words(work, work_product(parts->submission), work_product(parts->archive), "-lm", NULL);
    work_list(work, parts->variant->libraries);
    work_words(work, "-o", OUT "/program", NULL);
    return work;
}

static void plan_variant(struct workshop *shop, const struct project *project,
                         const struct submission *submission, const struct plan *plan,
                         struct variant_plan *parts)
{
    const char *const *flags = parts->variant->compile;

    works_add(shop->mem, &parts->checks, plan_source(shop, &project->check, flags));
    struct works support = plan_sources(shop, &project->support, flags);
    works_append(shop->mem, &parts->checks, &support);
    parts->reference = plan_sources(shop, &project->reference, flags);
    parts->archive = plan_archive(shop, &parts->reference);
    if (parts->variant->threads != THREADS_REAL)
        parts->explorer = plan_explorer(shop, project, parts->variant->threads == THREADS_EXPLORED_OVER_TSAN);
    parts->submission = plan_object(shop, project, submission, parts->variant, plan->preprocessed);
    parts->program = plan_program(shop, plan, parts);
}

/* --- which variants ----------------------------------------------------------------------------------- */

static int has_variant(const struct plan *plan, const struct variant *variant)
{
    for (size_t i = 0; i < plan->variant_count; i++)
        if (plan->variants[i].variant == variant)
            return 1;
    return 0;
}

/* Every variant that a check names, once, in that order. */
static int collect_variants(struct plan *plan, const struct exercise *exercise, struct error *err)
{
    for (size_t i = 0; i < exercise->check_count; i++) {
        const struct check_spec *check = &exercise->checks[i];
        for (size_t k = 0; k < check->variant_count; k++) {
            const struct variant *variant = variant_find(check->variants[k]);
            if (!variant)
                return error_grader(err, "%s: the check `%s` names the variant `%s`, which does not exist",
                                    exercise->id, check->name, check->variants[k]);
            if (has_variant(plan, variant))
                continue;
            plan->variants =
                talloc_realloc(plan, plan->variants, struct variant_plan, plan->variant_count + 1);
            plan->variants[plan->variant_count++] = (struct variant_plan){.variant = variant};
        }
    }
    if (plan->variant_count == 0)
        return error_grader(err, "%s has no check to build for", exercise->id);
    return 0;
}

struct plan *plan_build(struct workshop *shop, const struct project *project,
                        const struct submission *submission, struct error *err)
{
    struct plan *plan = talloc_zero(shop->mem, struct plan);

    if (collect_variants(plan, project->exercise, err) != 0)
        return NULL;
    plan->version = work_new(shop, "clang", "printed");
    work_words(plan->version, shop->tools->clang, "--version", NULL);
    plan->preprocessed = plan_preprocessed(shop, project, submission);
    plan->plain = plan_plain(shop, project, submission);
    plan->runtime = plan_runtime(shop, project);
    for (size_t i = 0; i < plan->variant_count; i++)
        plan_variant(shop, project, submission, plan, &plan->variants[i]);
    return plan;
}
