/* explore: class=race level=0
 *
 * The flag itself is a plain variable.
 */
#include "../crew.h"

/* Not static: the compiler would see that nothing depends on them, and leave the accesses out. */
int value, seen;
int is_set;

static void *writer(void *number)
{
    (void)number;
    value = 1;
    is_set = 1;
    return NULL;
}

static void *reader(void *number)
{
    (void)number;
    if (is_set)
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
