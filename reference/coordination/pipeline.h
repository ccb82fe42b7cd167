/* pipeline.h - stages with workers of their own, joined by bounded queues.
 *
 *     const struct pool_stage stages[] = {{.step = decode, .workers = 4, .capacity = 10},
 *                                         {.step = store, .workers = 1, .capacity = 10}};
 *     if (pool_pipeline_create(&line, &(struct pool_pipeline_options){.stages = stages, .count = 2}) !=
 * POOL_OK) ... while (status == POOL_OK && read_one(&item)) status = pool_pipeline_push(line, item); // waits
 * while the first queue is full status = pool_pipeline_drain(line, &failure);         // no more; wait until
 * all is through pool_pipeline_destroy(line);
 *
 * The caller's steps: create, push from any threads (and take from any others, if there is an output), drain
 * or cancel, destroy. Every queue is bounded, so a slow stage fills the queues in front of it one after
 * another until push waits: the source is slowed by the slowest stage (M30, U24).
 *
 * An item belongs to the caller until push answers POOL_OK, to a step from its call on, whatever it answers,
 * and to `discard` when it is thrown out. Each worker takes one item, calls the step and passes on what the
 * step put out: nothing, or one item, the same or another.
 *
 * The first step that fails stops the pipeline: that is a cancel with a reason. A cancel throws out what
 * waits, also in the output, lets everybody out who waits, and lets the steps that run finish.
 *
 * Order: a stage with one worker keeps it. One with more keeps it if it is POOL_STAGE_ORDERED: then a worker
 * that has overtaken waits for its turn to pass its item on, so one slow item holds up at most the stage's
 * other workers, and no buffer grows.
 *
 * Any thread may call anything, also from inside a step or a discard, unless it says otherwise. Steps and
 * discards are called without a lock. A step must return, as in pool.h.
 */
#ifndef DEEPEND_POOL_PIPELINE_H
#define DEEPEND_POOL_PIPELINE_H

#include "status.h"
#include <stddef.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pool_pipeline;

/* 0: it went well, and *OUT (NULL before) goes on to the next stage, unless it is NULL. Anything else is the
 * pipeline's error; *OUT is not looked at. */
typedef int pool_stage_step(void *context, void *item, void **out);

enum pool_stage_order { POOL_STAGE_UNORDERED, POOL_STAGE_ORDERED };

enum { POOL_PIPELINE_MAX_STAGES = 64, POOL_STAGE_MAX_WORKERS = 1024 };

struct pool_stage {
    pool_stage_step *step;
    void *context;
    unsigned workers; /* 1 to POOL_STAGE_MAX_WORKERS */
    size_t capacity;  /* items that may wait in front of the stage, at least 1 */
    enum pool_stage_order order;
};

struct pool_pipeline_options {
    const struct pool_stage *stages; /* COUNT of them, 1 to POOL_PIPELINE_MAX_STAGES; copied */
    size_t count;
    size_t output; /* items that may wait behind the last stage, for pool_pipeline_take; 0: there is
                      no output, and what the last stage puts out is discarded */
    void (*discard)(void *item); /* may be NULL */
};

/* Starts all workers. POOL_INVALID, POOL_NO_MEMORY, POOL_NO_THREAD leave nothing behind and *PIPELINE NULL.
 */
POOL_MUST_LOOK enum pool_status pool_pipeline_create(struct pool_pipeline **pipeline,
                                                     const struct pool_pipeline_options *options);

/* Into the first queue: waiting for room; without waiting (POOL_FULL); until DEADLINE, on CLOCK_MONOTONIC
 * (POOL_TIMED_OUT). POOL_STOPPED: closed. POOL_CANCELLED. POOL_INVALID: NULL is no item. From inside, a push
 * that would wait without a deadline answers POOL_WOULD_DEADLOCK: its own worker may be needed to make room.
 */
POOL_MUST_LOOK enum pool_status pool_pipeline_push(struct pool_pipeline *pipeline, void *item);
POOL_MUST_LOOK enum pool_status pool_pipeline_try_push(struct pool_pipeline *pipeline, void *item);
POOL_MUST_LOOK enum pool_status pool_pipeline_push_until(struct pool_pipeline *pipeline, void *item,
                                                         const struct timespec *deadline);

/* Out of the output: waiting; without waiting (POOL_EMPTY); until DEADLINE (POOL_TIMED_OUT). POOL_STOPPED:
 * closed, and everything has come out. POOL_CANCELLED. POOL_INVALID: there is no output. From inside like
 * push. */
POOL_MUST_LOOK enum pool_status pool_pipeline_take(struct pool_pipeline *pipeline, void **item);
POOL_MUST_LOOK enum pool_status pool_pipeline_try_take(struct pool_pipeline *pipeline, void **item);
POOL_MUST_LOOK enum pool_status pool_pipeline_take_until(struct pool_pipeline *pipeline, void **item,
                                                         const struct timespec *deadline);

/* No more items. Each stage ends when the one before has ended and its queue is empty. May be repeated. */
enum pool_status pool_pipeline_close(struct pool_pipeline *pipeline);

/* Throw out what waits, stop. POOL_OK; the first reason stays. Returns when the discards have been called;
 * does not wait for steps. POOL_INVALID: NULL. */
enum pool_status pool_pipeline_cancel(struct pool_pipeline *pipeline);

struct pool_pipeline_failure {
    size_t stage; /* 0 is the first */
    int error;
};

/* Close, and wait until every step has returned and every worker has left: POOL_OK; POOL_FAILED, and *FAILURE
 * (may be NULL) says where; POOL_CANCELLED. With an output somebody must take meanwhile, or have room in it
 * for all: a last stage that waits for room waits as long as that takes. Several at once and repeats are
 * fine. POOL_WOULD_DEADLOCK from inside. */
POOL_MUST_LOOK enum pool_status pool_pipeline_drain(struct pool_pipeline *pipeline,
                                                    struct pool_pipeline_failure *failure);

/* The same until DEADLINE (CLOCK_MONOTONIC): then POOL_TIMED_OUT, and all goes on. Drain again, or cancel. */
POOL_MUST_LOOK enum pool_status pool_pipeline_drain_until(struct pool_pipeline *pipeline,
                                                          const struct timespec *deadline,
                                                          struct pool_pipeline_failure *failure);

/* Cancel, join the workers, let everybody out, free. NULL is fine. Never from inside (asserted). */
void pool_pipeline_destroy(struct pool_pipeline *pipeline);

/* One stage's numbers; all 0 for a stage that is none. taken = passed + consumed + failed + running + waiting
 * + blocked, plus what a cancel threw out. Where the queue is full and nothing is blocked is the bottleneck.
 */
struct pool_stage_counts {
    size_t queued, peak; /* in front of it, now and at most */
    size_t running;      /* workers in the step */
    size_t waiting;      /* workers that have overtaken and wait for their turn */
    size_t blocked;      /* workers that wait for room behind the stage */
    unsigned long long taken, passed, consumed, failed;
};
struct pool_stage_counts pool_pipeline_stage_counts(struct pool_pipeline *pipeline, size_t stage);

/* The pipeline's: pushed = delivered (taken by a caller) + consumed + failed + discarded, and what is still
 * inside. Exact when nothing moves. `blocked` pushes wait for room, `draining` threads for the end, `workers`
 * have not left. */
struct pool_pipeline_counts {
    size_t blocked, draining, workers;
    unsigned long long pushed, delivered, consumed, failed, discarded;
};
struct pool_pipeline_counts pool_pipeline_counts(struct pool_pipeline *pipeline);

#ifdef __cplusplus
}
#endif

#endif
