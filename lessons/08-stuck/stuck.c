/* stuck.c - three threads that stand still, and a register that says who waits for whom.
 *
 * Each thread tells the register what it waits for before it waits, and what it has when it has it. That is
 * all one needs to follow the chain to its end. Here the end is an answer from outside; when the chain has
 * been printed, the answer comes and everybody goes home. With an argument it never comes: for a debugger.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>

enum { NOBODY, ASKER, KEEPER, READER, THREADS };
enum { NOTHING, LINE, BOOKS, ANSWER, RESOURCES };

struct registry {
    pthread_mutex_t lock;
    /* Guarded by lock. */
    int waits_for[THREADS]; /* a resource */
    int held_by[RESOURCES]; /* a thread */
    pthread_cond_t waiting; /* rung when: a thread is about to wait */
};

struct place {
    struct registry registry;
    pthread_mutex_t locks[RESOURCES]; /* of the line and of the books */
    sem_t answer;                     /* posted from outside */
};

/* What one thread takes, and what it needs then. */
struct plan {
    struct place *place;
    int me, takes, needs;
};

static void note(struct registry *registry, int thread, int waits_for, int has)
{
    pthread_mutex_lock(&registry->lock);
    registry->waits_for[thread] = waits_for;
    registry->held_by[has] = thread;
    pthread_cond_signal(&registry->waiting);
    pthread_mutex_unlock(&registry->lock);
}

static void take(struct place *place, int me, int resource)
{
    note(&place->registry, me, resource, NOTHING);
    if (resource == ANSWER)
        sem_wait(&place->answer);
    else
        pthread_mutex_lock(&place->locks[resource]);
    note(&place->registry, me, NOTHING, resource);
}

static void give(struct place *place, int resource)
{
    note(&place->registry, NOBODY, NOTHING, resource);
    if (resource != ANSWER)
        pthread_mutex_unlock(&place->locks[resource]);
}

static void *run(void *arg)
{
    const struct plan *plan = arg;

    take(plan->place, plan->me, plan->takes);
    take(plan->place, plan->me, plan->needs);
    give(plan->place, plan->needs);
    give(plan->place, plan->takes);
    return NULL;
}

/* Start a thread, and return when it waits for what it cannot have. */
static pthread_t start(struct plan *plan, int stuck_at)
{
    struct registry *registry = &plan->place->registry;
    pthread_t thread;

    pthread_create(&thread, NULL, run, plan);
    pthread_mutex_lock(&registry->lock);
    while (registry->waits_for[plan->me] != stuck_at)
        pthread_cond_wait(&registry->waiting, &registry->lock);
    pthread_mutex_unlock(&registry->lock);
    return thread;
}

/* Follow the chain from one thread to its end. */
static void print_chain(struct registry *registry, int thread)
{
    static const char *const threads[] = {"nobody here", "asker", "keeper", "reader"};
    static const char *const resources[] = {"nothing", "the line", "the books", "an answer"};

    pthread_mutex_lock(&registry->lock);
    for (int depth = 0; thread != NOBODY; depth += 2) {
        int resource = registry->waits_for[thread], holder = registry->held_by[resource];
        printf("%*s%s waits for %s, which %s has\n", depth, "", threads[thread], resources[resource],
               threads[holder]);
        thread = holder;
    }
    pthread_mutex_unlock(&registry->lock);
}

int main(int argc, char **argv)
{
    static struct place place; /* zero is the initializer of locks and conditions here */
    struct plan plans[] = {
        {&place, ASKER, LINE, ANSWER}, {&place, KEEPER, BOOKS, LINE}, {&place, READER, BOOKS, LINE}};
    static const int stuck_at[] = {ANSWER, LINE, BOOKS};
    pthread_t threads[3];

    (void)argv;
    sem_init(&place.answer, 0, 0);
    for (int i = 0; i < 3; i++)
        threads[i] = start(&plans[i], stuck_at[i]);
    print_chain(&place.registry, READER);
    fflush(stdout);
    if (argc == 1)
        sem_post(&place.answer);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    printf("the answer has come, and all three went home\n");
    return 0;
}
