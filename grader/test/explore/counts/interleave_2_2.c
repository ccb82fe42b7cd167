/* explore: outputs=6
 *
 * Two threads with two atomic steps each. The orders of the steps that keep each thread's own are the ways to
 * choose which 2 of the 4 places are the first thread's: 4!/(2! 2!) = 6.
 */
#include "record.h"

static const int steps_of[] = {2, 2};
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
