/* timeline_words.c - times, numbers and tables of a replay, for all its formats. See timeline_inside.h. */
#include "report/timeline_inside.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

const char *clock_short(char text[CLOCK_TEXT], double second)
{
    unsigned long whole = second > 0 ? (unsigned long)second : 0;

    snprintf(text, CLOCK_TEXT, "%lu:%02lu", whole / 60, whole % 60);
    return text;
}

const char *clock_exact(char text[CLOCK_TEXT], double second)
{
    unsigned long milliseconds = second > 0 ? (unsigned long)(second * 1000 + 0.5) : 0;

    snprintf(text, CLOCK_TEXT, "%02lu:%02lu.%03lu", milliseconds / 60000, milliseconds / 1000 % 60,
             milliseconds % 1000);
    return text;
}

const char *number_text(char text[NUMBER_TEXT], double value, int decimals)
{
    snprintf(text, NUMBER_TEXT, "%.*f", decimals, value);
    if (strspn(text, "-0.") == strlen(text) && text[0] == '-') /* what rounds to nothing has no sign */
        memmove(text, text + 1, strlen(text));
    return text;
}

/* --- tables -------------------------------------------------------------------------------------------- */

static const char *per_second(const struct view_series *series)
{
    return series->is_rate ? "/s" : "";
}

struct table table_of(void *mem, const struct replay_view *view)
{
    struct table table = {view, talloc_array(mem, int, (unsigned)view->series_count)};
    char text[NUMBER_TEXT];

    for (size_t s = 0; s < view->series_count; s++) {
        const struct view_series *series = &view->series[s];
        int widest = (int)(strlen(series->name) + strlen(per_second(series)));
        for (size_t row = 0; row < view->row_count; row++) {
            int width = (int)strlen(number_text(text, series->drawn[row], series->decimals));
            widest = width > widest ? width : widest;
        }
        table.widths[s] = widest;
    }
    return table;
}

void table_head(FILE *stream, const struct table *table)
{
    fputs(" time", stream);
    for (size_t s = 0; s < table->view->series_count; s++) {
        const struct view_series *series = &table->view->series[s];
        int used = (int)(strlen(series->name) + strlen(per_second(series)));
        fprintf(stream, "  %*s%s%s", table->widths[s] - used, "", series->name, per_second(series));
    }
    putc('\n', stream);
}

void table_row(FILE *stream, const struct table *table, size_t row)
{
    char clock[CLOCK_TEXT], text[NUMBER_TEXT];

    fprintf(stream, "%5s", clock_short(clock, (double)row));
    for (size_t s = 0; s < table->view->series_count; s++) {
        const struct view_series *series = &table->view->series[s];
        fprintf(stream, "  %*s", table->widths[s], number_text(text, series->drawn[row], series->decimals));
    }
    putc('\n', stream);
}
