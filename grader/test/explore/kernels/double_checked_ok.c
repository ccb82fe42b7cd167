/* explore: class=ok level=1
 *
 * Double-checked initialisation, right: filled in first, then published with release, looked at with acquire.
 */
#include "../crew.h"
#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

struct settings {
    int workers, limit;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct settings *_Atomic shared; /* written under lock, read without */

static struct settings *settings(void)
{
    struct settings *seen = atomic_load_explicit(&shared, memory_order_acquire);

    if (seen)
        return seen;
    pthread_mutex_lock(&lock);
    seen = atomic_load_explicit(&shared, memory_order_acquire);
    if (!seen) {
        seen = malloc(sizeof *seen);
        seen->workers = 4;
        seen->limit = 100;
        atomic_store_explicit(&shared, seen, memory_order_release);
    }
    pthread_mutex_unlock(&lock);
    return seen;
}

static void *user(void *number)
{
    (void)number;
    const struct settings *mine = settings();
    assert(mine->workers == 4 && mine->limit == 100);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 2, user);
    crew_join(&crew);
    free(atomic_load_explicit(&shared, memory_order_acquire));
    return 0;
}
