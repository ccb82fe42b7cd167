/* inside.c - a tree of tasks on one worker: the pool refuses the wait, and the task does the work itself.
 *
 * Each task has two children and wants to wait for both. pool_submit_wait notices that it is called from one
 * of the pool's own tasks, and says so at once instead of waiting for ever.
 */
#include "pool.h"

#include <stdio.h>

enum { LEVELS = 8 };

struct visit {
    struct pool *pool;
    int level; /* the root is 1 */
    long sum;  /* of the levels from here down: what the task finds out */
};

static void visit_run(void *arg);

/* Have VISIT made by a worker. If the pool refuses, for whatever reason, make it here. */
static void visit_make(struct visit *visit)
{
    if (pool_submit_wait(visit->pool, visit_run, visit) != POOL_OK)
        visit_run(visit);
}

static void visit_run(void *arg)
{
    struct visit *visit = arg;

    visit->sum = visit->level;
    for (int i = 0; i < 2 && visit->level < LEVELS; i++) {
        struct visit child = {visit->pool, visit->level + 1, 0};
        visit_make(&child);
        visit->sum += child.sum;
    }
}

int main(void)
{
    struct visit root = {.level = 1};

    if (pool_create(&root.pool, &(struct pool_options){.workers = 1, .capacity = 4}) != POOL_OK)
        return 1;
    visit_make(&root);
    struct pool_counts counts = pool_counts(root.pool);
    printf("%d levels of tasks on one worker: the sum is %ld\n", LEVELS, root.sum);
    printf("the pool took %llu task and refused to wait %llu times: %s\n", counts.submitted, counts.refused,
           pool_status_text(POOL_WOULD_DEADLOCK));
    pool_destroy(root.pool);
    return 0;
}
