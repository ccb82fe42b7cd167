/* incident_view.c - a run of an incident, made ready to be shown: rates from counters, marks from events, the
 * objective in words. See incident_view.h.
 *
 * The record comes from the tested process. Texts are cleaned here, numbers made finite and rows limited, so
 * that no format has to think of it.
 */
#include "cmd/incident_view.h"

#include "base/file.h"
#include "cmd/arguments.h"
#include "cmd/work.h"
#include "report/text.h"

#include <math.h>
#include <string.h>
#include <talloc.h>

enum { GRACE_ROWS = 120, FILE_NAME_MOST = 40, DIAGNOSTICS_SHOWN = 3 };

static const double most_drawn = 1e12; /* of a value; what is beyond was made up */

static double sane(double value)
{
    return isfinite(value) ? fmin(fmax(value, -most_drawn), most_drawn) : 0;
}

static char *clock_text(void *mem, double second)
{
    unsigned long whole = (unsigned long)second;
    return talloc_asprintf(mem, "%lu:%02lu", whole / 60, whole % 60);
}

/* --- what the objective says of a series --------------------------------------------------------------- */

/* The number stands where % is. */
static const char *const bound_words[][2] = {
    [FOLD_MOST] = {"at most %", "once at least %"},
    [FOLD_LEAST] = {"once at most %", "at least %"},
    [FOLD_MEAN] = {"on average at most %", "on average at least %"},
    [FOLD_LAST] = {"at most % in the end", "at least % in the end"},
    [FOLD_GROWTH] = {"at most % in all", "at least % in all"},
    [FOLD_PER_MINUTE] = {"at most % in any minute", "at least % in the best minute"}};

static char *bound_text(void *mem, const struct slo *slo)
{
    const char *words = bound_words[slo->fold][slo->at_least];
    char *text = talloc_strndup(mem, words, strcspn(words, "%"));

    text = talloc_asprintf_append(text, "%.10g", slo->limit);
    if (slo->fold == FOLD_LAST && slo->to)
        return talloc_asprintf_append(text, " at %s", clock_text(mem, slo->to));
    text = talloc_strdup_append(text, strchr(words, '%') + 1);
    if (slo->from)
        text = talloc_asprintf_append(text, " from %s", clock_text(mem, slo->from));
    if (slo->to)
        text = talloc_asprintf_append(text, " until %s", clock_text(mem, slo->to));
    return text;
}

/* A level that each value must keep, and not the values together. */
static int is_level(const struct slo *slo, const struct series_look *look)
{
    return look->draw != DRAW_RATE && slo->fold == (slo->at_least ? FOLD_LEAST : FOLD_MOST);
}

/* The engine's own: what the process may have, and is killed above. */
static void add_budget(void *mem, struct view_series *series, const struct replay_view *view,
                       const struct incident *incident)
{
    size_t line = 0;

    while (line < view->line_count && strcmp(view->lines[line].must, "ends") != 0)
        line++;
    if (incident->budget_mb == 0 || line == view->line_count || strcmp(series->name, "memory_mb") != 0)
        return;
    series->bounds[series->bound_count++] = (struct view_bound){
        .words = talloc_asprintf(mem, "at most %u, or it is killed", incident->budget_mb),
        .is_level = 1,
        .limit = incident->budget_mb,
        .to = 1e9,
        .line = line,
    };
}

static void add_bounds(void *mem, struct view_series *series, const struct series_look *look,
                       const struct replay_view *view, const struct incident *incident)
{
    series->bounds = talloc_array(mem, struct view_bound, (unsigned)incident->slo_count + 1);
    add_budget(mem, series, view, incident);
    for (size_t i = 0; i < incident->slo_count; i++) {
        const struct slo *slo = &incident->slo[i];
        size_t line = 0;
        while (line < view->line_count && strcmp(view->lines[line].name, slo->name) != 0)
            line++;
        if (slo->rule != SLO_SERIES || strcmp(slo->series, look->name) != 0 || line == view->line_count)
            continue;
        series->bounds[series->bound_count++] = (struct view_bound){
            .words = bound_text(mem, slo),
            .is_level = is_level(slo, look),
            .at_least = slo->at_least,
            .limit = slo->limit,
            .from = slo->from,
            .to = slo->to ? slo->to : 1e9,
            .line = line,
        };
    }
}

/* --- series -------------------------------------------------------------------------------------------- */

static int decimals_of(const struct view_series *series, size_t rows)
{
    int whole = 1;

    for (size_t row = 0; row < rows; row++)
        whole &= series->drawn[row] == floor(series->drawn[row]);
    return whole ? 0 : series->most < 10 ? 2 : 1;
}

static void add_series(void *mem, struct replay_view *view, const struct series_look *look,
                       const struct incident *incident)
{
    struct view_series *series = &view->series[view->series_count++];
    int column = timeline_series(view->timeline, look->name), is_rate = look->draw == DRAW_RATE;

    *series = (struct view_series){.name = look->name, .label = look->label, .is_rate = is_rate};
    series->unit = is_rate ? talloc_asprintf(mem, "%s/s", look->unit ? look->unit : "") : look->unit;
    series->unit = series->unit ? series->unit : "";
    series->told = talloc_array(mem, double, (unsigned)view->row_count + 1);
    series->drawn = talloc_array(mem, double, (unsigned)view->row_count + 1);
    for (size_t row = 0; row < view->row_count; row++) {
        series->told[row] = sane(timeline_value(view->timeline, row, column));
        series->drawn[row] = series->told[row] - (is_rate && row > 0 ? series->told[row - 1] : 0);
        if (row == 0 || series->drawn[row] > series->most) {
            series->most = series->drawn[row];
            series->most_at = row;
        }
    }
    series->decimals = decimals_of(series, view->row_count);
    add_bounds(mem, series, look, view, incident);
}

/* --- events and notes ---------------------------------------------------------------------------------- */

static char letter_of(const char *kind)
{
    static const struct {
        const char *kind;
        char letter;
    } letters[] = {{"alert", 'A'},  {"resize", 'R'}, {"breaker", 'B'},
                   {"deploy", 'D'}, {"load", 'L'},   {"kill", 'K'}};

    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
        if (strcmp(letters[i].kind, kind) == 0)
            return letters[i].letter;
    return '*';
}

static void add_events(void *mem, struct replay_view *view)
{
    const struct timeline *t = view->timeline;

    view->events = talloc_array(mem, struct view_event, (unsigned)t->event_count + 1);
    for (size_t i = 0; i < t->event_count; i++)
        view->events[view->event_count++] = (struct view_event){
            .second = fmax(sane(t->events[i].second), 0),
            .letter = letter_of(t->events[i].kind),
            .kind = text_clean(mem, t->events[i].kind, 1),
            .text = text_clean(mem, t->events[i].text, 1),
        };
}

static int is_file_name(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-");
    return length > 0 && length <= FILE_NAME_MOST && name[length] == '\0';
}

static void add_notes(void *mem, struct replay_view *view)
{
    const struct timeline *t = view->timeline;

    view->notes = talloc_array(mem, struct view_note, (unsigned)t->line_count + 1);
    for (size_t i = 0; i < t->line_count; i++)
        if (is_file_name(t->lines[i].file))
            view->notes[view->note_count++] = (struct view_note){
                .second = fmax(sane(t->lines[i].second), 0),
                .file = t->lines[i].file,
                .text = text_clean(mem, t->lines[i].text, 1),
            };
}

/* --- the objective ------------------------------------------------------------------------------------- */

static const struct slo *slo_named(const struct incident *incident, const char *name)
{
    for (size_t i = 0; i < incident->slo_count; i++)
        if (strcmp(incident->slo[i].name, name) == 0)
            return &incident->slo[i];
    return NULL;
}

static const char *where_text(void *mem, const struct check_verdict *check)
{
    for (size_t i = 0; i < check->where_count; i++)
        if (check->where[i].learner && check->where[i].file)
            return talloc_asprintf(mem, "%s:%d", text_clean(mem, check->where[i].file, 1),
                                   check->where[i].line);
    return "";
}

static void add_lines(void *mem, struct replay_view *view, const struct played *played)
{
    const struct verdict *verdict = played->verdict;

    view->lines = talloc_array(mem, struct view_line, (unsigned)verdict->check_count + 1);
    for (size_t i = 0; i < verdict->check_count; i++) {
        const struct check_verdict *check = &verdict->checks[i];
        const struct slo *slo = slo_named(played->incident, check->name);
        int holds = check->status == VERDICT_PASS;
        view->lines[view->line_count++] = (struct view_line){
            .name = check->name,
            .title = check->title,
            .must = slo ? slo->must : "",
            .status = check->status,
            .message = holds ? "" : text_clean(mem, check->message, 1),
            .where = holds ? "" : where_text(mem, check),
        };
        if (slo && slo->rule == SLO_ENDS && !holds)
            view->end = view->lines[i].message;
    }
}

/* What must only be reached in the end is not wrong from the beginning on. */
static int has_first_second(const struct slo *slo)
{
    return slo->rule == SLO_SERIES && slo->fold != FOLD_MEAN && !(slo->fold == FOLD_GROWTH && slo->at_least);
}

static void find_wrong(struct replay_view *view, const struct incident *incident)
{
    view->wrong_second = -1;
    view->wrong = "";
    for (size_t i = 0; i < incident->slo_count; i++) {
        const struct slo *slo = &incident->slo[i];
        if (!has_first_second(slo))
            continue;
        const struct slo_finding found = slo_hold(slo, view->timeline);
        if (found.holds || !found.known || found.wrong_since < 0 ||
            (view->wrong_second >= 0 && found.wrong_since >= view->wrong_second))
            continue;
        view->wrong_second = found.wrong_since;
        view->wrong = slo->title;
    }
}

/* --- how it ended, and what to type -------------------------------------------------------------------- */

static const char *not_run(void *mem, const struct verdict *verdict)
{
    const struct build *build = verdict->build;
    char *text = talloc_strdup(mem, verdict->message ? verdict->message : "It was not run.");

    for (size_t i = 0; i < build->diagnostic_count && i < DIAGNOSTICS_SHOWN; i++)
        if (build->diagnostics[i].severity == SEVERITY_ERROR)
            text = talloc_asprintf_append(text, "\n%s:%d: %s", build->diagnostics[i].file,
                                          build->diagnostics[i].line, build->diagnostics[i].text);
    return text_clean(mem, text, 1);
}

static const char *next_words(void *mem, const struct replay_view *view, const char *shown, int number)
{
    const char *program = program_name();

    if (view->row_count == 0)
        return talloc_asprintf(mem, "  What the compiler says: %s incident check %d --submission %s\n",
                               program, number, shown);
    if (view->status == VERDICT_PASS)
        return talloc_asprintf(mem, "  Grade it, and look for races as well: %s incident check %d\n", program,
                               number);
    return talloc_asprintf(mem,
                           "  Say what it is: %s incident answer %d\n"
                           "  Then change your policy, and watch again: %s incident replay %d\n",
                           program, number, program, number);
}

int incident_is_shipped(const struct played *played)
{
    const struct exercise *exercise = &played->incident->exercise;
    char *path = talloc_asprintf(NULL, "%s/%s", exercise->directory, exercise->file), hash[SHA256_TEXT] = "";
    struct error err;
    size_t length;
    const char *text = file_read(path, path, SUBMISSION_BYTES, &length, &err);

    if (text)
        sha256_bytes(text, length, hash);
    talloc_free(path);
    return strcmp(hash, played->verdict->submission->sha256) == 0;
}

/* --- all of it ----------------------------------------------------------------------------------------- */

static void add_end(void *mem, struct replay_view *view, const struct played *played)
{
    const struct timeline *t = view->timeline;

    view->end_second = fmin(fmax(sane(t->end_second), 0), view->seconds + GRACE_ROWS);
    if (view->end_second < (double)view->row_count)
        view->end_second = (double)view->row_count;
    if (!played->timeline)
        view->end = not_run(mem, played->verdict);
    else if (!view->end)
        view->end =
            talloc_asprintf(mem, "The service shut down by itself at %s.", clock_text(mem, view->end_second));
}

struct replay_view *incident_view(void *mem, const struct played *played, const char *shown)
{
    const struct incident *incident = played->incident;
    struct replay_view *view = talloc_zero(mem, struct replay_view);
    char number[20];

    snprintf(number, sizeof number, "%s", strchr(incident->exercise.id, '/') + 1);
    view->id = incident->exercise.id;
    view->catalogue = incident->catalogue;
    view->title = incident->exercise.title;
    view->is_shipped = incident_is_shipped(played);
    view->policy = view->is_shipped ? talloc_asprintf(mem, "%s as shipped", incident->exercise.file)
                                    : text_clean(mem, shown, 1);
    view->seconds = incident->seconds;
    view->status = played->verdict->status;
    view->timeline = played->timeline ? played->timeline : timeline_new(mem);
    view->row_count = view->timeline->row_count;
    if (view->row_count > view->seconds + GRACE_ROWS)
        view->row_count = view->seconds + GRACE_ROWS;
    add_lines(mem, view, played);
    view->series = talloc_array(mem, struct view_series, (unsigned)incident->series_count);
    for (size_t i = 0; i < incident->series_count; i++)
        add_series(mem, view, &incident->series[i], incident);
    add_events(mem, view);
    add_notes(mem, view);
    find_wrong(view, incident);
    add_end(mem, view, played);
    view->next = next_words(mem, view, shown, (int)strtol(number, NULL, 10));
    return view;
}
