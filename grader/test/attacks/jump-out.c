/* attack: jumps out of a thread into the stack of another
 * screened: forbidden
 * unscreened: any
 */
#include "tasks.h"

#include <pthread.h>
#include <setjmp.h>

static jmp_buf back;

static void *jumper(void *arg)
{
    longjmp(back, 1);
    return arg;
}

void print_all(int count)
{
    pthread_t thread;

    (void)count;
    if (setjmp(back) == 0) {
        pthread_create(&thread, 0, jumper, 0);
        pthread_join(thread, 0);
    }
}
