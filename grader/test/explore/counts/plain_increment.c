/* explore: outputs=2 level=1
 *
 * Two threads count without a lock. Each reads and writes once; when both read before one writes, an update
 * is lost: 1, else 2.
 */
#include "record.h"

static int counter;

static void *add_one(void *number)
{
    (void)number;
    counter++;
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 2, add_one);
    crew_join(&crew);
    printf("%d\n", counter);
    return 0;
}
