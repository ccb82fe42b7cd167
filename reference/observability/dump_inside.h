/* dump_inside.h - what the files of the dump share: slots, notes, modules. Private to this room.
 *
 * A slot belongs to the worker that is in it; whoever dumps only asks and reads. All that both touch is
 * atomic, since a lock cannot be taken in a signal handler.
 */
#ifndef DEEPEND_POOL_DUMP_INSIDE_H
#define DEEPEND_POOL_DUMP_INSIDE_H

#include "dump.h"
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

/* A short text with a time, written by one thread and read by any, a handler in the middle of a write
 * included. A sequence lock without fences: each word is stored with release and loaded with acquire, so a
 * reader that sees a word of a later text also sees that `sequence` has moved. Odd: being written. */
struct dump_note {
    atomic_uint sequence;
    atomic_uint_fast64_t words[POOL_DUMP_LABEL_SIZE / 8 + 1]; /* the last is the time */
};

void pool_dump_note_write(struct dump_note *note, const char *text, uint64_t since);

/* False: it was being written at every try. TEXT holds POOL_DUMP_LABEL_SIZE bytes. */
bool pool_dump_note_read(const struct dump_note *note, char *text, uint64_t *since);

struct dump_slot {
    /* Fixed after create. */
    struct pool_dump *dump;

    /* Atomic. */
    atomic_int tid;              /* 0: free; -1: being filled in */
    struct dump_note name, task; /* the task's time is 1 + when it began, 0: it is idle */
    atomic_uint asked;           /* by whoever dumps; there is one at a time */
    atomic_uint answered;        /* by the worker, with release: the frames are those of this question */

    /* The worker's until it has answered, then the dumper's. */
    int frame_count;
    void *frames[POOL_DUMP_FRAMES];

    char state;    /* the dumper's: what the worker did before it was asked, since the question wakes it */
    int asked_tid; /* the dumper's: whom it asked in this dump; 0: nobody */

    /* Owner thread only. */
    bool was_blocked; /* the capture signal, before it entered */
};

/* A loaded file. */
struct dump_module {
    uintptr_t begin, end, bias; /* bias: what the loader added to the file's addresses */
    char *name;
};

struct pool_dump {
    /* Fixed after create. */
    unsigned workers;
    int capture_signal;
    uint64_t patience;
    const struct pool_clock *clock;
    int answers; /* an event descriptor: a worker has answered */
    struct dump_module *modules;
    size_t module_count;

    /* Of whoever calls pool_dump_on_signal and _off_signal. */
    int trigger;
    struct sigaction trigger_before;

    /* Atomic: where a signal's dump goes; -1: nowhere. A handler that was entered for an earlier signal, since
     * given back, may look at it while it is being set. */
    atomic_int trigger_fd;

    struct dump_slot slots[];
};

/* Note the loaded files. False: out of memory, what was noted is to be freed. */
bool pool_dump_modules_note(struct pool_dump *dump);
void pool_dump_modules_free(struct pool_dump *dump);

/* The slot of the calling thread, NULL: none. Safe in a handler. */
struct dump_slot *pool_dump_mine(void);

/* Answer the question that SLOT was last asked, if that has not been done. CONTEXT: what a handler was given,
 * or NULL. Only by the slot's own thread. */
void pool_dump_capture(struct dump_slot *slot, const void *context);

/* R, S, D ... as /proc has it, of a thread; ?: it is gone. Async-signal-safe. */
char pool_dump_state(int tid);

/* Let whoever dumps look again. */
void pool_dump_ring(const struct pool_dump *dump);

/* Write what is known to FD. False: FD refused it. Async-signal-safe. */
bool pool_dump_print(const struct pool_dump *dump, int fd);

#endif
