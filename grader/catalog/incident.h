/* incident.h - every incident, as its incident.yaml tells it.
 *
 * To the stages behind, an incident is an exercise with one check for each line of its service level
 * objective: the learner's file is the policy, the starter what is running today, the solution fixed.c, the
 * known-wrong answers what is shipped and the fixes that people try first. What is more stands here. Plain
 * data on a talloc context, read-only once loaded.
 */
#ifndef DEEPEND_INCIDENT_CATALOG_H
#define DEEPEND_INCIDENT_CATALOG_H

#include "catalog/catalog.h"

/* A line of the objective: what must hold of a series within a span, or of the run as a whole. */
enum slo_rule {
    SLO_ENDS,   /* the service shuts down by itself: not killed, not stuck, no crash */
    SLO_LEDGER, /* every request was answered, once */
    SLO_CENSUS, /* no thread is left */
    SLO_MEMORY, /* everything allocated was freed */
    SLO_RACES,  /* no data race */
    SLO_SERIES
};

/* How the values of a series become one. */
enum slo_fold {
    FOLD_MOST,
    FOLD_LEAST,
    FOLD_MEAN,
    FOLD_LAST,
    FOLD_GROWTH,    /* last minus first: of a counter */
    FOLD_PER_MINUTE /* the most that it grows in any 60 seconds of the span */
};

struct slo {
    char *name, *title;
    char *must;        /* "most(depth) <= 600" as written; or "ends", "ledger", ... */
    unsigned from, to; /* rows, the first and the one behind the last; `to` 0: the end */
    unsigned points;
    enum verdict_class class; /* of a failure */
    /* read from `must` */
    enum slo_rule rule;
    enum slo_fold fold;
    char *series;
    int at_least; /* 1: `limit` is the least, 0: the most */
    double limit;
};

/* What of a series is drawn. A counter wants its growth, second by second. */
enum series_draw { DRAW_UNSAID, DRAW_VALUE, DRAW_RATE };

/* How a series is drawn. */
struct series_look {
    char *name;
    char *label;           /* "queue depth" */
    char *unit;            /* "requests"; may be NULL */
    enum series_draw draw; /* once loaded it is said: the engine's own counters are rates, the rest values */
};

struct incident {
    struct exercise exercise; /* its id is "incidents/NN-slug" */
    char *catalogue;          /* "I01" */
    unsigned seconds;         /* of the callers, virtual */
    unsigned race_seconds;    /* of them above ThreadSanitizer */
    unsigned budget_mb;       /* 0: none */
    unsigned seed;
    struct slo *slo; /* in the order of exercise.checks */
    size_t slo_count;
    struct series_look *series; /* in the order in which they are drawn; those of the engine among them */
    size_t series_count;
    char **lessons; /* folders under lessons/; exercise.lesson is the first */
    size_t lesson_count;
};

/* Load all of ROOT/incidents. As catalog_load; `exercises` of the result are those within the incidents. */
struct catalog *incidents_load(void *mem, const char *root, struct error *err);

/* "most", "least", ... */
const char *fold_name(enum slo_fold fold);

#endif
