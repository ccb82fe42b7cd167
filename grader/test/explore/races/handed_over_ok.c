/* explore: class=ok level=0
 *
 * A block of memory is handed over under a lock and freed by its new owner; the next block may lie where it
 * lay. Neighbouring bytes belong to different threads all the time.
 */
#include "../crew.h"
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int *box; /* guarded by lock */
static char mine[2];

static void *giver(void *number)
{
    for (int i = 0; i < 3; i++) {
        int *fresh = malloc(sizeof *fresh);
        *fresh = i;
        mine[(intptr_t)number]++;
        pthread_mutex_lock(&lock);
        int *old = box;
        box = fresh;
        pthread_mutex_unlock(&lock);
        free(old);
    }
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 2, giver);
    crew_join(&crew);
    free(box);
    return mine[0] + mine[1] != 6;
}
