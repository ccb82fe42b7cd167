/* peer_glib.c - GLib's GThreadPool, exclusive, so that its threads are its own. */
#include "peer.h"

#include <glib.h>
#include <stdlib.h>

/* The pool ends in play, and is then gone already. */
struct holder {
    GThreadPool *pool;
};

static void run(gpointer data, gpointer context)
{
    struct task *task = data;
    (void)context;
    task->run(task);
}

static void *create(unsigned workers, size_t room)
{
    struct holder *holder = malloc(sizeof *holder);
    (void)room;
    if (!holder || !(holder->pool = g_thread_pool_new(run, NULL, (gint)workers, TRUE, NULL)))
        abort();
    return holder;
}

static void submit(void *pool, struct task *task)
{
    struct holder *holder = pool;
    if (!g_thread_pool_push(holder->pool, task, NULL))
        abort();
}

static void play(void *pool, unsigned producers, produce_function *produce, void *context)
{
    struct holder *holder = pool;
    play_in_threads(pool, producers, produce, context);
    g_thread_pool_free(holder->pool, FALSE, TRUE);
}

const struct peer peer = {.name = "glib",
                          .create = create,
                          .play = play,
                          .submit = submit,
                          .destroy = free,
                          .nests = true,
                          .queues = true,
                          .many_in_a_row = true};
