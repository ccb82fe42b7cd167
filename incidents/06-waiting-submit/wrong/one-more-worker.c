/* one-more-worker.c - the dump shows four workers that wait, so there is a fifth now. */
#include "latch.h"
#include "policy.h"

unsigned policy_workers(unsigned cpus)
{
    return cpus + 1;
}

void policy_configure(struct pool_options *options)
{
    options->queue = POOL_UNBOUNDED;
}

int policy_take(struct pool *pool, struct fragment *page)
{
    return pool_submit(pool, fragment_task, page) == POOL_OK;
}

/* A fragment's room has the latch of the whole that waits for it. */
static struct pool_latch **latch_of(struct fragment *fragment)
{
    return fragment_room(fragment);
}

static void render_parts(struct pool *pool, struct fragment *fragment)
{
    unsigned count = fragment_parts(fragment);
    struct pool_latch parts;

    pool_latch_init(&parts, count);
    for (unsigned i = 0; i < count; i++) {
        struct fragment *part = fragment_part(fragment, i);
        *latch_of(part) = &parts;
        if (pool_submit(pool, fragment_task, part) != POOL_OK)
            fragment_task(part);
    }
    pool_latch_wait(&parts);
    pool_latch_release(&parts);
}

void policy_render(struct pool *pool, struct fragment *fragment)
{
    struct pool_latch *whole = *latch_of(fragment);

    fragment_fetch(fragment);
    render_parts(pool, fragment);
    fragment_assemble(fragment);
    if (whole)
        pool_latch_done(whole, 1);
}
