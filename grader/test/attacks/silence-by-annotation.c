/* attack: marks the racy accesses as to be ignored
 * screened: forbidden
 * unscreened: build
 */
#include "tasks.h"

#include <pthread.h>

void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreWritesBegin(const char *file, int line);

static void *printer(void *arg)
{
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    print_ticket(*(int *)arg);
    return 0;
}

void print_all(int count)
{
    pthread_t threads[TICKETS_MOST];
    int i;

    AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
    for (i = 0; i < count; i++)
        pthread_create(&threads[i], 0, printer, &i);
    for (int k = 0; k < count; k++)
        pthread_join(threads[k], 0);
}
