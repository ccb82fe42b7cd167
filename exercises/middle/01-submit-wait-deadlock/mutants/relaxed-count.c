/* tree.c - the last one ends the parent; the count of those that are left is relaxed, for speed. */
#include "tree.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* One for the whole tree. */
struct walk {
    struct crew *crew;
    pthread_mutex_t lock;
    pthread_cond_t done;
    int is_done; /* guarded by lock */
    unsigned long bytes;
};

/* A folder whose task is submitted. It ends when the last of the folders in it has ended. */
struct visit {
    struct walk *walk;
    const struct folder *folder;
    struct visit *parent; /* NULL: the root */
    unsigned long bytes;
    atomic_uint left;     /* folders in it that have not ended */
    struct visit *visits; /* of the folders in it */
};

static void visit_init(struct visit *visit, struct walk *walk, const struct folder *folder,
                       struct visit *parent)
{
    visit->walk = walk;
    visit->folder = folder;
    visit->parent = parent;
    atomic_init(&visit->left, folder->count);
}

static void walk_end(struct walk *walk, unsigned long bytes)
{
    pthread_mutex_lock(&walk->lock);
    walk->bytes = bytes;
    walk->is_done = 1;
    pthread_cond_signal(&walk->done);
    pthread_mutex_unlock(&walk->lock);
}

/* All folders in it have ended: add them up, and end the parent if this was its last one. */
static void visit_end(struct visit *visit)
{
    struct visit *parent = visit->parent;

    for (unsigned i = 0; i < visit->folder->count; i++)
        visit->bytes += visit->visits[i].bytes;
    free(visit->visits);
    if (!parent)
        walk_end(visit->walk, visit->bytes);
    else if (atomic_fetch_sub_explicit(&parent->left, 1, memory_order_relaxed) == 1)
        visit_end(parent);
}

static void visit_run(void *arg)
{
    struct visit *visit = arg;
    const struct folder *folder = visit->folder;

    visit->bytes = folder_bytes(folder);
    if (folder->count == 0) {
        visit_end(visit);
        return;
    }
    struct visit *visits = visit->visits = calloc(folder->count, sizeof *visits);
    struct walk *walk = visit->walk;
    for (unsigned i = 0; i < folder->count; i++)
        visit_init(&visits[i], walk, folder->folders[i], visit);
    for (unsigned i = 0, count = folder->count; i < count; i++)
        crew_submit(walk->crew, visit_run, &visits[i]);
}

unsigned long tree_bytes(struct crew *crew, const struct folder *root)
{
    struct walk walk = {crew, PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0};
    struct visit visit = {0};

    visit_init(&visit, &walk, root, NULL);
    crew_submit(crew, visit_run, &visit);
    pthread_mutex_lock(&walk.lock);
    while (!walk.is_done)
        pthread_cond_wait(&walk.done, &walk.lock);
    pthread_mutex_unlock(&walk.lock);
    return walk.bytes;
}
