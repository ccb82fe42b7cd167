/* dump_signal.c - asking every worker for its stack, and doing so when a signal comes. See dump.h.
 *
 * One dump, in steps: handle the capture signal; put a question to each worker's slot and send it the signal;
 * wait until all have answered or time is up; print; handle the signal as before. All of it may run in a
 * handler itself: only calls that signal-safety(7) lists, and backtrace(3). That one takes no lock and
 * allocates nothing once it has run before (glibc from 2.35 with libgcc from 12; older ones take the loader's
 * lock, so there a worker stuck inside dlopen could hold up a dump). Frame pointers would need no such
 * condition, but C libraries are built without them, and the frames that matter, those of a thread that
 * waits, are in one.
 */
#include "dump_inside.h"

#include <errno.h>
#include <execinfo.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

/* Signals belong to the process, so what handles them cannot belong to one dump: the only state of the room
 * that is not in an object. One dump of the process is under way at a time; one has a signal. */
static atomic_flag under_way = ATOMIC_FLAG_INIT;
static _Atomic(struct pool_dump *) triggered;
static atomic_uint triggers_inside; /* handlers that may be using `triggered` */

/* --- answering --------------------------------------------------------------------------------------------
 */

/* Where a handler interrupted its thread; NULL: unknown on this machine. */
static const void *interrupted_at(const void *context)
{
#if defined(__x86_64__)
    return context ? (const void *)((const ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] : NULL;
#elif defined(__aarch64__)
    return context ? (const void *)((const ucontext_t *)context)->uc_mcontext.pc : NULL;
#else
    (void)context;
    return NULL;
#endif
}

/* Leave out the frames of the handler itself, those above the place that was interrupted. */
static void drop_own_frames(struct dump_slot *slot, const void *place)
{
    int first = 0;
    while (first < slot->frame_count && slot->frames[first] != place)
        first++;
    if (first == slot->frame_count)
        return;
    slot->frame_count -= first;
    memmove(slot->frames, slot->frames + first, (size_t)slot->frame_count * sizeof *slot->frames);
}

void pool_dump_ring(const struct pool_dump *dump)
{
    ssize_t written = write(dump->answers, &(uint64_t){1}, sizeof(uint64_t));
    (void)written; /* it fails only when the count is full, and then the dumper is awake anyway */
}

void pool_dump_capture(struct dump_slot *slot, const void *context)
{
    unsigned asked = atomic_load_explicit(&slot->asked, memory_order_acquire);
    if (atomic_load_explicit(&slot->answered, memory_order_relaxed) == asked)
        return; /* a signal that came late: the frames may be being read */
    slot->frame_count = backtrace(slot->frames, POOL_DUMP_FRAMES);
    drop_own_frames(slot, interrupted_at(context));
    atomic_store_explicit(&slot->answered, asked, memory_order_release);
    pool_dump_ring(slot->dump);
}

static void handle_capture(int signal, siginfo_t *info, void *context)
{
    int saved = errno;
    struct dump_slot *slot = pool_dump_mine();
    (void)signal, (void)info;
    if (slot)
        pool_dump_capture(slot, context);
    errno = saved;
}

/* --- asking -----------------------------------------------------------------------------------------------
 */

static void ask_all(struct pool_dump *dump, const void *context)
{
    struct dump_slot *self = pool_dump_mine();
    for (unsigned i = 0; i < dump->workers; i++) {
        struct dump_slot *slot = &dump->slots[i];
        int tid = atomic_load_explicit(&slot->tid, memory_order_acquire);
        slot->asked_tid = tid > 0 ? tid : 0;
        if (tid <= 0)
            continue;
        slot->state = pool_dump_state(tid);
        atomic_fetch_add_explicit(&slot->asked, 1, memory_order_release);
        if (slot == self)
            pool_dump_capture(slot, context);
        else if (syscall(SYS_tgkill, getpid(), tid, dump->capture_signal) != 0)
            slot->asked_tid = 0; /* gone meanwhile */
    }
}

static bool all_answered(const struct pool_dump *dump)
{
    for (unsigned i = 0; i < dump->workers; i++) {
        const struct dump_slot *slot = &dump->slots[i];
        if (slot->asked_tid > 0 && atomic_load(&slot->tid) == slot->asked_tid &&
            atomic_load(&slot->answered) != atomic_load(&slot->asked))
            return false;
    }
    return true;
}

/* True: all did. The descriptor only says when to look again. */
static bool await_answers(const struct pool_dump *dump)
{
    uint64_t end = pool_clock_now(NULL) + dump->patience, count;
    struct pollfd answer = {.fd = dump->answers, .events = POLLIN};

    while (!all_answered(dump)) {
        uint64_t now = pool_clock_now(NULL);
        if (now >= end)
            return false;
        poll(&answer, 1, (int)((end - now) / POOL_MILLISECOND) + 1);
        ssize_t got = read(dump->answers, &count, sizeof count);
        (void)got;
    }
    return true;
}

/* CONTEXT: what the handler was given that runs this; NULL: none does. */
static enum pool_status dump_now(struct pool_dump *dump, int fd, const void *context)
{
    struct sigaction action = {.sa_sigaction = handle_capture,
                               .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK};
    struct sigaction before;
    enum pool_status status = POOL_SYSTEM;

    if (atomic_flag_test_and_set(&under_way))
        return POOL_REJECTED;
    sigemptyset(&action.sa_mask);
    if (sigaction(dump->capture_signal, &action, &before) == 0) {
        ask_all(dump, context);
        status = await_answers(dump) ? POOL_OK : POOL_TIMED_OUT;
        if (!pool_dump_print(dump, fd))
            status = POOL_SYSTEM;
        sigaction(dump->capture_signal, &before, NULL);
    }
    atomic_flag_clear(&under_way);
    return status;
}

enum pool_status pool_dump_write(struct pool_dump *dump, int fd)
{
    if (!dump || fd < 0)
        return POOL_INVALID;
    int saved = errno;
    enum pool_status status = dump_now(dump, fd, NULL);
    errno = saved;
    return status;
}

/* --- on a signal ------------------------------------------------------------------------------------------
 */

/* Either this sees that the signal was given back, or whoever gave it back sees this (all in one order). */
static void handle_trigger(int signal, siginfo_t *info, void *context)
{
    int saved = errno;
    (void)signal, (void)info;
    atomic_fetch_add(&triggers_inside, 1);
    struct pool_dump *dump = atomic_load(&triggered);
    int fd = dump ? atomic_load(&dump->trigger_fd) : -1;
    if (fd >= 0)
        dump_now(dump, fd, context);
    atomic_fetch_sub(&triggers_inside, 1);
    errno = saved;
}

enum pool_status pool_dump_on_signal(struct pool_dump *dump, int signal, int fd)
{
    struct sigaction action = {.sa_sigaction = handle_trigger,
                               .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK};
    struct pool_dump *nobody = NULL;

    if (!dump || fd < 0 || signal == dump->capture_signal)
        return POOL_INVALID;
    if (!atomic_compare_exchange_strong(&triggered, &nobody, dump))
        return POOL_ALREADY;
    dump->trigger = signal;
    atomic_store(&dump->trigger_fd, fd);
    sigemptyset(&action.sa_mask);
    if (sigaction(signal, &action, &dump->trigger_before) == 0)
        return POOL_OK;
    atomic_store(&dump->trigger_fd, -1);
    atomic_store(&triggered, NULL);
    return POOL_INVALID;
}

enum pool_status pool_dump_off_signal(struct pool_dump *dump)
{
    if (!dump)
        return POOL_INVALID;
    if (atomic_load(&triggered) != dump)
        return POOL_EMPTY;
    sigaction(dump->trigger, &dump->trigger_before, NULL);
    atomic_store(&dump->trigger_fd, -1);
    atomic_store(&triggered, NULL);
    while (atomic_load(&triggers_inside) > 0)
        sched_yield(); /* a handler cannot be waited for otherwise; it ends within the patience */
    return POOL_OK;
}
