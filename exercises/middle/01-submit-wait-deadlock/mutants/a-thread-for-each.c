/* tree.c - a thread of its own needs no worker. */
#include "tree.h"

#include <pthread.h>

/* Some tasks that one thread waits for. It lies on that thread's stack. */
struct group {
    pthread_mutex_t lock;
    pthread_cond_t one_less;
    unsigned left; /* guarded by lock */
};

/* One task's order, and what it has found. */
struct visit {
    struct crew *crew;
    const struct folder *folder;
    struct group *group; /* that waits for this visit */
    unsigned long bytes;
};

static void group_done(struct group *group)
{
    pthread_mutex_lock(&group->lock);
    group->left--;
    pthread_cond_signal(&group->one_less);
    pthread_mutex_unlock(&group->lock);
}

static void group_wait(struct group *group)
{
    pthread_mutex_lock(&group->lock);
    while (group->left > 0)
        pthread_cond_wait(&group->one_less, &group->lock);
    pthread_mutex_unlock(&group->lock);
}

static void visit_run(void *arg);

static void *visit_thread(void *arg)
{
    visit_run(arg);
    return NULL;
}

/* Visit the folders in FOLDER, each in a thread of its own, and wait for all of them. */
static unsigned long visit_folders(struct crew *crew, const struct folder *folder)
{
    struct group group = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, folder->count};
    struct visit visits[FOLDERS_MOST];
    pthread_t threads[FOLDERS_MOST];
    unsigned long bytes = 0;

    for (unsigned i = 0; i < folder->count; i++) {
        visits[i] = (struct visit){crew, folder->folders[i], &group, 0};
        pthread_create(&threads[i], NULL, visit_thread, &visits[i]);
    }
    for (unsigned i = 0; i < folder->count; i++) {
        pthread_join(threads[i], NULL);
        bytes += visits[i].bytes;
    }
    return bytes;
}

static void visit_run(void *arg)
{
    struct visit *visit = arg;

    visit->bytes = folder_bytes(visit->folder);
    visit->bytes += visit_folders(visit->crew, visit->folder);
    group_done(visit->group);
}

unsigned long tree_bytes(struct crew *crew, const struct folder *root)
{
    struct group group = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 1};
    struct visit visit = {crew, root, &group, 0};

    crew_submit(crew, visit_run, &visit);
    group_wait(&group);
    return visit.bytes;
}
