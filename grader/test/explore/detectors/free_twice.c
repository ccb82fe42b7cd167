/* explore: class=invalid-memory level=1
 *
 * Both owners may think that they are the last, and give the box back.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct box {
    atomic_int owners;
};

static void *use(void *arg)
{
    struct box *box = arg;

    atomic_fetch_sub(&box->owners, 1);
    if (atomic_load(&box->owners) == 0)
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
