/* shares.c - three tenants whose tasks take 1, 4 and 16 ms, all with more work than there is time: who gets it.
 *
 * Ten virtual seconds of one worker. Jain's index is 1 if all got the same, 1/3 if one got everything.
 */
#include "fairness.h"
#include <stdio.h>
#include <stdlib.h>

enum { TENANTS = 3, TIME = 10000, EACH = 10000 };

static const int costs[TENANTS] = {1, 4, 16};

static const struct policy {
    const char *name;
    enum pool_fairness_pick pick;
    unsigned weights[TENANTS];
} policies[] = {
    {"turns", POOL_FAIRNESS_ROUND_ROBIN, {1, 1, 1}},
    {"turns, 16 : 4 : 1", POOL_FAIRNESS_ROUND_ROBIN, {16, 4, 1}},
    {"by cost", POOL_FAIRNESS_DEFICIT, {1, 1, 1}},
    {"by cost, 2 : 1 : 1", POOL_FAIRNESS_DEFICIT, {2, 1, 1}},
};

static void fill(struct pool_fairness *fair, const struct policy *policy)
{
    for (uint64_t tenant = 0; tenant < TENANTS; tenant++) {
        if (pool_fairness_pin(fair, tenant, policy->weights[tenant]) != POOL_OK)
            exit(1);
        for (int i = 0; i < EACH; i++)
            if (pool_fairness_put(fair, tenant, (uint64_t)costs[tenant], NULL) != POOL_OK)
                exit(1);
    }
}

static void run(const struct policy *policy)
{
    struct pool_fairness_options options = {.pick = policy->pick,
                                            .tenants = TENANTS,
                                            .items = TENANTS * EACH,
                                            .per_tenant = EACH,
                                            .running = 1,
                                            .quantum = 16};
    struct pool_fairness *fair;
    struct pool_fairness_job job;
    double got[TENANTS] = {0}, sum = 0, squares = 0;

    if (pool_fairness_create(&fair, &options) != POOL_OK)
        exit(1);
    fill(fair, policy);
    for (int now = 0; now < TIME && pool_fairness_take(fair, &job, NULL) == POOL_OK;
         now += costs[job.tenant]) {
        got[job.tenant] += costs[job.tenant];
        pool_fairness_done(fair, &job);
    }
    printf("%-20s", policy->name);
    for (int tenant = 0; tenant < TENANTS; tenant++) {
        printf("%7.0f %%", got[tenant] * 100 / TIME);
        sum += got[tenant];
        squares += got[tenant] * got[tenant];
    }
    printf("%10.2f\n", sum * sum / (TENANTS * squares));
    pool_fairness_destroy(fair);
}

int main(void)
{
    printf("%-20s%9s%9s%9s%10s\n", "share of the time", "1 ms", "4 ms", "16 ms", "index");
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++)
        run(&policies[i]);
    return 0;
}
