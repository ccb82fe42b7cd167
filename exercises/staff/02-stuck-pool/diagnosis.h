/* diagnosis.h - the words that a diagnosis is written in. */
#ifndef DIAGNOSIS_H
#define DIAGNOSIS_H

/* Who waits, and who has what the others wait for. */
enum thread { MAIN, INTAKE, AUDITOR, WORKER_1, WORKER_2, WORKER_3, WORKER_4, THREADS, OUTSIDE = THREADS };

/* A set of threads: SET(MAIN) | SET(INTAKE). OUTSIDE stands for whatever is not a thread of this process. */
#define SET(thread) (1u << (thread))

enum resource {
    NOTHING_AT_ALL,
    END_OF_A_THREAD, /* a join */
    AN_ORDER,        /* in the queue */
    ROOM_IN_QUEUE,
    FREE_LINE,
    LEDGER_LOCK,
    ANSWER_OF_BANK,
};

/* What one thread waits for, and who could end the wait: the threads that have it now. */
struct wait {
    enum resource what;
    unsigned held_by;
};

enum cause {
    CAUSE_NOT_FOUND,
    LOCK_ORDER,           /* two locks, taken in two orders */
    LOCK_NOT_GIVEN_BACK,  /* some path forgets to unlock */
    LOST_WAKEUP,          /* a signal came when nobody was waiting for it yet */
    SELF_WAIT,            /* a task waits for a task of its own pool */
    QUEUE_FED_BY_WORKERS, /* the workers fill the queue that only they empty */
    WAIT_WITHOUT_END,     /* for something outside, and without a deadline */
    TOO_FEW_WORKERS,      /* they do move, and cannot keep up */
};

/* The columns of evidence/metrics.csv. */
enum metric {
    NO_METRIC,
    ARRIVED,
    COMPLETED,
    DEPTH,
    RUNNING,
    DWELL_P99,
    BANK_P99,
    CPU,
};

/* What people said in the call. */
enum suspect { BURST_OF_ORDERS, BUSY_PROCESSOR, SLOW_BANK, SUSPECTS };

struct diagnosis {
    struct wait waits[THREADS]; /* by thread, as in evidence/threads.txt */
    unsigned root;              /* the threads at which the chain ends: whom do all the others wait for? */
    enum cause cause;
    int minute;                         /* of the metrics, in which it began */
    enum metric first_sign;             /* the column that shows it in that minute */
    enum metric acquitted_by[SUSPECTS]; /* the column that speaks for each suspect */
};

extern const struct diagnosis diagnosis; /* in orders.c: yours */

#endif
