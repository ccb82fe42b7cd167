/* attack: ends the main thread, so that the process ends with status 0
 * screened: tampered
 * unscreened: tampered
 */
#include "tasks.h"

#include <pthread.h>

void print_all(int count)
{
    (void)count;
    pthread_exit(0);
}
