/* peer.h - what a pool must offer to be measured beside the others: one small table of functions.
 *
 *     const struct peer peer = {
 *         .name = "glib", .create = create, .play = play, .submit = submit, .destroy = destroy};
 *
 * A peer is one file with such a table, linked with workloads.c to a program of its own, so that no pool's
 * threads, memory or allocator stand in another's way. It takes 1,000,000 tasks of 16 bytes that somebody
 * else owns: what a pool allocates for a task is its own doing. Not here: what a peer does when it stops or
 * when a task fails; this is about speed alone.
 */
#ifndef DEEPEND_PEER_H
#define DEEPEND_PEER_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct task {
    void (*run)(struct task *task);
    long number;
};

/* What a producer does; INDEX counts the producers from 0. */
typedef void produce_function(void *pool, void *context, unsigned index);

struct peer {
    const char *name;

    /* WORKERS threads, with room for ROOM tasks that wait, if it has to know. */
    void *(*create)(unsigned workers, size_t room);

    /* Call PRODUCE in each of PRODUCERS threads, and return when every task has ended. */
    void (*play)(void *pool, unsigned producers, produce_function *produce, void *context);

    /* From a producer, and from a task if it nests. */
    void (*submit)(void *pool, struct task *task);

    /* Submit and return when it has run. NULL: done with a semaphore. */
    void (*submit_wait)(void *pool, struct task *task);

    void (*destroy)(void *pool);

    bool nests;         /* tasks may submit tasks */
    bool play_joins;    /* play also waits for what tasks submit */
    bool queues;        /* any number of tasks may wait, so that a queued one's memory can be told */
    bool many_in_a_row; /* create and destroy make and join the threads */
    bool only_lives;    /* it is measured in w7 alone */
};

extern const struct peer peer;

/* For peers that are used from plain threads: PRODUCE in PRODUCERS of them, the caller's own if it is one. */
void play_in_threads(void *pool, unsigned producers, produce_function *produce, void *context);

#ifdef __cplusplus
}
#endif

#endif
