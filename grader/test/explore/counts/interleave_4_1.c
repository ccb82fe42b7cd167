/* explore: outputs=5
 *
 * Two threads with 4 atomic steps and 1: the one falls into any of 5 places, 5!/(4! 1!) = 5.
 */
#include "record.h"

static const int steps_of[] = {4, 1};
enum { LAST = sizeof steps_of / sizeof steps_of[0] - 1 };

static void *steps(void *number)
{
    for (int i = 0; i < steps_of[(intptr_t)number]; i++)
        record(number);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, LAST, steps);
    steps((void *)(intptr_t)LAST); /* main is the last of them */
    crew_join(&crew);
    record_print();
    return 0;
}
