/* helps-with-anything.c - who has to wait does what comes next in the meantime, whosever it is. */
#include "policy.h"

#include <pthread.h>

/* All fragments that nobody has begun, oldest first. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t news; /* something to do, or a fragment is ready */
    struct fragment *first, *last;
} work = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, NULL};

/* Guarded by work.lock. */
struct room {
    struct fragment *next;
    unsigned open; /* parts that are not ready */
};

unsigned policy_workers(unsigned cpus)
{
    return cpus;
}

void policy_configure(struct pool_options *options)
{
    options->queue = POOL_UNBOUNDED;
}

static struct room *room_of(struct fragment *fragment)
{
    return fragment_room(fragment);
}

static void push_locked(struct fragment *fragment)
{
    if (work.last)
        room_of(work.last)->next = fragment;
    else
        work.first = fragment;
    work.last = fragment;
    pthread_cond_broadcast(&work.news);
}

static struct fragment *pop_locked(void)
{
    struct fragment *fragment = work.first;

    if (fragment)
        work.first = room_of(fragment)->next;
    if (!work.first)
        work.last = NULL;
    return fragment;
}

static void run_next(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&work.lock);
    struct fragment *fragment = pop_locked();
    pthread_mutex_unlock(&work.lock);
    if (fragment)
        fragment_task(fragment);
}

int policy_take(struct pool *pool, struct fragment *page)
{
    pthread_mutex_lock(&work.lock);
    push_locked(page);
    pthread_mutex_unlock(&work.lock);
    return pool_submit(pool, run_next, NULL) == POOL_OK;
}

static void help_until_ready_locked(struct fragment *fragment)
{
    while (room_of(fragment)->open > 0) {
        struct fragment *other = pop_locked();
        if (!other) {
            pthread_cond_wait(&work.news, &work.lock);
            continue;
        }
        pthread_mutex_unlock(&work.lock);
        fragment_task(other);
        pthread_mutex_lock(&work.lock);
    }
}

static void put_parts_locked(struct fragment *fragment)
{
    room_of(fragment)->open = fragment_parts(fragment);
    for (unsigned i = 0; i < fragment_parts(fragment); i++)
        push_locked(fragment_part(fragment, i));
}

void policy_render(struct pool *pool, struct fragment *fragment)
{
    struct fragment *whole = fragment_whole(fragment);

    fragment_fetch(fragment);
    pthread_mutex_lock(&work.lock);
    put_parts_locked(fragment);
    pthread_mutex_unlock(&work.lock);
    for (unsigned i = fragment_parts(fragment); i > 0; i--)
        if (pool_submit(pool, run_next, NULL) != POOL_OK)
            break; /* they are run by whoever waits for them */
    pthread_mutex_lock(&work.lock);
    help_until_ready_locked(fragment);
    pthread_mutex_unlock(&work.lock);
    fragment_assemble(fragment);
    pthread_mutex_lock(&work.lock);
    if (whole)
        room_of(whole)->open--;
    pthread_cond_broadcast(&work.news);
    pthread_mutex_unlock(&work.lock);
}
