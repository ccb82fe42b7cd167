/* timeline_html.c - a replay as one page: no other file is needed, nor a network. See replay_html in
 * timeline_view.h; timeline_plot.c draws, timeline_page.c has the style and the script.
 *
 * What was running stands on the left, what is asked about on the right, with the same scales. A page stays
 * below a megabyte whatever a service logs: of long logs the middle is left out.
 */
#include "report/timeline_inside.h"

#include <math.h>
#include <stddef.h>
#include <string.h>
#include <talloc.h>

enum {
    NARROW = 720,
    WIDE = 1400,
    PLOT_HEIGHT = 230,
    LOG_HALF = 150,
    TEXT_MOST = 200,
    CLOSE_BEFORE = 30,
    CLOSE_BEHIND = 60
};

struct pair {
    const struct replay_view *views[2];
    int count; /* 1 or 2 */
    double seconds;
    double from, span; /* of the close-up around the first wrong second; span 0: there is none */
};

/* --- text ---------------------------------------------------------------------------------------------- */

void put_html(FILE *page, const char *text)
{
    static const struct {
        char byte;
        const char *name;
    } names[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}};

    for (size_t i; text && *text; text++) {
        for (i = 0; i < sizeof names / sizeof names[0] && names[i].byte != *text; i++)
            ;
        if (i < sizeof names / sizeof names[0])
            fputs(names[i].name, page);
        else
            putc(*text, page);
    }
}

static void put_tag(FILE *page, const char *open, const char *text, const char *close)
{
    fputs(open, page);
    put_html(page, text);
    fputs(close, page);
}

static const char *class_of(const struct pair *pair, int run)
{
    return pair->count == 2 && run == 0 ? "before" : "after";
}

static void put_mark(FILE *page, enum verdict_status status)
{
    fputs(status == VERDICT_PASS   ? "<span class=\"holds\">✓ holds</span>"
          : status == VERDICT_FAIL ? "<span class=\"fails\">✗ fails</span>"
                                   : "<span class=\"fails\">? not judged</span>",
          page);
}

/* --- the head ------------------------------------------------------------------------------------------ */

static void put_heads(FILE *page, const struct pair *pair)
{
    static const char *const names[] = {"Before: ", "After: "};

    fputs("<div class=\"pair heads\">\n", page);
    for (int run = 0; run < pair->count; run++) {
        const struct replay_view *view = pair->views[run];
        size_t held = 0;
        for (size_t i = 0; i < view->line_count; i++)
            held += view->lines[i].status == VERDICT_PASS;
        fprintf(page, "<div class=\"head %s\"><b>%s", class_of(pair, run),
                pair->count == 2 ? names[run] : "");
        put_html(page, view->policy);
        put_tag(page, "</b><br>", view->end, " ");
        fprintf(page, "<span class=\"%s\">%zu of %zu lines hold.</span></div>\n",
                view->status == VERDICT_PASS ? "holds" : "fails", held, view->line_count);
    }
    fputs("</div>\n", page);
}

static void put_title(FILE *page, const struct pair *pair)
{
    const struct replay_view *view = pair->views[0];
    char clock[CLOCK_TEXT];

    put_tag(page, "<title>", view->title, "</title>\n");
    fprintf(page, "<style>\n%s</style>\n</head>\n<body>\n", timeline_page_style);
    put_tag(page, "<h1>", view->title, "</h1>\n<p class=\"dim\">Incident ");
    put_html(page, view->catalogue);
    fprintf(page, ", replayed: %s of virtual time, the same to the last byte each time.</p>\n",
            clock_short(clock, view->seconds));
}

/* --- the objective and the ledger ---------------------------------------------------------------------- */

static void put_run_names(FILE *page, const struct pair *pair, const char *class)
{
    for (int run = 0; run < pair->count; run++)
        fprintf(page, "<th scope=\"col\"%s>%s</th>", class,
                pair->count == 1 ? "result"
                : run == 0       ? "before"
                                 : "after");
    fputs("</tr>\n", page);
}

static void put_objective(FILE *page, const struct pair *pair)
{
    fputs("<h2>The objective</h2>\n<table><tr><th scope=\"col\">line</th>", page);
    put_run_names(page, pair, "");
    for (size_t i = 0; i < pair->views[0]->line_count; i++) {
        put_tag(page, "<tr><td>", pair->views[0]->lines[i].title, "<small><code>");
        put_tag(page, "", pair->views[0]->lines[i].must, "</code></small></td>");
        for (int run = 0; run < pair->count && i < pair->views[run]->line_count; run++) {
            const struct view_line *line = &pair->views[run]->lines[i];
            fputs("<td>", page);
            put_mark(page, line->status);
            put_tag(page, "<small>", line->where, line->where[0] ? ": " : "");
            put_tag(page, "", line->message, "</small></td>");
        }
        fputs("</tr>\n", page);
    }
    fputs("</table>\n", page);
}

static void put_ledger(FILE *page, const struct pair *pair)
{
    static const struct {
        const char *name;
        size_t at;
    } ends[] = {{"submitted", offsetof(struct timeline_ledger, submitted)},
                {"completed", offsetof(struct timeline_ledger, completed)},
                {"failed", offsetof(struct timeline_ledger, failed)},
                {"rejected", offsetof(struct timeline_ledger, rejected)},
                {"cancelled", offsetof(struct timeline_ledger, cancelled)},
                {"discarded", offsetof(struct timeline_ledger, discarded)},
                {"never answered", offsetof(struct timeline_ledger, unanswered)}};

    fputs("<h2>What became of the requests</h2>\n<table class=\"narrow\"><tr><th></th>", page);
    put_run_names(page, pair, " class=\"n\"");
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        fprintf(page, "<tr><td>%s</td>", ends[i].name);
        for (int run = 0; run < pair->count; run++) {
            const char *ledger = (const char *)&pair->views[run]->timeline->ledger;
            fprintf(page, "<td class=\"n\">%lu</td>", *(const unsigned long *)(ledger + ends[i].at));
        }
        fputs("</tr>\n", page);
    }
    fputs("</table>\n", page);
}

/* --- the plots ----------------------------------------------------------------------------------------- */

/* What both plots of a series have room for, in STEPs. A limit far beyond all values would flatten them. */
static double most_of(const struct pair *pair, size_t s, double *step)
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
        put_mark(page, view->lines[series->bounds[i].line].status);
        put_tag(page, ": ", series->bounds[i].words, "</span>");
    }
}

/* The whole time and, where something went wrong, a close-up of it; the page shows one of them. */
static void put_plots(FILE *page, const struct pair *pair, size_t s, int run)
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

static void put_series(FILE *page, const struct pair *pair, size_t s)
{
    const struct view_series *first = &pair->views[0]->series[s];

    put_tag(page, "<section class=\"series\"><h3>", first->label, " <small>");
    put_tag(page, "", first->unit, "</small></h3>\n<div class=\"pair\">\n");
    for (int run = 0; run < pair->count; run++) {
        fprintf(page, "<figure class=\"%s\">\n", class_of(pair, run));
        put_plots(page, pair, s, run);
        fputs("<figcaption>", page);
        put_bounds(page, pair->views[run], &pair->views[run]->series[s]);
        fputs("<output aria-live=\"off\"></output></figcaption></figure>\n", page);
    }
    fputs("</div></section>\n", page);
}

/* Which of the two pictures is shown: two buttons that need no script. */
static void put_choice(FILE *page, const struct pair *pair)
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

static void put_keys(FILE *page, const struct pair *pair)
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

/* --- the log ------------------------------------------------------------------------------------------- */

/* At most TEXT_MOST bytes of TEXT, by whole characters. */
static void put_cut(FILE *page, void *mem, const char *text)
{
    size_t length = strlen(text);

    if (length <= TEXT_MOST) {
        put_html(page, text);
        return;
    }
    for (length = TEXT_MOST; length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80;)
        length--;
    put_html(page, talloc_strndup(mem, text, length));
    fputs(" ...", page);
}

static void put_entry(FILE *page, void *mem, const struct log_entry *entry)
{
    char clock[CLOCK_TEXT];

    fprintf(page, "<li%s><time>%s</time> ", entry->letter ? " class=\"is-event\"" : "",
            clock_exact(clock, entry->second));
    if (entry->letter) {
        fprintf(page, "%c ", entry->letter);
        put_html(page, entry->kind);
        fputs(": ", page);
    }
    put_cut(page, mem, entry->text);
    fputs("</li>\n", page);
}

static void put_log(FILE *page, const struct replay_view *view, const char *class)
{
    void *mem = talloc_new(NULL);
    struct log_entry *entries;
    size_t count = log_entries(mem, view, &entries);

    put_tag(page, "<div><h3>", view->policy, "</h3>\n");
    fprintf(page, "<ol class=\"log %s\" tabindex=\"0\" aria-label=\"log and events, %s\">\n", class, class);
    for (size_t i = 0; i < count; i++) {
        if (count > 2 * LOG_HALF && i == LOG_HALF) {
            fprintf(page, "<li>... %zu more ...</li>\n", count - 2 * LOG_HALF);
            i = count - LOG_HALF;
        }
        put_entry(page, mem, &entries[i]);
    }
    if (count == 0)
        fputs("<li>Nothing was logged, and nothing happened.</li>\n", page);
    fputs("</ol></div>\n", page);
    talloc_free(mem);
}

/* --- what the script needs ----------------------------------------------------------------------------- */

static void put_data(FILE *page, const struct pair *pair)
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

static void put_bar(FILE *page, const struct pair *pair)
{
    fprintf(page,
            "<div id=\"bar\" hidden><label for=\"at\">Second</label><output for=\"at\"></output>"
            "<input id=\"at\" type=\"range\" min=\"0\" max=\"%.0f\" value=\"0\"></div>\n"
            "<script>\n%s</script>\n",
            pair->seconds - 1, timeline_page_script);
}

/* --- all of it ----------------------------------------------------------------------------------------- */

static struct pair pair_of(const struct replay_view *before, const struct replay_view *after)
{
    struct pair pair = {{before ? before : after, after}, before ? 2 : 1, 1, 0, 0};

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
    const struct pair pair = pair_of(before, after);

    fputs("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
          stream);
    put_title(stream, &pair);
    put_heads(stream, &pair);
    put_keys(stream, &pair);
    put_choice(stream, &pair);
    for (size_t s = 0; s < after->series_count; s++)
        put_series(stream, &pair, s);
    put_objective(stream, &pair);
    put_ledger(stream, &pair);
    fputs("<h2>Log and events</h2>\n<div class=\"pair\">\n", stream);
    for (int run = 0; run < pair.count; run++)
        put_log(stream, pair.views[run], class_of(&pair, run));
    fputs("</div>\n", stream);
    put_data(stream, &pair);
    put_bar(stream, &pair);
    fputs("</body>\n</html>\n", stream);
}
