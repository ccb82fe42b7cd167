/* check.c - the grader's end inside the tested process. See check.h and protocol.h.
 *
 * Theory of operation. The process is untrusted: the learner's code shares it with the check. So nothing here
 * is believed by the grader but a packet that carries the nonce, which arrives before any of the learner's
 * code runs and then lies in a page that is readable only for the moments in which a packet is put together.
 * A check that ends in any other way (exit, a closed socket, a crash, a faked line of output) has simply not
 * passed.
 *
 * This file is compiled without instrumentation and talks to the kernel by raw system calls only, so that no
 * sanitizer sees its gates, tallies and packets: they order nothing for the race detector. It must not call a
 * libc function that a sanitizer intercepts from a thread other than the main one.
 *
 * Without a grader at the other end (a check started by hand) results go to stderr. Under the schedule
 * explorer (see explored.h) there is no other end either: gates and questions are the runtime's.
 */
#include "check.h"
#include "explored.h"
#include "protocol.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SOCKET_AT_LEAST = 190, PAGE = 4096 };

/* Fixed before the check's function starts, but for the locks. One process runs one check, so one of these is
 * enough. */
static struct {
    int socket;  /* -1: no grader */
    char *nonce; /* a page of its own, unreadable but while `copying` is held */
    const char *variant;
    int copying; /* futex lock: of the nonce, held for a moment */
    int asking;  /* futex lock: of the conversation, held until the answer is there */
} grader = {.socket = -1};

#define HERE __builtin_return_address(0)

/* --- futexes ------------------------------------------------------------------------------------------ */

static void futex_sleep(const int *word, int while_it_is)
{
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, while_it_is, NULL, NULL, 0);
}

static void futex_wake(const int *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

/* A two-state lock is enough: contention here is rare, and waking all is harmless. */
static void take(int *lock)
{
    while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE) != 0)
        futex_sleep(lock, 1);
}

static void drop(int *lock)
{
    __atomic_store_n(lock, 0, __ATOMIC_RELEASE);
    futex_wake(lock);
}

/* --- packets ------------------------------------------------------------------------------------------ */

static long receive(char *answer, size_t room)
{
    long got = syscall(SYS_recvfrom, grader.socket, answer, room - 1, 0, NULL, NULL);
    answer[got > 0 ? got : 0] = '\0';
    return got;
}

/* Longs, not ints: what is passed to syscall() is taken whole, and Valgrind looks at all of it. */
static void nonce_readable(long protection)
{
    syscall(SYS_mprotect, grader.nonce, (long)PAGE, protection);
}

/* A page of memory that no leak checker counts. */
static void *page_map(void)
{
    long protection = PROT_READ | PROT_WRITE, flags = MAP_PRIVATE | MAP_ANONYMOUS;
    return (void *)syscall(SYS_mmap, NULL, (long)PAGE, protection, flags, -1L, 0L);
}

/* Send "NONCE TEXT". Waits for nobody: a thread that has failed says so even while another one's question is
 * open. */
static void say(const char *text)
{
    char packet[CHECK_PACKET];
    size_t length = strnlen(text, sizeof packet - CHECK_NONCE - 1);

    if (grader.socket < 0)
        return;
    packet[CHECK_NONCE] = ' ';
    __builtin_memcpy(packet + CHECK_NONCE + 1, text, length);
    take(&grader.copying);
    nonce_readable(PROT_READ);
    __builtin_memcpy(packet, grader.nonce, CHECK_NONCE);
    nonce_readable(PROT_NONE);
    drop(&grader.copying);
    syscall(SYS_sendto, grader.socket, packet, length + CHECK_NONCE + 1, MSG_NOSIGNAL, NULL, 0);
    explicit_bzero(packet, CHECK_NONCE);
}

/* Put a question and wait for the number that answers it; one question at a time. */
static int ask(const char *question)
{
    char answer[64] = "0";

    if (grader.socket < 0)
        return 0;
    take(&grader.asking);
    say(question);
    if (receive(answer, sizeof answer) <= 0)
        syscall(SYS_exit_group, CHECK_FAILED_EXIT); /* the grader is gone */
    drop(&grader.asking);
    return atoi(answer);
}

/* Take the socket from its well-known number, say hello, keep the nonce. */
static void meet_grader(void)
{
    static const char hello[] = "hello";
    int moved = (int)syscall(SYS_fcntl, CHECK_FD, /* F_DUPFD_CLOEXEC */ 1030, SOCKET_AT_LEAST);

    if (moved < 0 || syscall(SYS_sendto, moved, hello, sizeof hello - 1, MSG_NOSIGNAL, NULL, 0) < 0)
        return;
    syscall(SYS_close, CHECK_FD);
    grader.socket = moved;
    grader.nonce = page_map();
    if (receive(grader.nonce, CHECK_NONCE + 1) != CHECK_NONCE)
        syscall(SYS_exit_group, CHECK_FAILED_EXIT);
    nonce_readable(PROT_NONE);
}

/* --- results ------------------------------------------------------------------------------------------ */

static void fail_with(const char *file, int line, enum verdict_class class, const char *message,
                      const void *pc)
{
    if (explored_fail)
        explored_fail(class, message, pc);
    char packet[CHECK_PACKET - CHECK_NONCE - 1];
    const char *slash = strrchr(file, '/');

    snprintf(packet, sizeof packet, "fail %s %s %d %s", class_name(class), slash ? slash + 1 : file, line,
             message);
    if (grader.socket < 0)
        fprintf(stderr, "%s\n", packet);
    say(packet);
    syscall(SYS_exit_group, CHECK_FAILED_EXIT);
    __builtin_unreachable();
}

void check_fail_at(const char *file, int line, enum verdict_class class, const char *format, ...)
{
    char message[2000];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    fail_with(file, line, class, message, HERE);
    __builtin_unreachable();
}

void check_int_at(const char *file, int line, long long got, long long want, const char *format, ...)
{
    char message[2000];
    va_list arguments;

    if (got == want)
        return;
    va_start(arguments, format);
    int length = vsnprintf(message, sizeof message - 80, format, arguments);
    va_end(arguments);
    if (length > (int)sizeof message - 80)
        length = (int)sizeof message - 80;
    snprintf(message + length, 80, ": got %lld, expected %lld", got, want);
    fail_with(file, line, CLASS_WRONG_RESULT, message, HERE);
}

void check_note(const char *format, ...)
{
    char packet[CHECK_PACKET - CHECK_NONCE - 1] = "note ";
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(packet + 5, sizeof packet - 5, format, arguments);
    va_end(arguments);
    if (grader.socket < 0 && !explored_begin)
        fprintf(stderr, "%s\n", packet);
    say(packet);
}

/* --- gates and tallies -------------------------------------------------------------------------------- */

void gate_open(struct gate *gate)
{
    if (explored_point)
        explored_point(EXPLORED_GATE, gate, HERE);
    __atomic_store_n(&gate->open, 1, __ATOMIC_SEQ_CST);
    futex_wake(&gate->open);
}

void gate_wait(struct gate *gate)
{
    __atomic_fetch_add(&gate->waiting, 1, __ATOMIC_SEQ_CST);
    if (explored_await) {
        explored_await(EXPLORED_GATE, &gate->open, 1, HERE);
        return;
    }
    futex_wake(&gate->waiting);
    while (!__atomic_load_n(&gate->open, __ATOMIC_SEQ_CST))
        futex_sleep(&gate->open, 0);
}

/* Sleep until *WORD has reached COUNT. */
static void await_count(enum explored_thing kind, const int *word, int count, const void *pc)
{
    int now;

    if (explored_await) {
        explored_await(kind, word, count, pc);
        return;
    }
    while ((now = __atomic_load_n(word, __ATOMIC_SEQ_CST)) < count)
        futex_sleep(word, now);
}

void gate_await(struct gate *gate, int count)
{
    await_count(EXPLORED_GATE, &gate->waiting, count, HERE);
}

int tally_add(struct tally *tally, int amount)
{
    if (explored_point)
        explored_point(EXPLORED_TALLY, tally, HERE);
    int now = __atomic_add_fetch(&tally->count, amount, __ATOMIC_SEQ_CST);
    futex_wake(&tally->count);
    return now;
}

int tally_read(const struct tally *tally)
{
    return __atomic_load_n(&tally->count, __ATOMIC_SEQ_CST);
}

void tally_await(struct tally *tally, int count)
{
    await_count(EXPLORED_TALLY, &tally->count, count, HERE);
}

/* --- asking the grader -------------------------------------------------------------------------------- */

void check_settle(void)
{
    if (explored_settle) {
        explored_settle(HERE);
        return;
    }
    if (grader.socket < 0) /* by hand: the best that can be done without an observer */
        syscall(SYS_nanosleep, &(struct timespec){.tv_nsec = 100 * 1000 * 1000}, NULL);
    ask("settle");
}

int check_threads(void)
{
    return explored_threads ? explored_threads() : ask("threads");
}

const char *check_variant(void)
{
    return grader.variant;
}

long long check_nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* --- thread creation ---------------------------------------------------------------------------------- */

/* What a held thread was to run; mapped, not malloc'ed: no leak checker shall count it. */
struct late_start {
    void *(*run)(void *);
    void *arg;
};

static int start_late, refuse_in, created; /* atomic */

/* Every so many new threads the grader is told to count them, so that it need not look often to see too many.
 */
enum { CREATED_BETWEEN_COUNTS = 64 };

static void *run_late(void *context)
{
    struct late_start start = *(struct late_start *)context;

    syscall(SYS_munmap, context, (long)PAGE);
    check_settle(); /* one question at a time: the others queue behind it, blocked */
    return start.run(start.arg);
}

int check_creates(void *(**run)(void *), void **arg)
{
    if (__atomic_load_n(&refuse_in, __ATOMIC_SEQ_CST) > 0 &&
        __atomic_sub_fetch(&refuse_in, 1, __ATOMIC_SEQ_CST) == 0)
        return EAGAIN;
    if (__atomic_add_fetch(&created, 1, __ATOMIC_RELAXED) % CREATED_BETWEEN_COUNTS == 0)
        say("count"); /* no question: somebody else's may be open */
    if (!__atomic_load_n(&start_late, __ATOMIC_SEQ_CST))
        return 0;
    struct late_start *late = page_map();
    *late = (struct late_start){*run, *arg};
    *run = run_late;
    *arg = late;
    return 0;
}

void check_start_late(void)
{
    __atomic_store_n(&start_late, 1, __ATOMIC_SEQ_CST);
}

void check_refuse_thread(int nth)
{
    __atomic_store_n(&refuse_in, nth, __ATOMIC_SEQ_CST);
}

/* --- main --------------------------------------------------------------------------------------------- */

static const struct check *check_find(const char *name)
{
    for (const struct check *check = check_table; check->name; check++)
        if (strcmp(check->name, name) == 0)
            return check;
    return NULL;
}

/* One schedule. Threads that are left are found by the runtime when this returns. */
static int run_explored(const struct check *check)
{
    explored_begin();
    check->run();
    explored_census(HERE);
    explored_done();
    return 0;
}

int main(int argc, char **argv)
{
    const struct check *check = argc > 1 ? check_find(argv[1]) : NULL;

    if (!check) {
        fprintf(stderr, "usage: %s CHECK [VARIANT]\nchecks:\n", argv[0]);
        for (check = check_table; check->name; check++)
            fprintf(stderr, "  %s\n", check->name);
        return 2;
    }
    grader.variant = argc > 2 ? argv[2] : "native";
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (explored_begin)
        return run_explored(check);
    meet_grader();
    check->run();
    int left = ask("census");
    say("done");
    if (grader.socket < 0)
        fprintf(stderr, "%s: passed\n", argv[1]);
    if (left > 0)
        syscall(SYS_exit_group, 0); /* threads are left: the normal way out could meet them */
    return 0;                       /* the leak checkers look on the way out */
}
