/* explore: class=ok level=0
 *
 * ABA, right: every change of the head counts a version in its upper half, so that an old head is never taken
 * for the present one.
 */
#include "../crew.h"
#include <assert.h>
#include <stdatomic.h>

enum { NODES = 4 };

/* 0 is no node. 1 stands on 2, 2 on 3. */
static atomic_ulong head = 1;
static atomic_int below[NODES] = {0, 2, 3, 0};
static atomic_int holders[NODES];

static int node_of(unsigned long word)
{
    return (int)(word & 0xffffffff);
}

static unsigned long next_version(unsigned long word, int node)
{
    return ((word >> 32) + 1) << 32 | (unsigned long)node;
}

static int pop(void)
{
    unsigned long top = atomic_load(&head);

    while (node_of(top) &&
           !atomic_compare_exchange_strong(&head, &top, next_version(top, atomic_load(&below[node_of(top)]))))
        ;
    if (node_of(top))
        assert(atomic_fetch_add(&holders[node_of(top)], 1) == 0);
    return node_of(top);
}

static void push(int node)
{
    unsigned long top = atomic_load(&head);

    atomic_fetch_sub(&holders[node], 1);
    do
        atomic_store(&below[node], node_of(top));
    while (!atomic_compare_exchange_strong(&head, &top, next_version(top, node)));
}

static void *popper(void *number)
{
    (void)number;
    pop();
    pop();
    return NULL;
}

static void *recycler(void *number)
{
    (void)number;
    int first = pop();
    pop();
    if (first)
        push(first);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, popper);
    crew_start(&crew, 1, recycler);
    crew_join(&crew);
    return 0;
}
