/* explore: class=invalid-memory level=1
 *
 * An owner touches the box after it has counted itself out: the last one may have given it back by then.
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

    if (atomic_fetch_sub(&box->owners, 1) == 1)
        free(box);
    else
        atomic_fetch_add(&box->uses, 1);
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
