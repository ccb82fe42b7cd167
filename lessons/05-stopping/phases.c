/* phases.c - the reference pool ends in two phases, and the books say what became of every job.
 *
 * One worker, five prints. The second one is stuck: it waits at a semaphore that nobody posts until the drain
 * has given up, so the same happens on every machine: print 0 is done, print 1 runs, 2 to 4 wait.
 */
#include "pool.h"

#include <semaphore.h>
#include <stdio.h>

enum { PRINTS = 5, DRAIN_MS = 20 };

struct shop {
    struct pool *pool;
    sem_t begun; /* posted by the print that is stuck, when it has begun */
    sem_t freed; /* what it waits for */
};

struct print {
    struct shop *shop;
    int number;
};

static void print_one(void *arg)
{
    const struct print *print = arg;

    if (print->number != 1)
        return;
    sem_post(&print->shop->begun);
    sem_wait(&print->shop->freed);
}

static void give_back(void *arg)
{
    const struct print *print = arg;
    struct pool_counts counts = pool_counts(print->shop->pool);

    printf("         print %d is given back: the books say %llu discarded, %zu queued\n", print->number,
           counts.discarded, counts.queued);
}

static void tell(struct pool *pool, const char *when)
{
    struct pool_counts counts = pool_counts(pool);

    printf("%-8s submitted %llu = completed %llu + discarded %llu + queued %zu + running %zu\n", when,
           counts.submitted, counts.completed, counts.discarded, counts.queued, counts.running);
}

static void end(struct shop *shop)
{
    struct timespec deadline = pool_deadline_after(DRAIN_MS);
    struct print late = {shop, PRINTS};
    struct pool_leftover left;

    enum pool_status status = pool_drain_until(shop->pool, &deadline, &left);
    printf("drain:   %s; %zu discarded, %zu running\n", pool_status_text(status), left.discarded,
           left.running);
    tell(shop->pool, "drained:");
    printf("submit:  %s\n", pool_status_text(pool_try_submit(shop->pool, print_one, &late)));
    sem_post(&shop->freed);
    printf("stop:    %s\n", pool_status_text(pool_stop(shop->pool)));
    printf("again:   %s\n", pool_status_text(pool_stop(shop->pool)));
    tell(shop->pool, "stopped:");
}

int main(void)
{
    struct pool_options options = {.workers = 1, .capacity = PRINTS, .discard = give_back};
    struct print prints[PRINTS];
    struct shop shop;

    sem_init(&shop.begun, 0, 0);
    sem_init(&shop.freed, 0, 0);
    if (pool_create(&shop.pool, &options) != POOL_OK)
        return 1;
    for (int i = 0; i < PRINTS; i++) {
        prints[i] = (struct print){&shop, i};
        if (pool_submit(shop.pool, print_one, &prints[i]) != POOL_OK)
            return 1;
    }
    sem_wait(&shop.begun);
    tell(shop.pool, "open:");
    end(&shop);
    pool_destroy(shop.pool);
    sem_destroy(&shop.freed);
    sem_destroy(&shop.begun);
    return 0;
}
