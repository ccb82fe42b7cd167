/* spins.c - waits in a loop for what comes with an argument only. */
#include <pthread.h>
#include <stdatomic.h>

static atomic_int ready;

static void *spin(void *arg)
{
    while (!atomic_load(&ready))
        ;
    return arg;
}

int main(int argc, char **argv)
{
    pthread_t thread;

    (void)argv;
    pthread_create(&thread, NULL, spin, NULL);
    if (argc > 1)
        atomic_store(&ready, 1);
    return pthread_join(thread, NULL);
}
