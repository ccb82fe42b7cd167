/* explore: outputs=10
 *
 * Two threads with 3 and 2 atomic steps: 5!/(3! 2!) = 10 orders.
 */
#include "record.h"

static const int steps_of[] = {3, 2};
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
