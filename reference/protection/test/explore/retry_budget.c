/* Shows: two threads ask for the one retry that the budget has, while requests come: one gets it.
 *
 *     deepend explore reference/protection/test/explore/retry_budget.c reference/protection/retry_budget.c
 *         reference/protection/tally.c --cflags "-Ireference/core -Ireference/protection"
 *
 *     broken reference/protection/retry_budget.c race: s/lock_take(&budget->lock);//;s/lock_drop(&budget->lock);//;s/assert(lock_is_mine(&budget->lock));//
 *     broken reference/protection/retry_budget.c wrong-result: s/sum.marked >= /sum.marked > /
 */
#include "retry_budget.h"
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

static struct pool_retry_budget *budget;
static atomic_int spent;

static void *fail(void *unused)
{
    pool_retry_budget_request(budget);
    if (pool_retry_budget_spend(budget) == POOL_OK)
        atomic_fetch_add(&spent, 1);
    return unused;
}

int main(void)
{
    struct pool_retry_budget_options options = {.percent = 10, .spare = 1, .window = 3600 * POOL_SECOND};
    pthread_t threads[2];

    if (pool_retry_budget_create(&budget, &options) != POOL_OK)
        return 2;
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, fail, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    struct pool_retry_budget_view view = pool_retry_budget_view(budget);
    assert(spent == 1 && view.requests == 2 && view.retries == 1 && view.refused == 1);
    pool_retry_budget_destroy(budget);
    return 0;
}
