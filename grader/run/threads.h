/* threads.h - what the threads of a process are doing, seen from outside.
 *
 * A *census* is one pass over /proc/PID/task. One pass is no snapshot; two passes that find every thread
 * blocked, with the same count of context switches, are: no thread ran between its two readings, and all
 * those spans share the moment at which the first pass ended. Threads that wait for a futex without a timeout
 * at such a moment can only be woken by one another, so nobody ever will be.
 */
#ifndef DEEPEND_THREADS_H
#define DEEPEND_THREADS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum thread_activity {
    THREAD_RUNNING, /* on a processor, waiting for one, or in a short kernel operation */
    THREAD_BLOCKED, /* in a futex wait without a timeout: only another thread can end it */
    THREAD_ASKING,  /* waiting for the grader's answer on the check's socket */
    THREAD_WAITING  /* in a timed wait, a sleep, or a system call that may end by itself */
};

struct thread_state {
    pid_t tid;   /* as seen from outside */
    pid_t inner; /* as the program sees it: its own namespace */
    enum thread_activity activity;
    uintptr_t futex;             /* address it waits on when blocked */
    unsigned long long switches; /* context switches so far */
};

struct census {
    struct thread_state *threads; /* by inner id: the main thread first, then in order of creation */
    size_t count;
    int readable; /* 0: this kernel does not tell what a thread waits in (the activity is then a guess from
                     its state) */
};

/* What a tool's own threads are, so that they are left out. Owner thread only. */
struct tool_threads {
    int hidden_first; /* 1: the first thread after main is the tool's (ThreadSanitizer's background thread) */
};

/* Take a census of PID on MEM, without the tool's own threads. ASKED is the descriptor of the check's socket
 * in that process, or -1. -1: the process is gone. */
int census_take(void *mem, pid_t pid, const struct tool_threads *tools, struct census *census);

/* 1: the two censuses prove that no thread can move. Threads that ask the grader are left out; `blocked`
 * counts the others. */
int census_settled(const struct census *first, const struct census *second, size_t *blocked);

/* 1: some thread wanted a processor at the time. */
int census_active(const struct census *census);

/* Processor time of the process in seconds and resident kilobytes; -1 when it is gone. */
int process_usage(pid_t pid, double *cpu_seconds, long *resident_kb);

#endif
