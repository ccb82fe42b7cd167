/* explore: class=race level=0
 *
 * Main reads before the join: nothing orders that with what the thread does.
 */
#include "../crew.h"

/* Not static: the compiler would see that nothing depends on them, and leave the accesses out. */
int value, seen;

static void *doubler(void *number)
{
    (void)number;
    value *= 2;
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    value = 21;
    crew_start(&crew, 1, doubler);
    seen = value;
    crew_join(&crew);
    return 0;
}
