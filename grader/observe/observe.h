/* observe.h - from what a run left behind to findings in the learner's own lines.
 *
 * Fourth stage. Reads the logs of ThreadSanitizer, AddressSanitizer, LeakSanitizer, UBSan and Valgrind, and
 * the stacks of the watchdog; resolves addresses to lines (libdw). Does not decide anything: that is judge's.
 */
#ifndef DEEPEND_OBSERVE_H
#define DEEPEND_OBSERVE_H

#include "run/run.h"

struct place {
    char *file; /* base name */
    int line;
    char *what;   /* "thread 2 writes `i`", "allocated here" */
    char *source; /* the line's text, trimmed, or NULL */
    int learner;  /* 1: in the learner's file */
};

struct finding {
    enum verdict_class class;
    char *message; /* one sentence that a junior understands, without a tool's name */
    char *why;     /* why nothing forbade it: the missing rule, one sentence */
    struct place *where;
    size_t where_count;
    unsigned times; /* how often the tool said the same */
    char *raw;      /* the tool's own words, for --raw */
    char *token;    /* of the schedule that shows it, when it is another than the run's own; else NULL */
};

struct observation {
    const struct run *run;
    struct finding *findings;
    size_t finding_count;
    char *trouble; /* the tool itself failed (crashed, could not start): not the learner's fault; else NULL */
};

/* One observation per run, in the same order. SUBMISSION gives the learner's lines. */
struct observation *observe_runs(void *mem, const struct build *build, const struct run *runs,
                                 size_t run_count);

#endif
