/* explore: class=wrong-result level=0
 *
 * account: a deposit and a withdrawal, each of which reads the balance and writes it back in two critical
 * sections. There is no race, and money is lost all the same.
 */
#include "../crew.h"
#include <assert.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int balance = 100; /* guarded by lock */

static int balance_read(void)
{
    pthread_mutex_lock(&lock);
    int seen = balance;
    pthread_mutex_unlock(&lock);
    return seen;
}

static void balance_write(int amount)
{
    pthread_mutex_lock(&lock);
    balance = amount;
    pthread_mutex_unlock(&lock);
}

static void *deposit(void *number)
{
    (void)number;
    balance_write(balance_read() + 50);
    return NULL;
}

static void *withdraw(void *number)
{
    (void)number;
    balance_write(balance_read() - 30);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, deposit);
    crew_start(&crew, 1, withdraw);
    crew_join(&crew);
    assert(balance == 120);
    return 0;
}
