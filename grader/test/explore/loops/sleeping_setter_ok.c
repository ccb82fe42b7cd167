/* explore: class=ok
 *
 * A thread spins until another, which sleeps for an hour first, has set a flag: time goes by meanwhile.
 */
#include "../crew.h"
#include <stdatomic.h>
#include <unistd.h>

static atomic_int done;

static void *set(void *number)
{
    sleep(3600);
    atomic_store(&done, 1);
    return number;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, set);
    while (!atomic_load(&done))
        ;
    crew_join(&crew);
    return 0;
}
