/* A mutex is destroyed while it is held.
 *
 * - tsan: misuse: Line {destroy} destroys `lock`, a mutex that is still locked.
 * - tsan marks: {destroy} {lock}
 * - helgrind: misuse: Line {destroy} destroys `lock`, a mutex that is still locked.
 */
#include <pthread.h>
#include <stdio.h>

int main(void)
{
    pthread_mutex_t lock;

    pthread_mutex_init(&lock, NULL);
    pthread_mutex_lock(&lock);    /* {lock} */
    pthread_mutex_destroy(&lock); /* {destroy} */
    puts("done");
    return 0;
}
