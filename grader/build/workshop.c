/* workshop.c - command lines whose results are kept, see workshop.h.
 *
 * The key of a thing is the hash of the tools' identity, its command line, and the sums of what the command
 * line names. A word that is the product of another work holds that work's key, so keys need no file to
 * exist: a program's is known before anything of it has been compiled. Where the cache lies does not count.
 */
#include "build/workshop.h"

#include "base/process.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

enum { AT_ONCE = 2, OUTPUT_BYTES = 256 * 1024 };

/* The file of an entry that keeps what the tool printed. */
#define PRINTED "printed"

/* --- describing --------------------------------------------------------------------------------------- */

struct work *work_new(struct workshop *shop, const char *what, const char *product)
{
    struct work *work = talloc_zero(shop->mem, struct work);

    work->shop = shop;
    work->what = what;
    work->product = product;
    work->sums = "";
    return work;
}

static void add_word(struct work *work, const char *word)
{
    work->words = talloc_realloc(work, work->words, const char *, work->word_count + 2);
    work->words[work->word_count++] = word;
    work->words[work->word_count] = NULL;
}

void work_words(struct work *work, ...)
{
    va_list arguments;
    const char *word;

    va_start(arguments, work);
    while ((word = va_arg(arguments, const char *)))
        add_word(work, word);
    va_end(arguments);
}

void work_list(struct work *work, const char *const *words)
{
    for (; *words; words++)
        add_word(work, *words);
}

void work_hashed(struct work *work, const char *sum)
{
    work->sums = talloc_asprintf(work, "%s%s\n", work->sums, sum);
}

static const char *key_of(struct work *work)
{
    if (work->key[0])
        return work->key;
    char *all = talloc_asprintf(NULL, "%s%s", work->shop->tools->identity, work->sums);
    for (size_t i = 0; i < work->word_count; i++)
        all = talloc_asprintf_append_buffer(all, "%s\n", cache_inside(work->shop->cache, work->words[i]));
    if (work->input_text)
        all = talloc_asprintf_append_buffer(all, "%s\n%s", work->input_name, work->input_text);
    sha256_bytes(all, strlen(all), work->key);
    talloc_free(all);
    return work->key;
}

const char *work_product(struct work *work)
{
    char *folder = cache_path(work, work->shop->cache, key_of(work));
    return talloc_asprintf_append(folder, "/%s", work->product);
}

/* --- making ------------------------------------------------------------------------------------------- */

int work_find(struct work *work)
{
    work->folder = cache_find(work, work->shop->cache, key_of(work));
    if (work->folder)
        work->output =
            file_read(work, talloc_asprintf(work, "%s/" PRINTED, work->folder), OUTPUT_BYTES, NULL, NULL);
    if (work->folder && !work->output)
        work->output = talloc_strdup(work, "");
    return work->folder != NULL;
}

/* A work that is being run. */
struct bench {
    struct work *work;
    char *place;
};

static int put(const char *place, const char *name, const char *text, struct error *err)
{
    char *path = talloc_asprintf(NULL, "%s/%s", place, name);
    FILE *file = fopen(path, "we");
    int result = 0;

    if (file && fputs(text, file) < 0)
        result = -1;
    if (!file || fclose(file) != 0 || result != 0)
        result = error_grader(err, "cannot write %s: %s", path, strerror(errno));
    talloc_free(path);
    return result;
}

static const char *with_place(void *mem, const char *word, const char *place)
{
    const char *mark = strstr(word, OUT);
    if (!mark)
        return word;
    return talloc_asprintf(mem, "%.*s%s%s", (int)(mark - word), word, place, mark + strlen(OUT));
}

static int prepare(struct work *work, struct bench *bench, struct process *job, struct error *err)
{
    char *place = cache_workplace(work, work->shop->cache, err);
    const char **argv = talloc_zero_array(work, const char *, work->word_count + 1);

    if (!place || (work->input_text && put(place, work->input_name, work->input_text, err) != 0))
        return -1;
    for (size_t i = 0; i < work->word_count; i++)
        argv[i] = with_place(work, work->words[i], place);
    *bench = (struct bench){work, place};
    *job = (struct process){
        .argv = argv,
        .directory = work->input_text ? place : work->shop->root,
        .cpu_seconds = work->cpu_seconds,
        .file_bytes = work->file_bytes,
        .memory_bytes = work->memory_bytes,
        .environment = work->shop->tools->environment,
    };
    return 0;
}

static int keep(struct bench *bench, const struct process *job, struct error *err)
{
    struct work *work = bench->work;

    work->exit_code = job->exit_code;
    work->output = job->output;
    if (job->exit_code != 0)
        return 0;
    if (job->output[0] && put(bench->place, PRINTED, job->output, err) != 0)
        return -1;
    work->folder = cache_keep(work, work->shop->cache, work->key, bench->place, err);
    return work->folder ? 0 : -1;
}

/* The one among BENCHES that makes the same thing as WORK: two variants may want the same object. */
static struct work *twin_of(struct work *work, const struct bench *benches, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(benches[i].work->key, key_of(work)) == 0)
            return benches[i].work;
    return NULL;
}

int workshop_make(struct workshop *shop, struct work **works, size_t count, struct error *err)
{
    struct bench *benches = talloc_array(shop->mem, struct bench, count + 1);
    struct process *jobs = talloc_array(shop->mem, struct process, count + 1);
    struct work **twins = talloc_zero_array(shop->mem, struct work *, count + 1);
    size_t missing = 0;

    for (size_t i = 0; i < count; i++) {
        twins[i] = twin_of(works[i], benches, missing);
        if (twins[i] || work_find(works[i]))
            continue;
        if (prepare(works[i], &benches[missing], &jobs[missing], err) != 0)
            return -1;
        missing++;
    }
    if (process_run(shop->mem, jobs, missing, AT_ONCE, err) != 0)
        return -1;
    shop->ran += (unsigned)missing;
    for (size_t i = 0; i < missing; i++)
        if (keep(&benches[i], &jobs[i], err) != 0)
            return -1;
    for (size_t i = 0; i < count; i++)
        if (twins[i]) {
            works[i]->folder = twins[i]->folder;
            works[i]->output = twins[i]->output;
            works[i]->exit_code = twins[i]->exit_code;
        }
    return 0;
}

/* --- failing ------------------------------------------------------------------------------------------ */

int work_says(const struct work *work, const char *head, const char *text)
{
    for (const char *line = work->output; *line; line += *line == '\n') {
        const char *end = line + strcspn(line, "\n"), *found = strstr(line, text);
        if (strncmp(line, head, strlen(head)) == 0 && found && found < end)
            return 1;
        line = end;
    }
    return 0;
}

static int out_of_space(const struct work *work)
{
    static const char *const heads[] = {
        "error: ", "fatal error: ", "LLVM ERROR: ", "clang: ", "ld.lld: ", "/usr/bin/ld: ", "ar: ", NULL};

    for (size_t i = 0; heads[i]; i++)
        if (work_says(work, heads[i], "No space left on device") ||
            work_says(work, heads[i], "Disk quota exceeded") ||
            work_says(work, heads[i], "Read-only file system"))
            return 1;
    return 0;
}

enum work_failure work_failure(const struct work *work)
{
    if (out_of_space(work))
        return WORK_DISK;
    if (work_says(work, "LLVM ERROR: ", "out of memory") || work_says(work, "terminate called", "bad_alloc"))
        return WORK_MEMORY;
    if (work->exit_code == 128 + SIGXCPU)
        return WORK_TIME;
    if (work->exit_code == 128 + SIGXFSZ)
        return WORK_SIZE;
    return work->exit_code > 128 || work_says(work, "clang: error: ", "frontend command failed")
               ? WORK_CRASHED
               : WORK_WORDS;
}
