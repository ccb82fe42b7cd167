/* Shows: a child with a callback may be freed while its parent is cancelled; after forget has returned the
 * callback does not run, so what it uses may go; and whoever waits hears of it.
 *
 *     deepend explore reference/core/test/explore/cancel.c reference/core/cancel.c
 * reference/core/cancel_tree.c \
 *         --cflags -Ireference/core
 */
#include "cancel.h"
#include <assert.h>
#include <pthread.h>
#include <stddef.h>

static struct pool_cancel *root;

static void count_up(void *arg)
{
    ++*(int *)arg; /* not atomic: forget has to order it before the reading */
}

static void *child_comes_and_goes(void *unused)
{
    int calls = 0;
    struct pool_cancel *child;
    struct pool_cancel_callback callback;

    if (pool_cancel_create(&child, &(struct pool_cancel_options){.parent = root}) != POOL_OK)
        return unused;
    enum pool_status on = pool_cancel_on(child, &callback, count_up, &calls);
    enum pool_status roots = pool_cancel_check(root);
    enum pool_status forgotten = pool_cancel_forget(child, &callback); /* under the lock: marking is over */
    enum pool_status mine = pool_cancel_check(child);
    assert(roots == POOL_OK || mine == POOL_FAILED);
    assert(on == POOL_OK || calls == 1);
    assert(calls == (forgotten == POOL_ALREADY));
    calls = -1; /* nobody may count now */
    pool_cancel_unref(child);
    assert(calls == -1);
    return unused;
}

static void *wait_for_it(void *unused)
{
    enum pool_status status = pool_cancel_wait(root, NULL);
    assert(status == POOL_OK);
    status = pool_cancel_check(root);
    assert(status == POOL_FAILED);
    pool_cancel_unref(root);
    return unused;
}

int main(void)
{
    pthread_t threads[2];

    if (pool_cancel_create(&root, NULL) != POOL_OK)
        return 2;
    pool_cancel_ref(root);
    pthread_create(&threads[0], NULL, child_comes_and_goes, NULL);
    pthread_create(&threads[1], NULL, wait_for_it, NULL);
    enum pool_status status = pool_cancel_now(root, POOL_FAILED);
    assert(status == POOL_OK);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    pool_cancel_unref(root);
    return 0;
}
