/* explore: outputs=4
 *
 * Two threads with one step in each of two rounds, a barrier between: the order within a round is free, the
 * rounds are not mixed: 2! * 2! = 4.
 */
#include "record.h"

static pthread_barrier_t round_ends;

static void *member(void *number)
{
    record(number);
    pthread_barrier_wait(&round_ends);
    record(number);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    pthread_barrier_init(&round_ends, NULL, 2);
    crew_start(&crew, 2, member);
    crew_join(&crew);
    pthread_barrier_destroy(&round_ends);
    record_print();
    return 0;
}
