/* test_dump_edges.c - who may be in a dump, what is refused, and what happens when the system says no. */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free,--wrap=eventfd,--wrap=syscall */
#include "dump_test.h"

#include "dump_inside.h"
#include "faults.h"
#include <errno.h>
#include <stdarg.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>

/* The wrappers have no argument for this, so it has to be global. */
static struct {
    bool no_eventfd;
    void (*before_kill)(void); /* called once, when the first worker is about to be asked */
} system_calls;

int __real_eventfd(unsigned count, int flags);
int __wrap_eventfd(unsigned count, int flags)
{
    if (!system_calls.no_eventfd)
        return __real_eventfd(count, flags);
    errno = EMFILE;
    return -1;
}

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
    va_list list;
    va_start(list, number);
    long one = va_arg(list, long), two = va_arg(list, long), three = va_arg(list, long);
    va_end(list);
    void (*call)(void) = system_calls.before_kill;
    if (call && number == SYS_tgkill) {
        system_calls.before_kill = NULL;
        call();
    }
    return __real_syscall(number, one, two, three);
}

/* --- refused
 * ------------------------------------------------------------------------------------------------ */

static void create_refuses_what_is_out_of_range(void **state)
{
    (void)state;
    static const struct pool_dump_options bad[] = {
        {.workers = 0},
        {.workers = POOL_DUMP_WORKERS + 1},
        {.workers = 1, .capture_signal = -1},
        {.workers = 1, .capture_signal = 4000},
        {.workers = 1, .capture_signal = SIGKILL},
        {.workers = 1, .capture_signal = SIGSTOP},
        {.workers = 1, .patience = 3600 * POOL_SECOND + 1},
    };
    struct pool_dump *dump = (struct pool_dump *)&system_calls;
    assert_int_equal(pool_dump_create(NULL, &bad[0]), POOL_INVALID);
    assert_int_equal(pool_dump_create(&dump, NULL), POOL_INVALID);
    assert_null(dump);
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(pool_dump_create(&dump, &bad[i]), POOL_INVALID);
    pool_dump_destroy(NULL);
    pool_dump_destroy(
        dump_make(&(struct pool_dump_options){.workers = POOL_DUMP_WORKERS, .capture_signal = SIGUSR1}));
}

static void a_thread_is_in_one_dump_once(void **state)
{
    (void)state;
    struct pool_dump *dump = dump_make(&(struct pool_dump_options){.workers = 1}), *other;
    struct worker worker = {.dump = dump};
    other = dump_make(&(struct pool_dump_options){.workers = 1});
    assert_int_equal(pool_dump_leave(dump), POOL_EMPTY);
    assert_int_equal(pool_dump_enter(NULL, ""), POOL_INVALID);
    assert_int_equal(pool_dump_leave(NULL), POOL_INVALID);
    pool_dump_task("nobody asks"); /* in no dump: nothing happens */
    worker_begin(&worker);
    assert_int_equal(pool_dump_enter(dump, ""), POOL_FULL);
    assert_int_equal(pool_dump_enter(other, ""), POOL_OK);
    assert_int_equal(pool_dump_enter(other, ""), POOL_ALREADY);
    assert_int_equal(pool_dump_enter(dump, ""), POOL_ALREADY);
    assert_int_equal(pool_dump_leave(dump), POOL_EMPTY);
    assert_int_equal(pool_dump_leave(other), POOL_OK);
    assert_int_equal(pool_dump_leave(other), POOL_EMPTY);
    worker_end(&worker);
    assert_int_equal(pool_dump_enter(dump, ""), POOL_OK); /* there is room again */
    assert_int_equal(pool_dump_leave(dump), POOL_OK);
    pool_dump_destroy(dump);
    pool_dump_destroy(other);
}

static bool urgent_is_blocked(void)
{
    sigset_t now;
    pthread_sigmask(SIG_BLOCK, NULL, &now);
    return sigismember(&now, SIGURG);
}

static void entering_unblocks_and_leaving_gives_back(void **state)
{
    (void)state;
    struct pool_dump *dump = dump_make(&(struct pool_dump_options){.workers = 1});
    sigset_t urgent;
    sigemptyset(&urgent);
    sigaddset(&urgent, SIGURG);
    for (int blocked = 0; blocked <= 1; blocked++) {
        pthread_sigmask(blocked ? SIG_BLOCK : SIG_UNBLOCK, &urgent, NULL);
        assert_int_equal(pool_dump_enter(dump, ""), POOL_OK);
        assert_false(urgent_is_blocked());
        assert_int_equal(pool_dump_leave(dump), POOL_OK);
        assert_int_equal(urgent_is_blocked(), blocked);
    }
    pthread_sigmask(SIG_UNBLOCK, &urgent, NULL);
    pool_dump_destroy(dump);
}

static void write_refuses_what_it_cannot_do(void **state)
{
    (void)state;
    struct pool_dump *dump = dump_make(&(struct pool_dump_options){.workers = 1});
    int readable = open("/dev/null", O_RDONLY);
    assert_int_equal(pool_dump_write(NULL, 1), POOL_INVALID);
    assert_int_equal(pool_dump_write(dump, -1), POOL_INVALID);
    errno = 55;
    assert_int_equal(pool_dump_write(dump, readable), POOL_SYSTEM);
    assert_int_equal(errno, 55);
    close(readable);
    pool_dump_destroy(dump);
    dump = dump_make(
        &(struct pool_dump_options){.workers = 1, .capture_signal = 32}); /* glibc keeps it for itself */
    int null = open("/dev/null", O_WRONLY);
    assert_int_equal(pool_dump_write(dump, null), POOL_SYSTEM);
    close(null);
    pool_dump_destroy(dump);
}

static void a_process_has_one_signal_for_it(void **state)
{
    (void)state;
    struct pool_dump *dump = dump_make(&(struct pool_dump_options){.workers = 1}), *other;
    other = dump_make(&(struct pool_dump_options){.workers = 1});
    assert_int_equal(pool_dump_on_signal(NULL, SIGUSR2, 1), POOL_INVALID);
    assert_int_equal(pool_dump_on_signal(dump, SIGUSR2, -1), POOL_INVALID);
    assert_int_equal(pool_dump_on_signal(dump, SIGURG, 1), POOL_INVALID);
    assert_int_equal(pool_dump_on_signal(dump, SIGKILL, 1), POOL_INVALID);
    assert_int_equal(pool_dump_on_signal(dump, 4000, 1), POOL_INVALID);
    assert_int_equal(pool_dump_off_signal(NULL), POOL_INVALID);
    assert_int_equal(pool_dump_off_signal(dump), POOL_EMPTY);
    assert_int_equal(pool_dump_on_signal(dump, SIGUSR2, 1), POOL_OK);
    assert_int_equal(pool_dump_on_signal(dump, SIGUSR1, 1), POOL_ALREADY);
    assert_int_equal(pool_dump_on_signal(other, SIGUSR1, 1), POOL_ALREADY);
    assert_int_equal(pool_dump_off_signal(other), POOL_EMPTY);
    assert_int_equal(pool_dump_off_signal(dump), POOL_OK);
    assert_int_equal(pool_dump_on_signal(other, SIGUSR1, 1), POOL_OK);
    pool_dump_destroy(other);
    pool_dump_destroy(dump);
}

/* --- at once
 * ------------------------------------------------------------------------------------------------- */

struct writer {
    struct pool_dump *dump;
    int fd;
};

static void *write_main(void *arg)
{
    struct writer *writer = arg;
    enum pool_status status;
    while ((status = pool_dump_write(writer->dump, writer->fd)) ==
           POOL_REJECTED) /* one of the main thread's */
        sched_yield();
    return status == POOL_OK ? arg : NULL;
}

/* The first dump stands before a full pipe; meanwhile a second is refused, also of another object. */
static void one_dump_at_a_time(void **state)
{
    (void)state;
    struct pool_dump *dump = dump_make(&(struct pool_dump_options){.workers = 1});
    int ends[2], null = open("/dev/null", O_WRONLY);
    char block[4096] = {0};
    pthread_t thread;
    void *result;
    assert_int_equal(pipe(ends), 0);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    while (write(ends[1], block, sizeof block) > 0)
        ;
    fcntl(ends[1], F_SETFL, 0);
    struct writer writer = {.dump = dump, .fd = ends[1]};
    assert_int_equal(pthread_create(&thread, NULL, write_main, &writer), 0);
    enum pool_status status;
    while ((status = pool_dump_write(dump, null)) == POOL_OK) /* until the other has begun */
        sched_yield();
    assert_int_equal(status, POOL_REJECTED);
    free(read_to(ends[0], "end of dump\n"));
    pthread_join(thread, &result);
    assert_non_null(result);
    assert_int_equal(pool_dump_write(dump, null), POOL_OK);
    close(ends[0]);
    close(ends[1]);
    close(null);
    pool_dump_destroy(dump);
}

static struct worker leaver, comer;

static void end_leaver(void)
{
    worker_end(&leaver);
}

static void replace_leaver(void)
{
    worker_end(&leaver);
    worker_begin(&comer);
}

/* A worker that leaves between the look at its slot and the signal is not waited for; one that comes into its
 * place is not asked, and not told with the other's stack. The patience would outlast the case. */
static void workers_may_come_and_go_during_a_dump(void **state)
{
    (void)state;
    struct pool_dump *dump =
        dump_make(&(struct pool_dump_options){.workers = 1, .patience = 3600 * POOL_SECOND});
    leaver = (struct worker){.dump = dump, .name = "leaver"};
    worker_begin(&leaver);
    free(dump_text(dump, POOL_OK)); /* its frames are in the slot */
    system_calls.before_kill = end_leaver;
    char *text = dump_text(dump, POOL_OK);
    assert_null(strstr(text, "worker"));
    free(text);
    leaver = (struct worker){.dump = dump, .name = "leaver"};
    comer = (struct worker){.dump = dump, .name = "comer"};
    worker_begin(&leaver);
    system_calls.before_kill = replace_leaver;
    text = dump_text(dump, POOL_OK);
    assert_null(strstr(text, "worker"));
    free(text);
    text = dump_text(dump, POOL_OK);
    assert_non_null(strstr(text, "\"comer\""));
    assert_int_equal(frames_in_stuck(text), 1);
    free(text);
    worker_end(&comer);
    pool_dump_destroy(dump);
}

static atomic_int writer_tid;

static void *write_and_tell(void *arg)
{
    atomic_store(&writer_tid, gettid());
    return write_main(arg);
}

/* The dumper sleeps until the worker answers, and that one never will; but it leaves. */
static void a_worker_that_leaves_is_not_waited_for(void **state)
{
    (void)state;
    struct pool_dump *dump =
        dump_make(&(struct pool_dump_options){.workers = 1, .patience = 3600 * POOL_SECOND});
    struct worker deaf = {.dump = dump, .blocks = true};
    int null = open("/dev/null", O_WRONLY);
    struct writer writer = {.dump = dump, .fd = null};
    pthread_t thread;
    void *result;
    worker_begin(&deaf);
    atomic_store(&writer_tid, 0);
    assert_int_equal(pthread_create(&thread, NULL, write_and_tell, &writer), 0);
    while (writer_tid == 0 || atomic_load(&dump->slots[0].asked) == 0)
        sched_yield();
    await_asleep(writer_tid);
    worker_end(&deaf);
    pthread_join(thread, &result);
    assert_non_null(result);
    close(null);
    pool_dump_destroy(dump);
}

static void *enter_and_end(void *arg)
{
    return pool_dump_enter(arg, "careless") == POOL_OK ? arg : NULL;
}

/* A worker that ended without leaving costs its slot, and not the dump. */
static void one_that_forgot_to_leave_is_not_waited_for(void **state)
{
    (void)state;
    struct pool_dump *dump =
        dump_make(&(struct pool_dump_options){.workers = 1, .patience = 3600 * POOL_SECOND});
    pthread_t thread;
    void *result;
    assert_int_equal(pthread_create(&thread, NULL, enter_and_end, dump), 0);
    pthread_join(thread, &result);
    assert_non_null(result);
    char *text = dump_text(dump, POOL_OK);
    assert_null(strstr(text, "worker"));
    free(text);
    atomic_store(&dump->slots[0].tid, 0); /* as leaving would have done */
    pool_dump_destroy(dump);
}

static void a_late_signal_does_not_touch_frames_that_are_read(void **state)
{
    (void)state;
    struct pool_dump *dump = dump_make(&(struct pool_dump_options){.workers = 1});
    assert_int_equal(pool_dump_enter(dump, "self"), POOL_OK);
    free(dump_text(dump, POOL_OK));
    assert_true(dump->slots[0].frame_count > 0);
    dump->slots[0].frame_count = -7;
    pool_dump_capture(&dump->slots[0], NULL);
    assert_int_equal(dump->slots[0].frame_count, -7);
    assert_int_equal(pool_dump_leave(dump), POOL_OK);
    pool_dump_destroy(dump);
}

/* A signal of the same number from elsewhere, with nothing asked, and in a thread that is in no dump. */
static void stray_signals_do_nothing(void **state)
{
    (void)state;
    struct pool_dump *dump = dump_make(&(struct pool_dump_options){.workers = 1});
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct worker worker = {.dump = dump};
    worker_begin(&worker);
    assert_int_equal(pool_dump_on_signal(dump, SIGUSR2, ends[1]), POOL_OK);
    for (int i = 0; i < 50; i++) {
        raise(SIGURG);
        pthread_kill(worker.thread, SIGURG);
        char *text = dump_text(dump, POOL_OK);
        assert_int_equal(frames_in_stuck(text), 1);
        free(text);
    }
    worker_end(&worker);
    pool_dump_destroy(dump);
    close(ends[0]);
    close(ends[1]);
}

/* --- the system says no
 * ------------------------------------------------------------------------------------- */

static void memory_and_descriptors_run_out(void **state)
{
    (void)state;
    long before = faults.blocks;
    struct pool_dump *dump = NULL;
    const struct pool_dump_options options = {.workers = 1};
    for (faults_begin(); faults_again();) {
        enum pool_status status = pool_dump_create(&dump, &options);
        assert_int_equal(status, faults_fired() ? POOL_NO_MEMORY : POOL_OK);
        assert_int_equal(dump == NULL, faults_fired());
    }
    assert_true(faults.next > 4); /* at least the object, and two for each of program and C library */
    pool_dump_destroy(dump);
    system_calls.no_eventfd = true;
    assert_int_equal(pool_dump_create(&dump, &options), POOL_SYSTEM);
    assert_null(dump);
    system_calls.no_eventfd = false;
    assert_int_equal(faults.blocks, before);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(create_refuses_what_is_out_of_range),
        CASE(a_thread_is_in_one_dump_once),
        CASE(entering_unblocks_and_leaving_gives_back),
        CASE(write_refuses_what_it_cannot_do),
        CASE(a_process_has_one_signal_for_it),
        CASE(one_dump_at_a_time),
        CASE(workers_may_come_and_go_during_a_dump),
        CASE(a_worker_that_leaves_is_not_waited_for),
        CASE(one_that_forgot_to_leave_is_not_waited_for),
        CASE(a_late_signal_does_not_touch_frames_that_are_read),
        CASE(stray_signals_do_nothing),
        CASE(memory_and_descriptors_run_out),
    };
    return cmocka_run_group_tests_name("observability: dump edges", cases, NULL, NULL);
}
