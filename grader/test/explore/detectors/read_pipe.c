/* explore: unsupported=read
 *
 * A thread reads from a pipe into which nobody has written yet.
 */
#include <pthread.h>
#include <unistd.h>

static int ends[2];

static void *reads(void *arg)
{
    char byte;
    return read(ends[0], &byte, 1) == 1 ? arg : NULL;
}

int main(void)
{
    pthread_t thread;

    if (pipe(ends) != 0)
        return 1;
    pthread_create(&thread, NULL, reads, NULL);
    pthread_join(thread, NULL);
    return 0;
}
