/* Memory is freed while a thread may still use it. Which side is later is luck; both orders are told.
 *
 * - tsan: race|invalid-memory: line {free}
 * - tsan marks: {free} {use}
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static void *task(void *arg)
{
    *(int *)arg = 1; /* {use} */
    return NULL;
}

int main(void)
{
    int *number = malloc(sizeof *number);
    pthread_t thread;

    pthread_create(&thread, NULL, task, number);
    free(number); /* {free} */
    pthread_join(thread, NULL);
    puts("done");
    return 0;
}
