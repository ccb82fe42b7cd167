/* timeline_json.c - a replay for programs. See timeline_view.h. Counters are their running totals here, whatever
 * people are shown: "draw" says which. */
#include "report/timeline_view.h"

#include <math.h>
#include <string.h>

/* A count stays a whole number. */
static json_t *number(double value)
{
    return value == floor(value) && fabs(value) < 1e15 ? json_integer((json_int_t)value) : json_real(value);
}

static json_t *series_json(const struct replay_view *view)
{
    json_t *list = json_array();

    for (size_t s = 0; s < view->series_count; s++) {
        const struct view_series *series = &view->series[s];
        json_t *values = json_array();
        int plain = series->is_rate ? (int)strcspn(series->unit, "/") : (int)strlen(series->unit);
        for (size_t row = 0; row < view->row_count; row++)
            json_array_append_new(values, number(series->told[row]));
        json_array_append_new(list, json_pack("{s:s, s:s, s:s%, s:s, s:o}", "name", series->name, "label",
                                              series->label, "unit", series->unit, plain, "draw",
                                              series->is_rate ? "rate" : "value", "values", values));
    }
    return list;
}

static json_t *events_json(const struct replay_view *view)
{
    json_t *list = json_array();

    for (size_t i = 0; i < view->event_count; i++)
        json_array_append_new(list, json_pack("{s:o, s:s, s:s}", "second", number(view->events[i].second),
                                              "kind", view->events[i].kind, "text", view->events[i].text));
    return list;
}

static json_t *notes_json(const struct replay_view *view)
{
    json_t *list = json_array();

    for (size_t i = 0; i < view->note_count; i++)
        json_array_append_new(list, json_pack("{s:o, s:s, s:s}", "second", number(view->notes[i].second),
                                              "file", view->notes[i].file, "text", view->notes[i].text));
    return list;
}

static json_t *lines_json(const struct replay_view *view)
{
    json_t *list = json_array();

    for (size_t i = 0; i < view->line_count; i++) {
        const struct view_line *line = &view->lines[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", line->name, "title",
                                              line->title, "must", line->must, "status",
                                              status_name(line->status), "message", line->message));
    }
    return list;
}

static json_t *ledger_json(const struct timeline_ledger *ledger)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "submitted", (json_int_t)ledger->submitted,
                     "completed", (json_int_t)ledger->completed, "failed", (json_int_t)ledger->failed,
                     "rejected", (json_int_t)ledger->rejected, "cancelled", (json_int_t)ledger->cancelled,
                     "discarded", (json_int_t)ledger->discarded, "unanswered",
                     (json_int_t)ledger->unanswered);
}

static json_t *end_json(const struct replay_view *view)
{
    static const char *const names[] = {
        [END_NOT_TOLD] = "not-told", [END_DONE] = "done", [END_KILLED] = "killed", [END_CUT] = "cut"};

    return json_pack("{s:s, s:o, s:s}", "how", names[view->timeline->end], "second", number(view->end_second),
                     "message", view->end);
}

json_t *replay_json(const struct replay_view *view)
{
    json_t *wrong = view->wrong_second < 0 ? json_null() : number(view->wrong_second);

    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "schema",
                     "deepend/timeline/1", "id", view->id, "title", view->title, "policy", view->policy,
                     "status", status_name(view->status), "seconds", (int)view->seconds, "series",
                     series_json(view), "events", events_json(view), "lines", notes_json(view), "objective",
                     lines_json(view), "ledger", ledger_json(&view->timeline->ledger), "end", end_json(view),
                     "wrong_first", wrong);
}
