/* dump_test.h - workers that stand still in a function that can be recognised, and the text of a dump.
 *
 * `stuck` has a section of its own, whose ends the linker tells: a frame in it is proof, without any symbols.
 */
#ifndef DEEPEND_DUMP_TEST_H
#define DEEPEND_DUMP_TEST_H

#include "watch_test.h"

#include "dump.h"
#include <fcntl.h>
#include <link.h>
#include <signal.h>

/* clang's ThreadSanitizer delivers a signal when the thread next enters or leaves a call that it knows to
 * block, and does not know pthread_mutex_lock as one. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MUTEX_IS_SEEN false
#elif !__has_feature(address_sanitizer) && (defined(__x86_64__) || defined(__aarch64__))
#define NO_SANITIZER
#endif
#elif !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) &&                                     \
    (defined(__x86_64__) || defined(__aarch64__))
#define NO_SANITIZER
#endif
#ifndef MUTEX_IS_SEEN
#define MUTEX_IS_SEEN true
#endif
#define MUTEX_PATIENCE (MUTEX_IS_SEEN ? 60 * POOL_SECOND : 20 * POOL_MILLISECOND)

struct worker {
    struct pool_dump *dump;
    const char *name, *label;
    bool blocks;                   /* the capture signal */
    pthread_mutex_t *mutex;        /* wait for this, not at the gate */
    void (*call)(struct worker *); /* instead of waiting */

    pthread_t thread;
    struct gate gate;
    int tid;
    enum pool_status entered, left;
};

extern const char __start_stuck_code[], __stop_stuck_code[];

__attribute__((noinline, section("stuck_code"))) static void stuck(struct worker *worker)
{
    if (worker->call)
        worker->call(worker);
    if (worker->mutex) {
        sem_post(&worker->gate.arrived);
        pthread_mutex_lock(worker->mutex);
        pthread_mutex_unlock(worker->mutex);
    } else {
        gate_pass(&worker->gate);
    }
    __asm__(""); /* so that the calls above are not the last: a jump would leave no frame */
}

static void *worker_main(void *arg)
{
    struct worker *worker = arg;
    sigset_t urgent;
    worker->tid = gettid();
    worker->entered = pool_dump_enter(worker->dump, worker->name);
    sigemptyset(&urgent);
    sigaddset(&urgent, SIGURG);
    if (worker->blocks)
        pthread_sigmask(SIG_BLOCK, &urgent, NULL);
    pool_dump_task(worker->label);
    stuck(worker);
    pool_dump_task(NULL);
    worker->left = pool_dump_leave(worker->dump);
    return NULL;
}

static inline void worker_begin(struct worker *worker)
{
    gate_init(&worker->gate);
    assert_int_equal(pthread_create(&worker->thread, NULL, worker_main, worker), 0);
    semaphore_wait(&worker->gate.arrived);
    assert_int_equal(worker->entered, POOL_OK);
}

static inline void worker_end(struct worker *worker)
{
    sem_post(&worker->gate.open);
    pthread_join(worker->thread, NULL);
    assert_int_equal(worker->left, POOL_OK);
    gate_release(&worker->gate);
}

/* Look until the system says that thread TID sleeps. */
static inline void await_asleep(int tid)
{
    char path[64], line[256] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
    while (!strstr(line, ") S ")) {
        sched_yield();
        int file = open(path, O_RDONLY);
        ssize_t got = read(file, line, sizeof line - 1);
        close(file);
        line[got > 0 ? got : 0] = '\0';
    }
}

static inline struct pool_dump *dump_make(const struct pool_dump_options *options)
{
    struct pool_dump *dump;
    assert_int_equal(pool_dump_create(&dump, options), POOL_OK);
    return dump;
}

/* What FD says up to and with END; freed by the caller. */
static inline char *read_to(int fd, const char *end)
{
    size_t length = 0, size = 1 << 20;
    char *text = calloc(1, size);
    while (length < strlen(end) || strcmp(text + length - strlen(end), end) != 0) {
        ssize_t got = read(fd, text + length, size - 1 - length);
        if (got <= 0)
            break;
        length += (size_t)got;
    }
    return text;
}

/* Write a dump, which must answer EXPECTED, and give back its text. Not an assertion: a worker calls this
 * too. */
static inline char *dump_text(struct pool_dump *dump, enum pool_status expected)
{
    FILE *file = tmpfile();
    enum pool_status status = pool_dump_write(dump, fileno(file));
    rewind(file);
    char *text = read_to(fileno(file), "end of dump\n");
    fclose(file);
    if (status != expected) {
        fprintf(stderr, "the dump answers: %s\n%s", pool_status_text(status), text);
        abort();
    }
    return text;
}

static inline int program_bias(struct dl_phdr_info *info, size_t size, void *bias)
{
    (void)size;
    *(uintptr_t *)bias = info->dlpi_addr;
    return 1; /* the first is the program */
}

/* How many frames of TEXT lie in `stuck`. Each must tell the program and the address in its file. */
static inline int frames_in_stuck(const char *text)
{
    int count = 0;
    uintptr_t bias = 0;
    dl_iterate_phdr(program_bias, &bias);
    for (const char *frame = text; (frame = strstr(frame, "\n  #")); frame++) {
        char file[512] = "", self[512] = "";
        unsigned long address, offset;
        int number, got = sscanf(frame, "\n  #%d 0x%lx %511[^(](+0x%lx)", &number, &address, file, &offset);
        assert_true(got == 4 || got == 2);
        if (address < (uintptr_t)__start_stuck_code || address > (uintptr_t)__stop_stuck_code)
            continue;
        assert_int_equal(got, 4);
        assert_true(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
        assert_string_equal(file, self);
        assert_int_equal(offset, address - bias);
        count++;
    }
    return count;
}

#endif
