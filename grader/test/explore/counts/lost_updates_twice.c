/* explore: outputs=3
 *
 * Two threads, each of which twice loads a counter and stores one more. The last store of all is somebody's
 * second; what it loaded for that came after its own first store, and every store leaves 1 at least: so the
 * result is 2 or more. It is 4 when nothing is lost, 3 when one pair of updates overlaps, 2 when both do.
 */
#include "record.h"

static atomic_int counter;

static void *add_two(void *number)
{
    (void)number;
    for (int i = 0; i < 2; i++) {
        int seen = atomic_load(&counter);
        atomic_store(&counter, seen + 1);
    }
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, add_two);
    add_two(NULL);
    crew_join(&crew);
    printf("%d\n", counter);
    return 0;
}
