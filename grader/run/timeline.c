/* timeline.c - the record of an incident's run, read line by line. See timeline.h and check/incident/record.c.
 *
 * The record comes from the tested process. A number that is none reads as 0, a row of another length than the
 * first is filled up or cut, so nothing in it can lead the readers astray.
 */
#include "run/timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { SERIES_MOST_HERE = 64, ROWS_MOST = 100000 };

struct timeline *timeline_new(void *mem)
{
    return talloc_zero(mem, struct timeline);
}

int timeline_series(const struct timeline *timeline, const char *name)
{
    for (size_t i = 0; i < timeline->series_count; i++)
        if (strcmp(timeline->series[i], name) == 0)
            return (int)i;
    return -1;
}

double timeline_value(const struct timeline *timeline, size_t row, int series)
{
    if (series < 0 || row >= timeline->row_count)
        return 0;
    return timeline->rows[row * timeline->series_count + (size_t)series];
}

/* --- one kind of line each ----------------------------------------------------------------------------- */

static void read_series(struct timeline *t, const char *rest)
{
    if (t->series_count > 0)
        return;
    while (*rest && t->series_count < SERIES_MOST_HERE) {
        size_t length = strcspn(rest, " ");
        t->series = talloc_realloc(t, t->series, char *, t->series_count + 1);
        t->series[t->series_count++] = talloc_strndup(t, rest, length);
        rest += length + (rest[length] == ' ');
    }
}

static void read_row(struct timeline *t, const char *rest)
{
    char *end;

    strtoul(rest, &end, 10); /* its number: they come in order */
    if (t->series_count == 0 || t->row_count == ROWS_MOST)
        return;
    if (t->row_count % 64 == 0)
        t->rows = talloc_realloc(t, t->rows, double, (unsigned)((t->row_count + 64) * t->series_count));
    double *row = &t->rows[t->row_count++ * t->series_count];
    for (size_t i = 0; i < t->series_count; i++)
        row[i] = strtod(end, &end);
}

static void read_event(struct timeline *t, const char *rest)
{
    struct timeline_event event = {.second = strtod(rest, (char **)&rest)};
    size_t length;

    rest += *rest == ' ';
    length = strcspn(rest, " ");
    event.kind = talloc_strndup(t, rest, length);
    event.text = talloc_strdup(t, rest + length + (rest[length] == ' '));
    t->events = talloc_realloc(t, t->events, struct timeline_event, t->event_count + 1);
    t->events[t->event_count++] = event;
}

static void add_line(struct timeline *t, double second, char *file, const char *text)
{
    t->lines = talloc_realloc(t, t->lines, struct timeline_line, t->line_count + 1);
    t->lines[t->line_count++] = (struct timeline_line){second, file, talloc_strdup(t, text)};
}

static void read_log(struct timeline *t, const char *rest)
{
    double second = strtod(rest, (char **)&rest);
    add_line(t, second, talloc_strdup(t, "log"), rest + (*rest == ' '));
}

static void read_file(struct timeline *t, const char *rest)
{
    double second = strtod(rest, (char **)&rest);
    rest += *rest == ' ';
    size_t length = strcspn(rest, " ");
    add_line(t, second, talloc_strndup(t, rest, length), rest + length + (rest[length] == ' '));
}

static void read_ledger(struct timeline *t, const char *rest)
{
    struct timeline_ledger *l = &t->ledger;
    sscanf(rest,
           "submitted %lu completed %lu failed %lu rejected %lu cancelled %lu discarded %lu unanswered %lu",
           &l->submitted, &l->completed, &l->failed, &l->rejected, &l->cancelled, &l->discarded,
           &l->unanswered);
}

static void read_memory(struct timeline *t, const char *rest)
{
    sscanf(rest, "left %lld blocks %lu pc %lx", &t->memory_left, &t->blocks_left, &t->memory_pc);
}

static void read_threads(struct timeline *t, const char *rest)
{
    t->threads_left = atoi(rest);
}

static void read_end(struct timeline *t, const char *rest)
{
    static const char *const names[] = {[END_DONE] = "done", [END_KILLED] = "killed", [END_CUT] = "cut"};
    size_t length = strcspn(rest, " ");

    for (int i = END_DONE; i <= END_CUT; i++)
        if (strlen(names[i]) == length && strncmp(rest, names[i], length) == 0)
            t->end = (enum timeline_end)i;
    t->end_second = strtod(rest + length, NULL);
}

static const struct {
    const char *word;
    void (*read)(struct timeline *timeline, const char *rest);
} kinds[] = {{"series", read_series}, {"row", read_row},         {"event", read_event},
             {"log", read_log},       {"file", read_file},       {"ledger", read_ledger},
             {"memory", read_memory}, {"threads", read_threads}, {"end", read_end}};

int timeline_add(struct timeline *timeline, const char *line)
{
    size_t length = strcspn(line, " ");

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strlen(kinds[i].word) == length && strncmp(line, kinds[i].word, length) == 0) {
            kinds[i].read(timeline, line + length + (line[length] == ' '));
            return 1;
        }
    return 0;
}

struct timeline *timeline_read(void *mem, const char *record)
{
    struct timeline *timeline = timeline_new(mem);

    while (*record) {
        size_t length = strcspn(record, "\n");
        char *line = talloc_strndup(NULL, record, length);
        timeline_add(timeline, line);
        talloc_free(line);
        record += length + (record[length] == '\n');
    }
    return timeline;
}
