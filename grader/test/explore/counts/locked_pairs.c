/* explore: outputs=2
 *
 * Two threads with two steps each, both within one critical section: the sections do not mix, and which comes
 * first is all that is left: 2! = 2.
 */
#include "record.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *steps(void *number)
{
    pthread_mutex_lock(&lock);
    record(number);
    record(number);
    pthread_mutex_unlock(&lock);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, steps);
    steps((void *)1);
    crew_join(&crew);
    record_print();
    return 0;
}
