/* run.h - each check, under each of its variants, in a sandboxed process of its own.
 *
 * Third stage. Starts the process in namespaces without network, with a system call filter and limits; speaks
 * check/protocol.h with it; watches it from outside. Tells *slow* from *stuck* by what threads do, not by how
 * long they take: the clock stands still while a thread is waiting for a processor, so a busy machine changes
 * no verdict.
 */
#ifndef DEEPEND_RUN_H
#define DEEPEND_RUN_H

#include "base/frame.h"
#include "build/build.h"
#include "explore/explore.h"
#include "run/slo.h"
#include "run/timeline.h"

enum run_end {
    RUN_EXITED,      /* by itself: see exit_code and signal */
    RUN_STUCK,       /* every thread waits, without a timeout, for another: nothing can ever happen again */
    RUN_IDLE,        /* slept longer than the limit in all */
    RUN_BUSY,        /* used more processor time than the limit */
    RUN_MEMORY,      /* grew over the limit of resident memory */
    RUN_THREADS,     /* more threads than the limit */
    RUN_OUTPUT,      /* printed more than the limit */
    RUN_NOT_STARTED, /* the sandbox or the tool failed; `trouble` says how: the grader's fault */
    RUN_ABANDONED    /* the machine gave it no processor for too long: nobody's fault, not judged */
};

/* What a thread was doing when the watchdog looked. */
struct thread_stack {
    int number;        /* 0 is the main thread, then in order of creation */
    const char *waits; /* "pthread_mutex_lock", "pthread_cond_wait", "pthread_join", ... or NULL when it was
                          running */
    int holder;        /* number of the thread that owns the mutex it waits for, or -1 */
    struct frame *frames; /* innermost first */
    size_t frame_count;
};

struct run {
    const struct check_spec *check;
    const struct variant *variant;
    const char *binary; /* the executable's path, to resolve addresses */
    enum run_end end;
    int exit_code; /* of the process when RUN_EXITED and signal is 0 */
    int signal;    /* that ended it, or 0 */
    int completed; /* 1: the check said `done`, with the nonce */
    int failed;    /* 1: the check said `fail` */
    enum verdict_class fail_class;
    char *fail_file; /* place in the check */
    int fail_line;
    char *fail_message;
    char **notes;
    size_t note_count;
    char *output;                /* what the program printed, its head if it was much; may hold any bytes */
    char *log;                   /* the tool's own text or XML, "" when it said nothing */
    char *trouble;               /* for RUN_NOT_STARTED and RUN_ABANDONED */
    struct thread_stack *stacks; /* when stuck, idle or busy: every thread; after `census`: the leaked ones */
    size_t stack_count;
    int leaked_threads; /* still there when the check's function had returned */
    long peak_kb;       /* resident */
    double seconds;     /* wall */
    double cpu_seconds;
    const struct explore_report *explored; /* when the explorer drove the threads; else NULL */
    const struct slo *slo;                 /* of an incident: the line that this run is asked for */
    const struct timeline *timeline;       /* and what happened; else NULL */
};

struct run_options {
    const char *only_check; /* NULL: all */
    unsigned at_once;       /* processes side by side, 0 for one a core */
    int as_found;           /* 1: failing schedules are not made short, which takes most of the time */
    int only_explored;      /* 1: only under the variants of the schedule explorer */
    uint64_t seed;          /* of the explorer's first schedule; 0: the same as ever */
    int stop_early;         /* 1: start no further run after an explored one that did not complete */
    void (*progress)(void *context, const char *check, const char *variant, size_t done,
                     size_t total); /* may be NULL */
    void *context;
};

/* Run every check of BUILD under every variant. *RUNS is in the manifest's order. -1 (error_grader) when
 * nothing can be run at all. Kills everything it started before it returns, also when the calling process is
 * interrupted. One call at a time. */
int run_checks(void *mem, const struct build *build, const struct run_options *options, struct run **runs,
               size_t *run_count, struct error *err);

/* Play the schedule of TOKEN once more, of CHECK under VARIANT: the report has its steps. -1: the token is
 * malformed or of another program, or VARIANT is not the explorer's (error_usage); or error_grader. */
int run_replay(void *mem, const struct build *build, const char *check, const char *variant,
               const char *token, struct explore_report **report, struct error *err);

/* How submissions are confined here: "bubblewrap" or "limits only"; *WHY (static) tells what is missing, or
 * NULL. */
const char *sandbox_kind(const char **why);

#endif
