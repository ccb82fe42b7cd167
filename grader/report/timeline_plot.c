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
    WORDS_MOST = 6
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
        most = 1;
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
    return LEFT + second / plot->seconds * (plot->width - LEFT - RIGHT);
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
    double step, right = plot->width - RIGHT, bottom = plot->height - BOTTOM;
    char clock[CLOCK_TEXT];

    plot_scale(plot->most / 1.02, &step);
    for (double value = 0; value <= plot->most * 1.0001; value += step) {
        fprintf(page, "<path class=\"grid\" d=\"M%d %.1fH%.0f\"/><text class=\"y\" x=\"%d\" y=\"%.1f\">",
                LEFT, y_of(plot, value), right, LEFT - 7, y_of(plot, value) + 5);
        put_number(page, value, step);
        fputs("</text>\n", page);
    }
    fprintf(page, "<path class=\"axis\" d=\"M%d %.1fH%.0f", LEFT, bottom, right);
    for (double second = 0; second <= plot->seconds; second += time_step(plot->seconds))
        fprintf(page, "M%.1f %.1fv5", x_of(plot, second), bottom);
    fputs("\"/>\n", page);
    for (double second = 0; second <= plot->seconds; second += time_step(plot->seconds))
        fprintf(page, "<text class=\"x\" x=\"%.1f\" y=\"%d\">%s</text>", x_of(plot, second), plot->height - 6,
                clock_short(clock, second));
    putc('\n', page);
}

/* --- the curve ----------------------------------------------------------------------------------------- */

/* Points in the middle of a level stretch are left out. */
static void put_points(FILE *page, const struct plot *plot)
{
    const double *values = plot->series->drawn;
    size_t count = plot->view->row_count;
    char before[NUMBER_TEXT] = "", here[NUMBER_TEXT], next[NUMBER_TEXT];

    for (size_t row = 0; row < count; row++) {
        number_text(here, y_of(plot, values[row]), 1);
        number_text(next, row + 1 < count ? y_of(plot, values[row + 1]) : -1, 1);
        if (row == 0 || strcmp(here, before) != 0 || strcmp(here, next) != 0)
            fprintf(page, "%s%.1f %s", row == 0 ? "" : "L", x_of(plot, (double)row + 0.5), here);
        strcpy(before, here);
    }
}

static void put_curve(FILE *page, const struct plot *plot)
{
    double bottom = plot->height - BOTTOM;

    if (plot->view->row_count == 0)
        return;
    fprintf(page, "<path class=\"area\" d=\"M%.1f %.1fL", x_of(plot, 0.5), bottom);
    put_points(page, plot);
    fprintf(page, "V%.1fZ\"/>\n<path class=\"curve\" d=\"M", bottom);
    put_points(page, plot);
    fputs("\"/>\n", page);
}

static void put_gone(FILE *page, const struct plot *plot)
{
    double from = x_of(plot, plot->view->end_second), to = plot->width - RIGHT;

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

static void put_limits(FILE *page, const struct plot *plot)
{
    for (size_t i = 0; i < plot->series->bound_count; i++) {
        const struct view_bound *bound = &plot->series->bounds[i];
        double from = x_of(plot, bound->from), to = x_of(plot, fmin(bound->to, plot->seconds));
        double y = y_of(plot, bound->limit);
        char text[NUMBER_TEXT];
        if (!bound->is_level || y < TOP)
            continue;
        fprintf(page, "<line class=\"limit\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"><title>", from,
                y, to, y);
        put_html(page, bound->words);
        fprintf(page,
                "</title></line><text class=\"limit-text\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s "
                "%s</text>\n",
                to - 3, y - 5, bound->at_least ? "at least" : "at most",
                number_text(text, bound->limit, bound->limit == floor(bound->limit) ? 0 : 1));
    }
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

/* LETTER stands above the line unless that of another mark, at *TAKEN, is in its way. */
static void put_mark(FILE *page, const struct plot *plot, double x, char letter, double *taken)
{
    int bottom = plot->height - BOTTOM;

    fprintf(page, "<line class=\"event\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>", x, TOP - 4, x,
            bottom);
    fprintf(page, "<rect class=\"hit\" x=\"%.1f\" y=\"0\" width=\"%d\" height=\"%d\"/>",
            x - LETTER_WIDTH / 2.0, LETTER_WIDTH, bottom);
    if (x - *taken < LETTER_WIDTH)
        return;
    fprintf(page, "<text class=\"letter\" x=\"%.1f\" y=\"%d\">%c</text>", x, TOP - 9, letter);
    *taken = x;
}

/* Marks that would touch each other become one. */
static void put_events(FILE *page, const struct plot *plot)
{
    const struct replay_view *view = plot->view;
    double taken = -LETTER_WIDTH;

    for (size_t i = 0, count; i < view->event_count; i += count) {
        double x = x_of(plot, fmin(view->events[i].second, plot->seconds));
        for (count = 1;
             i + count < view->event_count && x_of(plot, view->events[i + count].second) - x < MARK_WIDTH;)
            count++;
        fputs("<g class=\"mark\">", page);
        put_words(page, &view->events[i], count);
        put_mark(page, plot, x, view->events[i + count - 1].letter, &taken);
        fputs("</g>\n", page);
    }
}

static void put_wrong(FILE *page, const struct plot *plot)
{
    const struct replay_view *view = plot->view;
    double taken = -LETTER_WIDTH;
    char clock[CLOCK_TEXT];
    double x = x_of(plot, view->wrong_second);

    if (view->wrong_second < 0)
        return;
    for (size_t i = 0; i < view->event_count; i++) /* its letter gives way, its line does not */
        if (fabs(x_of(plot, view->events[i].second) - x) < LETTER_WIDTH)
            taken = x;
    fprintf(page, "<g class=\"mark wrong\"><title>%s wrong first: ", clock_short(clock, view->wrong_second));
    put_html(page, view->wrong);
    fputs("</title>", page);
    put_mark(page, plot, x, '!', &taken);
    fputs("</g>\n", page);
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
    fprintf(page,
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"t-%s d-%s\" data-run=\"%c\" "
            "data-series=\"",
            plot->width, plot->height, plot->key, plot->key, plot->key[0]);
    put_html(page, plot->series->name);
    fputs("\" data-unit=\"", page);
    put_html(page, plot->series->unit);
    fputs("\">\n", page);
    put_description(page, plot);
    put_gone(page, plot);
    put_axes(page, plot);
    put_curve(page, plot);
    put_limits(page, plot);
    put_wrong(page, plot);
    put_events(page, plot);
    fprintf(page, "<line class=\"cursor\" x1=\"0\" x2=\"0\" y1=\"%d\" y2=\"%d\"/>\n</svg>\n", TOP,
            plot->height - BOTTOM);
}
