/* explore.h - drive a pthread program through many schedules, and tell what went wrong in which.
 *
 *     struct explore_target target = {.binary = "prog", .sources = 1};
 *     struct explore_options options = explore_defaults();
 *     if (explore_run(mem, &target, &options, &report, &err) == 0 && report->class != CLASS_NONE)
 *         puts(report->token);                         // deepend replay TOKEN
 *
 * Usable alone: on any program that explore_compile has built. The grader's `explore` variants use the same
 * functions. Memory is talloc's. Not thread-safe: one exploration at a time, which uses both cores by itself.
 */
#ifndef DEEPEND_EXPLORE_H
#define DEEPEND_EXPLORE_H

#include "base/error.h"
#include "check/class.h"
#include "explore/wire.h"
#include <stddef.h>

struct explore_options {
    enum explore_strategy strategy; /* EXPLORE_PORTFOLIO unless told */
    uint64_t schedules;             /* at most, 10,000 */
    double seconds;                 /* at most, 0: no limit */
    uint64_t seed;
    unsigned bound; /* PCT's depth and DFS's preemptions, 3; EXPLORE_UNBOUNDED: DFS runs one schedule of all
                       that come to the same, whatever its preemptions */
    int memory_points;
    int detect_races;
    unsigned spurious, early, fail_create, fail_malloc; /* chances in a thousand */
    uint64_t step_limit;
    int keep_outputs;
    unsigned servers; /* processes side by side, 0: one a core */
    int minimise;     /* 1: reduce the failing schedule to few preemptions */
    /* Told about ten times a second how many schedules have been run; SHORTENING: one has failed and is made
     * short. Other than 0: begin no more, and tell what has been seen. May be NULL. */
    int (*watch)(void *context, uint64_t run, int shortening);
    void *context;
};
struct explore_options explore_defaults(void);

/* How a program that is not trusted is kept in its place. */
struct explore_confinement {
    const char *const *command; /* what starts it, "bwrap ... --seccomp 4", NULL-terminated, or NULL */
    int filter;                 /* file that holds a filter of system calls which allows fork; COMMAND gets it
                                   as descriptor EXPLORE_FILTER_FD, without a command it is applied here */
    unsigned loop_seconds;      /* processor time that one schedule may take */
    size_t memory_bytes;        /* that it may take, 0: no limit */
};

/* A compiled program. */
struct explore_target {
    const char *binary;
    const char *const *arguments;                  /* behind the program's name, NULL-terminated, or NULL */
    const char *const *environment;                /* NAME=VALUE beside the usual ones, or NULL */
    const struct explore_confinement *confinement; /* NULL: it is trusted */
    /* Where its source is, when it was compiled with paths that are not simply those of files: */
    const char *source_root;               /* folder that relative paths begin at, NULL: the current one */
    const char *source_file, *source_text; /* one file by that very name has this text, or NULL */
    char hash[17];                         /* of the program's content, for tokens */
};

struct explore_place {
    char *file; /* base name */
    int line;
    char *what; /* "T2 locks `m`" */
};

/* A thread's column, a step's row. */
struct explore_step {
    int thread;
    enum explore_operation operation;
    char *object; /* "m", "counter", "T3", "heap block 2 + 8" */
    char *file;   /* base name, or NULL */
    int line;
    char *label;  /* "14", or "crew.c:14" where that could be taken for another file's; or NULL */
    char *source; /* the line's text, trimmed, or NULL */
    int blocked;
    int preempts;       /* 1: the switch to this thread was a choice, not a need */
    int stopped;        /* thread that had the turn before and lost it to this one, else -1 */
    int stopped_line;   /* of what that was about to do, 0: unknown */
    int stopped_behind; /* line of what it had done last */
    double clock;       /* seconds, virtual */
    char *choice;    /* what was decided just before, other than whose turn it is: "pthread_create is made to
                        fail", or NULL */
    char *note;      /* what came of it: "has to wait: thread 1 holds it", or NULL */
    char *held;      /* who holds what, and who waits, after it: "a: thread 1; main waits", or NULL */
    size_t left_out; /* not 0: this is no step, but so many are left out here */
};

struct explore_output_seen {
    char *text;
    uint64_t count;
    char *token;
};

struct explore_report {
    enum verdict_class class; /* of the first failing schedule, CLASS_NONE: none failed */
    uint64_t run, failed, first;
    int exhausted;
    unsigned bound;
    int nondeterministic; /* replaying gave another run: the program is not deterministic in itself */
    char *unsupported;    /* names what is not modelled, or NULL; then nothing was judged */
    char *message;        /* one sentence */
    char *why;            /* why nothing forbade it */
    struct explore_place *where;
    size_t where_count;
    char *token;                /* of the (minimised) failing schedule */
    struct explore_step *steps; /* of that schedule, only those that matter when minimised */
    size_t step_count;
    size_t decisive;  /* index of the step whose switch made the difference, or step_count */
    char *decision;   /* that switch in a sentence, or NULL */
    unsigned threads; /* that the schedule had: main is 0 */
    char *printed;    /* the end of what the failing schedule had printed, or NULL */
    char **waits;     /* "T2 waits for `m`, held by T1 since line 14": one for each stuck thread */
    size_t wait_count;
    struct explore_output_seen *outputs;
    size_t output_count;
    double seconds;
    /* explore_simulate only */
    char *record;    /* what the program kept of the run, text */
    int exit_status; /* that it ended with */
    double clock;    /* seconds, virtual, at its end */
};

/* Limits of one long run. */
struct explore_simulation {
    unsigned loop_seconds; /* processor time that may pass without the program saying that it gets on */
    unsigned run_seconds;  /* processor time in all */
    unsigned real_seconds; /* given up as blocked outside the model */
};

/* Explore. -1 only when nothing could be run. */
int explore_run(void *mem, const struct explore_target *target, const struct explore_options *options,
                struct explore_report **report, struct error *err);

/* Run the program once, in virtual time, with every choice at its default: for long runs that shall always be
 * the same. -1 only when it could not be run. */
int explore_simulate(void *mem, const struct explore_target *target, const struct explore_simulation *wanted,
                     struct explore_report **report, struct error *err);

/* Run the schedule of TOKEN once more, with a trace. -1: the token is malformed, or of another program (err
 * says which). */
int explore_replay(void *mem, const struct explore_target *target, const char *token,
                   struct explore_report **report, struct error *err);

/* Whether TOKEN is whole and of this version; of which program it is shows only at its replay. -1 and err:
 * not. */
int explore_token_check(const char *token, struct error *err);

/* Compile C files for exploring into BINARY: instrumented objects, wrapped calls, the runtime. SANITIZER 0:
 * our runtime; 1: clang's ThreadSanitizer beneath it. ROOT is the project's folder; FLAGS further compiler
 * flags, NULL-terminated. BINARY.sources lists the files that it was made from, headers too, one a line. */
int explore_compile(void *mem, const char *root, const char *const *files, const char *const *flags,
                    int sanitizer, const char *binary, struct error *err);

/* For whoever builds such programs by rules of his own, as the grader does. All lists are NULL-terminated.
 * Flags for the program's files: instrumented, addresses as they are linked. */
extern const char *const explore_compile_flags[];
/* Flags for the runtime's files, grader/explore/rt/NAME; none but those that explore_runtime_wants. */
extern const char *const explore_runtime_flags[];
int explore_runtime_wants(const char *name, int sanitizer);
/* Hex SHA-256 of all that the runtime is made of, 65 bytes at SUM: it changes when a program has to be built
 * again. */
int explore_runtime_sum(const char *root, int sanitizer, char *sum, struct error *err);
/* Flags to link with, on MEM. */
const char **explore_link_flags(void *mem, int sanitizer);

#endif
