/* turns.c - two tenants, one of them loud, and five ways to choose whose task is next.
 *
 * In virtual milliseconds, without chance; each task takes 10 ms. The queues are the library's.
 */
#include "fairness.h"
#include "priority.h"
#include <stdio.h>
#include <stdlib.h>

enum tenant { A, B, TENANTS };
enum { TAKES = 10, STOP = 60000, MOST = 8192 };

static const struct traffic {
    const char *name;
    int burst[TENANTS],
        every[TENANTS]; /* tasks at once in the beginning; then one each so many ms; 0: none */
} traffics[] = {
    {"A sends 1,000 at once, B one each 100 ms", {1000, 0}, {0, 100}},
    {"B, the urgent one, sends all the time, A one each second", {0, 0}, {1000, TAKES}},
};

static const struct policy {
    const char *name;
    unsigned levels; /* of a priority queue, B being above A; 0: the tenants take turns */
    uint64_t age;    /* ns of waiting that are worth a level */
    int workers;
} policies[] = {
    {"one queue", 1, POOL_PRIORITY_STRICT, 1},
    {"one queue, 4 workers", 1, POOL_PRIORITY_STRICT, 4},
    {"B first, strictly", 2, POOL_PRIORITY_STRICT, 1},
    {"B first, 2 s are a level", 2, 2 * POOL_SECOND, 1},
    {"turns", 0, 0, 1},
};

struct task {
    enum tenant tenant;
    int came, began; /* ms; -1: not yet */
};

struct desk {
    struct pool_priority *levels;
    struct pool_fairness *turns;
    struct pool_fairness_job jobs[4]; /* what each worker has in hand */
    struct task tasks[MOST];
    int count, now, free_at[4];
};

static uint64_t virtual_now(void *context)
{
    return (uint64_t)((struct desk *)context)->now * POOL_MILLISECOND;
}

static void put(struct desk *desk, const struct policy *policy, enum tenant tenant)
{
    struct task *task = &desk->tasks[desk->count++];

    *task = (struct task){tenant, desk->now, -1};
    if ((desk->turns ? pool_fairness_put(desk->turns, tenant, 1, task)
                     : pool_priority_put(desk->levels, policy->levels == 2 && tenant == A, task)) != POOL_OK)
        exit(1);
}

static void take(struct desk *desk, int worker)
{
    struct pool_fairness_job *job = &desk->jobs[worker];
    void *item = NULL;

    if (desk->free_at[worker] > desk->now)
        return;
    if (job->entry)
        pool_fairness_done(desk->turns, job);
    if (desk->turns && pool_fairness_take(desk->turns, job, NULL) == POOL_OK)
        item = job->item;
    if (desk->levels && pool_priority_take(desk->levels, &item, NULL) != POOL_OK)
        item = NULL;
    if (item) {
        ((struct task *)item)->began = desk->now;
        desk->free_at[worker] = desk->now + TAKES;
    }
}

static void run(const struct policy *policy, const struct traffic *traffic)
{
    struct desk *desk = calloc(1, sizeof *desk);
    struct pool_clock clock = {virtual_now, desk};
    struct pool_priority_options levels = {
        .levels = policy->levels, .items = MOST, .age = policy->age, .clock = &clock};
    struct pool_fairness_options turns = {
        .tenants = 2, .items = MOST, .per_tenant = MOST, .running = 1, .clock = &clock};
    int longest[TENANTS] = {0};

    if (!desk || (policy->levels ? pool_priority_create(&desk->levels, &levels)
                                 : pool_fairness_create(&desk->turns, &turns)) != POOL_OK)
        exit(1);
    for (; desk->now < STOP; desk->now++) {
        for (enum tenant t = A; t < TENANTS; t++) {
            int come = desk->now == 0 ? traffic->burst[t] : 0;
            for (come += traffic->every[t] && desk->now % traffic->every[t] == 0; come > 0; come--)
                put(desk, policy, t);
        }
        for (int worker = 0; worker < policy->workers; worker++)
            take(desk, worker);
    }
    for (struct task *task = desk->tasks; task < desk->tasks + desk->count; task++) {
        int waited = (task->began < 0 ? STOP : task->began) - task->came;
        longest[task->tenant] = waited > longest[task->tenant] ? waited : longest[task->tenant];
    }
    printf("  %-26s %8.2f s %8.2f s\n", policy->name, longest[A] / 1e3, longest[B] / 1e3);
    pool_priority_destroy(desk->levels);
    pool_fairness_destroy(desk->turns);
    free(desk);
}

int main(void)
{
    for (int i = 0; i < 2; i++) {
        printf("%s\n  %-26s %10s %10s\n", traffics[i].name, "longest wait", "A", "B");
        for (size_t k = 0; k < sizeof policies / sizeof policies[0]; k++)
            run(&policies[k], &traffics[i]);
    }
    return 0;
}
