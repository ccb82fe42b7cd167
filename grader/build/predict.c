/* predict.c - the program of a prediction, built for the explorer and kept by all that it is made of.
 *
 * The learner's file is an answer in text (see answer.c): nothing of it is compiled. The program is the
 * exercise's own, so it is trusted, and it must be without a warning. What follows from it alone, the list of
 * its outcomes, is kept beside it (build_recall): a second grading compiles nothing and runs nothing.
 */
#include "build/predict.h"

#include "base/file.h"
#include "base/process.h"
#include "build/cache.h"
#include "build/toolchain.h"
#include "explore/explore.h"

#include <string.h>
#include <talloc.h>

enum { PROGRAM_BYTES = 256 * 1024, TEXT_BYTES = 16 * 1024 * 1024 };

static const char *const flags[] = {"-std=gnu11", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE", NULL};

/* --- the key ------------------------------------------------------------------------------------------ */

static char *key_of(void *mem, const char *text)
{
    char sum[SHA256_TEXT];
    sha256_bytes(text, strlen(text), sum);
    return talloc_strndup(mem, sum, 32);
}

/* Of everything that the program is made of and with. Where it lies counts as well: a replay shows its lines
 * from there. */
static char *program_key(void *mem, const char *root, const char *path, const char *text, struct error *err)
{
    struct toolchain *tools = toolchain_find(mem, err);
    char sum[SHA256_TEXT];

    if (!tools || explore_runtime_sum(root, 0, sum, err) != 0)
        return NULL;
    char *all = talloc_asprintf(mem, "predict\n%s%s\n%s\n", tools->identity, sum, path);
    for (size_t i = 0; flags[i]; i++)
        all = talloc_asprintf_append_buffer(all, "%s\n", flags[i]);
    for (size_t i = 0; explore_compile_flags[i]; i++)
        all = talloc_asprintf_append_buffer(all, "%s\n", explore_compile_flags[i]);
    return key_of(mem, talloc_asprintf_append_buffer(all, "%s", text));
}

/* --- the program -------------------------------------------------------------------------------------- */

/* Compile PATH into a new entry of the cache. Its folder, or NULL. */
static char *compile(void *mem, struct build *build, struct cache *cache, const char *path, struct error *err)
{
    char *place = cache_workplace(mem, cache, err);
    const char *const files[] = {path, NULL};

    if (!place)
        return NULL;
    if (explore_compile(mem, build->root, files, flags, 0, talloc_asprintf(mem, "%s/program", place), err) !=
        0) {
        err->status = EXIT_GRADER; /* the program is ours */
        return NULL;
    }
    return cache_keep(mem, cache, build->program_key, place, err);
}

static int make_program(void *mem, struct build *build, struct error *err)
{
    struct cache *cache = cache_open(mem, build->root);
    const struct exercise *exercise = build->exercise;
    char *path = talloc_asprintf(mem, "%s/%s", exercise->directory, exercise->program);
    char *text = file_read(mem, path, PROGRAM_BYTES, NULL, err);

    if (!text) {
        err->status = EXIT_GRADER;
        return -1;
    }
    char *key = program_key(mem, build->root, path, text, err);
    if (!key)
        return -1;
    build->program_key = talloc_steal(build, key);
    char *folder = cache_find(mem, cache, key);
    build->cached = folder != NULL;
    if (!folder && !(folder = compile(mem, build, cache, path, err)))
        return -1;
    build->binaries = talloc_zero(build, struct binary);
    build->binaries[0] =
        (struct binary){variant_find("explore"), talloc_asprintf(build, "%s/program", folder)};
    build->binary_count = 1;
    return 0;
}

/* --- what follows from it ----------------------------------------------------------------------------- */

static char *text_key(void *mem, const struct build *build, const char *name)
{
    return key_of(mem, talloc_asprintf(mem, "%s %s %s", build->program_key, name, DEEPEND_VERSION));
}

char *build_recall(void *mem, const struct build *build, const char *name)
{
    void *scratch = talloc_new(mem);
    char *folder = cache_find(scratch, cache_open(scratch, build->root), text_key(scratch, build, name));
    char *text =
        folder ? file_read(mem, talloc_asprintf(scratch, "%s/text", folder), TEXT_BYTES, NULL, NULL) : NULL;

    talloc_free(scratch);
    return text;
}

void build_remember(const struct build *build, const char *name, const char *text)
{
    void *scratch = talloc_new(NULL);
    struct cache *cache = cache_open(scratch, build->root);
    struct error err;
    char *place = cache_workplace(scratch, cache, &err);

    if (place && file_replace(talloc_asprintf(scratch, "%s/text", place), text, strlen(text), &err) == 0)
        cache_keep(scratch, cache, text_key(scratch, build, name), place, &err);
    talloc_free(scratch);
}

/* --- the whole ---------------------------------------------------------------------------------------- */

static void tell_doubles(struct build *build)
{
    const struct answer *answer = build->submission->answer;
    struct diagnostics list;

    diagnostics_begin(&list, build, build->submission);
    for (size_t i = 0; i < answer->count; i++)
        if (answer->list[i].twice)
            diagnostics_warning(&list, answer->list[i].twice,
                                "`%s` stands in line %d already; it counts once", answer->list[i].text,
                                answer->list[i].line);
    diagnostics_finish(&list);
    build->diagnostics = list.items;
    build->diagnostic_count = list.count;
}

struct build *predict_build(void *mem, const char *root, const struct exercise *exercise,
                            const struct submission *submission, struct error *err)
{
    struct build *build = talloc_zero(mem, struct build);
    void *scratch = talloc_new(mem);
    double started = clock_seconds();

    build->root = talloc_strdup(build, root);
    build->exercise = exercise;
    build->submission = submission;
    build->compiler = talloc_strdup(build, "");
    int result = make_program(scratch, build, err);
    build->seconds_build = clock_seconds() - started;
    talloc_free(scratch);
    if (result != 0) {
        talloc_free(build);
        return NULL;
    }
    tell_doubles(build);
    return build;
}
