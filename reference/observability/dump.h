/* dump.h - what is everybody doing? The stacks of all workers with the labels of their tasks, on a call or a
 * signal.
 *
 *     struct pool_dump *dump;
 *     if (pool_dump_create(&dump, &(struct pool_dump_options){.workers = 8}) != POOL_OK) ...
 *     if (pool_dump_enter(dump, "resizer") == POOL_OK) ...       // each worker, in its own thread, first
 *     pool_dump_task("resize 42.jpg");                           // before a task; NULL after it
 *     if (pool_dump_on_signal(dump, SIGQUIT, 2) != POOL_OK) ...  // kill -QUIT writes to stderr from now on;
 * or pool_dump_write(dump, fd);                                 // now pool_dump_leave(dump); // each worker,
 * last pool_dump_destroy(dump);
 *
 * A worker is asked by a signal of its own and walks its own stack in the handler, wherever it is: in a loop,
 * in a system call, waiting for a mutex that nobody will ever give back. One that does not answer in time (it
 * blocks the signal, or sleeps in the kernel) is told with its label and its state all the same. The stacks
 * are of nearly, not exactly, the same moment: the workers go on.
 *
 *     worker 0 "resizer" (thread 4711, state S): task "resize 42.jpg" for 12.345 s
 *       #0 0x7f2b1c089f2c /lib/x86_64-linux-gnu/libc.so.6(+0x89f2c)
 *       #1 0x55d0a2c01b3f /usr/bin/service(+0x1b3f)
 *
 * `addr2line -fipe /usr/bin/service 0x1b3f` gives function and line. Names are not looked up here, since the
 * loader's lock may be just what everybody waits for.
 *
 * While a dump is under way the process handles `capture_signal` here; system calls that no signal restarts
 * (poll, sleeps, timed waits: signal(7)) may then answer EINTR in a worker.
 */
#ifndef DEEPEND_POOL_DUMP_H
#define DEEPEND_POOL_DUMP_H

#include "clock.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct pool_dump;

enum { POOL_DUMP_WORKERS = 4096, POOL_DUMP_LABEL_SIZE = 48, POOL_DUMP_FRAMES = 64 };

struct pool_dump_options {
    unsigned workers;   /* that may be in it at a time: 1 to POOL_DUMP_WORKERS */
    int capture_signal; /* 0: SIGURG. One that the program does without, and that does no harm if it
                           comes late, after the dump: SIGURG's default is to be ignored */
    uint64_t patience;  /* nanoseconds to wait for answers, up to an hour; 0: one second */
    const struct pool_clock
        *clock; /* for how long tasks have run; async-signal-safe; NULL: CLOCK_MONOTONIC */
};

/* POOL_INVALID, POOL_NO_MEMORY or POOL_SYSTEM (no event descriptor) leave *DUMP NULL. Notes which libraries
 * are loaded: frames in later ones are told by their address alone. */
POOL_MUST_LOOK enum pool_status pool_dump_create(struct pool_dump **dump,
                                                 const struct pool_dump_options *options);

/* Every worker has left (asserted) and nobody dumps. Gives the signal of pool_dump_on_signal back. NULL is
 * fine. */
void pool_dump_destroy(struct pool_dump *dump);

/* --- each worker, for itself ---------------------------------------------------------------------------- */

/* Be in DUMP as NAME (cut to POOL_DUMP_LABEL_SIZE - 1 bytes; NULL is ""). Unblocks the capture signal in this
 * thread. POOL_FULL: as many are in it as may be. POOL_ALREADY: this thread is in one. POOL_INVALID: NULL. */
POOL_MUST_LOOK enum pool_status pool_dump_enter(struct pool_dump *dump, const char *name);

/* Before the thread ends. The signal is blocked again if it was. POOL_EMPTY: it is not in DUMP. */
enum pool_status pool_dump_leave(struct pool_dump *dump);

/* What this thread does from now on (cut as above); NULL: it is idle. In a thread that is in no dump it does
 * nothing, so a task may say it without knowing who runs it. A few atomic stores and a look at the clock. */
void pool_dump_task(const char *label);

/* --- dumping ---------------------------------------------------------------------------------------------
 */

/* Write a dump to the descriptor FD. From any thread, a worker or not, and from a signal handler: it takes no
 * lock and allocates nothing. Waits for the workers' answers, up to the patience in all, and for FD. POOL_OK.
 * POOL_TIMED_OUT: it is written, and somebody did not answer. POOL_REJECTED: the process is writing one
 * already; nothing is written. POOL_SYSTEM: FD refused it, or the signal cannot be handled. POOL_INVALID:
 * NULL or FD < 0. */
enum pool_status pool_dump_write(struct pool_dump *dump, int fd);

/* From now on SIGNAL, to the process or to any thread of it, writes a dump to FD. A process has one such
 * signal at a time, as its signal table is one: POOL_ALREADY if there is one. During a dump it is ignored.
 * POOL_INVALID: NULL, FD < 0, SIGNAL is the capture signal or none that can be handled. */
POOL_MUST_LOOK enum pool_status pool_dump_on_signal(struct pool_dump *dump, int signal, int fd);

/* Give the signal back as it was. Waits for a dump that it triggered. POOL_EMPTY: DUMP has none. */
enum pool_status pool_dump_off_signal(struct pool_dump *dump);

#ifdef __cplusplus
}
#endif

#endif
