/* inside.h - what the parts of an incident's engine offer each other.
 *
 *   main.c        begins and ends a run; kills
 *   load.c        callers, requests, the ledger
 *   downstream.c  what the service depends on
 *   meter.c       gauges, counters, one row of the timeline a second
 *   memory.c      the account of what is allocated
 *   record.c      the lines that all of it is told in
 *   live.c        what is only there in real time: the beginning, and who looks from outside
 *   account.c     every allocation, told to memory.c; linked into live programs only
 *
 * Compiled without instrumentation. In virtual time one thread runs at a time, and none loses its turn inside
 * the engine but where it sleeps, so its state needs no lock there; live it is behind one, engine_enter to
 * engine_leave, which no sanitizer sees.
 */
#ifndef DEEPEND_INCIDENT_INSIDE_H
#define DEEPEND_INCIDENT_INSIDE_H

#include "../explored.h"
#include "../incident_live.h"

#include <stddef.h>

struct engine {
    double length; /* the second in which the callers stop */
    double from;   /* the second in which it all begins, live; else 0 */
    double budget; /* bytes, 0: none */
    uint64_t seed;
    unsigned port;       /* live: of the endpoint, 0: any */
    int live, sanitized; /* in real time; above ThreadSanitizer */
    int64_t started;     /* nanoseconds of CLOCK_MONOTONIC */
    int over;            /* the end has been told */
    int served;          /* serve has returned */
};
extern struct engine engine;

void engine_enter(void);
void engine_leave(void);

/* End the process now, as a kill would: status 137. */
void engine_kill(const char *why) __attribute__((noreturn));
/* End it with a verdict: the engine was cheated. */
void engine_fail(enum verdict_class class, const char *message, const void *pc) __attribute__((noreturn));

/* Add a line to the record. */
void record_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Hand it over; may be called again. */
void record_close(void);

/* The loads' threads end by themselves; join them. */
void load_join(void);
/* The line of the ledger. */
void load_tell(void);

/* Live: say that the service is about to begin and wait for the word to go on. */
void live_begin(void);
/* Live: the line about what is accounted and what is resident, of one moment. */
void live_tell_memory(void);
/* Of each request, to the observer if there is one. */
void live_comes(void);
void live_went(const struct request *request, double seconds);
void live_begins(const struct request *request, double seconds);
void live_ends(const struct request *request, enum request_end how, double seconds);

void meter_begin(void);
/* One row a second from a thread of its own, which ends when the service does. */
void meter_start(void);
void meter_stop(void);
/* What the engine itself measures; value of the row under way. */
enum built_in {
    SUBMITTED,
    COMPLETED,
    FAILED,
    REJECTED,
    CANCELLED,
    DISCARDED,
    DWELL_P50_MS,
    DWELL_P99_MS,
    ANSWER_P99_MS,
    DOWNSTREAM_MS,
    IN_FLIGHT,
    MEMORY_MB,
    BUILT_INS
};
void meter_add(enum built_in series, double amount);
void meter_tell(enum built_in series, double value);

void memory_begin(void);
double memory_now(void);  /* bytes beyond those at memory_begin */
double memory_peak(void); /* the greatest since it was last asked */
/* The line about what was never freed. */
void memory_tell(void);

#endif
