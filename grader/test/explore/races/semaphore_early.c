/* explore: class=race level=0
 *
 * The semaphore is posted before the write: it orders nothing.
 */
#include "../crew.h"
#include <semaphore.h>

/* Not static: the compiler would see that nothing depends on them, and leave the accesses out. */
int value, seen;
static sem_t written;

static void *writer(void *number)
{
    (void)number;
    sem_post(&written);
    value = 1;
    return NULL;
}

static void *reader(void *number)
{
    (void)number;
    sem_wait(&written);
    seen = value;
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    sem_init(&written, 0, 0);
    crew_start(&crew, 1, writer);
    crew_start(&crew, 1, reader);
    crew_join(&crew);
    return 0;
}
