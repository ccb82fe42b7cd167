/* explore: class=ok level=1
 *
 * The last of two owners gives the box back: whoever counts it down to nothing.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct box {
    atomic_int owners;
    atomic_int uses;
};

static void *use(void *arg)
{
    struct box *box = arg;

    atomic_fetch_add(&box->uses, 1);
    if (atomic_fetch_sub(&box->owners, 1) == 1)
        free(box);
    return NULL;
}

int main(void)
{
    struct box *box = calloc(1, sizeof *box);
    pthread_t thread;

    box->owners = 2;
    pthread_create(&thread, NULL, use, box);
    use(box);
    pthread_join(thread, NULL);
    return 0;
}
