/* explore: class=wrong-result level=0
 *
 * A thread gives up for the whole program. That main has not joined it is not the fault.
 */
#include "../crew.h"
#include <stdlib.h>

static void *give_up(void *number)
{
    exit(number ? 1 : 7);
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, give_up);
    crew_join(&crew);
    return 0;
}
