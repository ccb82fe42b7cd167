/* explore: class=race level=1
 *
 * Double-checked initialisation with a plain pointer: the first look is a race, whatever it sees.
 */
#include "../crew.h"
#include <assert.h>
#include <stdlib.h>

struct settings {
    int workers, limit;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct settings *shared; /* written under lock, read without */

static struct settings *settings(void)
{
    struct settings *seen = shared;

    if (seen)
        return seen;
    pthread_mutex_lock(&lock);
    seen = shared;
    if (!seen) {
        seen = malloc(sizeof *seen);
        seen->workers = 4;
        seen->limit = 100;
        shared = seen;
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
    free(shared);
    return 0;
}
