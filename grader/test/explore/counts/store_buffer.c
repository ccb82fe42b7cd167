/* explore: outputs=3
 *
 * Each thread stores 1 to its own variable and then loads the other's. In one order of all steps, the last
 * store comes before one load at least: both 0 is not possible, and 01, 10 and 11 are.
 */
#include "record.h"

static atomic_int x, y;
static int seen_x, seen_y; /* each written by one thread, read after the join */

static void *left(void *number)
{
    (void)number;
    atomic_store(&x, 1);
    seen_y = atomic_load(&y);
    return NULL;
}

static void *right(void *number)
{
    (void)number;
    atomic_store(&y, 1);
    seen_x = atomic_load(&x);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, left);
    crew_start(&crew, 1, right);
    crew_join(&crew);
    printf("%d%d\n", seen_x, seen_y);
    return 0;
}
