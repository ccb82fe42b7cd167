/* timeout.c - the wait ends after 50 ms at the latest: then the page is an error. */
#include "latch.h"
#include "policy.h"

#include <stdatomic.h>

enum { PATIENCE_MS = 50 };

struct room {
    struct pool_latch parts; /* what the fragment waits for */
    atomic_uint there;       /* parts that have not ended, and the fragment itself: the last one assembles */
};

unsigned policy_workers(unsigned cpus)
{
    return cpus;
}

void policy_configure(struct pool_options *options)
{
    options->queue = POOL_UNBOUNDED;
}

int policy_take(struct pool *pool, struct fragment *page)
{
    return pool_submit(pool, fragment_task, page) == POOL_OK;
}

static void leave(struct fragment *fragment)
{
    for (struct fragment *whole; fragment; fragment = whole) {
        struct room *room = fragment_room(fragment);
        if (atomic_fetch_sub(&room->there, 1) != 1)
            return;
        pool_latch_release(&room->parts);
        whole = fragment_whole(fragment);
        fragment_assemble(fragment);
        if (whole)
            pool_latch_done(&((struct room *)fragment_room(whole))->parts, 1);
    }
}

void policy_render(struct pool *pool, struct fragment *fragment)
{
    struct room *room = fragment_room(fragment);
    unsigned count = fragment_parts(fragment);

    fragment_fetch(fragment);
    pool_latch_init(&room->parts, count);
    atomic_store(&room->there, count + 1);
    for (unsigned i = 0; i < count; i++)
        if (pool_submit(pool, fragment_task, fragment_part(fragment, i)) != POOL_OK)
            fragment_task(fragment_part(fragment, i));
    struct timespec deadline = pool_deadline_after(PATIENCE_MS);
    if (pool_latch_wait_until(&room->parts, &deadline) != POOL_OK)
        fragment_give_up(fragment);
    leave(fragment);
}
