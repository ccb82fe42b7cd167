/* Each side locks, but not the same lock. The object is static: an element's member, named from its address.
 *
 * - tsan: race: Line {first} and line {second} both change `slots[2].done`, in two threads: nothing orders
 * the two.
 * - tsan why: Each side holds a lock, but not the same one
 */
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static struct {
    char name[12];
    int done;
} slots[4];

static void *task(void *arg)
{
    int *done = arg;

    pthread_mutex_lock(&a);
    *done = 1; /* {first} */
    pthread_mutex_unlock(&a);
    return NULL;
}

int main(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, task, &slots[2].done);
    pthread_mutex_lock(&b);
    slots[2].done = 2; /* {second} */
    pthread_mutex_unlock(&b);
    pthread_join(thread, NULL);
    puts("done");
    return 0;
}
