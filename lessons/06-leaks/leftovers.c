/* leftovers.c - leaves one thing behind, to see which tool notices.
 *
 *     leftovers blocked
 *
 * Build it once for each tool; README.md has the table. Without a word it lists what it can leave.
 */
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static sem_t there, never;
static pid_t id;     /* of the thread; written before `there` is posted */
static char *holder; /* a pointer that lives as long as the program */

static void *ends(void *arg)
{
    id = gettid();
    sem_post(&there);
    return arg;
}

/* ARG stays on this thread's stack. */
static void *sleeps(void *arg)
{
    id = gettid();
    sem_post(&there);
    sem_wait(&never);
    return arg;
}

static pthread_t start(void *(*run)(void *), void *arg)
{
    pthread_t thread;

    pthread_create(&thread, NULL, run, arg);
    sem_wait(&there);
    return thread;
}

/* Until the thread that has just been started is no longer listed. */
static void await_end(void)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/self/task/%d", (int)id);
    while (access(path, F_OK) == 0)
        sched_yield();
}

static char *argument(void)
{
    char *text = strdup("an argument");

    puts(text ? text : "out of memory"); /* or the compiler leaves out what nobody looks at */
    return text;
}

static void leave_finished(void)
{
    start(ends, NULL);
    await_end();
}

static void leave_detached(void)
{
    pthread_detach(start(sleeps, NULL));
}

static void leave_blocked(void)
{
    start(sleeps, NULL);
}

static void leave_held(void)
{
    start(sleeps, argument());
}

static void leave_lost(void)
{
    char **queue = malloc(sizeof *queue);

    if (queue)
        *queue = argument();
    free(queue);
}

static void leave_reachable(void)
{
    holder = argument();
}

static void leave_unset(void)
{
    int *fields = malloc(2 * sizeof *fields);

    if (fields) {
        fields[0] = 0;
        puts(fields[id == 0] == 3 ? "three" : "not three");
    }
    free(fields);
}

static const struct {
    const char *name, *what;
    void (*leave)(void);
} leftovers[] = {
    {"finished", "a thread that has ended and was never joined", leave_finished},
    {"blocked", "a thread that waits for ever", leave_blocked},
    {"detached", "a detached thread that waits for ever", leave_detached},
    {"held", "the argument of a thread that waits for ever", leave_held},
    {"lost", "the argument of a task, after its queue was freed", leave_lost},
    {"reachable", "memory that a global variable points to", leave_reachable},
    {"unset", "no leak: a field that is read and was never set", leave_unset},
};

int main(int argc, char **argv)
{
    sem_init(&there, 0, 0);
    sem_init(&never, 0, 0);
    for (size_t i = 0; i < sizeof leftovers / sizeof leftovers[0]; i++) {
        if (argc < 2)
            printf("%-10s %s\n", leftovers[i].name, leftovers[i].what);
        else if (strcmp(argv[1], leftovers[i].name) == 0)
            leftovers[i].leave();
    }
    if (holder)
        puts("and still held");
    return 0;
}
