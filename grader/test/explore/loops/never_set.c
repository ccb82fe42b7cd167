/* explore: class=livelock certain
 *
 * A thread spins on a flag that nobody sets when main is late; another waits for it.
 */
#include "../crew.h"
#include <stdatomic.h>

static atomic_int started, done;

static void *spin(void *number)
{
    atomic_store(&started, 1);
    while (!atomic_load(&done))
        ;
    return number;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, spin);
    if (!atomic_load(&started))
        atomic_store(&done, 1); /* only if it has not begun */
    crew_join(&crew);
    return 0;
}
