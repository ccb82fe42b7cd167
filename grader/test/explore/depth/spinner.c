/* spinner.c - a thread spins, without yielding, until main has set a flag. */
#include "../crew.h"
#include <stdatomic.h>

static atomic_int flag;

static void *spin(void *number)
{
    (void)number;
    while (!atomic_load(&flag))
        ;
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, spin);
    atomic_store(&flag, 1);
    crew_join(&crew);
    return 0;
}
