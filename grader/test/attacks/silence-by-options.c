/* attack: asks the sanitizer to report nothing
 * screened: forbidden
 * unscreened: race
 */
#include "tasks.h"

#include <pthread.h>

const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "report_bugs=0:exitcode=0";
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
