/* explore: unsupported=thrd_create
 *
 * C11's own threads are not modelled.
 */
#include <threads.h>

static int run(void *arg)
{
    (void)arg;
    return 0;
}

int main(void)
{
    thrd_t thread;

    thrd_create(&thread, run, NULL);
    thrd_join(thread, NULL);
    return 0;
}
