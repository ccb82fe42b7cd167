/* live.h - the service of an incident in real time, in a process of its own that is watched from outside.
 *
 *     struct live live;
 *     if (live_run(mem, binary, &options, &live, &err) != 0)      // returns when it is over
 *         return cmd_error(&err);
 *     printf("%s\n", live.why);
 *
 * The program is the learner's own, on the learner's own machine, and is not graded: it has the limits and
 * the filter of system calls that tested programs have, but for sockets, which its endpoint needs, and no
 * namespaces, for somebody outside is to reach that endpoint.
 */
#ifndef DEEPEND_LIVE_H
#define DEEPEND_LIVE_H

#include "build/build.h"
#include "run/timeline.h"

struct live_options {
    unsigned from;    /* second of the service's own time in which it begins */
    unsigned seconds; /* that the callers call from then on; 0: to the incident's end */
    unsigned port;    /* of its endpoint on 127.0.0.1; 0: any that is free */
};

enum live_end {
    LIVE_RUNS,
    LIVE_DONE,          /* it has shut down by itself */
    LIVE_OUT_OF_MEMORY, /* over the budget: killed by us, or by the kernel where a control group could be made */
    LIVE_KILLED,        /* the engine has ended it: out of time */
    LIVE_CRASHED,       /* by a signal, a status of its own, or without a word */
    LIVE_STUCK,         /* it did not end, and was killed by us */
    LIVE_STOPPED        /* the user wanted it */
};

struct live {
    struct timeline *timeline; /* row r is told at second `from` + r + 1 */
    unsigned from;
    const char *endpoint; /* "http://127.0.0.1:9464/metrics", "none ...", or NULL: nothing told yet */
    const char *limit;    /* how its memory is limited: a phrase */
    double resident_mb;   /* MiB in memory beyond those when it began, told with the last row */
    double accounted_mb;  /* MiB that the service has allocated, of the same moment */
    double most_mb;       /* the greatest growth that was seen from outside */
    enum live_end end;
    int status;      /* exit status, or 128 + signal */
    const char *why; /* how it ended: a sentence */
    double seconds;  /* that it ran, real */
};

/* What is new in LIVE. */
enum live_news {
    LIVE_ROW,   /* the last row, with what is resident and accounted */
    LIVE_EVENT, /* the last of its events */
    LIVE_LINE,  /* the last of its lines */
    LIVE_WORDS, /* TEXT, which the program has printed by itself */
    LIVE_ENDED
};

struct live_setup {
    const struct incident *incident;
    struct live_options times;
    unsigned patience; /* real seconds beyond the planned end after which it is killed; 0: two minutes */
    int stop;          /* a descriptor: as soon as it can be read, the process is ended; -1: none */
    void (*told)(void *context, enum live_news news, const struct live *live, const char *text); /* or NULL */
    void *context;
};

/* Run BINARY of the variant "live" until it is over; nothing of it is left then. 0: *LIVE has how it went, on
 * MEM. -1: it could not be started. Blocks; from one thread at a time. */
int live_run(void *mem, const char *binary, const struct live_setup *setup, struct live *live,
             struct error *err);

#endif
