/* explore: class=ok level=0
 *
 * Sleeping is modelled: an hour costs nothing, and the clock has moved by it.
 */
#include "../crew.h"
#include <assert.h>
#include <time.h>
#include <unistd.h>

static void *sleeper(void *number)
{
    (void)number;
    sleep(3600);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};
    struct timespec before, after;

    clock_gettime(CLOCK_MONOTONIC, &before);
    crew_start(&crew, 8, sleeper);
    crew_join(&crew);
    clock_gettime(CLOCK_MONOTONIC, &after);
    assert(after.tv_sec - before.tv_sec == 3600);
    return 0;
}
