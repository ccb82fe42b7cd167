/* timeline_text.c - a replay as plain text, for pipes and for those who cannot see a moving screen. See
 * timeline_view.h.
 *
 * A table of a row every ten seconds; every second around the one in which a line was first out of bounds, and
 * around the first events of each kind. Events stand below the row of their second.
 */
#include "report/text.h"
#include "report/timeline_inside.h"

#include <string.h>
#include <talloc.h>

enum {
    EVERY = 10,        /* seconds */
    BEFORE_WRONG = 3,  /* rows in full before the first wrong second, */
    BEHIND_WRONG = 5,  /* and behind it */
    EVENTS_IN_FULL = 8 /* of one kind: behind them the rows around an event are not printed for it */
};

/* --- the verdict --------------------------------------------------------------------------------------- */

static const char *painted(void *mem, const struct report_style *style, enum verdict_status status,
                           const char *text)
{
    static const enum accent accents[] = {
        [VERDICT_PASS] = ACCENT_GREEN, [VERDICT_FAIL] = ACCENT_RED, [VERDICT_ERROR] = ACCENT_YELLOW};
    return text_paint(mem, style, accents[status], text);
}

static void put_line(FILE *stream, void *mem, const struct view_line *line, const struct report_style *style)
{
    static const char *const marks[][2] = {
        [VERDICT_PASS] = {"+", "✓"}, [VERDICT_FAIL] = {"x", "✗"}, [VERDICT_ERROR] = {"?", "?"}};
    const char *mark = marks[line->status][style->utf8 != 0];
    const char *first = talloc_asprintf(mem, "  %s ", painted(mem, style, line->status, mark));

    text_wrap(stream, text_clean(mem, line->title, style->utf8), first, "      ", style->width);
    if (line->message[0])
        text_wrap(
            stream,
            text_clean(mem,
                       talloc_asprintf(mem, "%s%s%s", line->where, line->where[0] ? ": " : "", line->message),
                       style->utf8),
            "      ", "      ", style->width);
}

void replay_verdict(FILE *stream, const struct replay_view *view, const struct report_style *style)
{
    void *mem = talloc_new(NULL);
    size_t held = 0;

    for (size_t i = 0; i < view->line_count; i++)
        held += view->lines[i].status == VERDICT_PASS;
    text_wrap(stream, text_clean(mem, view->end, style->utf8), "", "", style->width);
    fprintf(stream, "\nThe objective: %zu of %zu lines hold.\n", held, view->line_count);
    for (size_t i = 0; i < view->line_count; i++)
        put_line(stream, mem, &view->lines[i], style);
    fprintf(stream, "\n%s", view->next);
    talloc_free(mem);
}

/* --- the rows ------------------------------------------------------------------------------------------ */

static int is_within(double row, double second, double before, double behind)
{
    return row >= second - before && row <= second + behind;
}

/* Events of its kind that come before the event AT. */
static size_t earlier_of_kind(const struct replay_view *view, size_t at)
{
    size_t count = 0;

    for (size_t i = 0; i < at && count < EVENTS_IN_FULL; i++)
        count += strcmp(view->events[i].kind, view->events[at].kind) == 0;
    return count;
}

/* One byte a row: 1 when it is printed. On MEM. */
static char *choose_rows(void *mem, const struct replay_view *view)
{
    char *chosen = talloc_zero_array(mem, char, (unsigned)view->row_count + 1);

    for (size_t row = 0; row < view->row_count; row++)
        chosen[row] = row % EVERY == 0 || row + 1 == view->row_count ||
                      (view->wrong_second >= 0 &&
                       is_within((double)row, view->wrong_second, BEFORE_WRONG, BEHIND_WRONG));
    for (size_t i = 0; i < view->event_count; i++) {
        double second = (double)(unsigned long)view->events[i].second;
        if (earlier_of_kind(view, i) >= EVENTS_IN_FULL)
            continue;
        for (size_t row = second > 1 ? (size_t)second - 1 : 0;
             row <= (size_t)second + 1 && row < view->row_count; row++)
            chosen[row] = 1;
    }
    return chosen;
}

/* Events before the second BEFORE, from *AT on. */
static void put_events(FILE *stream, const struct replay_view *view, const struct report_style *style,
                       double before, size_t *at)
{
    char clock[CLOCK_TEXT];

    for (; *at < view->event_count && view->events[*at].second < before; ++*at) {
        const struct view_event *event = &view->events[*at];
        char *text = text_clean(NULL, event->text, style->utf8);
        fprintf(stream, "      %c %s %s: %s\n", event->letter, clock_exact(clock, event->second), event->kind,
                text);
        talloc_free(text);
    }
}

static void put_rows(FILE *stream, const struct replay_view *view, const struct report_style *style)
{
    struct table table = table_of(NULL, view);
    char *chosen = choose_rows(table.widths, view);
    size_t event = 0;

    table_head(stream, &table);
    for (size_t row = 0; row < view->row_count; row++) {
        if (!chosen[row])
            continue;
        put_events(stream, view, style, (double)row, &event);
        table_row(stream, &table, row);
        if (view->wrong_second >= 0 && (size_t)view->wrong_second == row)
            fprintf(stream, "      ! here it goes wrong first: %s\n", view->wrong);
        put_events(stream, view, style, (double)row + 1, &event);
    }
    put_events(stream, view, style, 1e18, &event);
    talloc_free(table.widths);
}

static void put_series(FILE *stream, const struct replay_view *view, const struct report_style *style)
{
    int widest = 0;

    for (size_t s = 0; s < view->series_count; s++)
        widest = (int)strlen(view->series[s].name) > widest ? (int)strlen(view->series[s].name) : widest;
    for (size_t s = 0; s < view->series_count; s++) {
        const struct view_series *series = &view->series[s];
        char *label = text_clean(NULL, series->label, style->utf8);
        fprintf(stream, "  %-*s  %s%s%s", widest, series->name, label, series->unit[0] ? ", " : "",
                series->unit);
        for (size_t i = 0; i < series->bound_count; i++)
            fprintf(stream, "; %s", series->bounds[i].words);
        putc('\n', stream);
        talloc_free(label);
    }
}

void replay_text(FILE *stream, const struct replay_view *view, const struct report_style *style)
{
    char clock[CLOCK_TEXT];
    void *mem = talloc_new(NULL);

    fprintf(stream, "%s: %s, %s of virtual time, %s\n\n", view->catalogue,
            text_clean(mem, view->title, style->utf8), clock_short(clock, view->seconds),
            text_clean(mem, view->policy, style->utf8));
    talloc_free(mem);
    if (view->row_count > 0) {
        put_series(stream, view, style);
        putc('\n', stream);
        put_rows(stream, view, style);
        putc('\n', stream);
    }
    replay_verdict(stream, view, style);
}
