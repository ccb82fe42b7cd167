/* wire.h - what the explorer and its runtime inside the tested program share.
 *
 * The explorer (grader/explore/) starts the program as a *server*: the runtime (grader/explore/rt/) takes
 * over before main, maps the arena that it finds at descriptor EXPLORE_ARENA_FD, and serves requests from the
 * socket EXPLORE_SOCKET_FD. For every schedule it forks a child, before any thread exists; the child runs the
 * program once, its threads one at a time, and leaves what happened in the arena. The server looks at that,
 * counts, and goes on.
 *
 * A schedule is a list of *choices*. Wherever something is not determined by the program itself (which thread
 * goes next, which waiter a signal wakes, whether a wait ends spuriously, whether a deadline passes first,
 * whether malloc fails) the runtime makes a choice among `arity` options. Option 0 is the default: the
 * running thread goes on; when it cannot, the next runnable one by number; the waiter that came first; no
 * spurious wake-up; the deadline last; no failure. So a schedule is told by its choices other than 0, and a
 * short one has few of them. The same choices give the same run of a program that is deterministic itself.
 */
#ifndef DEEPEND_WIRE_H
#define DEEPEND_WIRE_H

#include <stdint.h>

enum {
    EXPLORE_FILTER_FD = 4,
    EXPLORE_SOCKET_FD = 5,
    EXPLORE_ARENA_FD = 6,
    EXPLORE_VERSION = 1,
    EXPLORE_UNBOUNDED = 1000,         /* a bound on preemptions from here on is none */
    EXPLORE_THREADS = 250,            /* that a program may start in one schedule; an arity is a byte */
    EXPLORE_CHOICES = 1 << 18,        /* recorded in one schedule */
    EXPLORE_EVENTS = 1 << 16,         /* recorded in one schedule, when asked for */
    EXPLORE_OUTPUTS = 1024,           /* distinct outputs that are told apart */
    EXPLORE_OUTPUT_BYTES = 2048,      /* of one output; what is longer counts as different, and is cut */
    EXPLORE_OUTPUT_OPTIONS = 1 << 20, /* kept for the first schedules of all outputs together */
    EXPLORE_MESSAGE = 1024,
    EXPLORE_RECORD = 4 << 20, /* bytes that a program may leave of a run, see explored_record */
    EXPLORE_PAGE = 4096
};

/* How the next thread is chosen. */
#define EXPLORE_STRATEGIES(X)                                                                                \
    X(RANDOM, "random") /* uniformly among the runnable threads, at every point */                           \
    X(PCT, "pct") /* random priorities, lowered at `bound`-1 random points (Burckhardt et al., 2010) */      \
    X(POS, "pos") /* random priorities, drawn anew for operations that meet (Yuan et al., 2018) */           \
    X(SURW,                                                                                                  \
      "surw") /* by how many operations each thread has left (selectively uniform random walk, 2025) */      \
    X(PORTFOLIO, "portfolio") /* the four above in turn */                                                   \
    X(DFS, "dfs")             /* every schedule with at most `bound` preemptions, once */                    \
    X(REPLAY, "replay")       /* the choices that stand in the arena; 0 behind their end */

enum explore_strategy {
#define X(suffix, name) EXPLORE_##suffix,
    EXPLORE_STRATEGIES(X)
#undef X
};

/* What a thread was about to do at a scheduling point. */
/* clang-format off */
#define EXPLORE_OPERATIONS(X)\
    X(BEGIN, "begins")\
    X(END, "ends")\
    X(CREATE, "starts")\
    X(JOIN, "joins")\
    X(DETACH, "detaches")\
    X(LOCK, "locks")\
    X(TRYLOCK, "tries to lock")\
    X(UNLOCK, "unlocks")\
    X(WAIT, "waits on")\
    X(WOKEN, "is woken on")\
    X(SIGNAL, "signals")\
    X(BROADCAST, "broadcasts")\
    X(READ_LOCK, "read-locks")\
    X(WRITE_LOCK, "write-locks")\
    X(RW_UNLOCK, "unlocks")\
    X(SEM_WAIT, "waits for")\
    X(SEM_POST, "posts")\
    X(BARRIER, "arrives at")\
    X(ONCE, "runs once")\
    X(SLEEP, "sleeps")\
    X(YIELD, "yields")\
    X(TIMEOUT, "times out on")\
    X(READ, "reads")\
    X(WRITE, "writes")\
    X(ATOMIC_READ, "loads")\
    X(ATOMIC_WRITE, "stores")\
    X(ATOMIC_UPDATE, "updates")\
    X(INIT, "initialises")\
    X(DESTROY, "destroys")\
    X(GATE, "waits at")\
    X(OPEN, "opens")\
    X(COUNT, "counts")\
    X(SETTLE, "lets the others go as far as they can")\
    X(CANCEL, "cancels")\
    X(PRINT, "prints")\
    X(OTHER, "does")

/* clang-format on */

enum explore_operation {
#define X(suffix, verb) OPERATION_##suffix,
    EXPLORE_OPERATIONS(X)
#undef X
};

/* What kind of thing a choice was about. */
enum explore_choice_kind {
    CHOICE_THREAD,
    CHOICE_WAITER,
    CHOICE_SPURIOUS,
    CHOICE_EARLY_TIMEOUT,
    CHOICE_FAILURE
};

struct explore_choice {
    uint8_t option; /* taken */
    uint8_t arity;  /* options there were; a choice with one option is not recorded */
    uint8_t kind;
    uint8_t forced; /* 1: for CHOICE_THREAD, the running thread could not go on, so that taking another is no
                       preemption */
};

/* One thing a thread did; `pc` lies behind the call in the program's own code, 0 when unknown. */
struct explore_event {
    uint64_t clock_ns; /* virtual */
    uint64_t object;   /* address of the mutex, variable, ...; for CREATE, JOIN: the thread's number */
    uint64_t pc;
    uint32_t choice; /* number of choices made before it */
    uint8_t thread;
    uint8_t operation;
    uint8_t blocked; /* 1: it had to wait first */
    uint8_t size;    /* of a memory access */
};

/* What a thread was doing when the schedule ended. */
struct explore_thread {
    uint8_t state;     /* enum explore_thread_state */
    uint8_t operation; /* that it is in */
    uint8_t detached, joined;
    int16_t waits_for; /* number of the thread that it waits for: the mutex's owner, the joined thread; -1:
                          none */
    uint64_t object;
    uint64_t pc;      /* where it is in that operation */
    uint64_t held_pc; /* where `waits_for` took what is waited for, or 0 */
    uint64_t created_pc;
    uint64_t steps;
};
enum explore_thread_state { THREAD_UNUSED, THREAD_CAN_RUN, THREAD_STUCK, THREAD_SLEEPING, THREAD_OVER };

/* One finished schedule. Class is an `enum verdict_class` of check/class.h; 0 is well. */
struct explore_outcome {
    uint32_t class;
    uint32_t choices; /* made, also those beyond what could be recorded */
    uint32_t events;
    uint32_t threads;    /* entries of explore_arena.thread */
    uint64_t steps;      /* scheduling points passed */
    uint64_t clock_ns;   /* virtual time at the end */
    int32_t exit_status; /* of the program, when it ended by itself */
    int32_t signal;
    uint32_t preemptions;
    uint32_t thread;           /* that had the turn at the end */
    uint32_t unsupported;      /* 1: it used something that is not modelled, `message` names it: not judged */
    uint32_t nondeterministic; /* 1: a prescribed choice met another arity than before */
    uint64_t proof;            /* the request's `secret`, from the runtime's own hands */
    uint64_t pc[2];            /* where it happened: the misused call; the two accesses of a race */
    uint64_t outer[2];         /* from where the functions of `pc` were called, or 0 */
    uint64_t object;
    char message[EXPLORE_MESSAGE];
};

struct explore_output {
    uint64_t count, first_seed; /* of the schedule that gave it first; depth-first: its index */
    uint32_t length;
    uint32_t choices, first_choice; /* the options that were taken in that schedule stand in `output_option`,
                                       from first_choice on; there are none when there was no more room, and
                                       then choices is UINT32_MAX */
    char text[EXPLORE_OUTPUT_BYTES];
};

/* --- requests, one packet each on the socket; the server answers with one byte when it is done --- */

struct explore_request {
    uint32_t version;
    uint32_t strategy;
    uint64_t seed; /* of the first schedule; schedule i has seed + i * stride */
    uint64_t stride;
    uint64_t count;         /* schedules at most */
    uint64_t nanoseconds;   /* real time at most, 0: no limit */
    uint64_t step_limit;    /* scheduling points in one schedule; more is a livelock */
    uint32_t bound;         /* depth of PCT, preemption bound of DFS */
    uint32_t reduce;        /* 1: DFS leaves out schedules that differ from another one only in the order of
                               steps that do not meet; only without a bound, see rt/depth_first.c */
    uint32_t memory_points; /* 1: shared memory accesses are scheduling points as well (level 1) */
    uint32_t detect_races;  /* 1: keep happens-before clocks (native runtime only) */
    uint32_t spurious;      /* chance in a thousand of a spurious wake-up at each wait */
    uint32_t early;         /* chance in a thousand that a deadline passes though threads can run */
    uint32_t fail_create, fail_malloc; /* chance in a thousand that it fails */
    uint32_t stop_at_first;            /* 1: the batch ends with the first schedule that is not well */
    uint32_t trace;                    /* 1: record events */
    uint32_t keep_outputs;             /* 1: tell outputs apart */
    uint32_t replay_choices;           /* for REPLAY: how many stand in the arena */
    /* for programs that are not trusted */
    uint32_t confined;     /* 1: no further processes, and what carries no proof has not ended well */
    uint32_t loop_seconds; /* processor time of one schedule, 0: the default */
    uint64_t memory_bytes; /* that a schedule may take beyond what the server has, 0: no limit */
    uint32_t simulate;     /* 1: one long run with every choice at its default: choices are not recorded, and
                              neither steps nor livelock are looked at; see explore_simulate */
    uint32_t
        run_seconds; /* processor time of a schedule that goes on saying explored_progress; 0: it cannot */
    uint32_t
        real_seconds; /* after which a schedule is given up as blocked outside the model, 0: the default */
    uint64_t secret;  /* known to the explorer and the runtime, out of the program's sight */
};

/* Shared memory. `batch` and the outputs belong to the server: a child gives that part up before the program
 * runs. It fills the rest. `last` is that of the first schedule that was not well, if there was one, else of
 * the last. */
struct explore_arena {
    struct {
        uint64_t run, failed, first; /* schedules; `first` counts from 1, 0: none failed */
        uint64_t first_seed;
        uint32_t first_strategy;   /* which of the portfolio */
        uint32_t exhausted;        /* 1: every schedule within the bound was run (DFS) */
        uint32_t nondeterministic; /* 1: a prefix of choices that had been run before met other arities: the
                                      program is not deterministic itself */
        uint32_t irreducible;      /* 1: the search was given up, as it cannot leave anything out: ask again
                                      without      `reduce` */
        uint32_t output_count;
        uint32_t stop; /* set by the explorer: begin no schedule but the first */
    } batch;
    struct explore_output output[EXPLORE_OUTPUTS];
    uint8_t output_option[EXPLORE_OUTPUT_OPTIONS];

    struct explore_outcome last __attribute__((aligned(EXPLORE_PAGE)));
    struct explore_thread thread[EXPLORE_THREADS];
    struct explore_choice choice[EXPLORE_CHOICES];
    struct explore_event event[EXPLORE_EVENTS];
    uint32_t record_length;
    char record[EXPLORE_RECORD];
};

#endif
