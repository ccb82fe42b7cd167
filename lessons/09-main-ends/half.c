/* half.c - what becomes of a thread's work when main does not wait: joined, both halves; detached, what was
 * done by then.
 *
 * Luck has no part in it: main returns when the first half is done, and the second half begins only when main
 * says so, which it does to the joined thread alone.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>

struct work {
    sem_t half_done, go_on;
    const char *name;
};

static void *two_halves(void *arg)
{
    struct work *work = arg;

    printf("%s: first half\n", work->name);
    sem_post(&work->half_done);
    sem_wait(&work->go_on);
    printf("%s: second half\n", work->name);
    return NULL;
}

/* A detached thread may look at its work until the process ends, so this is never freed. */
static struct work *begin(const char *name, pthread_t *thread)
{
    struct work *work = calloc(1, sizeof *work);

    if (!work)
        abort();
    work->name = name;
    sem_init(&work->half_done, 0, 0);
    sem_init(&work->go_on, 0, 0);
    if (pthread_create(thread, NULL, two_halves, work) != 0)
        abort();
    sem_wait(&work->half_done);
    return work;
}

int main(void)
{
    pthread_t thread;
    struct work *joined = begin("joined", &thread);

    sem_post(&joined->go_on);
    pthread_join(thread, NULL);

    begin("detached", &thread);
    pthread_detach(thread);
    printf("main returns\n");
    return 0;
}
