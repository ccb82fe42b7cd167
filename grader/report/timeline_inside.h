/* timeline_inside.h - what the formats of a replay share, for report/timeline_*.c alone. */
#ifndef DEEPEND_TIMELINE_INSIDE_H
#define DEEPEND_TIMELINE_INSIDE_H

#include "report/timeline_view.h"

enum { CLOCK_TEXT = 32, NUMBER_TEXT = 40 };

/* "2:03", and with milliseconds "02:03.971". */
const char *clock_short(char text[CLOCK_TEXT], double second);
const char *clock_exact(char text[CLOCK_TEXT], double second);

/* VALUE with DECIMALS. */
const char *number_text(char text[NUMBER_TEXT], double value, int decimals);

/* The header and the rows of a table of all series, as wide as its widest value. */
struct table {
    const struct replay_view *view;
    int *widths; /* one a series */
};
struct table table_of(void *mem, const struct replay_view *view);
void table_head(FILE *stream, const struct table *table);
void table_row(FILE *stream, const struct table *table, size_t row);

/* COLUMNS characters for the values FROM to TO of rows 0 to NOW (those behind it are blank), HEIGHT lines high;
 * line 0 is the uppermost. */
struct spark {
    const double *values;
    size_t now, span; /* rows known, rows that the whole width stands for */
    double most;
    int columns, height, utf8;
};
void spark_line(FILE *stream, const struct spark *spark, int line);

/* The column in which ROW of SPAN rows falls. */
int spark_column(double second, size_t span, int columns);

/* The log with the events in it, in the order of time; an event comes before a line of the same moment: it is
 * what the line tells of. On MEM; how many. */
struct log_entry {
    double second;
    char letter; /* 0: a line of the log */
    const char *kind, *text;
};
size_t log_entries(void *mem, const struct replay_view *view, struct log_entry **entries);

/* TEXT for HTML; and between OPEN and CLOSE, which are HTML. */
void put_html(FILE *page, const char *text);
void page_tag(FILE *page, const char *open, const char *text, const char *close);

/* "holds" or "fails", with a mark. */
void page_mark(FILE *page, enum verdict_status status);

/* What a page shows side by side. */
struct page_pair {
    const struct replay_view *views[2];
    int count; /* 1 or 2 */
    double seconds;
    double from, span; /* of the close-up around the first wrong second; span 0: there is none */
};
const char *page_class(const struct page_pair *pair, int run);
void page_objective(FILE *page, const struct page_pair *pair);
void page_ledger(FILE *page, const struct page_pair *pair);
void page_log(FILE *page, const struct replay_view *view, const char *class);

enum { PLOT_LEFT = 62, PLOT_RIGHT = 28 }; /* of the picture, beside the plot itself */

/* The plot of a series of VIEW as SVG. That of the other view has the same scales. */
struct plot {
    const struct replay_view *view;
    const struct view_series *series;
    double from, seconds; /* what the width stands for */
    double most, step;    /* what the height stands for, and from one mark to the next */
    const char *key;      /* makes its ids unique */
    const char *class;
    int width, height;
};
void plot_svg(FILE *page, const struct plot *plot);

/* The top of a scale for values up to MOST, and the step of its marks. */
double plot_scale(double most, double *step);

/* The page's own words for a browser. */
extern const char timeline_page_style[], timeline_page_script[];

#endif
