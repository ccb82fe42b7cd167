/* inside.h - the state of one schedule, shared by the files of the runtime core. Private to them.
 *
 * Everything belongs to the thread that has the turn; passing the turn is a futex operation, which orders the
 * accesses.
 */
#ifndef DEEPEND_EXPLORE_INSIDE_H
#define DEEPEND_EXPLORE_INSIDE_H

#include "explore/rt/rt.h"

#include <pthread.h>
#include <stddef.h>

/* The runtime's own copying, by whatever name, is done by bytes.c. */
__asm__("memcpy = rt_memmove\n"
        "memmove = rt_memmove\n"
        "memset = rt_memset\n");

enum { SPINNING = 1000 }; /* steps in a row, from which on a thread lets others go */

enum { OBJECTS = 8192 }; /* synchronisation objects alive at once; a power of two */

struct rt_thread {
    int turn;      /* futex: 1 while it has, or has just been given, the turn */
    uint8_t state; /* enum explore_thread_state */
    uint8_t detached, joined, probed, was_probed;
    uint8_t cancelled, cancel_off;    /* somebody cancelled it; it does not want to be */
    uint8_t was_blocked;              /* since its last event */
    enum explore_operation operation; /* that it is about to do, or waits in */
    const void *object, *pc, *created_pc;
    int (*able)(void *context); /* when THREAD_STUCK: may it go on? NULL otherwise */
    void *context;
    uint64_t deadline; /* virtual, RT_NEVER: none */
    int timed_out;
    uint64_t steps;
    pthread_t handle;
    void *(*run)(void *arg);
    void *arg, *result;
    int creator;
    const void *last_woken_on; /* condition variable whose signal it last answered */
    uint64_t woken_at;         /* its steps at that time */
    /* livelock's */
    const void *stack; /* the program's part of it lies below */
    uint64_t round_at; /* step at which it was seen to go round, 0: never */
    uint64_t seen_at, seen_until,
        seen_hash; /* what it knew at one of its steps, and until when that counts */
    const void *seen_pc;
    unsigned looks_left;
    /* the strategies' */
    uint64_t priority;
    uint64_t expected; /* steps that it took when the program was last seen, 0: unknown */
};

/* A mutex, condition variable, ..., by its address. Which fields mean something depends on the kind. */
enum object_kind {
    OBJECT_NONE,
    OBJECT_MUTEX,
    OBJECT_COND,
    OBJECT_RWLOCK,
    OBJECT_SEM,
    OBJECT_BARRIER,
    OBJECT_ONCE,
    OBJECT_SPIN,
    OBJECT_GONE
};

struct rt_object {
    const void *address;
    uint8_t kind, type; /* type: of a mutex, as glibc numbers them */
    uint8_t robust, owner_died;
    uint8_t destroyed;   /* by the program; remembered until something else is made there */
    int owner;           /* thread, or -1 */
    int depth;           /* recursion; readers; semaphore's value; barrier's arrivals; state of a once */
    int wanted;          /* barrier: how many */
    unsigned round;      /* barrier: generation; cond: ticket of the next waiter */
    int waiting;         /* threads inside */
    unsigned unheard;    /* cond: signals that woke nobody to any purpose */
    const void *held_pc; /* where the owner took it, or the last reader */
    int reader;          /* rwlock: the last one; counts only while it reads */
    uint8_t reads[EXPLORE_THREADS]; /* rwlock: how often each thread has read-locked it */
};

/* What an earlier schedule showed of the program: for the strategies that plan ahead. */
struct rt_profile {
    uint64_t steps, thread_steps[EXPLORE_THREADS];
    unsigned objects;
    const void *object[256]; /* that more than one thread worked on */
};

struct rt {
    struct explore_arena *arena;
    const struct explore_request *request;
    struct rt_thread thread[EXPLORE_THREADS];
    unsigned threads, living; /* that were started; that have not ended */
    uint64_t clock, steps;
    uint32_t choices, events, preemptions;
    uint64_t changed_at;    /* the last step that changed anything */
    uint64_t clock_step;    /* by how much time was last made to pass for threads that look at the clock */
    uint64_t clock_read_at; /* step at which it was read */
    unsigned clock_read;    /* how often in that step */
    uint32_t events_when_stuck; /* before any probing */
    int probing;                /* thread that is being woken to see whether a wake-up was lost; -1 */
    const void *probed_pc, *probed_object; /* where it slept */
    int over;                              /* the schedule's outcome stands */
    int nondeterministic;                  /* a prescribed choice met another arity */
    int main_left;                         /* by pthread_exit */
    int hosted, completed;                 /* the program is a check; it came to its end */
    const void *outer[2];                  /* as in the outcome */
    const uint64_t *secret;                /* in a page of its own, readable for moments only; or NULL */
    uint64_t random;                       /* state of splitmix64 */
    enum explore_strategy strategy;
    int reducing; /* 1: depth first, and what each step touches is looked at */
    unsigned change_points[16];
    int last;        /* thread that had the turn before */
    uint64_t streak; /* steps it has made in a row */
    int intended;    /* SURW */
    const void *chosen_object;
    struct rt_profile profile; /* written by the server between schedules */
    struct rt_object object[OBJECTS];
};

extern struct rt rt;

/* The object at ADDRESS, made as KIND when it is not known yet (statically initialised ones are met first
 * when they are used). */
struct rt_object *object_find(const void *address, enum object_kind kind);
void object_forget(const void *address);

/* The program has destroyed it. Whoever uses it from now on is told by object_check. */
void object_destroy(const void *address, enum object_kind kind);

/* To be called when OBJECT is about to be used, behind the point: ends the schedule when it was destroyed. */
void object_check(struct rt_object *object, const void *pc);

/* The thread that the waiting thread T waits for, or -1; *HELD_PC is where that took it. */
int waits_for(const struct rt_thread *t, const void **held_pc);

/* --- strategy.c --- */
uint64_t rt_random(void);
void strategy_begin(void);
/* Which of the COUNT runnable threads goes next; returns an index into ENABLED. The running thread, when it
 * can, and others follow in the order of the options. */
unsigned strategy_pick(const int *enabled, unsigned count);
void strategy_created(int thread);
void strategy_done(int thread); /* THREAD does the operation it was about to do */

/* --- verdict.c --- */
void schedule_stuck(void); /* returns when a thread was woken to try */
void probe_step(enum explore_operation operation, const void *object);
void schedule_killed(int status) __attribute__((noreturn)); /* the check has come to its end, by a kill */
void schedule_main_ends(int status) __attribute__((noreturn));
/* The main thread ends, and the program goes on until the last of the others does. */
void schedule_main_leaves(void) __attribute__((noreturn));

/* --- schedule.c --- */
extern __thread int self, in_runtime;
unsigned list_enabled(int *enabled);
void schedule_begin(struct explore_arena *arena, const struct explore_request *request, uint64_t seed,
                    enum explore_strategy strategy, uint64_t order);
void turn_await(int thread);
int thread_can_run(const struct rt_thread *t);
void schedule_thread_ends(int thread);
int schedule_earliest(void);             /* the thread with the next deadline, or -1 */
void schedule_pass_deadline(int thread); /* the clock moves there */

/* --- depth_first.c --- */
/* Before the first schedule of a batch. Takes back REQUEST's `reduce` when this program cannot be reduced. */
void depth_first_begin(struct explore_request *request);
/* 1: the run just made was broken off, as another one has shown, or will show, the same. It does not count.
 */
int depth_first_skipped(const struct explore_request *request);
/* When reducing: which of the runnable threads goes next; to be asked at every point, also when there is but
 * one. What the calling thread did since it got the turn ends here. */
unsigned depth_first_pick(const int *enabled, unsigned count);
/* The calling thread, that has the turn, now does OPERATION on OBJECT. */
void depth_first_did(enum explore_operation operation, const void *object, unsigned size);
/* Turn the choices of the schedule that ARENA's last run made into the prefix of the next one, of which
 * REQUEST's replay_choices is the length. 0: there is none left within the bound. */
int depth_first_next(struct explore_arena *arena, struct explore_request *request);

/* --- freed.c --- */
/* Keep a block that the program gives back at PC: 1, or 0 when it is to be freed in earnest. */
int freed_keep(const void *block, size_t size, const void *pc);
/* To be called when ADDRESS is about to be used, or BLOCK freed: ends the schedule when it was given back. */
void freed_check(const void *address, const void *pc);
void freed_check_twice(const void *block, const void *pc);

/* --- thread.c --- */
/* Behind a call in which a thread may be cancelled: leave it for good if it was. The turn is the caller's. */
void cancel_point(void);

/* The calling thread moves the clock though others can run: no order of that is left out. */
void depth_first_meets_all(void);

/* --- confine.c: a child that is not trusted --- */
/* In the child, before the program runs. REQUEST loses its secret. */
void confine(struct explore_arena *arena, struct explore_request *request);
uint64_t confine_proof(void);

/* --- footprint.c --- */
struct range {
    uintptr_t first, last; /* bytes, both included */
    uint8_t is_written;
};
/* What a step has touched. Plain data. */
struct footprint {
    struct range *range;
    uint32_t count, room;
    uint8_t is_everything; /* 1: it meets whatever there is */
};
void footprint_add(struct footprint *footprint, struct range range);
void footprint_add_all(struct footprint *footprint, const struct footprint *other);
/* Does one write what the other touches? */
int footprints_meet(const struct footprint *a, const struct footprint *b);

/* --- library.c --- */
/* Does the program call nothing of the C library but what is known not to have effects that are not seen? */
int library_is_known(void);
/* Has something been printed since this was asked last? */
int library_has_printed(void);

/* --- livelock.c --- */
void livelock_did(enum explore_operation operation); /* OPERATION is now done */
/* At a point of the calling thread: ends the schedule when no thread will ever get anywhere. */
void livelock_look(void);
/* Is T where it was before, knowing the same, so that it gets nowhere until another one changes something? */
int livelock_goes_round(const struct rt_thread *t);
/* Threads wait, awake, for time to pass: let it. */
void livelock_pass_time(void);

/* --- access.c --- */
int rt_sees_accesses(void); /* 0: when it is not linked in */

/* --- server.c --- */
int serve(int (*program)(int, char **, char **), int argc, char **argv, char **envp);

#endif
