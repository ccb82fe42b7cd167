/* explore: class=ok level=0
 *
 * Whoever comes first writes, once; the other waits for that.
 */
#include "../crew.h"

/* Not static: the compiler would see that nothing depends on them, and leave the accesses out. */
int value, seen;
static pthread_once_t written = PTHREAD_ONCE_INIT;

static void set(void)
{
    value = 1;
}

static void *writer(void *number)
{
    (void)number;
    pthread_once(&written, set);
    return NULL;
}

static void *reader(void *number)
{
    (void)number;
    pthread_once(&written, set);
    seen = value;
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, writer);
    crew_start(&crew, 1, reader);
    crew_join(&crew);
    return 0;
}
