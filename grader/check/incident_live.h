/* incident_live.h - what an endpoint for metrics asks of the engine of an incident that runs in real time.
 *
 * Only incidents/parts/endpoint.c needs it, which nothing but the live variant links. It tells where it listens,
 * or why it does not, in the file of evidence "endpoint".
 */
#ifndef DEEPEND_INCIDENT_LIVE_H
#define DEEPEND_INCIDENT_LIVE_H

#include "incident.h"

/* What the endpoint defines, if it is linked: called before the service begins and when it has ended. */
void incident_opens(void) __attribute__((weak));
void incident_closes(void) __attribute__((weak));

/* Where the endpoint is wanted; 0: at any port that is free. */
unsigned incident_port(void);

/* A series of the timeline as it is now; a mean or a percentile, as it was in the last row. */
struct incident_value {
    const char *name; /* lives as long as the program */
    enum series_fold fold;
    double value;
};

/* Fill VALUES with all series, at most ROOM, and say how many. Always the same ones in the same order. Any
 * thread; waits for the engine's lock, which nobody holds for long. */
unsigned incident_values(struct incident_value *values, unsigned room);

/* Who wants to hear of each request. Called without any lock in the thread where it happens; none may block. */
struct incident_observer {
    void (*comes)(void);                                         /* a caller is at the door */
    void (*went)(const struct request *request, double seconds); /* and was held up there so long. The
                                                                     request may be gone: its id alone counts */
    void (*begins)(const struct request *request,
                   double seconds); /* a worker has it, so long after it came */
    void (*ends)(const struct request *request, enum request_end how, double seconds); /* so long after that;
                                                                     less than 0: it was never begun */
};

/* NULL: nobody any more; a call that is under way may still come to its end. */
void incident_observe(const struct incident_observer *observer);

#endif
