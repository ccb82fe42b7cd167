/* timeline.h - what happened in a run of an incident, second by second, as its engine told it.
 *
 * Plain data on a talloc context. A run that was cut short has fewer rows; what was never told is empty.
 */
#ifndef DEEPEND_TIMELINE_H
#define DEEPEND_TIMELINE_H

#include <stddef.h>

struct timeline_event {
    double second;
    char *kind; /* "resize", "alert", "kill", ... */
    char *text;
};

struct timeline_line {
    double second;
    char *file; /* "log", "dump", ... */
    char *text;
};

enum timeline_end {
    END_NOT_TOLD, /* the program was stopped before it could say */
    END_DONE,
    END_KILLED, /* as by SIGKILL: out of memory, or out of time; the last event of kind "kill" says why */
    END_CUT     /* a fault ended it */
};

struct timeline_ledger {
    unsigned long submitted, completed, failed, rejected, cancelled, discarded, unanswered;
};

struct timeline {
    char **series; /* names, columns of `rows` */
    size_t series_count;
    double *rows; /* row r, series s at r * series_count + s; row r is told at second r + 1 */
    size_t row_count;
    struct timeline_event *events;
    size_t event_count;
    struct timeline_line *lines;
    size_t line_count;
    struct timeline_ledger ledger;
    long long memory_left; /* bytes never freed */
    unsigned long blocks_left;
    unsigned long memory_pc; /* where most of them were allocated, an address of the program, or 0 */
    int threads_left;
    enum timeline_end end;
    double end_second;
};

/* Read RECORD, the text of check/incident/record.c. Lines that mean nothing are left out. On MEM. */
struct timeline *timeline_read(void *mem, const char *record);

/* Take one line in: for a run that is followed while it goes on. 0: it means nothing. */
struct timeline *timeline_new(void *mem);
int timeline_add(struct timeline *timeline, const char *line);

/* The column of the series NAME, or -1. */
int timeline_series(const struct timeline *timeline, const char *name);

/* Its value in row ROW. */
double timeline_value(const struct timeline *timeline, size_t row, int series);

#endif
