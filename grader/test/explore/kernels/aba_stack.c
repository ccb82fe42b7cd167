/* explore: class=wrong-result level=0
 *
 * ABA: a stack of nodes by their numbers. A pop reads the head and its successor; by the time it swaps them,
 * the head is the same again but the successor has been taken, and is handed out a second time.
 */
#include "../crew.h"
#include <assert.h>
#include <stdatomic.h>

enum { NODES = 4 };

/* 0 is no node. 1 stands on 2, 2 on 3. */
static atomic_int head = 1;
static atomic_int below[NODES] = {0, 2, 3, 0};
static atomic_int holders[NODES];

static int pop(void)
{
    int top = atomic_load(&head);

    while (top && !atomic_compare_exchange_strong(&head, &top, atomic_load(&below[top])))
        ;
    if (top)
        assert(atomic_fetch_add(&holders[top], 1) == 0);
    return top;
}

static void push(int node)
{
    int top = atomic_load(&head);

    atomic_fetch_sub(&holders[node], 1);
    do
        atomic_store(&below[node], top);
    while (!atomic_compare_exchange_strong(&head, &top, node));
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
