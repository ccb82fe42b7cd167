/* Shows: two threads add through a ring of two to batches of two, and a close sends out the rest: every item
 * goes out once, in its adder's order, whoever finds the ring full.
 *
 *     deepend explore reference/coordination/test/explore/batcher.c reference/coordination/batcher.c
 *         reference/coordination/scope.c --cflags "-Ireference/core -Ireference/coordination"
 *
 *     broken reference/coordination/batcher.c deadlock: /take_batch_locked/,/^}/s/bell_ring_all(&batcher->room);//
 *     broken reference/coordination/batcher.c deadlock: s/counts->waiting == batcher->rule.size ||/false ||/
 */
#include "batcher.h"
#include <assert.h>
#include <pthread.h>

static struct pool_batcher *batcher;
static int items[2][2], next[2]; /* not atomic: the batcher has to order them */

static int flush(void *unused, void **batch, size_t count)
{
    (void)unused;
    for (size_t i = 0; i < count; i++) {
        int *item = batch[i], adder = item >= items[1];
        assert(*item == next[adder]);
        next[adder]++;
    }
    return 0;
}

static void *add_two(void *mine)
{
    int *item = mine;
    for (int i = 0; i < 2; i++) {
        item[i] = i;
        enum pool_status status = pool_batcher_add(batcher, &item[i]);
        assert(status == POOL_OK);
    }
    return NULL;
}

int main(void)
{
    struct pool_batcher_options options = {.size = 2, .capacity = 2, .flush = flush};
    pthread_t thread;

    if (pool_batcher_create(&batcher, &options) != POOL_OK)
        return 2;
    pthread_create(&thread, NULL, add_two, items[0]);
    add_two(items[1]);
    pthread_join(thread, NULL);
    enum pool_status status = pool_batcher_close(batcher);
    assert(status == POOL_OK && next[0] == 2 && next[1] == 2);
    pool_batcher_destroy(batcher);
    return 0;
}
