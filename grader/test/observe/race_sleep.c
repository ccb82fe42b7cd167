/* A sleep in place of a join.
 *
 * - tsan: race: Line {set} changes `answer` while another thread reads it on line {read}: nothing orders the
 * two.
 * - tsan why: A sleep makes the collision rare, but it orders nothing
 */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static int answer;

static void *task(void *arg)
{
    answer = 42; /* {set} */
    return arg;
}

int main(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, task, NULL);
    usleep(200000);
    printf("%d\n", answer); /* {read} */
    pthread_join(thread, NULL);
    puts("done");
    return 0;
}
