/* cascade.c - four nodes share a load, one of them dies, and what the callers' retries make of it.
 *
 * In virtual milliseconds, seeded. A node does 100 calls a second, one after another, and dies when 300 wait.
 * A caller gives up after 250 ms and tries twice more, elsewhere; the node does not hear of it and works on.
 */
#include "retry_budget.h"
#include <stdio.h>
#include <stdlib.h>

enum { NODES = 4, TAKES = 10, PATIENCE = 250, DEADLY = 300, TRIES = 3, DEATH = 30000, STOP = 150000 };

static const struct policy {
    const char *name;
    int rate, percent, places; /* calls a second; retries for a hundred of them; waiting at a node */
} policies[] = {
    {"retries, no bound", 280, 1000, DEADLY}, {"retries up to 10 %", 280, 10, DEADLY},
    {"retries, 20 may wait", 280, 1000, 20},  {"retries, more room", 240, 1000, DEADLY},
    {"retries, 20 may wait", 360, 1000, 20},  {"up to 10 %, 20 may wait", 360, 10, 20},
};

struct world {
    struct pool_retry_budget *budget;
    struct call {
        int came, tries, over;
    } calls[4 * STOP];
    struct node {
        struct call *queue[DEADLY];
        int first, waiting, free_at, dead;
    } nodes[NODES];
    unsigned short chance[3];
    int count, oldest, now; /* calls; before `oldest` each is over; ms */
    int asked, made, useful;
};

static uint64_t virtual_now(void *context)
{
    return (uint64_t)((struct world *)context)->now * POOL_MILLISECOND;
}

/* Once, at any node that lives. Whoever finds no room there is as patient as the others. */
static void try_call(struct world *world, const struct policy *policy, int tries)
{
    struct node *node = &world->nodes[nrand48(world->chance) % NODES];
    struct call *call = &world->calls[world->count++];

    for (int i = 0; i < 100 && node->dead; i++)
        node = &world->nodes[nrand48(world->chance) % NODES];
    *call = (struct call){.came = world->now, .tries = tries};
    world->made++;
    if (!node->dead && node->waiting < policy->places)
        node->queue[(node->first + node->waiting++) % DEADLY] = call;
    node->dead |= node->waiting == DEADLY;
}

static void give_up(struct world *world, const struct policy *policy)
{
    while (world->oldest < world->count && world->calls[world->oldest].came + PATIENCE <= world->now) {
        struct call *call = &world->calls[world->oldest++];
        if (!call->over && call->tries < TRIES && pool_retry_budget_spend(world->budget) == POOL_OK)
            try_call(world, policy, call->tries + 1);
    }
}

static void serve(struct world *world, struct node *node)
{
    if (node->dead || node->waiting == 0 || node->free_at > world->now)
        return;
    struct call *call = node->queue[node->first];
    node->first = (node->first + 1) % DEADLY;
    node->waiting--;
    node->free_at = world->now + TAKES;
    call->over = node->free_at - call->came <= PATIENCE;
    world->useful += call->over;
}

static void tick(struct world *world, const struct policy *policy)
{
    if (nrand48(world->chance) % 1000 < policy->rate) {
        world->asked++;
        (void)pool_retry_budget_request(world->budget);
        try_call(world, policy, 1);
    }
    give_up(world, policy);
    for (int i = 0; i < NODES; i++)
        serve(world, &world->nodes[i]);
}

int main(void)
{
    printf("%-23s %12s %14s %11s %11s\n", "", "survivors at", "tries per 100", "nodes left", "useful");
    for (const struct policy *policy = policies; policy < policies + 6; policy++) {
        struct world *world = calloc(1, sizeof *world);
        struct pool_clock clock = {virtual_now, world};
        struct pool_retry_budget_options options = {
            .percent = (unsigned)policy->percent, .window = 10 * POOL_SECOND, .clock = &clock};
        int left = NODES;
        if (!world || pool_retry_budget_create(&world->budget, &options) != POOL_OK)
            return 1;
        for (; world->now < DEATH; world->now++)
            tick(world, policy);
        world->nodes[0].dead = 1;
        for (world->asked = world->made = world->useful = 0; world->now < STOP; world->now++)
            tick(world, policy);
        for (int i = 0; i < NODES; i++)
            left -= world->nodes[i].dead;
        printf("%-23s %10d %% %14d %11d %9d %%\n", policy->name, policy->rate / 3,
               world->made * 100 / world->asked, left, world->useful * 100 / ((STOP - DEATH) / TAKES * 3));
        pool_retry_budget_destroy(world->budget);
        free(world);
    }
    return 0;
}
