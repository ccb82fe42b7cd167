/* build.c - screen a submission and build its programs, see build.h.
 *
 * In steps, each a batch of tools: read the submission (preprocess it, compile it plainly for its warnings
 * and symbols) and make what is missing of our own; screen; compile the submission for each variant; link.
 * With everything of ours in the cache a build is three short batches; with nothing changed it runs no tool
 * at all.
 */
#include "build/build.h"

#include "base/file.h"
#include "base/process.h"
#include "build/compile.h"
#include "build/diagnostics.h"
#include "build/predict.h"
#include "build/screen.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { PREPROCESSED_LIMIT = 16 * 1024 * 1024, ROOM_NEEDED = 16 * 1024 * 1024 };

/* A build under way. */
struct making {
    struct build *build;
    struct project *project;
    struct workshop shop;
    struct plan *plan;
    struct diagnostics list;
    struct linkage linkage;
};

/* --- failures of tools -------------------------------------------------------------------------------- */

/* The line of OUTPUT that says what is wrong. */
static char *complaint(void *mem, const char *output)
{
    const char *mark = strstr(output, "error:");

    while (mark && mark > output && mark[-1] != '\n')
        mark--;
    if (!mark)
        mark = output;
    return talloc_strndup(mem, mark, strcspn(mark, "\n"));
}

static int lacks_runtime(const struct work *work)
{
    return work_says(work, "ld.lld: error: cannot open", "libclang_rt") ||
           work_says(work, "/usr/bin/ld: cannot find", "libclang_rt") ||
           work_says(work, "ld: cannot find", "libclang_rt");
}

/* What live incidents publish their metrics with, and the room of the library about them is built with. */
static int lacks_endpoint(const struct work *work)
{
    return work_says(work, "", "'microhttpd.h' file not found") ||
           work_says(work, "", "find library -lmicrohttpd") ||
           work_says(work, "", "cannot find -lmicrohttpd");
}

/* Not every tool says so when the disk is full: some crash. */
static int lacks_room(const struct making *making, const struct work *work)
{
    return work_failure(work) == WORK_DISK || cache_room(making->shop.cache) < ROOM_NEEDED;
}

/* A tool that failed on what is ours, or that could not have succeeded on anything. */
static int our_trouble(struct making *making, const struct work *work, struct error *err)
{
    char *words = complaint(making->shop.mem, work->output);

    if (lacks_room(making, work))
        return error_grader(err, "the disk that holds build/cache is full or read-only: %s", words);
    if (lacks_runtime(work))
        return error_grader(
            err,
            "clang's sanitizer libraries are missing (package libclang-rt-%d-dev): `make start` "
            "installs them, `deepend doctor` tells what else is missing",
            atoi(making->build->compiler));
    if (lacks_endpoint(work))
        return error_grader(err, "libmicrohttpd, which publishes metrics, is missing (package "
                                 "libmicrohttpd-dev): `make start` installs it, `deepend doctor` tells what "
                                 "else is missing");
    if (work_failure(work) == WORK_CRASHED)
        return error_grader(err,
                            "%s crashed on %s (status %d): `deepend doctor` tells whether the compiler is "
                            "well; if it is, change what "
                            "was written last",
                            work->words[0], work->what, work->exit_code);
    return error_grader(err, "%s cannot be built: %s", work->what, words);
}

/* A tool that failed on the submission: its words, or its limit. -1 when it is the tool's fault. */
static int their_trouble(struct making *making, const struct work *work, struct error *err)
{
    struct diagnostics *list = &making->list;

    switch (work_failure(work)) {
    case WORK_TIME:
        diagnostics_error(
            list, 0, 0,
            "the compiler gave up after %u seconds: is there a macro or an initialiser that grows and grows?",
            work->cpu_seconds);
        return 0;
    case WORK_SIZE:
        diagnostics_error(list, 0, 0,
                          "compiled, this would be larger than %zu MiB: is there an initialiser or a macro "
                          "that grows and grows?",
                          work->file_bytes / 1024 / 1024);
        return 0;
    case WORK_MEMORY:
        diagnostics_error(list, 0, 0,
                          "the compiler ran out of %zu MiB of memory: is there a macro or an initialiser "
                          "that grows and grows?",
                          work->memory_bytes / 1024 / 1024);
        return 0;
    case WORK_WORDS:
        diagnostics_parse(list, work->output);
        return list->errors > 0 ? 0 : our_trouble(making, work, err);
    default:
        return our_trouble(making, work, err);
    }
}

static int check_ours(struct making *making, const struct works *works, struct error *err)
{
    for (size_t i = 0; i < works->count; i++)
        if (!works->items[i]->folder)
            return our_trouble(making, works->items[i], err);
    return 0;
}

static int make(struct making *making, const struct works *works, struct error *err)
{
    return workshop_make(&making->shop, works->items, works->count, err);
}

/* --- step 1: read the submission, prepare what is ours ------------------------------------------------- */

/* What is missing of our own. The first variant's objects are always needed: they tell which symbols there
 * are. */
static struct works missing_of_ours(struct making *making)
{
    struct plan *plan = making->plan;
    void *mem = making->shop.mem;
    struct works works = {0};

    works_append(mem, &works, &plan->runtime);
    for (size_t i = 0; i < plan->variant_count; i++) {
        struct variant_plan *parts = &plan->variants[i];
        if (i > 0 && work_find(parts->program))
            continue;
        works_append(mem, &works, &parts->checks);
        works_append(mem, &works, &parts->explorer);
        if (!work_find(parts->archive))
            works_append(mem, &works, &parts->reference);
    }
    return works;
}

static struct works missing_archives(struct making *making)
{
    struct plan *plan = making->plan;
    struct works works = {0};

    for (size_t i = 0; i < plan->variant_count; i++)
        if (!plan->variants[i].archive->folder && (i == 0 || !plan->variants[i].program->folder))
            works_add(making->shop.mem, &works, plan->variants[i].archive);
    return works;
}

static int step_read(struct making *making, struct error *err)
{
    struct plan *plan = making->plan;
    struct works works = {0}, ours = missing_of_ours(making);

    works_add(making->shop.mem, &works, plan->preprocessed);
    works_add(making->shop.mem, &works, plan->plain);
    works_add(making->shop.mem, &works, plan->version);
    works_append(making->shop.mem, &works, &ours);
    if (make(making, &works, err) != 0)
        return -1;
    making->build->compiler = toolchain_version(making->build, plan->version->output);
    struct works archives = missing_archives(making);
    if (check_ours(making, &ours, err) != 0 || make(making, &archives, err) != 0)
        return -1;
    return check_ours(making, &archives, err);
}

/* --- step 2: screen ------------------------------------------------------------------------------------ */

static int read_symbols(struct making *making, const struct works *works, struct object_symbols *symbols,
                        struct error *err)
{
    for (size_t i = 0; i < works->count; i++)
        if (object_read(making->shop.mem, work_product(works->items[i]), symbols, err) != 0)
            return -1;
    return 0;
}

static int read_linkage(struct making *making, struct error *err)
{
    struct linkage *linkage = &making->linkage;
    struct variant_plan *first = &making->plan->variants[0];

    linkage->project = making->project;
    if (read_symbols(making, &first->checks, &linkage->checks, err) != 0 ||
        read_symbols(making, &making->plan->runtime, &linkage->runtime, err) != 0)
        return -1;
    return object_read(making->shop.mem, work_product(first->archive), &linkage->reference, err);
}

/* The preprocessed text comes first: what it brings to light is not to be quoted in a compiler's message. */
static int screen_preprocessed(struct making *making, struct error *err)
{
    struct work *work = making->plan->preprocessed;

    if (!work->folder)
        return 0;
    char *text = file_read(making->shop.mem, work_product(work), PREPROCESSED_LIMIT, NULL, NULL);
    if (!text)
        return error_grader(err, "cannot read %s", work_product(work));
    screen_tokens(&making->list, making->project, text);
    if (making->list.errors > 0)
        making->build->status = BUILD_REFUSED;
    return 0;
}

static int check_compiled(struct making *making, struct error *err)
{
    struct plan *plan = making->plan;
    struct work *failed = !plan->plain->folder          ? plan->plain
                          : !plan->preprocessed->folder ? plan->preprocessed
                                                        : NULL;

    if (work_says(plan->plain, "warning: ", "unknown warning option"))
        return error_grader(err, "%s: a warning that `strict` names does not exist",
                            making->project->exercise->id);
    if (!failed) {
        diagnostics_parse(&making->list, plan->plain->output);
        return 0;
    }
    making->build->status = BUILD_FAILED;
    return their_trouble(making, failed, err);
}

static int step_screen(struct making *making, struct error *err)
{
    struct object_symbols symbols = {0};

    if (screen_preprocessed(making, err) != 0)
        return -1;
    if (making->build->status == BUILD_DONE && check_compiled(making, err) != 0)
        return -1;
    if (making->build->status != BUILD_DONE)
        return 0;
    if (read_linkage(making, err) != 0 ||
        object_read(making->shop.mem, work_product(making->plan->plain), &symbols, err) != 0)
        return -1;
    making->build->status = screen_symbols(&making->list, &making->linkage, &symbols);
    return 0;
}

/* --- step 3: compile and link for each variant ---------------------------------------------------------- */

static int screen_object(struct making *making, struct work *work, struct error *err)
{
    struct object_symbols symbols = {0};

    if (!work->folder) {
        making->build->status = BUILD_FAILED;
        return their_trouble(making, work, err);
    }
    if (object_read(making->shop.mem, work_product(work), &symbols, err) != 0)
        return -1;
    making->build->status = screen_variant(&making->list, &making->linkage, &symbols);
    return 0;
}

static int step_compile(struct making *making, struct error *err)
{
    struct plan *plan = making->plan;
    struct works objects = {0}, programs = {0};

    for (size_t i = 0; i < plan->variant_count; i++)
        if (plan->variants[i].program->folder == NULL && !work_find(plan->variants[i].program)) {
            works_add(making->shop.mem, &objects, plan->variants[i].submission);
            works_add(making->shop.mem, &programs, plan->variants[i].program);
        }
    if (make(making, &objects, err) != 0)
        return -1;
    for (size_t i = 0; i < objects.count && making->build->status == BUILD_DONE; i++)
        if (screen_object(making, objects.items[i], err) != 0)
            return -1;
    if (making->build->status != BUILD_DONE)
        return 0;
    return make(making, &programs, err) != 0 ? -1 : check_ours(making, &programs, err);
}

static void collect_binaries(struct making *making)
{
    struct build *build = making->build;
    struct plan *plan = making->plan;

    build->binaries = talloc_array(build, struct binary, plan->variant_count);
    for (size_t i = 0; i < plan->variant_count; i++)
        build->binaries[build->binary_count++] = (struct binary){
            plan->variants[i].variant, talloc_strdup(build, work_product(plan->variants[i].program))};
}

/* --- the whole ---------------------------------------------------------------------------------------- */

static int run_steps(struct making *making, struct error *err)
{
    struct build *build = making->build;
    double started = clock_seconds();

    if (step_read(making, err) != 0 || step_screen(making, err) != 0)
        return -1;
    build->seconds_screen = clock_seconds() - started;
    if (build->status == BUILD_DONE && step_compile(making, err) != 0)
        return -1;
    if (build->status == BUILD_DONE)
        collect_binaries(making);
    build->seconds_build = clock_seconds() - started - build->seconds_screen;
    build->cached = making->shop.ran == 0;
    return 0;
}

/* The tools, the sources and the plan. The cache and all its works hang on MEM. */
static int set_up(struct making *making, void *mem, const char *root, struct error *err)
{
    struct build *build = making->build;

    making->shop = (struct workshop){
        .mem = mem, .root = root, .tools = toolchain_find(mem, err), .cache = cache_open(mem, root)};
    if (!making->shop.tools)
        return -1;
    making->project = project_load(mem, root, build->exercise, build->submission->text, err);
    if (!making->project)
        return -1;
    making->plan = plan_build(&making->shop, making->project, build->submission, err);
    return making->plan ? 0 : -1;
}

struct build *build_submission(void *mem, const char *root, const struct exercise *exercise,
                               const struct submission *submission, struct error *err)
{
    struct build *build = talloc_zero(mem, struct build);
    struct making making = {.build = build};
    void *scratch = talloc_new(mem);
    char real[PATH_MAX];
    int result = 0;

    if (exercise->program)
        return predict_build(mem, root, exercise, submission, err);
    build->root = talloc_strdup(build, root);
    build->exercise = exercise;
    build->submission = submission;
    build->compiler = talloc_strdup(build, "");
    diagnostics_begin(&making.list, build, submission);
    screen_text(&making.list, exercise);
    if (making.list.errors > 0)
        build->status = BUILD_REFUSED;
    else if (set_up(&making, scratch, realpath(root, real) ? real : root, err) != 0 ||
             run_steps(&making, err) != 0)
        result = -1;
    diagnostics_finish(&making.list);
    build->diagnostics = making.list.items;
    build->diagnostic_count = making.list.count;
    talloc_free(scratch);
    if (result == 0)
        return build;
    talloc_free(build);
    return NULL;
}
