/* process.h - run a tool and collect what it prints (compilers; not the code under test, see run/).
 *
 *     struct process job = {.argv = argv};
 *     process_run(mem, &job, 1, 2, &err);        // a batch of one, at most two at a time
 *     if (job.exit_code != 0) puts(job.output);
 */
#ifndef DEEPEND_PROCESS_H
#define DEEPEND_PROCESS_H

#include "error.h"
#include <stddef.h>

struct process {
    const char **argv;        /* NULL-terminated; argv[0] is searched in PATH */
    const char *directory;    /* to run in, NULL for the current one */
    unsigned cpu_seconds;     /* processor time it may use, 0 for no limit */
    size_t file_bytes;        /* largest file it may write, 0 for no limit */
    size_t memory_bytes;      /* address space it may use, 0 for no limit */
    const char **environment; /* all of it, NULL-terminated; NULL: the grader's own */
    /* results */
    int exit_code;  /* exit status, or 128 + signal; over the processor time it is 128 + SIGXCPU */
    char *output;   /* stdout and stderr together, at most 256 KiB; on MEM */
    double seconds; /* wall time */
};

/* Run COUNT jobs, AT_ONCE of them side by side, and wait for all. -1 only when a job could not be started at
 * all (err says which tool is missing). Not thread-safe (reaps its own children only). */
int process_run(void *mem, struct process *jobs, size_t count, unsigned at_once, struct error *err);

/* Monotonic seconds. */
double clock_seconds(void);

#endif
