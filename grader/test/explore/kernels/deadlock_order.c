/* explore: class=deadlock level=0
 *
 * deadlock by order: one thread takes a, then b, the other b, then a.
 */
#include "../crew.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static int moved; /* guarded by both */

static void *forth(void *number)
{
    (void)number;
    pthread_mutex_lock(&a);
    pthread_mutex_lock(&b);
    moved++;
    pthread_mutex_unlock(&b);
    pthread_mutex_unlock(&a);
    return NULL;
}

static void *back(void *number)
{
    (void)number;
    pthread_mutex_lock(&b);
    pthread_mutex_lock(&a);
    moved--;
    pthread_mutex_unlock(&a);
    pthread_mutex_unlock(&b);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, forth);
    crew_start(&crew, 1, back);
    crew_join(&crew);
    return moved;
}
