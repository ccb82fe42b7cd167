/* lock_order.c - two transfers that lock the same two accounts in opposite orders. */
#include <pthread.h>

struct account {
    pthread_mutex_t lock;
    int money;
};

static void transfer(struct account *from, struct account *to, int amount)
{
    pthread_mutex_lock(&from->lock);
    pthread_mutex_lock(&to->lock);
    from->money -= amount;
    to->money += amount;
    pthread_mutex_unlock(&to->lock);
    pthread_mutex_unlock(&from->lock);
}

static struct account a = {PTHREAD_MUTEX_INITIALIZER, 100}, b = {PTHREAD_MUTEX_INITIALIZER, 100};

static void *there(void *arg)
{
    transfer(&a, &b, 10);
    return arg;
}

static void *back(void *arg)
{
    transfer(&b, &a, 5);
    return arg;
}

int main(void)
{
    pthread_t one, two;

    pthread_create(&one, NULL, there, NULL);
    pthread_create(&two, NULL, back, NULL);
    pthread_join(one, NULL);
    pthread_join(two, NULL);
    return 0;
}
