/* explore: class=ok level=0
 *
 * A thread ends the whole program, and well, while main waits for it.
 */
#include "../crew.h"
#include <stdlib.h>

static void *finish(void *number)
{
    exit(number ? 1 : 0);
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, finish);
    crew_join(&crew);
    return 0;
}
