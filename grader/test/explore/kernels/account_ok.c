/* explore: class=ok level=0
 *
 * account, right: the balance is read and written in one critical section.
 */
#include "../crew.h"
#include <assert.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int balance = 100; /* guarded by lock */

static void balance_change(int amount)
{
    pthread_mutex_lock(&lock);
    balance += amount;
    pthread_mutex_unlock(&lock);
}

static void *deposit(void *number)
{
    (void)number;
    balance_change(50);
    return NULL;
}

static void *withdraw(void *number)
{
    (void)number;
    balance_change(-30);
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
