/* explore: outputs=2
 *
 * One permit. Main waits for it, makes its step and gives it back; the other thread tries once without
 * waiting. It gets the permit before main or after it, or comes while main has it, and gets none: 1 or 0.
 */
#include "record.h"
#include <semaphore.h>

static sem_t permits;
static int got; /* by the one that tries; read after the join */

static void *trier(void *number)
{
    (void)number;
    if (sem_trywait(&permits) != 0)
        return NULL;
    got = 1;
    sem_post(&permits);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    sem_init(&permits, 0, 1);
    crew_start(&crew, 1, trier);
    sem_wait(&permits);
    record((void *)0);
    sem_post(&permits);
    crew_join(&crew);
    sem_destroy(&permits);
    printf("%s %d\n", record_text, got);
    return 0;
}
