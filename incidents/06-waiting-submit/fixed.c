/* fixed.c - how the renderer makes tasks of a page, repaired: nobody waits.
 *
 * A task that waits for tasks of its own pool keeps a worker from running them. With W workers it takes W such
 * waits at once, nested or side by side, and nothing moves again; no W is large enough for every page. So the
 * wait is gone: each fragment counts its parts that are not ready yet, and whoever makes the last one ready
 * goes on with the whole. A worker is then only ever busy with what can be done now, one worker is enough for
 * any depth, and a thread is inside of one fragment at a time.
 *
 * The queue holds what can be done now: 60 pages of at most 15 fragments, 900 at the most.
 */
#include "policy.h"

#include <stdatomic.h>

enum { PAGES = 60, FRAGMENTS = 15 };

unsigned policy_workers(unsigned cpus)
{
    return cpus;
}

void policy_configure(struct pool_options *options)
{
    options->capacity = PAGES * FRAGMENTS;
}

int policy_take(struct pool *pool, struct fragment *page)
{
    return pool_submit(pool, fragment_task, page) == POOL_OK;
}

/* Parts that are not ready. What they have written is seen by whoever takes it to 0 (acquire and release). */
static atomic_uint *open_parts(struct fragment *fragment)
{
    return fragment_room(fragment);
}

static void ready(struct fragment *fragment)
{
    for (struct fragment *whole; fragment; fragment = whole) {
        whole = fragment_whole(fragment);
        fragment_assemble(fragment);
        if (whole && atomic_fetch_sub(open_parts(whole), 1) != 1)
            return;
    }
}

void policy_render(struct pool *pool, struct fragment *fragment)
{
    unsigned count = fragment_parts(fragment);

    fragment_fetch(fragment);
    atomic_store(open_parts(fragment), count); /* before any of them can end */
    if (count == 0)
        ready(fragment);
    for (unsigned i = 0; i < count; i++) {
        struct fragment *part = fragment_part(fragment, i);
        if (pool_submit(pool, fragment_task, part) != POOL_OK)
            fragment_task(part);
    }
}
