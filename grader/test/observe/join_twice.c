/* A thread is joined twice. ThreadSanitizer fails an assertion of its own over it, which must not be taken
 * for a fault of the grader's.
 *
 * - tsan: misuse: Line {again} joins or detaches a thread that was joined or detached before, or never
 * started.
 * - helgrind: misuse: Line {again} calls `pthread_join`, which refuses with ESRCH.
 */
#include <pthread.h>
#include <stdio.h>

static void *task(void *arg)
{
    return arg;
}

int main(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, task, NULL);
    pthread_join(thread, NULL);
    pthread_join(thread, NULL); /* {again} */
    puts("done");
    return 0;
}
