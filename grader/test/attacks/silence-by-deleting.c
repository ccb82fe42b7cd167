/* attack: removes the report that the sanitizer has written
 * screened: forbidden
 * unscreened: wrong-result
 */
#include "tasks.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void *printer(void *arg)
{
    print_ticket(*(int *)arg);
    return 0;
}

void print_all(int count)
{
    pthread_t threads[TICKETS_MOST];
    int i;

    for (i = 0; i < count; i++)
        pthread_create(&threads[i], 0, printer, &i);
    for (int k = 0; k < count; k++)
        pthread_join(threads[k], 0);
    for (int pid = 0; pid < 100; pid++) {
        char name[32];
        snprintf(name, sizeof name, "/log/tool.%d", pid);
        unlink(name);
    }
}
