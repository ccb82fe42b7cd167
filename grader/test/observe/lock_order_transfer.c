/* The same line, once from here to there and once from there to here.
 *
 * - tsan: lock-order: Line {to} takes `to->lock` while holding `from->lock`, and another time the same two
 * locks in the opposite order.
 */
#include <pthread.h>
#include <stdio.h>

struct account {
    pthread_mutex_t lock;
    int money;
};

static void transfer(struct account *from, struct account *to)
{
    pthread_mutex_lock(&from->lock);
    pthread_mutex_lock(&to->lock); /* {to} */
    from->money--;
    to->money++;
    pthread_mutex_unlock(&to->lock);
    pthread_mutex_unlock(&from->lock);
}

int main(void)
{
    static struct account a = {PTHREAD_MUTEX_INITIALIZER, 3}, b = {PTHREAD_MUTEX_INITIALIZER, 3};

    transfer(&a, &b);
    transfer(&b, &a);
    puts("done");
    return 0;
}
