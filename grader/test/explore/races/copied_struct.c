/* explore: class=race level=0
 *
 * A struct is copied while another thread overwrites it.
 */
#include "../crew.h"

struct task {
    long part[8];
};

/* Not static: the compiler would see that nothing depends on it, and leave the accesses out. */
struct task shared, fresh = {{1, 2, 3, 4, 5, 6, 7, 8}}, taken;

static void *putter(void *number)
{
    (void)number;
    shared = fresh;
    return NULL;
}

static void *taker(void *number)
{
    (void)number;
    taken = shared;
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, putter);
    crew_start(&crew, 1, taker);
    crew_join(&crew);
    return 0;
}
