/* timeline_view.h - an incident's replay as people and machines read it.
 *
 *     struct replay_view *view = incident_view(mem, &played, policy);      // cmd/incident_view.h makes it
 *     replay_text(stdout, view, &style);
 *
 * Each function renders one format to a stream and decides nothing. All texts of a view are clean: nothing in
 * them can command a terminal; all numbers are finite. None of the formats has a wall time in it, so the same
 * replay gives the same bytes. Plain data; the functions are thread-safe on distinct streams.
 *
 * A row is a second and is called by its beginning: the row of 2:03 is what happened from 2:03 until 2:04.
 */
#ifndef DEEPEND_TIMELINE_VIEW_H
#define DEEPEND_TIMELINE_VIEW_H

#include "report/report.h"

/* What a line of the objective says of one series. */
struct view_bound {
    const char *words; /* "at most 300 from 2:13 to 6:00" */
    int is_level;      /* 1: `limit` can be drawn into the plot of the series */
    int at_least;
    double limit;
    double from, to; /* seconds */
    size_t line;     /* of the view's lines */
};

struct view_series {
    const char *name, *label;
    const char *unit; /* of `drawn`: "pictures/s"; "" when there is none */
    int is_rate;      /* a counter: `drawn` is its growth in each second */
    double *drawn;    /* one a row */
    double *told;     /* as the engine told it */
    double most;      /* of `drawn` */
    size_t most_at;   /* the row of it */
    int decimals;     /* that are worth printing */
    struct view_bound *bounds;
    size_t bound_count;
};

/* A line of the objective, and what came of it. */
struct view_line {
    const char *name, *title, *must;
    enum verdict_status status;
    const char *message; /* "" when it holds */
    const char *where;   /* "policy.c:12", or "" */
};

struct view_event {
    double second;
    char letter; /* for marks: 'A' alert, 'R' resize, 'B' breaker, 'D' deploy, 'L' load, 'K' kill; '*' */
    const char *kind, *text;
};

struct view_note {
    double second;
    const char *file; /* "log", "dump", ...; small letters, digits, '-' and '_' */
    const char *text;
};

struct replay_view {
    const char *id, *catalogue, *title;
    const char *policy; /* "policy.c as shipped" */
    int is_shipped;     /* it is what was running */
    unsigned seconds;   /* that the callers call */
    size_t row_count;   /* 0: it was never run */
    struct view_series *series;
    size_t series_count;
    struct view_event *events; /* in the order of time, as the notes */
    size_t event_count;
    struct view_note *notes;
    size_t note_count;
    struct view_line *lines;
    size_t line_count;
    const struct timeline *timeline; /* ledger and end; never NULL */
    const char *end;                 /* how it ended: "it shut down by itself" */
    double end_second;
    double wrong_second;        /* when a line was first out of bounds, or -1 */
    const char *wrong;          /* which: its title */
    enum verdict_status status; /* of all lines */
    const char *next;           /* lines to type next, each "COMMAND  what for\n" */
};

/* Text for a pipe: a row every ten seconds, and every second where something happens. */
void replay_text(FILE *stream, const struct replay_view *view, const struct report_style *style);

/* How it ended, the objective line by line, and what to type next: the end of replay_text, and what stays on
 * the screen after a time-lapse. */
void replay_verdict(FILE *stream, const struct replay_view *view, const struct report_style *style);

/* One picture of a time-lapse: what was known at second AT. Exactly `rows` lines of at most `columns`, each
 * cleared behind its end; the last one has no newline. */
struct replay_frame {
    double at;
    double speed; /* virtual seconds a second */
    int is_paused;
    int rows, columns;
};
void replay_frame(FILE *stream, const struct replay_view *view, const struct report_style *style,
                  const struct replay_frame *frame);

/* One page for a browser that needs no other file. BEFORE stands beside AFTER; NULL: AFTER alone. */
void replay_html(FILE *stream, const struct replay_view *before, const struct replay_view *after);

/* "deepend/timeline/1". The caller owns the reference. */
json_t *replay_json(const struct replay_view *view);

/* Evidence: a header and one row a second; the log with the events in it; the notes of FILE. */
void replay_metrics(FILE *stream, const struct replay_view *view);
void replay_log(FILE *stream, const struct replay_view *view);
void replay_notes(FILE *stream, const struct replay_view *view, const char *file);

#endif
