/* timeline_evidence.c - a replay as the files that an on-call engineer would open: metrics, log, dumps. See
 * timeline_view.h. Questions name lines of these by number, so their shape stays. */
#include "report/timeline_inside.h"

#include <string.h>
#include <talloc.h>

void replay_metrics(FILE *stream, const struct replay_view *view)
{
    struct table table = table_of(NULL, view);

    table_head(stream, &table);
    for (size_t row = 0; row < view->row_count; row++)
        table_row(stream, &table, row);
    talloc_free(table.widths);
}

size_t log_entries(void *mem, const struct replay_view *view, struct log_entry **entries)
{
    size_t event = 0, count = 0, note = 0;

    *entries = talloc_array(mem, struct log_entry, (unsigned)(view->event_count + view->note_count) + 1);
    while (event < view->event_count || note < view->note_count) {
        const struct view_event *e = &view->events[event];
        const struct view_note *n = &view->notes[note];
        if (event < view->event_count && (note == view->note_count || e->second <= n->second)) {
            (*entries)[count++] = (struct log_entry){e->second, e->letter, e->kind, e->text};
            event++;
        } else {
            if (strcmp(n->file, "log") == 0)
                (*entries)[count++] = (struct log_entry){n->second, 0, "", n->text};
            note++;
        }
    }
    return count;
}

void replay_log(FILE *stream, const struct replay_view *view)
{
    struct log_entry *entries;
    size_t count = log_entries(NULL, view, &entries);
    char clock[CLOCK_TEXT];

    for (size_t i = 0; i < count; i++) {
        fprintf(stream, "%s ", clock_exact(clock, entries[i].second));
        if (entries[i].letter)
            fprintf(stream, "[%s] ", entries[i].kind);
        fprintf(stream, "%s\n", entries[i].text);
    }
    talloc_free(entries);
}

/* What was written at one moment stands under its time. */
void replay_notes(FILE *stream, const struct replay_view *view, const char *file)
{
    double second = -1;
    char clock[CLOCK_TEXT];

    for (size_t i = 0; i < view->note_count; i++) {
        const struct view_note *note = &view->notes[i];
        if (strcmp(note->file, file) != 0)
            continue;
        if (note->second != second)
            fprintf(stream, "%s--- at %s\n", second < 0 ? "" : "\n", clock_exact(clock, note->second));
        second = note->second;
        fprintf(stream, "%s\n", note->text);
    }
}
