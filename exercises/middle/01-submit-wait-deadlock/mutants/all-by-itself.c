/* tree.c - a task that never waits: it visits everything below itself. */
#include "tree.h"

#include <pthread.h>

struct walk {
    const struct folder *root;
    unsigned long bytes;
    pthread_mutex_t lock;
    pthread_cond_t done;
    int is_done; /* guarded by lock */
};

static unsigned long visit(const struct folder *folder)
{
    unsigned long bytes = folder_bytes(folder);

    for (unsigned i = 0; i < folder->count; i++)
        bytes += visit(folder->folders[i]);
    return bytes;
}

static void walk_run(void *arg)
{
    struct walk *walk = arg;

    walk->bytes = visit(walk->root);
    pthread_mutex_lock(&walk->lock);
    walk->is_done = 1;
    pthread_cond_signal(&walk->done);
    pthread_mutex_unlock(&walk->lock);
}

unsigned long tree_bytes(struct crew *crew, const struct folder *root)
{
    struct walk walk = {root, 0, PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};

    crew_submit(crew, walk_run, &walk);
    pthread_mutex_lock(&walk.lock);
    while (!walk.is_done)
        pthread_cond_wait(&walk.done, &walk.lock);
    pthread_mutex_unlock(&walk.lock);
    return walk.bytes;
}
