/* attack: leaves with status 0 when the sanitizer is about to report
 * screened: forbidden
 * unscreened: tampered
 */
#include "tasks.h"

#include <pthread.h>
#include <unistd.h>

void __tsan_on_report(void *report);
void __tsan_on_report(void *report)
{
    (void)report;
    _exit(0);
}

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
}
