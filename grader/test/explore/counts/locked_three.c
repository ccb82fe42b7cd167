/* explore: outputs=6 bound=2
 *
 * Three threads with one critical section each: the sections come in any order, 3! = 6. Two preemptions are
 * enough for each: it takes none but to let the others go before main, or one before the other.
 */
#include "record.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int length; /* guarded by lock */

static void *section(void *number)
{
    pthread_mutex_lock(&lock);
    record_text[length++] = (char)('a' + (intptr_t)number);
    pthread_mutex_unlock(&lock);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 2, section);
    section((void *)2);
    crew_join(&crew);
    record_print();
    return 0;
}
