/* explore: class=race level=0
 *
 * A flag that orders nothing: it is stored and loaded relaxed.
 */
#include "../crew.h"
#include <stdatomic.h>

/* Not static: the compiler would see that nothing depends on them, and leave the accesses out. */
int value, seen;
static atomic_int is_set;

static void *writer(void *number)
{
    (void)number;
    value = 1;
    atomic_store_explicit(&is_set, 1, memory_order_relaxed);
    return NULL;
}

static void *reader(void *number)
{
    (void)number;
    if (atomic_load_explicit(&is_set, memory_order_relaxed))
        seen = value;
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, writer);
    crew_start(&crew, 1, reader);
    crew_join(&crew);
    return 0;
}
