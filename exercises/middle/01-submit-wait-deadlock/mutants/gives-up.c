/* tree.c - a wait may not last for ever: ten milliseconds must do. */
#include "tree.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

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

/* 1: all are done. 0: it took too long. */
static int group_wait(struct group *group)
{
    struct timespec deadline;
    int late = 0;

    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_nsec += 10000000;
    deadline.tv_sec += deadline.tv_nsec / 1000000000;
    deadline.tv_nsec %= 1000000000;
    pthread_mutex_lock(&group->lock);
    while (group->left > 0 && !late)
        late = pthread_cond_timedwait(&group->one_less, &group->lock, &deadline);
    pthread_mutex_unlock(&group->lock);
    return !late;
}

static void visit_run(void *arg);

/* The folders in one folder. */
struct work {
    struct group group;
    struct visit visits[FOLDERS_MOST];
};

/* Visit the folders in FOLDER, each in a task of its own, and wait for them. */
static unsigned long visit_folders(struct crew *crew, const struct folder *folder)
{
    struct work *work = malloc(sizeof *work);
    unsigned long bytes = 0;

    work->group = (struct group){PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, folder->count};
    for (unsigned i = 0; i < folder->count; i++) {
        work->visits[i] = (struct visit){crew, folder->folders[i], &work->group, 0};
        crew_submit(crew, visit_run, &work->visits[i]);
    }
    int all = group_wait(&work->group);
    for (unsigned i = 0; i < folder->count; i++)
        bytes += work->visits[i].bytes;
    if (all)
        free(work);
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
    while (!group_wait(&group))
        ;
    return visit.bytes;
}
