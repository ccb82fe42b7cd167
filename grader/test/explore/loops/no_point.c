/* explore: class=livelock
 *
 * A thread looks once, and then goes round without looking again, as a compiler makes of `while (!done);`. It
 * does so only when main is late.
 */
#include "../crew.h"
#include <stdatomic.h>

static atomic_int done;

static void *run(void *number)
{
    int seen = atomic_load(&done);

    while (!seen)
        __asm__ volatile("" : "+r"(seen)); /* here it goes round */
    return number;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, run);
    atomic_store(&done, 1);
    crew_join(&crew);
    return 0;
}
