/* observe.c - one observation for each run, see observe.h.
 *
 * A run's log is read into complaints by the reader of its tool, each complaint goes to the judge of who
 * speaks, and how the run ended is judged last. The symbols of an executable are opened when a log needs them
 * first, and kept for the runs that follow.
 */
#include "observe/judges.h"

#include <string.h>
#include <talloc.h>

/* --- symbols, one set for each executable ------------------------------------------------------------ */

struct cache {
    const char *path;
    struct symbols *symbols;
    struct cache *next;
};

static struct symbols *cache_symbols(void *mem, struct cache **cache, const char *path)
{
    for (struct cache *known = *cache; known; known = known->next)
        if (strcmp(known->path, path) == 0)
            return known->symbols;
    struct cache *added = talloc(mem, struct cache);
    *added = (struct cache){path, symbols_open(mem, path), *cache};
    *cache = added;
    return added->symbols;
}

/* --- reading a log ----------------------------------------------------------------------------------- */

static void read_text(struct reading *reading, struct cache **cache, struct complaints *complaints)
{
    struct symbols *symbols = cache_symbols(reading->mem, cache, reading->run->binary);
    complaints_read_text(reading->mem, reading->run->log, symbols, complaints);
}

static void read_xml(struct reading *reading, struct cache **cache, struct complaints *complaints)
{
    (void)cache;
    complaints_read_xml(reading->mem, reading->run->log, reading->run->binary, complaints);
}

static void (*const readers[])(struct reading *reading, struct cache **cache,
                               struct complaints *complaints) = {
    [TOOL_NONE] = NULL,         [TOOL_TSAN] = read_text,    [TOOL_ASAN] = read_text,
    [TOOL_MEMCHECK] = read_xml, [TOOL_HELGRIND] = read_xml,
};

static void (*const judges[])(struct reading *reading, const struct complaint *complaint) = {
    [SPEAKER_TSAN] = tsan_judge,   [SPEAKER_ASAN] = asan_judge,         [SPEAKER_LSAN] = lsan_judge,
    [SPEAKER_UBSAN] = ubsan_judge, [SPEAKER_MEMCHECK] = memcheck_judge, [SPEAKER_HELGRIND] = helgrind_judge,
};

/* A tool that must have said something and did not. Valgrind ends its XML whatever the program does, unless
 * both are killed; a sanitizer that exits with its own status has a reason. */
static void check_silence(struct reading *reading, const struct complaints *complaints)
{
    const struct run *run = reading->run;
    int valgrind = readers[run->variant->tool] == read_xml;
    int complained = run->completed && run->exit_code != 0 && reading->finding_count == 0;

    if (run->end != RUN_EXITED || run->signal || reading->ended || reading->trouble)
        return;
    if (valgrind ? !complaints->finished : complained)
        reading->trouble = talloc_asprintf(
            reading->mem, "the report of the variant `%s` is missing or incomplete (status %d)",
            run->variant->name, run->exit_code);
}

static void read_log(struct reading *reading, struct cache **cache)
{
    const struct run *run = reading->run;
    struct complaints complaints = {0};

    if (!readers[run->variant->tool])
        return;
    if (run->log && *run->log)
        readers[run->variant->tool](reading, cache, &complaints);
    for (size_t i = 0; i < complaints.count; i++)
        judges[complaints.list[i].speaker](reading, &complaints.list[i]);
    check_silence(reading, &complaints);
}

struct observation *observe_runs(void *mem, const struct build *build, const struct run *runs,
                                 size_t run_count)
{
    struct observation *observations = talloc_zero_array(mem, struct observation, (unsigned)run_count);
    struct cache *cache = NULL;

    for (size_t i = 0; i < run_count; i++) {
        struct reading reading = {.mem = observations, .build = build, .run = &runs[i]};
        if (runs[i].explored && build->exercise->incident) {
            slo_judge(&reading);
        } else if (runs[i].explored && build->exercise->program) {
            predict_judge(&reading);
        } else if (runs[i].explored) {
            explored_judge(&reading);
        } else {
            read_log(&reading, &cache);
            outcome_judge(&reading);
        }
        reading_finish(&reading);
        observations[i] =
            (struct observation){&runs[i], reading.findings, reading.finding_count, reading.trouble};
    }
    while (cache) {
        talloc_free(cache->symbols);
        cache = cache->next;
    }
    return observations;
}
