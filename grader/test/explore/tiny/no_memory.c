/* no_memory.c - one of two threads takes it that there is always memory; the other looks. What they get is
 * known to all, or the compiler would do without. */
#include <pthread.h>
#include <stdlib.h>

int *rooms[2];

static void *careful(void *arg)
{
    rooms[0] = malloc(sizeof *rooms[0]);
    if (rooms[0])
        *rooms[0] = 1;
    return arg;
}

static void *careless(void *arg)
{
    rooms[1] = malloc(sizeof *rooms[1]);
    *rooms[1] = 1;
    return arg;
}

int main(void)
{
    pthread_t workers[2];

    pthread_create(&workers[0], NULL, careful, NULL);
    pthread_create(&workers[1], NULL, careless, NULL);
    for (int i = 0; i < 2; i++) {
        pthread_join(workers[i], NULL);
        free(rooms[i]);
    }
    return 0;
}
