/* incident.h - what the service of an incident is written with.
 *
 *     #include "incident.h"
 *
 *     static void arrive(struct request *request, void *service) { ... request_begins, incident_call,
 *                                                                   request_ends ... }
 *     static void serve(void)
 *     {
 *         struct incident_load load = {.name = "callers", .rate = rate, .arrive = arrive};
 *         incident_load_start(&load);
 *         incident_wait();                            // until the ten minutes are over
 *     }
 *     const struct incident_plan incident_plan = {.serve = serve, .series = {{"depth", SERIES_MOST}}};
 *
 * The program is run by `deepend incident` in the schedule explorer's virtual time, where it is the same each
 * time, above ThreadSanitizer likewise, or live in real time. What the callers do, how the downstream behaves
 * and what is measured lies here, out of the reach of the file that a learner edits: that one sees only what
 * the incident's own header offers.
 *
 * All functions may be called from any thread. None orders anything that ThreadSanitizer could see, so a race
 * of the learner's is not hidden by a measurement. Seconds are virtual, counted from the start.
 */
#ifndef DEEPEND_INCIDENT_H
#define DEEPEND_INCIDENT_H

#include <stdint.h>

/* --- the plan: what service.c defines ---------------------------------------------------------------- */

/* What one row of the timeline (a second) keeps of a series. */
enum series_fold {
    SERIES_END = 0, /* ends the list */
    SERIES_LAST,    /* a gauge: its value when the second ends */
    SERIES_MOST,    /* a gauge: the greatest value seen, looked at ten times a second and at every set */
    SERIES_LEAST,   /* likewise the least */
    SERIES_COUNT,   /* a counter: its value so far */
    SERIES_MEAN,    /* of the values told in that second; the one before when there are none */
    SERIES_P99      /* likewise their 99th percentile, nearest rank */
};

struct incident_series {
    const char *name; /* "depth"; small letters, digits and '_' */
    enum series_fold fold;
};

enum { INCIDENT_SERIES = 16, INCIDENT_LOADS = 16 };

struct incident_plan {
    void (*serve)(void);                            /* the whole service; returns when it has shut down */
    double grace_seconds;                           /* that shutting down may take, 0: 30 */
    struct incident_series series[INCIDENT_SERIES]; /* beside those that every incident has */
};
extern const struct incident_plan incident_plan;

/* --- time ---------------------------------------------------------------------------------------------- */

double incident_seconds(void); /* now */
double incident_length(void);  /* when the callers stop */
int incident_is_live(void);    /* 1: real time */
void incident_sleep(double seconds);
void incident_sleep_until(double second);

/* A stream of numbers of its own for each STREAM, the same at each replay: uniform in [0, 1). Owner thread
 * only. */
struct incident_random {
    uint64_t state;
};
struct incident_random incident_random(unsigned stream);
double incident_draw(struct incident_random *random);

/* Let the process be ended as by SIGKILL (status 137) at SECOND, unless called off before. One at a time. */
void incident_kill_at(double second, const char *why);
void incident_kill_called_off(void);

/* --- callers and their requests ------------------------------------------------------------------------ */

enum request_end {
    REQUEST_COMPLETED,
    REQUEST_FAILED,    /* the work was tried, and did not succeed */
    REQUEST_REJECTED,  /* refused at the door */
    REQUEST_CANCELLED, /* taken in, and given up before it was begun */
    REQUEST_DISCARDED, /* taken in, and dropped to make room or to stop */
    REQUEST_ENDS
};

/* One call of a caller's. The service owns it from `arrive` until request_ends, which frees it. */
struct request {
    unsigned long id; /* from 1, over all loads in the order of arrival */
    unsigned tenant;
    double arrived; /* when the caller wanted to call; later than that it calls only when it was held up */
    void *context;  /* the service's own */
    /* the engine's */
    double begun;
    int called; /* its work was done: incident_call has returned 0 for it */
    int ended;
};

/* One stream of callers, each in the thread of the load: whoever makes them wait holds up those behind. */
struct incident_load {
    const char *name;
    unsigned tenant;
    double (*rate)(double second, void *context); /* calls a second, 0 for none */
    int regular;                                  /* 1: evenly spaced; 0: at random (Poisson) */
    void (*arrive)(struct request *request, void *context);
    void *context;
};

/* Start it in a thread of its own. LOAD must live until incident_wait has returned. */
void incident_load_start(const struct incident_load *load);

/* Until the callers have stopped. */
void incident_wait(void);

/* A worker has taken REQUEST up: the time since it arrived is its dwell. */
void request_begins(struct request *request);

/* The answer. Completed counts only for work that was done by incident_call; anything else, or a second
 * answer, is told as tampering with the ledger. */
void request_ends(struct request *request, enum request_end how);

/* --- the downstream ------------------------------------------------------------------------------------ */

struct incident_downstream {
    double (*latency)(unsigned in_flight, double second); /* seconds that a call takes; IN_FLIGHT with it */
    double (*errors)(unsigned in_flight, double second);  /* chance that it fails, NULL: never */
    unsigned in_flight;                                   /* now; the engine's */
    struct incident_random random;                        /* the engine's */
};

/* Do REQUEST's work there: takes as long as it takes. 0, or -1 when it failed. */
int incident_call(struct incident_downstream *downstream, struct request *request);

/* --- what is measured ---------------------------------------------------------------------------------- */

/* Ask READ for the value of the series NAME, ten times a second, until the service has ended. It must not
 * block for long. */
void incident_gauge(const char *name, double (*read)(void *context), void *context);
/* No more: the object behind it is about to go. */
void incident_gauge_gone(const char *name);

/* Add to a counter, or tell a value of any other series. */
void incident_count(const char *name, double amount);
void incident_tell(const char *name, double value);

/* A mark on the time axis. KIND: "alert", "resize", "breaker", "deploy", "load", "kill". And a line in the
 * service's log, and one of a thread dump or another file of evidence (FILE: "dump"). */
void incident_event(const char *kind, const char *format, ...) __attribute__((format(printf, 2, 3)));
void incident_log(const char *format, ...) __attribute__((format(printf, 1, 2)));
void incident_write(const char *file, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
