/* explore: class=crash level=0
 *
 * When the user comes before the maker, it follows a null pointer.
 */
#include "../crew.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int storage;
int *made; /* guarded by lock; not static, or the compiler knows where it points and never fails */

static void *maker(void *number)
{
    (void)number;
    pthread_mutex_lock(&lock);
    made = &storage;
    pthread_mutex_unlock(&lock);
    return NULL;
}

static void *user(void *number)
{
    (void)number;
    pthread_mutex_lock(&lock);
    *made = 1;
    pthread_mutex_unlock(&lock);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, maker);
    crew_start(&crew, 1, user);
    crew_join(&crew);
    return 0;
}
