/* confine.c - a schedule of a program that is not trusted: it gets no more than it needs to run.
 *
 * The child shares its memory with the program, so nothing there is safe from a determined pointer. What it
 * can reach is made small: the counts and outputs of the batch and the descriptors that lead to the explorer
 * are given up, no process can be started, and an outcome counts as a good one only with a proof that lies in
 * a page the program cannot read. A program that forges a fault harms itself.
 */
#include "explore/rt/inside.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The flags of clone are its first argument, on all processors that this runs on. */
#define FLAGS_OFFSET   offsetof(struct seccomp_data, args[0])
#define LOAD(offset)   BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset))
#define ANSWER(action) BPF_STMT(BPF_RET | BPF_K, (action))

/* Threads only: a clone that does not share the memory is the end. clone3 hides its flags behind a pointer;
 * glibc does without it. */
static const struct sock_filter threads_only[] = {
    LOAD(offsetof(struct seccomp_data, nr)),
#ifdef SYS_fork
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fork, 6, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_vfork, 5, 0),
#endif
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 3, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4),
    LOAD(FLAGS_OFFSET),
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_VM, 2, 1),
    ANSWER(SECCOMP_RET_ERRNO | ENOSYS),
    ANSWER(SECCOMP_RET_KILL_PROCESS),
    ANSWER(SECCOMP_RET_ALLOW),
};

/* Longs, not ints: what is passed to syscall() is taken whole. */
static void secret_readable(long protection)
{
    syscall(SYS_mprotect, rt.secret, (long)EXPLORE_PAGE, protection);
}

static void hide_secret(struct explore_request *request)
{
    long protection = PROT_READ | PROT_WRITE, flags = MAP_PRIVATE | MAP_ANONYMOUS;
    uint64_t *page = (uint64_t *)syscall(SYS_mmap, NULL, (long)EXPLORE_PAGE, protection, flags, -1L, 0L);

    *page = request->secret;
    explicit_bzero(&request->secret, sizeof request->secret);
    rt.secret = page;
    secret_readable(PROT_NONE);
}

uint64_t confine_proof(void)
{
    if (!rt.secret)
        return 0;
    secret_readable(PROT_READ);
    uint64_t proof = *rt.secret;
    secret_readable(PROT_NONE);
    return proof;
}

void confine(struct explore_arena *arena, struct explore_request *request)
{
    const struct sock_fprog filter = {sizeof threads_only / sizeof threads_only[0],
                                      (struct sock_filter *)threads_only};

    hide_secret(request);
    close(EXPLORE_SOCKET_FD);
    close(EXPLORE_ARENA_FD);
    munmap(arena, offsetof(struct explore_arena, last));
    if (request->memory_bytes)
        setrlimit(RLIMIT_DATA, &(struct rlimit){request->memory_bytes, request->memory_bytes});
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
        _exit(126);
}
