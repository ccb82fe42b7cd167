/* library.c - what the C library does that no scheduling point tells: for the depth-first search, which must
 * know of everything by which one step may decide what another one does.
 *
 * Which functions the program calls stands in its dynamic symbol table. Those below have no effect that
 * others could see, or it is looked after: by the wrappers, or, for what is printed, by looking at stdout
 * behind each step. (The runtime's own calls are in the same table, so they are in the list; a program that
 * makes them itself is not noticed.) With any other function, nothing is known.
 */
#include "explore/rt/inside.h"

#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* clang-format off */
static const char *const known[] = {
    /* of every program */
    "__libc_start_main", "__gmon_start__", "__cxa_finalize", "_ITM_deregisterTMCloneTable",
    "_ITM_registerTMCloneTable", "__stack_chk_fail", "__errno_location", "stdout", "stderr",
    /* wrapped: they make points, touch the library, or are refused */
    "exit", "__assert_fail", "malloc", "calloc", "realloc", "free", "memcpy", "memmove", "memset", "fork",
    "select", "poll", "accept", "recv", "read", "sigwait", "pause", "time", "gettimeofday", "clock_gettime",
    "clock_nanosleep", "nanosleep", "usleep", "sleep", "sched_yield", "thrd_create", "mtx_lock", "cnd_wait",
    "pthread_create", "pthread_join", "pthread_tryjoin_np", "pthread_timedjoin_np", "pthread_detach", "pthread_exit",
    "pthread_cancel", "pthread_setcancelstate", "pthread_setcanceltype", "pthread_testcancel",
    "__pthread_register_cancel", "__pthread_unregister_cancel", "__pthread_unwind_next", "__sigsetjmp",
    "pthread_kill", "pthread_yield", "pthread_once",
    "pthread_mutex_init", "pthread_mutex_destroy", "pthread_mutex_lock", "pthread_mutex_trylock",
    "pthread_mutex_timedlock", "pthread_mutex_clocklock", "pthread_mutex_unlock", "pthread_mutex_consistent",
    "pthread_cond_init", "pthread_cond_destroy", "pthread_cond_wait", "pthread_cond_timedwait",
    "pthread_cond_clockwait", "pthread_cond_signal", "pthread_cond_broadcast",
    "pthread_rwlock_init", "pthread_rwlock_destroy", "pthread_rwlock_rdlock", "pthread_rwlock_wrlock",
    "pthread_rwlock_tryrdlock", "pthread_rwlock_trywrlock", "pthread_rwlock_unlock",
    "pthread_rwlock_timedrdlock", "pthread_rwlock_timedwrlock",
    "pthread_spin_init", "pthread_spin_destroy", "pthread_spin_lock", "pthread_spin_trylock", "pthread_spin_unlock",
    "pthread_barrier_init", "pthread_barrier_destroy", "pthread_barrier_wait",
    "sem_init", "sem_destroy", "sem_wait", "sem_trywait", "sem_timedwait", "sem_clockwait", "sem_post",
    /* the calling thread's own, or only what the arguments point to */
    "pthread_self", "pthread_equal", "pthread_attr_init", "pthread_attr_destroy", "pthread_attr_setdetachstate",
    "pthread_attr_getdetachstate", "pthread_attr_setstacksize", "pthread_mutexattr_init", "pthread_mutexattr_destroy",
    "pthread_mutexattr_settype", "pthread_mutexattr_setrobust", "pthread_mutexattr_setprotocol",
    "pthread_condattr_init", "pthread_condattr_destroy", "pthread_condattr_setclock", "pthread_rwlockattr_init",
    "pthread_rwlockattr_destroy", "pthread_barrierattr_init", "pthread_barrierattr_destroy",
    "strlen", "strnlen", "strcmp", "strncmp", "strchr", "strrchr", "strstr", "strcpy", "strncpy", "strcat", "strncat",
    "stpcpy", "memcmp", "memchr", "bcmp", "snprintf", "vsnprintf", "sprintf", "atoi", "atol", "strtol", "strtoul",
    "strtoll", "strtoull", "strtod", "qsort", "bsearch", "abs", "labs", "rand_r", "sqrt", "pow", "floor", "ceil",
    "fabs", "log", "log2", "exp", "__ctype_b_loc", "__isoc99_sscanf", "sscanf",
    /* printing */
    "printf", "vprintf", "fprintf", "vfprintf", "puts", "putchar", "putc", "fputc", "fputs", "fwrite", "fflush",
    "perror", "write", "setvbuf",
    /* the runtime's */
    "mmap", "munmap", "close", "_exit", "kill", "signal", "send", "sigaction", "sigaltstack", "strsignal", "waitpid", "prctl", "setrlimit", "alarm", "dup2",
    "ftruncate", "lseek", "pread", "memfd_create", "sched_getcpu", "sched_setaffinity", "syscall", "abort",
    "explicit_bzero", "malloc_usable_size", "_Unwind_Backtrace", "_Unwind_GetIP", "_Unwind_GetCFA", "_Unwind_GetGR", "pthread_getattr_np", "pthread_attr_getstack",
};
/* clang-format on */

static int is_known(const char *name)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(name, known[i]) == 0)
            return 1;
    return 0;
}

static uintptr_t dynamic(ElfW(Sxword) tag)
{
    for (const ElfW(Dyn) *entry = _DYNAMIC; entry && entry->d_tag != DT_NULL; entry++)
        if (entry->d_tag == tag)
            return entry->d_un.d_ptr;
    return 0;
}

/* The hash table over the symbols begins with those that are defined here: what is called stands before. */
static int answer; /* found before main, once for all schedules */

static int look_up(void)
{
    const ElfW(Sym) *symbol = (const ElfW(Sym) *)dynamic(DT_SYMTAB);
    const char *text = (const char *)dynamic(DT_STRTAB);
    const uint32_t *hash = (const uint32_t *)dynamic(DT_GNU_HASH);

    if (!symbol || !text || !hash)
        return 0;
    for (uint32_t i = 1; i < hash[1]; i++)
        if (!is_known(text + symbol[i].st_name))
            return 0;
    return 1;
}

int library_is_known(void)
{
    return answer;
}

static void look_first(void) __attribute__((constructor));
static void look_first(void)
{
    answer = look_up();
}

int library_has_printed(void)
{
    static const char *at, *base;
    static long written;
    long now = syscall(SYS_lseek, 1, 0L, SEEK_CUR);
    int has = stdout->_IO_write_ptr != at || stdout->_IO_write_base != base || now != written;

    at = stdout->_IO_write_ptr;
    base = stdout->_IO_write_base;
    written = now;
    return has;
}
