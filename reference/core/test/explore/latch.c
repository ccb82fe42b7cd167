/* Shows: whoever waits for a latch sees what was written before each done, and may free it at once while the
 * thread that counted it down to zero is still on its way out.
 *
 *     deepend explore reference/core/test/explore/latch.c reference/core/latch.c reference/core/waitpoint.c
 *         --cflags -Ireference/core
 *
 *     broken reference/core/latch.c race: /pool_latch_done/,/^}/s/pool_waitpoint_.*lock(&latch->point);//
 */
#include "latch.h"
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

static struct pool_latch *latch;
static int results[2]; /* not atomic: the latch has to order them */

static void *work(void *result)
{
    *(int *)result = 1;
    pool_latch_done(latch, 1);
    return NULL;
}

int main(void)
{
    pthread_t threads[2];

    latch = malloc(sizeof *latch);
    if (!latch)
        return 2;
    pool_latch_init(latch, 0);
    for (int i = 0; i < 2; i++)
        if (pool_latch_add(latch, 1) != POOL_OK || pthread_create(&threads[i], NULL, work, &results[i]) != 0)
            return 2;
    pool_latch_wait(latch);
    pool_latch_release(latch);
    free(latch);
    assert(results[0] + results[1] == 2);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
