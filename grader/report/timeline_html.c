/* timeline_html.c - a replay as one page: no other file is needed, nor a network. See replay_html in
 * timeline_view.h; timeline_plot.c draws, timeline_tables.c tells in words, timeline_page.c has the style and the script.
 *
 * What was running stands on the left, what is asked about on the right, with the same scales.
 */
#include "report/timeline_inside.h"

#include <math.h>
#include <string.h>

enum { NARROW = 720, WIDE = 1400, PLOT_HEIGHT = 230, CLOSE_BEFORE = 30, CLOSE_BEHIND = 60 };

/* --- the head ------------------------------------------------------------------------------------------ */

static void put_heads(FILE *page, const struct page_pair *pair)
{
    static const char *const names[] = {"Before: ", "After: "};

    fputs("<div class=\"pair heads\">\n", page);
    for (int run = 0; run < pair->count; run++) {
        const struct replay_view *view = pair->views[run];
        size_t held = 0;
        for (size_t i = 0; i < view->line_count; i++)
            held += view->lines[i].status == VERDICT_PASS;
        fprintf(page, "<div class=\"head %s\"><b>%s", page_class(pair, run),
                pair->count == 2 ? names[run] : "");
        put_html(page, view->policy);
        page_tag(page, "</b><br>", view->end, " ");
        fprintf(page, "<span class=\"%s\">%zu of %zu lines hold.</span></div>\n",
                view->status == VERDICT_PASS ? "holds" : "fails", held, view->line_count);
    }
    fputs("</div>\n", page);
}

static void put_title(FILE *page, const struct page_pair *pair)
{
    const struct replay_view *view = pair->views[0];
    char clock[CLOCK_TEXT];

    page_tag(page, "<title>", view->title, "</title>\n");
    fprintf(page, "<style>\n%s</style>\n</head>\n<body>\n", timeline_page_style);
    page_tag(page, "<h1>", view->title, "</h1>\n<p class=\"dim\">Incident ");
    put_html(page, view->catalogue);
    fprintf(page, ", replayed: %s of virtual time, the same to the last byte each time.</p>\n",
            clock_short(clock, view->seconds));
}

/* --- the plots ----------------------------------------------------------------------------------------- */

/* What both plots of a series have room for, in STEPs. A limit far beyond all values would flatten them. */
static double most_of(const struct page_pair *pair, size_t s, double *step)
{
    double most = 0, limit = 0;

    for (int run = 0; run < pair->count; run++) {
        const struct view_series *series = &pair->views[run]->series[s];
        most = fmax(most, series->most);
        for (size_t i = 0; i < series->bound_count; i++)
            if (series->bounds[i].is_level)
                limit = fmax(limit, series->bounds[i].limit);
    }
    if (limit <= 4 * most || most == 0)
        most = fmax(most, limit);
    return plot_scale(most, step);
}

static void put_bounds(FILE *page, const struct replay_view *view, const struct view_series *series)
{
    for (size_t i = 0; i < series->bound_count; i++) {
        fputs("<span>", page);
        page_mark(page, view->lines[series->bounds[i].line].status);
        page_tag(page, ": ", series->bounds[i].words, "</span>");
    }
}

/* The whole time and, where something went wrong, a close-up of it; the page shows one of them. */
static void put_plots(FILE *page, const struct page_pair *pair, size_t s, int run)
{
    const struct replay_view *view = pair->views[run];
    double step, most = most_of(pair, s, &step);
    char key[24];
    struct plot plot = {.view = view,
                        .series = &view->series[s],
                        .seconds = pair->seconds,
                        .most = most,
                        .step = step,
                        .key = key,
                        .class = "whole",
                        .width = pair->count == 2 ? NARROW : WIDE,
                        .height = PLOT_HEIGHT};

    snprintf(key, sizeof key, "%c%zu", 'a' + run, s);
    plot_svg(page, &plot);
    if (pair->span <= 0)
        return;
    plot.class = "close";
    plot.from = pair->from;
    plot.seconds = pair->span;
    snprintf(key, sizeof key, "%c%zuc", 'a' + run, s);
    plot_svg(page, &plot);
}

static void put_series(FILE *page, const struct page_pair *pair, size_t s)
{
    const struct view_series *first = &pair->views[0]->series[s];

    page_tag(page, "<section class=\"series\"><h3>", first->label, " <small>");
    page_tag(page, "", first->unit, "</small></h3>\n<div class=\"pair\">\n");
    for (int run = 0; run < pair->count; run++) {
        fprintf(page, "<figure class=\"%s\">\n", page_class(pair, run));
        put_plots(page, pair, s, run);
        fputs("<figcaption>", page);
        put_bounds(page, pair->views[run], &pair->views[run]->series[s]);
        fputs("<output aria-live=\"off\"></output></figcaption></figure>\n", page);
    }
    fputs("</div></section>\n", page);
}

/* Which of the two pictures is shown: two buttons that need no script. */
static void put_choice(FILE *page, const struct page_pair *pair)
{
    char from[CLOCK_TEXT], to[CLOCK_TEXT], end[CLOCK_TEXT];

    if (pair->span <= 0)
        return;
    fprintf(
        page,
        "<fieldset class=\"choice\"><legend>Time</legend>"
        "<label><input type=\"radio\" name=\"time\" id=\"show-whole\" checked> all of it, 0:00 to %s</label>"
        "<label><input type=\"radio\" name=\"time\" id=\"show-close\"> where it goes wrong first, %s to "
        "%s</label>"
        "</fieldset>\n",
        clock_short(end, pair->seconds), clock_short(from, pair->from),
        clock_short(to, pair->from + pair->span));
}

static void put_keys(FILE *page, const struct page_pair *pair)
{
    static const struct {
        char letter;
        const char *word;
    } words[] = {{'A', "alert"},  {'R', "resize"}, {'B', "breaker"},
                 {'D', "deploy"}, {'L', "load"},   {'K', "kill"}};

    fputs("<p class=\"keys\"><span>Marks, with their words when you point at them:</span>", page);
    for (size_t k = 0; k < sizeof words / sizeof words[0]; k++) {
        int found = 0;
        for (int run = 0; run < pair->count; run++)
            for (size_t i = 0; i < pair->views[run]->event_count; i++)
                found |= pair->views[run]->events[i].letter == words[k].letter;
        if (found)
            fprintf(page, "<span><b>%c</b> %s</span>", words[k].letter, words[k].word);
    }
    fputs("<span><b class=\"limit-key\">!</b> wrong first</span><span><b class=\"limit-key\">- - -</b> what "
          "the "
          "objective asks for</span></p>\n",
          page);
}

/* --- what the script needs ----------------------------------------------------------------------------- */

static void put_data(FILE *page, const struct page_pair *pair)
{
    int whole = pair->count == 2 ? NARROW : WIDE;
    char number[NUMBER_TEXT];

    fprintf(page,
            "<script type=\"application/json\" "
            "id=\"data\">{\"seconds\":%.0f,\"whole\":%d,\"left\":%d,\"first\":%.0f,\"width\":%d,\"runs\":{",
            pair->seconds, whole, PLOT_LEFT, fmax(pair->views[0]->wrong_second, 0),
            whole - PLOT_LEFT - PLOT_RIGHT);
    for (int run = 0; run < pair->count; run++) {
        const struct replay_view *view = pair->views[run];
        fprintf(page, "%s\"%c\":{", run ? "," : "", 'a' + run);
        for (size_t s = 0; s < view->series_count; s++) {
            fprintf(page, "%s\"%s\":[", s ? "," : "", view->series[s].name);
            for (size_t row = 0; row < view->row_count; row++)
                fprintf(page, "%s%s", row ? "," : "",
                        number_text(number, view->series[s].drawn[row], view->series[s].decimals));
            fputs("]", page);
        }
        fputs("}", page);
    }
    fputs("}}</script>\n", page);
}

static void put_bar(FILE *page, const struct page_pair *pair)
{
    fprintf(page,
            "<div id=\"bar\" hidden><label for=\"at\">Second</label><output for=\"at\"></output>"
            "<input id=\"at\" type=\"range\" min=\"0\" max=\"%.0f\" value=\"0\"></div>\n"
            "<script>\n%s</script>\n",
            pair->seconds - 1, timeline_page_script);
}

/* --- all of it ----------------------------------------------------------------------------------------- */

static struct page_pair pair_of(const struct replay_view *before, const struct replay_view *after)
{
    struct page_pair pair = {{before ? before : after, after}, before ? 2 : 1, 1, 0, 0};

    for (int run = 0; run < pair.count; run++) {
        pair.seconds = fmax(pair.seconds, pair.views[run]->seconds);
        pair.seconds = fmax(pair.seconds, (double)pair.views[run]->row_count);
    }
    for (int run = pair.count - 1; run >= 0; run--)
        if (pair.views[run]->wrong_second >= 0 && pair.seconds > CLOSE_BEFORE + CLOSE_BEHIND) {
            pair.from = fmax(floor(pair.views[run]->wrong_second / 10) * 10 - CLOSE_BEFORE, 0);
            pair.span = CLOSE_BEFORE + CLOSE_BEHIND;
            pair.from = fmin(pair.from, pair.seconds - pair.span);
        }
    return pair;
}

void replay_html(FILE *stream, const struct replay_view *before, const struct replay_view *after)
{
    const struct page_pair pair = pair_of(before, after);

    fputs("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
          stream);
    put_title(stream, &pair);
    put_heads(stream, &pair);
    put_keys(stream, &pair);
    put_choice(stream, &pair);
    for (size_t s = 0; s < after->series_count; s++)
        put_series(stream, &pair, s);
    page_objective(stream, &pair);
    page_ledger(stream, &pair);
    fputs("<h2>Log and events</h2>\n<div class=\"pair\">\n", stream);
    for (int run = 0; run < pair.count; run++)
        page_log(stream, pair.views[run], page_class(&pair, run));
    fputs("</div>\n", stream);
    put_data(stream, &pair);
    put_bar(stream, &pair);
    fputs("</body>\n</html>\n", stream);
}
