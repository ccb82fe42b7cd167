/* programs.c - small programs for test_run.c, each a check: what they do is what the run stage must tell of
 * them.
 *
 * For each thing that ends a run there is one that does it, and one close to it that does not.
 */
#include "check.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct gate gate;
static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER, second = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;

static void passes(void)
{
    puts("hello");
}

static void fails(void)
{
    CHECK_FAIL(CLASS_LOST_TASK, "%d tasks were lost", 3);
}

static void notes(void)
{
    check_note("row %d", 1);
    check_note("row %d", 2);
}

/* --- stuck, and not stuck --- */

static void *takes_second_then_first(void *arg)
{
    pthread_mutex_lock(&second);
    gate_wait(&gate);
    pthread_mutex_lock(&first);
    return arg;
}

static void deadlock(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, takes_second_then_first, NULL);
    pthread_mutex_lock(&first);
    gate_await(&gate, 1);
    gate_open(&gate);
    pthread_mutex_lock(&second);
}

static void sleeps_for_ever(void)
{
    pthread_mutex_lock(&first);
    pthread_cond_wait(&never, &first);
}

static long long work(long turns)
{
    long long sum = 0;
    for (long i = 0; i < turns; i++)
        __asm__("" : "+r"(sum) : "r"(i));
    return sum;
}

static void *works_then_unlocks(void *arg)
{
    work(300 * 1000 * 1000);
    pthread_mutex_unlock(arg);
    return NULL;
}

/* Close to a deadlock: everybody waits for one thread, which takes its time. */
static void *waits_for_first(void *arg)
{
    pthread_mutex_lock(arg);
    pthread_mutex_unlock(arg);
    return NULL;
}

static void *worker(void *arg)
{
    pthread_mutex_lock(arg);
    gate_open(&gate);
    return works_then_unlocks(arg);
}

static void slow_but_going(void)
{
    pthread_t busy, waiting[3];

    pthread_create(&busy, NULL, worker, &first);
    gate_wait(&gate);
    for (int i = 0; i < 3; i++)
        pthread_create(&waiting[i], NULL, waits_for_first, &first);
    for (int i = 0; i < 3; i++)
        pthread_join(waiting[i], NULL);
    pthread_join(busy, NULL);
}

/* Close to it as well: everybody waits, but one of them with a timeout. */
static void *waits_a_while(void *arg)
{
    struct timespec deadline;

    pthread_mutex_lock(&first);
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_nsec += 200 * 1000 * 1000;
    deadline.tv_sec += deadline.tv_nsec / 1000000000;
    deadline.tv_nsec %= 1000000000;
    pthread_cond_clockwait(&never, &first, CLOCK_MONOTONIC, &deadline);
    pthread_mutex_unlock(&first);
    return arg;
}

static void timed_wait(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, waits_a_while, NULL);
    pthread_join(thread, NULL);
}

/* --- limits --- */

static void spins(void)
{
    while (check_nanoseconds() != 0)
        ;
}

static void sleeps(void)
{
    sleep(1000);
}

void *eaten; /* not static, and a call in the loop: the compiler must believe that somebody looks */

static void eats_memory(void)
{
    static struct tally meals;

    while (tally_add(&meals, 1))
        eaten = memset(malloc(1 << 20), 1, 1 << 20);
}

static void eats_threads(void)
{
    pthread_t thread;

    pthread_mutex_lock(&first);
    for (;;)
        pthread_create(&thread, NULL, waits_for_first, &first);
}

static void *fills_its_stack(void *mutex)
{
    volatile char filler[1 << 20];

    for (size_t i = 0; i < sizeof filler; i += 4096)
        filler[i] = 1;
    return waits_for_first(mutex);
}

/* Over the limit of memory too, long before a look can find only the threads too many. */
static void eats_stacks(void)
{
    pthread_t thread;

    pthread_mutex_lock(&first);
    for (;;)
        pthread_create(&thread, NULL, fills_its_stack, &first);
}

static void floods(void)
{
    for (;;)
        puts("all work and no play");
}

static void crashes(void)
{
    abort();
}

static void many_threads(void)
{
    pthread_t threads[30];

    for (int i = 0; i < 30; i++)
        pthread_create(&threads[i], NULL, waits_for_first, &first);
    for (int i = 0; i < 30; i++)
        pthread_join(threads[i], NULL);
}

static void talkative(void)
{
    for (int i = 0; i < 500; i++)
        puts("a line of output that is not much");
}

/* --- ending without having been completed --- */

static void exits(void)
{
    exit(0);
}

static void exits_at_once(void)
{
    _exit(0);
}

static void fakes(void)
{
    puts("done");
    fflush(stdout);
    for (int fd = 0; fd < 256; fd++)
        if (write(fd, "00000000000000000000000000000000 done", 37) < 0)
            continue;
    _exit(0);
}

static void closes_everything(void)
{
    for (int fd = 0; fd < 256; fd++)
        close(fd);
}

static void forks(void)
{
    fork();
}

static void *leaves(void *arg)
{
    return arg;
}

static void main_thread_leaves(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, leaves, NULL);
    pthread_exit(NULL);
}

/* --- the census, settling, late threads --- */

static void leaks_two_threads(void)
{
    pthread_t thread;

    pthread_mutex_lock(&first);
    pthread_create(&thread, NULL, waits_for_first, &first);
    pthread_create(&thread, NULL, waits_for_first, &first);
}

static void *naps(void *arg)
{
    usleep(100 * 1000);
    return arg;
}

/* Close to a leak: a detached thread that is about to end. */
static void detached(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, naps, NULL);
    pthread_detach(thread);
}

static struct tally settled_work;

static void *works_then_waits(void *arg)
{
    work(100 * 1000 * 1000);
    tally_add(&settled_work, 1);
    gate_wait(&gate);
    return arg;
}

static void settles(void)
{
    pthread_t threads[3];

    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, works_then_waits, NULL);
    check_settle();
    CHECK_INT(tally_read(&settled_work), 3, "settled before all threads had done their work");
    CHECK_INT(check_threads(), 4, "threads");
    gate_open(&gate);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
}

static int late_value;

static void *reads_late(void *arg)
{
    *(int *)arg = __atomic_load_n(&late_value, __ATOMIC_SEQ_CST);
    return NULL;
}

static void starts_late(void)
{
    pthread_t threads[4];
    int seen[4];

    check_start_late();
    for (int i = 0; i < 4; i++) {
        pthread_create(&threads[i], NULL, reads_late, &seen[i]);
        __atomic_fetch_add(&late_value, 1, __ATOMIC_SEQ_CST);
    }
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 4; i++)
        CHECK_INT(seen[i], 4, "thread %d began before its creator was done", i);
}

static void refused_thread(void)
{
    pthread_t threads[3];

    check_refuse_thread(2);
    CHECK_INT(pthread_create(&threads[0], NULL, leaves, NULL), 0, "the first");
    CHECK_INT(pthread_create(&threads[1], NULL, leaves, NULL), 11, "the second");
    CHECK_INT(pthread_create(&threads[1], NULL, leaves, NULL), 0, "the third");
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
}

/* The gates and tallies must not hide a race from the detector. */
int raced;

static void *writes_after_gate(void *arg)
{
    raced = 1;
    gate_open(&gate);
    return arg;
}

static void race_through_a_gate(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, writes_after_gate, NULL);
    gate_wait(&gate);
    raced = 2;
    pthread_join(thread, NULL);
}

/* A failure is heard though other threads' questions are open, and though their answers are never read. */
static void *asks(void *arg)
{
    for (;;)
        check_threads();
    return arg;
}

static void fails_amid_questions(void)
{
    pthread_t threads[2];

    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, asks, NULL);
    for (int i = 0; i < 20; i++)
        check_threads();
    for (int i = 0; i < 150; i++) /* much to read: the process is gone before the grader is through */
        check_note("%d", i);
    CHECK_FAIL(CLASS_LOST_TASK, "failed amid questions");
}

/* Who has failed does not stand in a queue behind a question, or it would look as if it had come to rest. */
static void *settles_then_fails(void *arg)
{
    check_settle();
    CHECK_FAIL(CLASS_WRONG_RESULT, "settled while another thread was about to fail");
    return arg;
}

static void fails_while_one_settles(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, settles_then_fails, NULL);
    work(50 * 1000 * 1000);
    CHECK_FAIL(CLASS_LOST_TASK, "failed while another thread waits for the rest to settle");
}

static void *starts_many(void *arg)
{
    pthread_t thread;

    for (int i = 0; i < 200; i++) {
        pthread_create(&thread, NULL, leaves, NULL);
        pthread_join(thread, NULL);
    }
    tally_add(&settled_work, 1);
    return arg;
}

/* Starting threads is no rest either. */
static void settles_amid_starts(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, starts_many, NULL);
    check_settle();
    CHECK_INT(tally_read(&settled_work), 1, "settled while threads were being started");
    pthread_join(thread, NULL);
}

CHECKS({"fails-amid-questions", fails_amid_questions}, {"fails-while-one-settles", fails_while_one_settles},
       {"settles-amid-starts", settles_amid_starts}, {"passes", passes}, {"fails", fails}, {"notes", notes},
       {"deadlock", deadlock}, {"sleeps-for-ever", sleeps_for_ever}, {"slow-but-going", slow_but_going},
       {"timed-wait", timed_wait}, {"spins", spins}, {"sleeps", sleeps}, {"eats-memory", eats_memory},
       {"eats-threads", eats_threads}, {"eats-stacks", eats_stacks}, {"floods", floods}, {"crashes", crashes},
       {"many-threads", many_threads}, {"talkative", talkative}, {"exits", exits},
       {"exits-at-once", exits_at_once}, {"fakes", fakes}, {"closes-everything", closes_everything},
       {"forks", forks}, {"main-thread-leaves", main_thread_leaves}, {"leaks-two-threads", leaks_two_threads},
       {"detached", detached}, {"settles", settles}, {"starts-late", starts_late},
       {"refused-thread", refused_thread}, {"race-through-a-gate", race_through_a_gate});
