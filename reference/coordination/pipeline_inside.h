/* pipeline_inside.h - what pipeline.c and pipeline_stage.c share. Private to this room. */
#ifndef DEEPEND_POOL_PIPELINE_INSIDE_H
#define DEEPEND_POOL_PIPELINE_INSIDE_H

#include "channel.h"
#include "pipeline.h"
#include "pool_monitor.h"
#include "scope.h"
#include <stdatomic.h>

struct stage {
    /* Fixed after create. */
    struct pool_stage is;
    size_t index;
    struct pool_pipeline *pipeline;
    struct pool_channel *input;
    struct pool_channel *output; /* the next stage's input; NULL behind the last one without an output */

    struct lock lock;

    /* Guarded by lock. */
    struct pool_stage_counts counts; /* without queued, peak and taken, which the channel knows */
    unsigned long long turn;         /* the number of the item that may be passed on, in an ordered stage */
    struct bell next_turn; /* slept at by workers until: turn is theirs, or the pipeline is cancelled */

    size_t alive; /* workers that have not left; guarded by the pipeline's lock */
};

struct pool_pipeline {
    /* Fixed after create. */
    void (*discard)(void *item);
    struct pool_channel *output; /* NULL: none */
    size_t count;

    atomic_bool cancelled; /* written under lock; atomic because workers look at it without */

    struct lock lock; /* never held together with a stage's or a channel's */

    /* Guarded by lock. */
    size_t alive;     /* workers that have not left */
    size_t busy;      /* threads inside a cancel */
    size_t visitors;  /* threads inside push, take, drain, cancel: the pipeline must outlive them */
    size_t draining;  /* of these, those in drain */
    struct bell over; /* slept at by drain until: alive and busy are 0 */
    struct bell gone; /* slept at by destroy until: visitors is 0 */
    enum pool_status outcome;
    struct pool_pipeline_failure failure;
    unsigned long long delivered, discarded;

    /* Owner thread only: written by create, read by destroy. */
    size_t threads_started;
    pthread_t *threads;

    struct stage stages[];
};

void *pool_pipeline_worker(void *stage);

/* Throw an item out, without any lock; NULL is none. */
void pool_pipeline_discard(struct pool_pipeline *pipeline, void *item);

/* The cancel, for OUTCOME (POOL_CANCELLED or POOL_FAILED with FAILURE). The first one decides. */
void pool_pipeline_stop(struct pool_pipeline *pipeline, enum pool_status outcome,
                        struct pool_pipeline_failure failure);

#endif
