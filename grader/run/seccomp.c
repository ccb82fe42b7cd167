/* seccomp.c - the system call filter, see seccomp.h.
 *
 * Threads are allowed, processes are not: a clone must share the address space, and must not be a vfork.
 * (LeakSanitizer's tracer is a clone that shares it.) clone3 hides its flags behind a pointer, which a filter
 * cannot read; it answers ENOSYS and glibc then uses clone. What would start a process kills the program; the
 * rest, which libraries may try in good faith, is refused with EPERM.
 */
#include "run/seccomp.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

static const int refused[] = {
    SCMP_SYS(socket),         SCMP_SYS(socketpair),  SCMP_SYS(unshare),         SCMP_SYS(setns),
    SCMP_SYS(mount),          SCMP_SYS(umount2),     SCMP_SYS(pivot_root),      SCMP_SYS(chroot),
    SCMP_SYS(open_tree),      SCMP_SYS(move_mount),  SCMP_SYS(fsopen),          SCMP_SYS(fsmount),
    SCMP_SYS(io_uring_setup), SCMP_SYS(bpf),         SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd),
    SCMP_SYS(keyctl),         SCMP_SYS(add_key),     SCMP_SYS(request_key),     SCMP_SYS(process_vm_writev),
    SCMP_SYS(kexec_load),     SCMP_SYS(init_module), SCMP_SYS(finit_module),    SCMP_SYS(reboot),
    SCMP_SYS(swapon),         SCMP_SYS(acct),        SCMP_SYS(sethostname),     SCMP_SYS(setsid),
    SCMP_SYS(setpgid),        SCMP_SYS(seccomp),
};

enum { FORKS = 1, SOCKETS = 2 };

/* ALLOWED: any of FORKS and SOCKETS, which are refused otherwise. */
static int add_rules(scmp_filter_ctx filter, int allowed)
{
    int result = 0, forks = allowed & FORKS;

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (refused[i] != SCMP_SYS(socket) || !(allowed & SOCKETS))
            result |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
    result |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (!forks)
        result |= seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(clone), 1,
                                   SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_VM, 0));
    result |= seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(clone), 1,
                               SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_VFORK, CLONE_VFORK));
    result |= seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(fork), 0);
    result |= seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(vfork), 0);
    return result;
}

int seccomp_file(int forks)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int file = memfd_create("deepend-seccomp", MFD_CLOEXEC);

    if (!filter || file < 0 || add_rules(filter, forks ? FORKS : 0) != 0 ||
        seccomp_export_bpf(filter, file) != 0 || lseek(file, 0, SEEK_SET) != 0) {
        if (file >= 0)
            close(file);
        file = -1;
    }
    if (filter)
        seccomp_release(filter);
    return file;
}

static int apply(int allowed)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int result = filter && add_rules(filter, allowed) == 0 && seccomp_load(filter) == 0 ? 0 : -1;

    if (filter)
        seccomp_release(filter);
    return result;
}

int seccomp_apply(void)
{
    return apply(0);
}

int seccomp_apply_but_sockets(void)
{
    return apply(SOCKETS);
}
