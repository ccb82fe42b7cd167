/* sleep-poll.c - who has to wait looks again and again, and stands at the end of the queue between two looks. */
#include "policy.h"

#include <stdatomic.h>
#include <unistd.h>

enum { NAP_US = 450 };

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

/* Parts that are not ready. */
static atomic_uint *open_parts(struct fragment *fragment)
{
    return fragment_room(fragment);
}

struct look {
    struct pool *pool;
    struct fragment *fragment;
};

static struct look *look_of(struct fragment *fragment)
{
    return (struct look *)((char *)fragment_room(fragment) + 64);
}

static void look(void *context)
{
    struct look *look_at = context;
    struct fragment *fragment = look_at->fragment, *whole = fragment_whole(fragment);

    if (atomic_load(open_parts(fragment)) > 0) {
        usleep(NAP_US); /* or it would spin */
        if (pool_submit(look_at->pool, look, look_at) != POOL_OK)
            fragment_give_up(fragment);
        return;
    }
    fragment_assemble(fragment);
    if (whole)
        atomic_fetch_sub(open_parts(whole), 1);
}

void policy_render(struct pool *pool, struct fragment *fragment)
{
    unsigned count = fragment_parts(fragment);

    fragment_fetch(fragment);
    atomic_store(open_parts(fragment), count);
    for (unsigned i = 0; i < count; i++)
        if (pool_submit(pool, fragment_task, fragment_part(fragment, i)) != POOL_OK)
            fragment_task(fragment_part(fragment, i));
    *look_of(fragment) = (struct look){pool, fragment};
    look(look_of(fragment));
}
