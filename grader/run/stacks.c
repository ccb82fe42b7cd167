/* stacks.c - call stacks by libdwfl, see stacks.h.
 *
 * For a thread that waits for a mutex the owner is read from the mutex itself: glibc keeps the owner's thread
 * id in it, as the program sees ids, and the futex a thread sleeps on is the mutex's first word.
 */
#include "run/stacks.h"

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/uio.h>
#include <talloc.h>

enum { FRAMES_MOST = 48 };

/* What a waiting thread called, by the name of the function it is in; the first that is found from the inside
 * out tells. */
static const char *const waiting_calls[] = {
    "pthread_mutex_lock",
    "pthread_mutex_timedlock",
    "pthread_cond_timedwait",
    "pthread_cond_clockwait",
    "pthread_cond_wait",
    "pthread_timedjoin",
    "pthread_join",
    "pthread_clockjoin_np",
    "pthread_barrier_wait",
    "pthread_rwlock_rdlock",
    "pthread_rwlock_wrlock",
    "sem_timedwait",
    "sem_wait",
    "pthread_once",
    "pthread_spin_lock",
    "nanosleep",
    "usleep",
    "sleep",
    "sched_yield",
    "gate_wait",
    "gate_await",
    "tally_await",
    "poll",
    "read",
};

struct walk {
    void *mem;
    Dwfl *dwfl;
    struct thread_stack *stack;
};

/* The call that FUNCTION is a part of, or NULL: "___pthread_mutex_lock" and
 * "__interceptor_pthread_mutex_lock" are the same one. */
static const char *waiting_call(const char *function)
{
    for (size_t i = 0; i < sizeof waiting_calls / sizeof waiting_calls[0]; i++) {
        const char *call = waiting_calls[i], *bare = function + strspn(function, "_");
        if (strncmp(bare, "interceptor_", 12) == 0)
            bare += 12;
        if (strcmp(bare, call) == 0)
            return call;
    }
    return NULL;
}

static void frame_resolve(struct walk *walk, Dwarf_Addr pc, struct frame *frame)
{
    Dwfl_Module *module = dwfl_addrmodule(walk->dwfl, pc);
    *frame = (struct frame){0};
    if (!module)
        return;
    const char *name = dwfl_module_addrname(module, pc);
    if (name) /* without the version that libc adds: pthread_cond_wait@@GLIBC_2.3.2 */
        frame->function = talloc_strndup(walk->mem, name, strcspn(name, "@"));
    Dwfl_Line *line = dwfl_module_getsrc(module, pc);
    const char *file = line ? dwfl_lineinfo(line, NULL, &frame->line, NULL, NULL, NULL) : NULL;
    if (file)
        frame->file = talloc_strdup(walk->mem, file);
}

static int walk_frame(Dwfl_Frame *state, void *context)
{
    struct walk *walk = context;
    struct thread_stack *stack = walk->stack;
    Dwarf_Addr pc;
    bool activation;

    if (!dwfl_frame_pc(state, &pc, &activation) || stack->frame_count == FRAMES_MOST)
        return DWARF_CB_ABORT;
    /* a return address stands behind its call: look one byte earlier */
    frame_resolve(walk, activation ? pc : pc - 1, &stack->frames[stack->frame_count]);
    const char *function = stack->frames[stack->frame_count].function;
    if (!stack->waits && function)
        stack->waits = waiting_call(function);
    stack->frame_count++;
    return DWARF_CB_OK;
}

/* The thread of CENSUS that owns the mutex at ADDRESS, or -1. */
static int mutex_holder(pid_t pid, uintptr_t address, const struct census *census)
{
    pthread_mutex_t mutex;
    struct iovec here = {&mutex, sizeof mutex}, there = {(void *)address, sizeof mutex};

    if (!address || process_vm_readv(pid, &here, 1, &there, 1, 0) != (ssize_t)sizeof mutex)
        return -1;
    for (size_t i = 0; i < census->count; i++)
        if (census->threads[i].inner == mutex.__data.__owner)
            return (int)i;
    return -1;
}

static const Dwfl_Callbacks callbacks = {
    .find_elf = dwfl_linux_proc_find_elf,
    .find_debuginfo = dwfl_standard_find_debuginfo,
};

size_t stacks_take(void *mem, pid_t pid, const struct census *census, struct thread_stack **stacks)
{
    struct walk walk = {.mem = mem, .dwfl = dwfl_begin(&callbacks)};
    size_t taken = 0;

    if (!walk.dwfl)
        return 0;
    if (dwfl_linux_proc_report(walk.dwfl, pid) != 0 || dwfl_report_end(walk.dwfl, NULL, NULL) != 0 ||
        dwfl_linux_proc_attach(walk.dwfl, pid, false) != 0)
        goto out;
    *stacks = talloc_zero_array(mem, struct thread_stack, census->count);
    for (size_t i = 0; i < census->count; i++) {
        const struct thread_state *thread = &census->threads[i];
        struct thread_stack *stack = walk.stack = &(*stacks)[i];
        stack->number = (int)i;
        stack->holder = -1;
        stack->frames = talloc_zero_array(mem, struct frame, FRAMES_MOST);
        dwfl_getthread_frames(walk.dwfl, thread->tid, walk_frame, &walk);
        if (stack->waits && strcmp(stack->waits, "pthread_mutex_lock") == 0)
            stack->holder = mutex_holder(pid, thread->futex, census);
    }
    taken = census->count;
out:
    dwfl_end(walk.dwfl);
    return taken;
}
