/* explore: outputs=3
 *
 * A message and then a flag are stored; the reader loads the flag, then the message. Nothing yet: 00. The
 * flag not yet, the message by now: 01. Both: 11. The flag without the message cannot be.
 */
#include "record.h"

static atomic_int message, flag;

static void *sender(void *number)
{
    (void)number;
    atomic_store(&message, 1);
    atomic_store(&flag, 1);
    return NULL;
}

static void *reader(void *number)
{
    (void)number;
    int seen_flag = atomic_load(&flag), seen_message = atomic_load(&message);
    printf("%d%d\n", seen_flag, seen_message);
    fflush(stdout);
    return NULL;
}

int main(void)
{
    struct crew crew = {.count = 0};

    crew_start(&crew, 1, sender);
    crew_start(&crew, 1, reader);
    crew_join(&crew);
    return 0;
}
