/* plain-count.c - nobody waits, but the parts that are left are counted in a plain number. */
#include "policy.h"

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

/* Parts that are not ready. */
static unsigned *open_parts(struct fragment *fragment)
{
    return fragment_room(fragment);
}

static void ready(struct fragment *fragment)
{
    for (struct fragment *whole; fragment; fragment = whole) {
        whole = fragment_whole(fragment);
        fragment_assemble(fragment);
        if (whole && --*open_parts(whole) != 0)
            return;
    }
}

void policy_render(struct pool *pool, struct fragment *fragment)
{
    unsigned count = fragment_parts(fragment);

    fragment_fetch(fragment);
    *open_parts(fragment) = count; /* before any of them can end */
    if (count == 0)
        ready(fragment);
    for (unsigned i = 0; i < count; i++) {
        struct fragment *part = fragment_part(fragment, i);
        if (pool_submit(pool, fragment_task, part) != POOL_OK)
            fragment_task(part);
    }
}
