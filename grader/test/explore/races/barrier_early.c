/* explore: class=race level=0
 *
 * The write comes behind the barrier, like the read.
 */
#include "../crew.h"

/* Not static: the compiler would see that nothing depends on them, and leave the accesses out. */
int value, seen;
static pthread_barrier_t written;

static void *writer(void *number)
{
    (void)number;
    pthread_barrier_wait(&written);
    value = 1;
    return NULL;
}

static void *reader(void *number)
{
    (void)number;
    pthread_barrier_wait(&written);
    seen = value;
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    pthread_barrier_init(&written, NULL, 2);
    crew_start(&crew, 1, writer);
    crew_start(&crew, 1, reader);
    crew_join(&crew);
    return 0;
}
