/* explore: class=race level=0
 *
 * Nothing orders the two: a race in every schedule.
 */
#include "../crew.h"

/* Not static: the compiler would see that nothing depends on them, and leave the accesses out. */
int value, seen;

static void *writer(void *number)
{
    (void)number;
    value = 1;
    return NULL;
}

static void *reader(void *number)
{
    (void)number;
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
