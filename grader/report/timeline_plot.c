/* timeline_plot.c - one series of a replay as a picture: SVG for a page. See timeline_inside.h.
 *
 * The value of a row stands in the middle of its second. Limits of the objective are dashed where they count;
 * events are marks with their words as hover text; what the process did not live to see is grey.
 */
#include "report/timeline_inside.h"

#include <math.h>
#include <string.h>

enum {
    LEFT = PLOT_LEFT,
    RIGHT = PLOT_RIGHT,
    TOP = 24,
    BOTTOM = 26,
    LETTER_WIDTH = 13,
    MARK_WIDTH = 3,
    WORDS_MOST = 6,
    LIMIT_TEXT = 100
};

/* --- scales -------------------------------------------------------------------------------------------- */

/* 1, 2 or 5 times a power of ten: the least that is at least VALUE. */
static double round_up(double value)
{
    double power = pow(10, floor(log10(value)));
    static const double factors[] = {1, 2, 5, 10};

    for (size_t i = 0; i < sizeof factors / sizeof factors[0]; i++)
        if (value <= factors[i] * power * 1.000001)
            return factors[i] * power;
    return 10 * power;
}

double plot_scale(double most, double *step)
{
    if (most <= 0)
        return *step = 1;
    *step = round_up(most / 4.5);
    return ceil(most * 1.02 / *step) * *step;
}

static double time_step(double seconds)
{
    static const double steps[] = {1, 2, 5, 10, 20, 30, 60, 120, 300, 600};

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (seconds / steps[i] <= 10)
            return steps[i];
    return seconds / 6;
}

static double x_of(const struct plot *plot, double second)
{
    return LEFT + (second - plot->from) / plot->seconds * (plot->width - LEFT - RIGHT);
}

static int is_inside(const struct plot *plot, double second)
{
    return second >= plot->from && second <= plot->from + plot->seconds;
}

static double y_of(const struct plot *plot, double value)
{
    return plot->height - BOTTOM - fmax(value, 0) / plot->most * (plot->height - TOP - BOTTOM);
}

/* --- axes ---------------------------------------------------------------------------------------------- */

/* A number of an axis: no more digits than its step has. */
static void put_number(FILE *page, double value, double step)
{
    int decimals = step >= 1 ? 0 : (int)ceil(-log10(step) - 1e-9);

    if (value >= 10000)
        fprintf(page, "%.4g k", value / 1000);
    else
        fprintf(page, "%.*f", decimals, value);
}

static void put_axes(FILE *page, const struct plot *plot)
{
    double right = plot->width - RIGHT, bottom = plot->height - BOTTOM, step = time_step(plot->seconds);
    char clock[CLOCK_TEXT];

    for (double value = 0; value <= plot->most * 1.0001; value += plot->step) {
        fprintf(page, "<path class=\"grid\" d=\"M%d %.1fH%.0f\"/><text class=\"y\" x=\"%d\" y=\"%.1f\">",
                LEFT, y_of(plot, value), right, LEFT - 7, y_of(plot, value) + 5);
        put_number(page, value, plot->step);
        fputs("</text>\n", page);
    }
    fprintf(page, "<path class=\"axis\" d=\"M%d %.1fH%.0f", LEFT, bottom, right);
    for (double second = ceil(plot->from / step) * step; is_inside(plot, second); second += step)
        fprintf(page, "M%.1f %.1fv5", x_of(plot, second), bottom);
    fputs("\"/>\n", page);
    for (double second = ceil(plot->from / step) * step; is_inside(plot, second); second += step)
        fprintf(page, "<text class=\"x\" x=\"%.1f\" y=\"%d\">%s</text>", x_of(plot, second), plot->height - 6,
                clock_short(clock, second));
    putc('\n', page);
}

/* The rows that are in the picture: the first, and the one behind the last. */
static size_t first_row(const struct plot *plot)
{
    return (size_t)fmin(ceil(plot->from), (double)plot->view->row_count);
}

static size_t end_row(const struct plot *plot)
{
    return (size_t)fmin(floor(plot->from + plot->seconds), (double)plot->view->row_count);
}

/* --- the curve ----------------------------------------------------------------------------------------- */

/* Points in the middle of a level stretch are left out. */
static void put_points(FILE *page, const struct plot *plot)
{
    const double *values = plot->series->drawn;
    size_t first = first_row(plot), end = end_row(plot);
    char before[NUMBER_TEXT] = "", here[NUMBER_TEXT], next[NUMBER_TEXT];

    for (size_t row = first; row < end; row++) {
        number_text(here, y_of(plot, values[row]), 1);
        number_text(next, row + 1 < end ? y_of(plot, values[row + 1]) : -1, 1);
        if (row == first || strcmp(here, before) != 0 || strcmp(here, next) != 0)
            fprintf(page, "%s%.1f %s", row == first ? "" : "L", x_of(plot, (double)row + 0.5), here);
        strcpy(before, here);
    }
}

static void put_curve(FILE *page, const struct plot *plot)
{
    double bottom = plot->height - BOTTOM;

    if (first_row(plot) >= end_row(plot))
        return;
    fprintf(page, "<path class=\"area\" d=\"M%.1f %.1fL", x_of(plot, (double)first_row(plot) + 0.5), bottom);
    put_points(page, plot);
    fprintf(page, "V%.1fZ\"/>\n<path class=\"curve\" d=\"M", bottom);
    put_points(page, plot);
    fputs("\"/>\n", page);
}

static void put_gone(FILE *page, const struct plot *plot)
{
    double from = x_of(plot, fmax(plot->view->end_second, plot->from)), to = plot->width - RIGHT;

    if (plot->view->timeline->end == END_DONE || from >= to)
        return;
    fprintf(page, "<rect class=\"gone\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>\n", from, TOP,
            to - from, plot->height - TOP - BOTTOM);
    if (to - from > 160)
        fprintf(page,
                "<text class=\"gone-text\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">the service is "
                "gone</text>\n",
                (from + to) / 2, plot->height / 2);
}

/* --- the objective ------------------------------------------------------------------------------------- */

/* The label stands at the end of its line; where that of another limit is in its way it is left out: the
 * caption has it, too. */
static void put_limit(FILE *page, const struct plot *plot, const struct view_bound *bound, double *taken)
{
    double from = x_of(plot, fmax(bound->from, plot->from));
    double to = x_of(plot, fmin(bound->to, plot->from + plot->seconds)), y = y_of(plot, bound->limit);
    char text[NUMBER_TEXT];

    if (!bound->is_level || y < TOP || from >= to)
        return;
    fprintf(page, "<line class=\"limit\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"><title>", from, y,
            to, y);
    put_html(page, bound->words);
    fputs("</title></line>", page);
    if (to - LIMIT_TEXT < *taken && to > *taken - LIMIT_TEXT)
        return;
    fprintf(page, "<text class=\"limit-text\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s %s</text>\n",
            to - 3, y - 5, bound->at_least ? "at least" : "at most",
            number_text(text, bound->limit, bound->limit == floor(bound->limit) ? 0 : 1));
    *taken = to;
}

static void put_limits(FILE *page, const struct plot *plot)
{
    double taken = -LIMIT_TEXT;

    for (size_t i = 0; i < plot->series->bound_count; i++)
        put_limit(page, plot, &plot->series->bounds[i], &taken);
}

/* --- events -------------------------------------------------------------------------------------------- */

static void put_words(FILE *page, const struct view_event *events, size_t count)
{
    char clock[CLOCK_TEXT];

    fputs("<title>", page);
    for (size_t i = 0; i < count && i < WORDS_MOST; i++) {
        fprintf(page, "%s%s ", i ? "\n" : "", clock_exact(clock, events[i].second));
        put_html(page, events[i].kind);
        fputs(": ", page);
        put_html(page, events[i].text);
    }
    if (count > WORDS_MOST)
        fprintf(page, "\nand %zu more", count - WORDS_MOST);
    fputs("</title>", page);
}

/* LETTER stands above its line, or a little to the right of it when another one is at *TAKEN; when there is no
 * room for it near by it is left out, and only its words are there. */
static void put_mark(FILE *page, const struct plot *plot, double x, char letter, double *taken)
{
    int bottom = plot->height - BOTTOM;
    double at = fmax(x, *taken + LETTER_WIDTH);

    fprintf(page, "<line class=\"event\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>", x, TOP - 4, x,
            bottom);
    fprintf(page, "<rect class=\"hit\" x=\"%.1f\" y=\"%d\" width=\"%d\" height=\"%d\"/>", x - MARK_WIDTH, TOP,
            2 * MARK_WIDTH, bottom - TOP);
    if (at - x > 2.5 * LETTER_WIDTH || at > plot->width - RIGHT + LETTER_WIDTH / 2.0)
        return;
    fprintf(page, "<text class=\"letter\" x=\"%.1f\" y=\"%d\">%c</text>", at, TOP - 9, letter);
    *taken = at;
}

static void put_wrong(FILE *page, const struct plot *plot, double *taken)
{
    const struct replay_view *view = plot->view;
    char clock[CLOCK_TEXT];

    fprintf(page, "<g class=\"mark wrong\"><title>%s wrong first: ", clock_short(clock, view->wrong_second));
    put_html(page, view->wrong);
    fputs("</title>", page);
    put_mark(page, plot, x_of(plot, view->wrong_second), '!', taken);
    fputs("</g>\n", page);
}

/* Marks that would touch each other become one. */
static void put_events(FILE *page, const struct plot *plot)
{
    const struct replay_view *view = plot->view;
    double taken = -LETTER_WIDTH;
    int is_told = !is_inside(plot, view->wrong_second);

    for (size_t i = 0, count; i < view->event_count; i += count) {
        double x = x_of(plot, view->events[i].second);
        count = 1;
        if (!is_inside(plot, view->events[i].second))
            continue;
        if (!is_told && view->wrong_second <= view->events[i].second) {
            put_wrong(page, plot, &taken);
            is_told = 1;
        }
        while (i + count < view->event_count && x_of(plot, view->events[i + count].second) - x < MARK_WIDTH)
            count++;
        fputs("<g class=\"mark\">", page);
        put_words(page, &view->events[i], count);
        put_mark(page, plot, x, view->events[i + count - 1].letter, &taken);
        fputs("</g>\n", page);
    }
    if (!is_told)
        put_wrong(page, plot, &taken);
}

/* --- all of it ----------------------------------------------------------------------------------------- */

static void put_description(FILE *page, const struct plot *plot)
{
    const struct view_series *series = plot->series;
    char number[NUMBER_TEXT], clock[CLOCK_TEXT];

    fprintf(page, "<title id=\"t-%s\">", plot->key);
    put_html(page, series->label);
    fprintf(page, "</title>\n<desc id=\"d-%s\">", plot->key);
    put_html(page, plot->view->policy);
    if (plot->view->row_count > 0) {
        fprintf(page, ": at most %s ", number_text(number, series->most, series->decimals));
        put_html(page, series->unit);
        fprintf(page, " at %s", clock_short(clock, (double)series->most_at));
    }
    for (size_t i = 0; i < series->bound_count; i++) {
        fputs("; the objective: ", page);
        put_html(page, series->bounds[i].words);
    }
    fputs("; ", page);
    put_html(page, plot->view->end);
    fputs("</desc>\n", page);
}

void plot_svg(FILE *page, const struct plot *plot)
{
    fprintf(
        page,
        "<svg class=\"%s\" viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"t-%s d-%s\" data-run=\"%c\" "
        "data-from=\"%.0f\" data-span=\"%.0f\" data-series=\"",
        plot->class, plot->width, plot->height, plot->key, plot->key, plot->key[0], plot->from,
        plot->seconds);
    put_html(page, plot->series->name);
    fputs("\" data-unit=\"", page);
    put_html(page, plot->series->unit);
    fputs("\">\n", page);
    put_description(page, plot);
    put_gone(page, plot);
    put_axes(page, plot);
    put_events(page, plot);
    put_curve(page, plot);
    put_limits(page, plot);
    fprintf(page, "<line class=\"cursor\" x1=\"0\" x2=\"0\" y1=\"%d\" y2=\"%d\"/>\n</svg>\n", TOP,
            plot->height - BOTTOM);
}
