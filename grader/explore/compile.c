/* compile.c - C files to a program that can be explored: see explore_compile in explore.h.
 *
 * The program's files are instrumented as for ThreadSanitizer, and linked either without it, so that the
 * instrumentation calls our runtime, or with it, so that ours stands above. The runtime's own objects are not
 * instrumented; they are compiled once and kept in build/cache, by the content of their sources.
 */
#include "base/file.h"
#include "base/process.h"
#include "explore/explore.h"
#include "explore/rt/wrapped.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

enum { AT_ONCE = 2, FILE_LIMIT = 4 << 20, COMPILE_SECONDS = 60, MESSAGE = 900 };

/* --- lists of words ----------------------------------------------------------------------------------- */

struct words {
    const char **items; /* NULL-terminated */
    size_t count;
};

static void words_add(void *mem, struct words *words, const char *word)
{
    words->items = talloc_realloc(mem, words->items, const char *, words->count + 2);
    words->items[words->count++] = word;
    words->items[words->count] = NULL;
}

static void words_add_all(void *mem, struct words *words, const char *const *list)
{
    for (; list && *list; list++)
        words_add(mem, words, *list);
}

/* --- the runtime's objects ---------------------------------------------------------------------------- */

const char *const explore_runtime_flags[] = {
    "-std=gnu11", "-O2", "-g", "-gdwarf-4", "-D_GNU_SOURCE", "-fno-pie", "-fno-omit-frame-pointer", NULL};

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The .c and .h files of FOLDER, sorted. */
static void list_sources(void *mem, const char *folder, struct words *found)
{
    DIR *handle = opendir(folder);
    struct dirent *entry;

    while (handle && (entry = readdir(handle))) {
        size_t length = strlen(entry->d_name);
        if (length > 2 &&
            (strcmp(entry->d_name + length - 2, ".c") == 0 || strcmp(entry->d_name + length - 2, ".h") == 0))
            words_add(mem, found, talloc_asprintf(mem, "%s/%s", folder, entry->d_name));
    }
    if (handle)
        closedir(handle);
    if (found->count > 0)
        qsort(found->items, found->count, sizeof found->items[0], compare_names);
}

/* One hash over all that goes into the runtime, SHA256_TEXT bytes at KEY. */
static int runtime_key(void *mem, const struct words *sources, int sanitizer, char *key, struct error *err)
{
    char *sums = talloc_asprintf(mem, "explore %d", sanitizer), sum[SHA256_TEXT];

    for (size_t i = 0; explore_runtime_flags[i]; i++)
        sums = talloc_asprintf_append_buffer(sums, " %s", explore_runtime_flags[i]);
    for (size_t i = 0; i < sources->count; i++) {
        size_t length;
        char *text = file_read(mem, sources->items[i], FILE_LIMIT, &length, err);
        if (!text)
            return -1;
        sha256_bytes(text, length, sum);
        talloc_free(text);
        sums = talloc_asprintf_append_buffer(sums, " %s", sum);
    }
    sha256_bytes(sums, strlen(sums), key);
    return 0;
}

/* Some files only one of the two wants. */
int explore_runtime_wants(const char *name, int sanitizer)
{
    if (strlen(name) < 2 || strcmp(name + strlen(name) - 2, ".c") != 0)
        return 0;
    if (strcmp(name, "over_tsan.c") == 0)
        return sanitizer;
    return !sanitizer || (strcmp(name, "access.c") != 0 && strcmp(name, "atomic.c") != 0 &&
                          strcmp(name, "races.c") != 0 && strcmp(name, "freed.c") != 0);
}

/* Compile SOURCES (one job each) with FLAGS into FOLDER as 0.o, 1.o, ...; their paths are added to OBJECTS.
 */
static int compile_all(void *mem, const struct words *sources, const struct words *flags, const char *folder,
                       struct words *objects, struct error *err)
{
    struct process *jobs = talloc_zero_array(mem, struct process, (unsigned)sources->count);

    for (size_t i = 0; i < sources->count; i++) {
        struct words argv = {0};
        char *object = talloc_asprintf(mem, "%s/%zu.o", folder, i);
        words_add_all(mem, &argv, flags->items);
        words_add(mem, &argv, sources->items[i]);
        words_add(mem, &argv, "-o");
        words_add(mem, &argv, object);
        words_add(mem, objects, object);
        jobs[i] = (struct process){.argv = argv.items, .cpu_seconds = COMPILE_SECONDS};
    }
    if (process_run(mem, jobs, sources->count, AT_ONCE, err) != 0)
        return -1;
    for (size_t i = 0; i < sources->count; i++)
        if (jobs[i].exit_code != 0)
            return error_usage(err, "%s does not compile:\n%.*s", sources->items[i], MESSAGE - 200,
                               jobs[i].output);
    return 0;
}

/* Compile the runtime into the new folder FOLDER, which appears whole. */
static int make_runtime(void *mem, const char *root, const struct words *sources, const char *folder,
                        struct error *err)
{
    struct words flags = {0}, objects = {0};
    char *work = talloc_asprintf(mem, "%s.%d", folder, (int)getpid());

    words_add(mem, &flags, "clang");
    words_add(mem, &flags, "-c");
    words_add_all(mem, &flags, explore_runtime_flags);
    words_add(mem, &flags, talloc_asprintf(mem, "-I%s/grader", root));
    if (folder_make(work, err) != 0)
        return -1;
    if (compile_all(mem, sources, &flags, work, &objects, err) != 0) {
        err->status = EXIT_GRADER; /* it is ours, not the user's */
        path_remove(work);
        return -1;
    }
    if (rename(work, folder) != 0)
        path_remove(work); /* another one was faster, or the link will tell */
    return 0;
}

static struct words runtime_sources(void *mem, const char *root)
{
    struct words all = {0};

    list_sources(mem, talloc_asprintf(mem, "%s/grader/explore/rt", root), &all);
    words_add(mem, &all, talloc_asprintf(mem, "%s/grader/explore/wire.h", root));
    words_add(mem, &all, talloc_asprintf(mem, "%s/grader/check/class.h", root));
    return all;
}

int explore_runtime_sum(const char *root, int sanitizer, char *sum, struct error *err)
{
    void *mem = talloc_new(NULL);
    struct words all = runtime_sources(mem, root);
    int result = runtime_key(mem, &all, sanitizer, sum, err);

    talloc_free(mem);
    return result;
}

/* The runtime's objects, compiled when they are not there yet. */
static int runtime_objects(void *mem, const char *root, int sanitizer, struct words *objects,
                           struct error *err)
{
    struct words all = runtime_sources(mem, root), sources = {0};
    char key[SHA256_TEXT];

    if (runtime_key(mem, &all, sanitizer, key, err) != 0)
        return -1;
    for (size_t i = 0; i < all.count; i++)
        if (explore_runtime_wants(strrchr(all.items[i], '/') + 1, sanitizer))
            words_add(mem, &sources, all.items[i]);
    char *folder = talloc_asprintf(mem, "%s/build/cache/runtime-%.32s", root, key);
    if (!file_exists(folder) && make_runtime(mem, root, &sources, folder, err) != 0)
        return -1;
    for (size_t i = 0; i < sources.count; i++)
        words_add(mem, objects, talloc_asprintf(mem, "%s/%zu.o", folder, i));
    return 0;
}

/* --- the program -------------------------------------------------------------------------------------- */

const char *const explore_compile_flags[] = {"-O1",
                                             "-g",
                                             "-gdwarf-4",
                                             "-gdwarf-aranges",
                                             "-fno-omit-frame-pointer",
                                             "-fno-optimize-sibling-calls",
                                             "-fno-pie",
                                             "-fsanitize=thread",
                                             NULL};

const char **explore_link_flags(void *mem, int sanitizer)
{
    struct words flags = {0};

    words_add(mem, &flags, "-no-pie");
    if (sanitizer)
        words_add(mem, &flags, "-fsanitize=thread");
    for (size_t i = 0; i < sizeof explore_wrapped / sizeof explore_wrapped[0]; i++)
        words_add(mem, &flags, talloc_asprintf(mem, "-Wl,--wrap=%s", explore_wrapped[i]));
    for (size_t i = 0;
         sanitizer && i < sizeof explore_wrapped_sanitizer / sizeof explore_wrapped_sanitizer[0]; i++)
        words_add(mem, &flags, talloc_asprintf(mem, "-Wl,--wrap=%s", explore_wrapped_sanitizer[i]));
    return flags.items;
}

static int link_program(void *mem, const struct words *objects, int sanitizer, const char *binary,
                        struct error *err)
{
    struct words argv = {0};
    struct process job = {0};

    words_add(mem, &argv, "clang");
    words_add(mem, &argv, "-pthread");
    words_add_all(mem, &argv, (const char *const *)explore_link_flags(mem, sanitizer));
    words_add_all(mem, &argv, objects->items);
    words_add(mem, &argv, "-lm");
    words_add(mem, &argv, "-o");
    words_add(mem, &argv, binary);
    job.argv = argv.items;
    if (process_run(mem, &job, 1, 1, err) != 0)
        return -1;
    if (job.exit_code != 0)
        return error_usage(err, "the program does not link:\n%.*s", MESSAGE - 50, job.output);
    return 0;
}

/* --- what it was made from ---------------------------------------------------------------------------- */

/* Add the files that the compiler's list of dependencies at PATH names, but for those that are there. */
static void read_dependencies(void *mem, const char *path, struct words *found)
{
    struct error err;
    char *text = file_read(mem, path, FILE_LIMIT, NULL, &err), *rest = NULL;
    char *word = text && (text = strchr(text, ':')) ? strtok_r(text + 1, " \\\n", &rest) : NULL;

    for (; word; word = strtok_r(NULL, " \\\n", &rest)) {
        size_t i = 0;
        while (i < found->count && strcmp(found->items[i], word) != 0)
            i++;
        if (i == found->count)
            words_add(mem, found, word);
    }
}

/* BINARY.sources: every file of the program's that went into it, one a line. */
static int list_dependencies(void *mem, const char *folder, size_t count, const char *binary,
                             struct error *err)
{
    struct words found = {0};
    char *text = talloc_strdup(mem, "");

    for (size_t i = 0; i < count; i++)
        read_dependencies(mem, talloc_asprintf(mem, "%s/%zu.d", folder, i), &found);
    for (size_t i = 0; i < found.count; i++)
        text = talloc_asprintf_append_buffer(text, "%s\n", found.items[i]);
    return file_replace(talloc_asprintf(mem, "%s.sources", binary), text, strlen(text), err);
}

int explore_compile(void *mem, const char *root, const char *const *files, const char *const *flags,
                    int sanitizer, const char *binary, struct error *err)
{
    void *scratch = talloc_new(mem);
    struct words sources = {0}, objects = {0}, all_flags = {0};
    char *folder = talloc_asprintf(scratch, "%s.parts", binary);

    words_add_all(scratch, &sources, files);
    words_add_all(scratch, &all_flags, (const char *const[]){"clang", "-pthread", "-MMD", "-c", NULL});
    words_add_all(scratch, &all_flags, explore_compile_flags);
    words_add_all(scratch, &all_flags, flags);
    int result = folder_make(folder, err);
    if (result == 0)
        result = compile_all(scratch, &sources, &all_flags, folder, &objects, err);
    if (result == 0)
        result = list_dependencies(scratch, folder, sources.count, binary, err);
    if (result == 0)
        result = runtime_objects(scratch, root, sanitizer, &objects, err);
    if (result == 0)
        result = link_program(scratch, &objects, sanitizer, binary, err);
    path_remove(folder);
    talloc_free(scratch);
    return result;
}
