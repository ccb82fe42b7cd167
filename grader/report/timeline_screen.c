/* timeline_screen.c - one picture of the time-lapse in the terminal: what an on-call engineer sees at a given
 * second. See replay_frame in timeline_view.h.
 *
 * From top to bottom: what and when, the series, the time axis with its marks, the last events and lines of
 * the log, the keys; at the end of time the objective instead of the log. What does not fit is left out from
 * the bottom up, and every line is cut to the width, so the picture never scrolls.
 */
#include "report/text.h"
#include "report/timeline_inside.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum {
    AROUND_SPARKS = 10, /* lines that are no series: title, rule, axis, marks, keys, and five of news */
    LABEL_MOST = 26,
    VALUE_WIDTH = 8,
    TALLEST = 3
};

struct screen_of {
    void *mem;
    FILE *stream;
    const struct replay_view *view;
    const struct report_style *style;
    const struct replay_frame *frame;
    int left; /* lines that may still be printed before the last one */
    int label, spark, unit;
    size_t now, span; /* rows that are known; rows of the axis */
};

/* --- lines --------------------------------------------------------------------------------------------- */

/* The beginning of TEXT that takes at most COLUMNS; accents take none and are closed. */
static const char *cut(void *mem, const char *text, int columns)
{
    size_t length = strlen(text);
    char *copy;

    if ((int)text_width(text) <= columns)
        return text;
    copy = talloc_strdup(mem, text);
    while (length > 0 && (int)text_width(copy) > columns) {
        while (length > 0 && ((unsigned char)copy[--length] & 0xc0) == 0x80)
            ;
        copy[length] = '\0';
    }
    return strchr(copy, '\033') ? talloc_strdup_append(copy, "\033[0m") : copy;
}

static void put_line(struct screen_of *screen, const char *text)
{
    if (screen->left <= 0)
        return;
    screen->left--;
    fprintf(screen->stream, "%s\033[K\n", cut(screen->mem, text, screen->frame->columns));
}

static const char *clean(struct screen_of *screen, const char *text)
{
    return text_clean(screen->mem, text, screen->style->utf8);
}

static const char *paint(struct screen_of *screen, enum accent accent, const char *text)
{
    return text_paint(screen->mem, screen->style, accent, text);
}

/* --- the head ------------------------------------------------------------------------------------------ */

static int is_over(const struct screen_of *screen)
{
    return screen->frame->at >= screen->view->end_second || screen->now >= screen->view->row_count;
}

static void put_head(struct screen_of *screen)
{
    const struct replay_view *view = screen->view;
    const struct replay_frame *frame = screen->frame;
    char at[CLOCK_TEXT], whole[CLOCK_TEXT];
    const char *title = paint(screen, ACCENT_BOLD, clean(screen, view->title));
    const char *state = is_over(screen) ? "the end" : frame->is_paused ? "paused" : "running";

    put_line(screen,
             talloc_asprintf(screen->mem, "%s  %s  %s", view->catalogue, title, clean(screen, view->policy)));
    clock_short(at, frame->at);
    clock_short(whole, view->seconds);
    put_line(screen, talloc_asprintf(screen->mem, "%s of %s  %s, %.3g seconds a second",
                                     paint(screen, ACCENT_CYAN, at), whole, state, frame->speed));
}

/* --- the series ---------------------------------------------------------------------------------------- */

/* The first level that the objective bounds the series with, or NULL. */
static const struct view_bound *level_of(const struct view_series *series)
{
    for (size_t i = 0; i < series->bound_count; i++)
        if (series->bounds[i].is_level)
            return &series->bounds[i];
    return NULL;
}

static int is_out(const struct view_series *series, size_t row)
{
    for (size_t i = 0; i < series->bound_count; i++) {
        const struct view_bound *bound = &series->bounds[i];
        if (bound->is_level && (double)row >= bound->from && (double)row < bound->to &&
            (bound->at_least ? series->drawn[row] < bound->limit : series->drawn[row] > bound->limit))
            return 1;
    }
    return 0;
}

static double most_so_far(const struct view_series *series, size_t now)
{
    double most = 0;

    for (size_t row = 0; row < now; row++)
        most = series->drawn[row] > most ? series->drawn[row] : most;
    return most;
}

static char *spark_text(struct screen_of *screen, const struct view_series *series, int height, int line)
{
    struct spark spark = {series->drawn, screen->now, screen->span,       series->most,
                          screen->spark, height,      screen->style->utf8};
    char *text = NULL, *copy;
    size_t length;
    FILE *memory = open_memstream(&text, &length);

    spark_line(memory, &spark, line);
    fclose(memory);
    copy = talloc_strdup(screen->mem, text);
    free(text);
    return copy;
}

/* "756  most 756 pictures  at most 300", red when it is out of bounds. */
static const char *value_text(struct screen_of *screen, const struct view_series *series)
{
    const struct view_bound *level = level_of(series);
    char now[NUMBER_TEXT], most[NUMBER_TEXT];
    size_t row = screen->now ? screen->now - 1 : 0;

    if (screen->now == 0)
        return "";
    number_text(now, series->drawn[row], series->decimals);
    number_text(most, most_so_far(series, screen->now), series->decimals);
    const char *value = talloc_asprintf(screen->mem, "%*s", VALUE_WIDTH, now);
    if (is_out(series, row))
        value = talloc_asprintf(screen->mem, "%s!", paint(screen, ACCENT_RED, value));
    else
        value = talloc_asprintf(screen->mem, "%s ", value);
    return talloc_asprintf(screen->mem, "%s max %*s %-*s %s", value, VALUE_WIDTH - 1, most, screen->unit,
                           clean(screen, series->unit), level ? clean(screen, level->words) : "");
}

static const char *padded(struct screen_of *screen, const char *text, int width)
{
    const char *fit = cut(screen->mem, text, width);
    int used = (int)text_width(fit);
    return talloc_asprintf(screen->mem, "%s%s", fit, text_blanks((size_t)(width > used ? width - used : 0)));
}

static void put_series(struct screen_of *screen, const struct view_series *series, int height)
{
    for (int line = 0; line < height; line++) {
        int is_last = line + 1 == height;
        const char *label = padded(screen, is_last ? clean(screen, series->label) : "", screen->label);
        put_line(screen, talloc_asprintf(screen->mem, "%s %s %s", label,
                                         paint(screen, ACCENT_CYAN, spark_text(screen, series, height, line)),
                                         is_last ? value_text(screen, series) : ""));
    }
}

/* --- the time axis ------------------------------------------------------------------------------------- */

/* Seconds from one mark of the axis to the next, so that their texts find room. */
static size_t axis_step(const struct screen_of *screen)
{
    static const size_t steps[] = {1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600};

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (screen->span / steps[i] * 8 <= (size_t)screen->spark)
            return steps[i];
    return screen->span;
}

static char *axis_text(struct screen_of *screen)
{
    char *axis = talloc_zero_array(screen->mem, char, (unsigned)screen->spark + CLOCK_TEXT);
    char clock[CLOCK_TEXT];
    size_t step = axis_step(screen);

    memset(axis, ' ', (size_t)screen->spark);
    for (size_t second = 0; step && second < screen->span; second += step) {
        int column = spark_column((double)second, screen->span, screen->spark);
        size_t length = strlen(clock_short(clock, (double)second));
        if (column + (int)length <= screen->spark)
            memcpy(axis + column, clock, length);
    }
    return axis;
}

/* What stands where two marks meet. */
static int weight(char letter)
{
    const char *order = " *LRADB!K";
    const char *at = strchr(order, letter);
    return at ? (int)(at - order) : 0;
}

static void put_mark(struct screen_of *screen, char *marks, double second, char letter)
{
    int column = spark_column(second, screen->span, screen->spark);

    if (second <= screen->frame->at && weight(letter) > weight(marks[column]))
        marks[column] = letter;
}

static char *marks_text(struct screen_of *screen)
{
    const struct replay_view *view = screen->view;
    char *marks = talloc_zero_array(screen->mem, char, (unsigned)screen->spark + 1);

    memset(marks, ' ', (size_t)screen->spark);
    for (size_t i = 0; i < view->event_count; i++)
        put_mark(screen, marks, view->events[i].second, view->events[i].letter);
    if (view->wrong_second >= 0)
        put_mark(screen, marks, view->wrong_second, '!');
    return marks;
}

static void put_axis(struct screen_of *screen)
{
    put_line(screen,
             talloc_asprintf(screen->mem, "%s %s", padded(screen, "", screen->label), axis_text(screen)));
    put_line(screen, talloc_asprintf(screen->mem, "%s %s", padded(screen, "events", screen->label),
                                     paint(screen, ACCENT_YELLOW, marks_text(screen))));
}

/* --- news ---------------------------------------------------------------------------------------------- */

static void put_events(struct screen_of *screen, int most)
{
    const struct replay_view *view = screen->view;
    size_t behind = 0, first;
    char clock[CLOCK_TEXT];

    while (behind < view->event_count && view->events[behind].second <= screen->frame->at)
        behind++;
    first = behind > (size_t)most ? behind - (size_t)most : 0;
    for (size_t i = first; i < behind; i++)
        put_line(screen, talloc_asprintf(screen->mem, "%c %s %s: %s", view->events[i].letter,
                                         clock_exact(clock, view->events[i].second), view->events[i].kind,
                                         clean(screen, view->events[i].text)));
}

static void put_log(struct screen_of *screen, int most)
{
    const struct replay_view *view = screen->view;
    const struct view_note *last[16];
    int count = 0;
    char clock[CLOCK_TEXT];

    most = most > 16 ? 16 : most;
    for (size_t i = view->note_count; i-- > 0 && count < most;)
        if (strcmp(view->notes[i].file, "log") == 0 && view->notes[i].second <= screen->frame->at)
            last[count++] = &view->notes[i];
    while (count-- > 0)
        put_line(screen, talloc_asprintf(screen->mem, "  %s %s", clock_exact(clock, last[count]->second),
                                         clean(screen, last[count]->text)));
}

static void put_result(struct screen_of *screen, enum verdict_status status, const char *text)
{
    static const char *const marks[][2] = {
        [VERDICT_PASS] = {"+", "✓"}, [VERDICT_FAIL] = {"x", "✗"}, [VERDICT_ERROR] = {"?", "?"}};
    enum accent accent = status == VERDICT_PASS ? ACCENT_GREEN : ACCENT_RED;

    put_line(screen, talloc_asprintf(screen->mem, "%s %s",
                                     paint(screen, accent, marks[status][screen->style->utf8 != 0]),
                                     clean(screen, text)));
}

/* Without room for all lines those that hold share one. */
static void put_objective(struct screen_of *screen)
{
    const struct replay_view *view = screen->view;
    int has_room = screen->left > (int)view->line_count;
    size_t held = 0;

    put_line(screen, clean(screen, view->end));
    for (size_t i = 0; i < view->line_count; i++)
        held += view->lines[i].status == VERDICT_PASS;
    if (!has_room && held > 0)
        put_result(screen, VERDICT_PASS,
                   talloc_asprintf(screen->mem, "%zu of %zu lines hold", held, view->line_count));
    for (size_t i = 0; i < view->line_count; i++)
        if (has_room || view->lines[i].status != VERDICT_PASS)
            put_result(screen, view->lines[i].status, view->lines[i].title);
}

static void put_news(struct screen_of *screen)
{
    int events = (screen->left - 1) / 2;

    if (is_over(screen)) {
        put_events(screen, screen->left > (int)screen->view->line_count + 3 ? 2 : 1);
        put_objective(screen);
    } else {
        put_events(screen, events < 8 ? events : 8);
        put_log(screen, screen->left);
    }
    while (screen->left > 0)
        put_line(screen, "");
}

/* --- all of it ----------------------------------------------------------------------------------------- */

static void lay_out(struct screen_of *screen)
{
    const struct replay_view *view = screen->view;
    int columns = screen->frame->columns, values, level = 0;

    for (size_t s = 0; s < view->series_count; s++) {
        int label = (int)text_width(view->series[s].label), unit = (int)text_width(view->series[s].unit);
        const struct view_bound *bound = level_of(&view->series[s]);
        screen->label = label > screen->label ? label : screen->label;
        screen->unit = unit > screen->unit ? unit : screen->unit;
        level = bound && (int)text_width(bound->words) > level ? (int)text_width(bound->words) : level;
    }
    screen->label = screen->label > LABEL_MOST ? LABEL_MOST : screen->label;
    values = 2 * VALUE_WIDTH + 6 /* the words between */ + screen->unit;
    if (columns >= screen->label + values + level + 40) /* room for what the objective asks, too */
        values += level + 1;
    else if (columns < 70)
        values = VALUE_WIDTH + 1;
    screen->spark = columns - screen->label - values - 2;
    screen->spark = screen->spark < 10 ? 10 : screen->spark;
    screen->now = screen->frame->at < 0 ? 0 : (size_t)screen->frame->at;
    screen->now = screen->now > view->row_count || screen->frame->at >= view->end_second ? view->row_count
                                                                                         : screen->now;
    screen->span = ((size_t)view->end_second / 60 + 1) * 60;
    if (screen->span > view->seconds && view->end_second <= view->seconds + 1)
        screen->span = view->seconds;
}

/* Always the last line. */
static void put_keys(struct screen_of *screen)
{
    static const char *const keys[] = {
        "space go, pause  <- -> a second  up down speed  n next event  home end  q quit",
        "space  <- ->  up down  n event  home end  q quit"};
    int is_narrow = screen->frame->columns < (int)strlen(keys[0]);

    fprintf(screen->stream, "%s\033[K", cut(screen->mem, keys[is_narrow], screen->frame->columns));
}

void replay_frame(FILE *stream, const struct replay_view *view, const struct report_style *style,
                  const struct replay_frame *frame)
{
    struct screen_of screen = {talloc_new(NULL), stream, view, style, frame, frame->rows - 1, 0, 0, 0, 0, 0};
    int height = (frame->rows - AROUND_SPARKS) / (view->series_count ? (int)view->series_count : 1);

    lay_out(&screen);
    height = height < 1 ? 1 : height > TALLEST ? TALLEST : height;
    put_head(&screen);
    for (size_t s = 0; s < view->series_count; s++)
        put_series(&screen, &view->series[s], height);
    put_axis(&screen);
    put_news(&screen);
    put_keys(&screen);
    talloc_free(screen.mem);
}
