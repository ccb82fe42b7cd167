/* late.c - what a late thread reads through its argument: one shared variable, or a slot of its own.
 *
 * A semaphore keeps both threads back until the loop has ended, so the schedule that is usually rare happens
 * every time, and without a race: the semaphore orders the last write before the reads.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>

enum { THREADS = 2 };

struct late {
    sem_t *go;
    const int *number; /* what the creator passed */
    int read;          /* what the thread found there */
};

static void *reader(void *arg)
{
    struct late *late = arg;

    sem_wait(late->go);
    late->read = *late->number;
    return NULL;
}

/* Start the threads with arguments into NUMBERS, STEP apart (0: all at the same place), and let them read
 * after the loop. */
static void run(int *numbers, int step, struct late late[THREADS])
{
    pthread_t threads[THREADS];
    sem_t go;
    int i;

    sem_init(&go, 0, 0);
    for (i = 0; i < THREADS; i++) {
        numbers[i * step] = i;
        late[i] = (struct late){&go, &numbers[i * step], 0};
        pthread_create(&threads[i], NULL, reader, &late[i]);
    }
    if (step == 0)
        numbers[0] = i; /* what `i++` leaves in a loop variable */
    for (int k = 0; k < THREADS; k++)
        sem_post(&go);
    for (int k = 0; k < THREADS; k++)
        pthread_join(threads[k], NULL);
    sem_destroy(&go);
}

int main(void)
{
    int numbers[THREADS];
    struct late late[THREADS];

    run(numbers, 0, late);
    printf("both threads were given the address of one variable: they read %d and %d\n", late[0].read,
           late[1].read);
    run(numbers, 1, late);
    printf("each thread was given a slot of its own: they read %d and %d\n", late[0].read, late[1].read);
    return 0;
}
