/* watch.h - the watchdog of one running check: when is it over, and why.
 *
 * Looks at the process every few milliseconds and keeps three accounts: processor time used, time in which no
 * thread wanted a processor (idle), and wall time. Limits stand on the first two only, which a busy machine
 * does not change. A program in which every thread waits for another is stuck, proven by two censuses; no
 * limit is needed for that.
 */
#ifndef DEEPEND_WATCH_H
#define DEEPEND_WATCH_H

#include "run/run.h"
#include "run/threads.h"

/* What the check in the process waits to hear from us. */
enum question { ASKED_NOTHING, ASKED_SETTLE, ASKED_CENSUS };

struct watch {
    void *mem; /* the censuses hang on it */
    pid_t pid; /* of the program itself, 0 until it has said hello */
    struct tool_threads tools;
    struct limits limits; /* multiplied for the variant already; memory in MiB */
    enum question asked;
    struct census last;     /* .threads NULL: none yet */
    double started, looked; /* monotonic seconds */
    double cpu, idle;       /* seconds */
    double idle_since_question;
    long peak_kb;
};

/* What a look found. */
enum sight {
    SIGHT_GOING_ON,
    SIGHT_GONE,     /* the process has ended */
    SIGHT_SETTLED,  /* an answer is due: nothing but the asking thread can move; see `last` */
    SIGHT_OVERSTAY, /* asked for a census, and some threads neither end nor stay blocked */
    SIGHT_EMPTY,    /* only the tool's own threads are left: the program has ended all but in name */
    SIGHT_STUCK,
    SIGHT_IDLE,
    SIGHT_BUSY,
    SIGHT_MEMORY,
    SIGHT_THREADS,
    SIGHT_ABANDONED
};

void watch_begin(struct watch *watch, void *mem, const struct variant *variant, const struct limits *limits);

/* Look once. NOW is clock_seconds(). */
enum sight watch_look(struct watch *watch, double now);

/* The check has put a question; count its patience from now. */
void watch_asked(struct watch *watch, enum question question);

#endif
