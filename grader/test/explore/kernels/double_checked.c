/* explore: class=wrong-result level=1
 *
 * Double-checked initialisation, wrong: the pointer is there before what it points to is filled in.
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
    struct settings *seen = atomic_load(&shared);

    if (seen)
        return seen;
    pthread_mutex_lock(&lock);
    seen = atomic_load(&shared);
    if (!seen) {
        seen = malloc(sizeof *seen);
        atomic_store(&shared, seen);
        seen->workers = 4;
        seen->limit = 100;
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
    free(atomic_load(&shared));
    return 0;
}
