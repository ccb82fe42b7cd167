/* The access itself is in code that the learner only calls.
 *
 * - tsan: race: Line {one} and line {two} both change
 * - tsan what: in `box_put`, called here
 */
#include "support/box.h"
#include <pthread.h>
#include <stdio.h>

static struct box box;

static void *task(void *arg)
{
    box_put(&box, 1); /* {one} */
    return arg;
}

int main(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, task, NULL);
    box_put(&box, 2); /* {two} */
    pthread_join(thread, NULL);
    puts("done");
    return 0;
}
