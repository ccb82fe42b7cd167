/* test_dump.c - stacks of workers wherever they are, with their labels; those that do not answer; on a call
 * and on a signal. Who may be in a dump, and what is refused, stands in test_dump_edges.c.
 */
#include "dump_test.h"

#include "dump_inside.h"

#include <errno.h>

/* --- where workers are ------------------------------------------------------------------------------------
 */

static void a_worker_is_told_with_label_age_and_stack(void **state)
{
    (void)state;
    struct test_clock clock = {.now = 1000 * POOL_SECOND};
    struct pool_clock told = test_clock(&clock);
    struct pool_dump *dump = dump_make(&(struct pool_dump_options){.workers = 2, .clock = &told});
    struct worker worker = {.dump = dump, .name = "resizer", .label = "resize 42.jpg"};
    worker_begin(&worker);
    atomic_fetch_add(&clock.now, 12345 * POOL_MILLISECOND);
    char *text = dump_text(dump, POOL_OK), line[200];
    snprintf(line, sizeof line, "dump of process %d\nworker 0 \"resizer\" (thread %d, state ", getpid(),
             worker.tid);
    assert_true(strncmp(text, line, strlen(line)) == 0);
    assert_non_null(strchr("RSD", text[strlen(line)]));
    assert_non_null(strstr(text, "): task \"resize 42.jpg\" for 12.345 s\n  #0 0x"));
    assert_string_equal(text + strlen(text) - 12, "end of dump\n");
    assert_int_equal(frames_in_stuck(text), 1);
#ifdef NO_SANITIZER /* those put frames of their own around a wait */
    sscanf(strstr(text, "#0"), "%199[^\n]", line);
    assert_non_null(strstr(line, "/libc")); /* where it waits, not the handler that looked */
#endif
    free(text);
    worker_end(&worker);
    pool_dump_destroy(dump);
}

static void idle_workers_and_those_without_a_name(void **state)
{
    (void)state;
    struct pool_dump *dump = dump_make(&(struct pool_dump_options){.workers = 3});
    struct worker workers[3] = {
        {.dump = dump, .name = "a"}, {.dump = dump, .label = "b"}, {.dump = dump, .label = ""}};
    for (int i = 0; i < 3; i++)
        worker_begin(&workers[i]);
    char *text = dump_text(dump, POOL_OK);
    assert_non_null(strstr(text, "worker 0 \"a\" (thread "));
    assert_non_null(strstr(text, "): idle\n  #0 0x"));
    assert_non_null(strstr(text, "\nworker 1 \"\" (thread "));
    assert_non_null(strstr(text, "): task \"b\" for "));
    assert_non_null(strstr(text, "): task \"\" for ")); /* a task without a label is a task */
    assert_int_equal(frames_in_stuck(text), 3);
    free(text);
    for (int i = 0; i < 3; i++)
        worker_end(&workers[i]);
    text = dump_text(dump, POOL_OK); /* nobody is left */
    assert_null(strstr(text, "worker"));
    free(text);
    pool_dump_destroy(dump);
}

/* The mutex is never given back while the dump is made. */
static void a_worker_that_is_stuck_in_a_mutex_is_seen(void **state)
{
    (void)state;
    struct pool_dump *dump = dump_make(&(struct pool_dump_options){.workers = 1, .patience = MUTEX_PATIENCE});
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    struct worker worker = {.dump = dump, .label = "wants the mutex", .mutex = &mutex};
    pthread_mutex_lock(&mutex);
    worker_begin(&worker);
    await_asleep(worker.tid);
    char *text = dump_text(dump, MUTEX_IS_SEEN ? POOL_OK : POOL_TIMED_OUT);
    assert_non_null(strstr(text, "state S): task \"wants the mutex\" for "));
    assert_int_equal(frames_in_stuck(text), MUTEX_IS_SEEN);
    assert_int_equal(strstr(text, "\n  no answer\n") == NULL, MUTEX_IS_SEEN);
    free(text);
    pthread_mutex_unlock(&mutex);
    worker_end(&worker);
    pool_dump_destroy(dump);
}

static void one_that_does_not_answer_is_told_all_the_same(void **state)
{
    (void)state;
    struct pool_dump *dump =
        dump_make(&(struct pool_dump_options){.workers = 2, .patience = 20 * POOL_MILLISECOND});
    struct worker deaf = {.dump = dump, .name = "deaf", .label = "x", .blocks = true};
    struct worker good = {.dump = dump, .name = "good"};
    worker_begin(&deaf);
    worker_begin(&good);
    char *text = dump_text(dump, POOL_TIMED_OUT);
    assert_non_null(strstr(text, "worker 0 \"deaf\""));
    assert_non_null(strstr(text, " s\n  no answer\nworker 1 \"good\""));
    assert_int_equal(frames_in_stuck(text), 1);
    free(text);
    worker_end(&deaf);
    text = dump_text(dump, POOL_OK); /* its late answer harms nobody */
    assert_null(strstr(text, "deaf"));
    assert_int_equal(frames_in_stuck(text), 1);
    free(text);
    worker_end(&good);
    pool_dump_destroy(dump);
}

static char *text_of_my_own;

static void dump_myself(struct worker *worker)
{
    text_of_my_own = dump_text(worker->dump, POOL_OK);
}

static void a_worker_may_dump_itself_among_others(void **state)
{
    (void)state;
    struct pool_dump *dump = dump_make(&(struct pool_dump_options){.workers = 2});
    struct worker other = {.dump = dump, .name = "other"},
                  self = {.dump = dump, .name = "self", .call = dump_myself};
    worker_begin(&other);
    worker_begin(&self);
    worker_end(&self);
    assert_non_null(strstr(text_of_my_own, "worker 1 \"self\""));
    assert_null(strstr(text_of_my_own, "no answer"));
    assert_int_equal(frames_in_stuck(text_of_my_own), 2);
    free(text_of_my_own);
    worker_end(&other);
    pool_dump_destroy(dump);
}

/* --- on a signal ------------------------------------------------------------------------------------------
 */

/* The signal interrupts the main thread, which is no worker, then a worker: both can write the dump. */
static void a_signal_writes_a_dump(void **state)
{
    (void)state;
    struct pool_dump *dump = dump_make(&(struct pool_dump_options){.workers = 2});
    struct worker workers[2] = {{.dump = dump, .name = "a", .label = "x"}, {.dump = dump, .name = "b"}};
    for (int i = 0; i < 2; i++)
        worker_begin(&workers[i]);
    for (int i = 0; i < 2; i++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(pool_dump_on_signal(dump, SIGUSR2, ends[1]), POOL_OK);
        errno = 77;
        assert_int_equal(pthread_kill(i == 0 ? pthread_self() : workers[0].thread, SIGUSR2), 0);
        char *text = read_to(ends[0], "end of dump\n");
        assert_int_equal(errno, 77);
        assert_int_equal(pool_dump_off_signal(dump), POOL_OK);
        assert_non_null(strstr(text, "worker 0 \"a\""));
        assert_non_null(strstr(text, "worker 1 \"b\""));
        assert_int_equal(frames_in_stuck(text), 2);
        free(text);
        close(ends[0]);
        close(ends[1]);
    }
    for (int i = 0; i < 2; i++)
        worker_end(&workers[i]);
    pool_dump_destroy(dump);
}

static atomic_int heard;

static void hear(int signal)
{
    (void)signal;
    atomic_fetch_add(&heard, 1);
}

static void signals_are_given_back_as_they_were(void **state)
{
    (void)state;
    struct sigaction mine = {.sa_handler = hear}, found;
    int null = open("/dev/null", O_WRONLY);
    sigaction(SIGUSR2, &mine, NULL);
    sigaction(SIGURG, &mine, NULL);
    struct pool_dump *dump = dump_make(&(struct pool_dump_options){.workers = 1});
    struct worker worker = {.dump = dump};
    worker_begin(&worker);
    assert_int_equal(pool_dump_on_signal(dump, SIGUSR2, null), POOL_OK);
    assert_int_equal(pool_dump_write(dump, null), POOL_OK);
    raise(SIGUSR2);
    assert_int_equal(heard, 0);
    assert_int_equal(pool_dump_off_signal(dump), POOL_OK);
    int refuses = open("/dev/null", O_RDONLY);
    assert_int_equal(pool_dump_on_signal(dump, SIGUSR2, refuses), POOL_OK);
    errno = 77;
    raise(SIGUSR2); /* whoever is interrupted keeps their errno, also when the write fails */
    assert_int_equal(errno, 77);
    close(refuses);
    sigaction(SIGURG, NULL, &found);
    assert_ptr_equal(found.sa_handler, hear);
    worker_end(&worker);
    pool_dump_destroy(dump); /* which gives back what it still has */
    raise(SIGUSR2);
    raise(SIGURG);
    assert_int_equal(heard, 2);
    signal(SIGUSR2, SIG_DFL);
    signal(SIGURG, SIG_DFL);
    close(null);
}

/* --- labels ------------------------------------------------------------------------------------------------
 */

struct changer {
    struct dump_note note;
    atomic_bool stop;
    sem_t begun;
};

static const char a_text[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
static const char b_text[] = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

static void *change_notes(void *arg)
{
    struct changer *changer = arg;
    for (unsigned i = 0; !changer->stop; i++) {
        pool_dump_note_write(&changer->note, i % 2 ? a_text : b_text, i % 2 ? 'a' : 'b');
        if (i == 1)
            sem_post(&changer->begun);
    }
    return NULL;
}

/* A label is one or the other, with its time, never some of each, however often it changes. */
static void a_label_is_never_mixed(void **state)
{
    (void)state;
    struct changer changer = {.stop = false};
    pthread_t thread;
    char text[POOL_DUMP_LABEL_SIZE];
    uint64_t since;
    sem_init(&changer.begun, 0, 0);
    assert_int_equal(pthread_create(&thread, NULL, change_notes, &changer), 0);
    semaphore_wait(&changer.begun);
    for (int i = 0; i < 200000; i++)
        if (pool_dump_note_read(&changer.note, text, &since)) {
            assert_string_equal(text, text[0] == 'a' ? a_text : b_text);
            assert_int_equal(since, text[0]);
        }
    atomic_store(&changer.stop, true);
    pthread_join(thread, NULL);
    sem_destroy(&changer.begun);
}

/* A handler that interrupts the writer in the middle must not wait for it. */
static void a_half_written_label_is_not_waited_for(void **state)
{
    (void)state;
    struct pool_dump *dump = dump_make(&(struct pool_dump_options){.workers = 1});
    struct worker worker = {.dump = dump, .label = "x"};
    worker_begin(&worker);
    atomic_fetch_add(&dump->slots[0].task.sequence, 1);
    char *text = dump_text(dump, POOL_OK);
    assert_non_null(strstr(text, "): between two tasks\n  #0 "));
    free(text);
    atomic_fetch_add(&dump->slots[0].task.sequence, 1);
    worker_end(&worker);
    pool_dump_destroy(dump);
}

/* A dump is a line for each thing it says: a label cannot forge another. */
static void labels_are_cut_and_cannot_break_a_line(void **state)
{
    (void)state;
    struct pool_dump *dump = dump_make(&(struct pool_dump_options){.workers = 1});
    struct worker worker = {.dump = dump,
                            .name = "0123456789012345678901234567890123456789012345678901234567890",
                            .label = "a\nworker 9 \"x\""};
    worker_begin(&worker);
    char *text = dump_text(dump, POOL_OK);
    assert_non_null(strstr(text, "\"01234567890123456789012345678901234567890123456\" ("));
    assert_non_null(strstr(text, "task \"a?worker 9 ?x?\" for "));
    free(text);
    worker_end(&worker);
    pool_dump_destroy(dump);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_worker_is_told_with_label_age_and_stack), CASE(idle_workers_and_those_without_a_name),
        CASE(a_worker_that_is_stuck_in_a_mutex_is_seen), CASE(one_that_does_not_answer_is_told_all_the_same),
        CASE(a_worker_may_dump_itself_among_others),     CASE(a_signal_writes_a_dump),
        CASE(signals_are_given_back_as_they_were),       CASE(a_label_is_never_mixed),
        CASE(a_half_written_label_is_not_waited_for),    CASE(labels_are_cut_and_cannot_break_a_line),
    };
    return cmocka_run_group_tests_name("observability: dump", cases, NULL, NULL);
}
