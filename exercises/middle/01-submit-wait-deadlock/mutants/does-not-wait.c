/* tree.c - each task adds its own folder to the total, so nobody has to wait but for the root. */
#include "tree.h"

#include <pthread.h>
#include <stdlib.h>

/* One for the whole tree. */
struct walk {
    struct crew *crew;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned long bytes; /* guarded by lock */
    int root_done;       /* guarded by lock */
};

struct visit {
    struct walk *walk;
    const struct folder *folder;
    int is_root;
};

static void visit_run(void *arg);

static void visit_submit(struct walk *walk, const struct folder *folder, int is_root)
{
    struct visit *visit = malloc(sizeof *visit);

    *visit = (struct visit){walk, folder, is_root};
    crew_submit(walk->crew, visit_run, visit);
}

static void visit_run(void *arg)
{
    struct visit *visit = arg;
    struct walk *walk = visit->walk;
    unsigned long bytes = folder_bytes(visit->folder);

    for (unsigned i = 0; i < visit->folder->count; i++)
        visit_submit(walk, visit->folder->folders[i], 0);
    pthread_mutex_lock(&walk->lock);
    walk->bytes += bytes;
    if (visit->is_root) {
        walk->root_done = 1;
        pthread_cond_signal(&walk->changed);
    }
    pthread_mutex_unlock(&walk->lock);
    free(visit);
}

unsigned long tree_bytes(struct crew *crew, const struct folder *root)
{
    struct walk *walk = malloc(sizeof *walk);

    *walk = (struct walk){crew, PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0};
    visit_submit(walk, root, 1);
    pthread_mutex_lock(&walk->lock);
    while (!walk->root_done)
        pthread_cond_wait(&walk->changed, &walk->lock);
    unsigned long bytes = walk->bytes;
    pthread_mutex_unlock(&walk->lock);
    return bytes;
}
