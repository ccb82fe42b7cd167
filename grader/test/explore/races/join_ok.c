/* explore: class=ok level=0
 *
 * Creation and join order what main does before and behind with what the thread does.
 */
#include "../crew.h"

/* Not static: the compiler would see that nothing depends on it, and leave the accesses out. */
int value;

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
    crew_join(&crew);
    return value != 42;
}
