/* census.c - how many threads has a stop left behind, and is that final?
 *
 * Three crews of three sleeping workers are stopped in three ways. After each, a census looks at the threads
 * that were not there before. It looks again as long as one of them may still leave by itself, and ends when
 * each has gone or is blocked for good: in a futex wait without a time limit, with no context switch between
 * two looks. No pause, no number of tries: the program asks the kernel (/proc, Linux only) and not the clock.
 */
#include <dirent.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

enum { WORKERS = 3, THREADS_MOST = 64 };

/* --- the census ----------------------------------------------------------------------------------------- */

struct thread {
    int id;
    int blocked;            /* only another thread can end what it waits for */
    unsigned long switches; /* how often it has been on a processor, more or less */
};

struct census {
    struct thread threads[THREADS_MOST];
    int count;
};

/* Read a file of thread ID; 0 when the thread has gone. */
static int read_of_thread(int id, const char *name, char *text, size_t room)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/self/task/%d/%s", id, name);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    size_t got = fread(text, 1, room - 1, file);
    text[got] = '\0';
    fclose(file);
    return got > 0;
}

static unsigned long number_after(const char *text, const char *label)
{
    const char *place = strstr(text, label);
    return place ? strtoul(place + strlen(label), NULL, 10) : 0;
}

/* The kernel tells a sleeping thread's system call: number and arguments; the fourth of a futex wait is its
 * time limit. A running thread shows the word "running". */
static int is_blocked(const char *call)
{
    unsigned long number, address, operation, value, limit;

    if (sscanf(call, "%lu %lx %lx %lx %lx", &number, &address, &operation, &value, &limit) != 5)
        return 0;
    operation &= (unsigned long)FUTEX_CMD_MASK;
    return number == SYS_futex && limit == 0 && (operation == FUTEX_WAIT || operation == FUTEX_WAIT_BITSET);
}

static int is_in(const struct census *census, int id)
{
    for (int i = 0; i < census->count; i++)
        if (census->threads[i].id == id)
            return 1;
    return 0;
}

/* One look at every thread that is not in BASE (NULL: at all). */
static struct census look(const struct census *base)
{
    struct census census = {.count = 0};
    char status[4096], call[256];
    struct dirent *entry;
    DIR *folder = opendir("/proc/self/task");

    while (folder && (entry = readdir(folder)) != NULL && census.count < THREADS_MOST) {
        int id = atoi(entry->d_name);
        if (id == 0 || (base && is_in(base, id)) || !read_of_thread(id, "syscall", call, sizeof call) ||
            !read_of_thread(id, "status", status, sizeof status))
            continue;
        census.threads[census.count++] =
            (struct thread){id, is_blocked(call),
                            number_after(status, "\nvoluntary_ctxt_switches:") +
                                number_after(status, "nonvoluntary_ctxt_switches:")};
    }
    if (folder)
        closedir(folder);
    return census;
}

/* Two looks prove that nobody has moved between them, and that nobody will. */
static int is_final(const struct census *one, const struct census *two)
{
    if (one->count != two->count)
        return 0;
    for (int i = 0; i < one->count; i++) {
        const struct thread *a = &one->threads[i], *b = &two->threads[i];
        if (a->id != b->id || !a->blocked || !b->blocked || a->switches != b->switches)
            return 0;
    }
    return 1;
}

/* How many threads are there for good that were not in BASE? */
static int count_left(const struct census *base)
{
    struct census last = look(base), now = look(base);

    while (!is_final(&last, &now)) {
        sched_yield();
        last = now;
        now = look(base);
    }
    return now.count;
}

/* --- crews ---------------------------------------------------------------------------------------------- */

struct crew {
    pthread_mutex_t lock;
    pthread_cond_t bell;
    int awake, stopping;
    pthread_t threads[WORKERS];
};

static void *worker_main(void *arg)
{
    struct crew *crew = arg;

    pthread_mutex_lock(&crew->lock);
    crew->awake++;
    while (!crew->stopping)
        pthread_cond_wait(&crew->bell, &crew->lock);
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

static void start(struct crew *crew)
{
    int awake = 0;

    for (int i = 0; i < WORKERS; i++)
        pthread_create(&crew->threads[i], NULL, worker_main, crew);
    while (awake < WORKERS) { /* until all have let go of the lock, which is to say that they sleep */
        sched_yield();
        pthread_mutex_lock(&crew->lock);
        awake = crew->awake;
        pthread_mutex_unlock(&crew->lock);
    }
}

static void say_stop(struct crew *crew, int (*ring)(pthread_cond_t *))
{
    pthread_mutex_lock(&crew->lock);
    crew->stopping = 1;
    ring(&crew->bell);
    pthread_mutex_unlock(&crew->lock);
}

static void join_all(struct crew *crew)
{
    for (int i = 0; i < WORKERS; i++)
        pthread_join(crew->threads[i], NULL);
}

static void *nothing(void *arg)
{
    return arg;
}

/* The baseline. A race detector adds a thread of its own beside the first one of the program: let it. */
static struct census first_look(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, nothing, NULL);
    pthread_join(thread, NULL);
    return look(NULL);
}

int main(void)
{
    static struct crew crews[3];
    struct census base = first_look();

    for (int i = 0; i < 3; i++) {
        pthread_mutex_init(&crews[i].lock, NULL);
        pthread_cond_init(&crews[i].bell, NULL);
    }
    start(&crews[0]);
    say_stop(&crews[0], pthread_cond_broadcast);
    join_all(&crews[0]);
    printf("all are told, all are joined:    %d left\n", count_left(&base));

    start(&crews[1]);
    say_stop(&crews[1], pthread_cond_broadcast);
    for (int i = 0; i < WORKERS; i++)
        pthread_detach(crews[1].threads[i]);
    printf("all are told, all are detached:  %d left, once everybody has come to rest\n", count_left(&base));

    start(&crews[2]);
    say_stop(&crews[2], pthread_cond_signal);
    printf("one is told, nobody is joined:   %d left, blocked for good\n", count_left(&base));
    say_stop(&crews[2], pthread_cond_broadcast);
    join_all(&crews[2]);
    return 0;
}
