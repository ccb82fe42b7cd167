/* peer_threads.c - no pool: a thread for each task, joined at the end. In w7 the least that a pool with as many threads as
 * tasks can need on this machine; the other loads would measure nothing but the creation of threads. */
#include "peer.h"

#include <pthread.h>
#include <stdlib.h>

enum { MOST = 8 };

struct threads {
    pthread_t threads[MOST];
    unsigned count;
};

static void *create(unsigned workers, size_t room)
{
    (void)workers;
    (void)room;
    struct threads *threads = calloc(1, sizeof *threads);
    if (!threads)
        abort();
    return threads;
}

static void *run(void *arg)
{
    struct task *task = arg;
    task->run(task);
    return NULL;
}

static void submit(void *pool, struct task *task)
{
    struct threads *threads = pool;
    if (threads->count == MOST || pthread_create(&threads->threads[threads->count++], NULL, run, task) != 0)
        abort();
}

static void play(void *pool, unsigned producers, produce_function *produce, void *context)
{
    struct threads *threads = pool;
    play_in_threads(pool, producers, produce, context);
    for (unsigned i = 0; i < threads->count; i++)
        pthread_join(threads->threads[i], NULL);
}

const struct peer peer = {.name = "threads",
                          .create = create,
                          .play = play,
                          .submit = submit,
                          .destroy = free,
                          .many_in_a_row = true,
                          .only_lives = true};
