/* explore: class=ok level=1
 *
 * The main thread leaves by pthread_exit; the program goes on, and ends well with the last of its threads.
 */
#include <pthread.h>
#include <stdatomic.h>

static atomic_int done;

static void *work(void *arg)
{
    atomic_fetch_add(&done, 1);
    return arg;
}

int main(void)
{
    pthread_t thread;

    for (int i = 0; i < 2; i++) {
        pthread_create(&thread, NULL, work, NULL);
        pthread_detach(thread);
    }
    pthread_exit(NULL);
}
