/* forbidden.c - what a submission may not use, and the words that it is told with. See rules.h. */
#include "build/rules.h"

#include <stddef.h>
#include <string.h>

/* Names (a star at the end: all that begin so) that share a reason; the first group that fits tells it. */
struct group {
    const char *names[48];
    const char *reason;
};

static int matches(const char *pattern, const char *name)
{
    size_t length = strlen(pattern);
    if (length > 0 && pattern[length - 1] == '*')
        return strncmp(pattern, name, length - 1) == 0;
    return strcmp(pattern, name) == 0;
}

static int in_list(const char *const *patterns, const char *name)
{
    for (; *patterns; patterns++)
        if (matches(*patterns, name))
            return 1;
    return 0;
}

static const char *reason_in(const struct group *groups, const char *name)
{
    for (; groups->reason; groups++)
        if (in_list(groups->names, name))
            return groups->reason;
    return NULL;
}

/* --- symbols ------------------------------------------------------------------------------------------ */

static const char for_tools[] = "it speaks to the tools that check the program; they have to see all of it";

static const char *const tools[] = {"__tsan_*",  "__asan_*",          "__lsan_*",         "__ubsan_*",
                                    "__msan_*",  "__sanitizer_*",     "__interceptor_*",  "__sancov_*",
                                    "Annotate*", "RunningOnValgrind", "ValgrindSlowdown", "__hwasan_*",
                                    "__dfsan_*", "__memprof_*",       "___interceptor_*", NULL};

static const struct group symbol_groups[] = {
    {{"fork",    "vfork",  "_Fork",  "clone",          "posix_spawn*", "execl*", "execv*",
      "fexecve", "system", "popen",  "pclose",         "wait",         "wait3",  "wait4",
      "waitpid", "waitid", "daemon", "pthread_atfork", "setsid",       "nice",   NULL},
     "an exercise runs in one process; give the work to threads"},
    {{"exit", "_exit", "_Exit", "quick_exit", "at_quick_exit", "atexit", "on_exit", "__cxa_atexit", "err",
      "errx", "verr*", NULL},
     "it would end the program before its result has been looked at; return instead, or end one thread with "
     "pthread_exit"},
    {{"kill",
      "killpg",
      "raise",
      "tgkill",
      "pthread_kill",
      "pthread_sigqueue",
      "sigqueue",
      "signal",
      "bsd_signal",
      "sysv_signal",
      "sigaction",
      "sigaltstack",
      "sigprocmask",
      "pthread_sigmask",
      "sigsuspend",
      "sigwait*",
      "sigtimedwait",
      "sigemptyset",
      "sigaddset",
      "sigfillset",
      "alarm",
      "ualarm",
      "setitimer",
      "timer_*",
      "pause",
      "signalfd",
      "sigset*",
      "siginterrupt",
      NULL},
     "no exercise uses signals; wake a thread with a condition variable, and wait for a time with "
     "pthread_cond_timedwait"},
    {{"scanf",          "vscanf",
      "fscanf",         "vfscanf",
      "__isoc99_scanf", "__isoc99_fscanf",
      "__isoc23_scanf", "__isoc23_fscanf",
      "getchar",        "getchar_unlocked",
      "getc",           "fgetc",
      "fgets",          "gets",
      "fread",          "getline",
      "getdelim",       "__getdelim",
      "ungetc",         "stdin",
      "read",           "pread*",
      "readv",          NULL},
     "nobody is at the keyboard when it is graded; the checks call your functions with their values"},
    {{"socket*", "connect",  "bind",        "listen",     "accept",    "accept4", "send*",
      "recv*",   "shutdown", "getaddrinfo", "gethostby*", "select",    "pselect", "poll",
      "ppoll",   "epoll_*",  "eventfd*",    "timerfd_*",  "inotify_*", NULL},
     "there is nothing to talk to where it is graded; threads wait for each other on condition variables or "
     "semaphores"},
    {{"open",          "open64",  "openat*", "creat*",   "fopen*", "freopen*", "fdopen",      "fclose",
      "fcloseall",     "fileno*", "write",   "pwrite*",  "writev", "close",    "close_range", "closefrom",
      "dup",           "dup2",    "dup3",    "pipe",     "pipe2",  "fcntl*",   "ioctl",       "unlink*",
      "remove",        "rename*", "link*",   "symlink*", "mkdir*", "rmdir",    "mk*temp*",    "tmpfile*",
      "opendir",       "stat*",   "lstat*",  "fstat*",   "access", "chdir",    "dprintf",     "vdprintf",
      "__dprintf_chk", "lseek*",  NULL},
     "exercises touch no files or descriptors; print with printf"},
    {{"mmap*", "munmap", "mprotect", "mremap", "madvise", "mlock*", "brk", "sbrk", "shm*", "memfd_create",
      "pkey_*", NULL},
     "memory comes from malloc, which the checking tools watch"},
    {{"syscall", "ptrace", "prctl", "arch_prctl", "setrlimit*", "prlimit*", "personality", "process_vm_*",
      "unshare", "setns", NULL},
     "it goes round the C library, and the tools that watch the program cannot follow it there"},
    {{"dlopen", "dlmopen", "dlsym", "dlvsym", "dlclose", "dladdr*", "dlerror", "dlinfo", "dl_iterate_phdr",
      "_dl_*", NULL},
     "everything that an exercise needs is linked already; call it by its name"},
    {{"setjmp", "_setjmp", "sigsetjmp", "longjmp", "_longjmp", "siglongjmp", "__longjmp_chk", "getcontext",
      "setcontext", "makecontext", "swapcontext", NULL},
     "a jump out of a function leaves its locks held; return, and clean up on the way"},
    {{"getenv", "secure_getenv", "setenv", "putenv", "unsetenv", "clearenv", "environ", "__environ",
      "_environ", "getauxval", "program_invocation_*", "__progname*", NULL},
     "a result must not depend on where it is computed"},
    {{"thrd_*", "mtx_*", "cnd_*", "tss_*", "call_once", NULL},
     "the race detector cannot follow C11 threads; use their pthread_ counterparts, which do the same"},
    {{"pthread_mutex_clocklock", "pthread_rwlock_clock*", "sem_clockwait", "pthread_clockjoin_np", NULL},
     "the race detector does not know it and would see races where there are none; use the _timed form"},
    {{"sem_open", "sem_close", "sem_unlink", "msg*", "mq_*", "sem*", NULL},
     "it is shared with other programs; within one program sem_init makes a semaphore"},
    {{"__atomic_*", "atomic_*", NULL},
     "an atomic of this size is done by a lock inside another library; use a mutex, or an atomic of at most "
     "eight bytes"},
    {{NULL}, NULL}};

const char *symbol_reason(const char *name)
{
    if (symbol_is_tools(name))
        return for_tools;
    const char *reason = reason_in(symbol_groups, name);
    return reason ? reason : "no exercise needs it";
}

int symbol_is_tools(const char *name)
{
    return in_list(tools, name);
}

/* --- attributes --------------------------------------------------------------------------------------- */

static const char *const harmless_attributes[] = {"acquire_capability",
                                                  "acquire_shared_capability",
                                                  "acquired_after",
                                                  "acquired_before",
                                                  "aligned",
                                                  "alloc_align",
                                                  "alloc_size",
                                                  "always_inline",
                                                  "artificial",
                                                  "assert_capability",
                                                  "assert_exclusive_lock",
                                                  "assert_shared_lock",
                                                  "assume_aligned",
                                                  "capability",
                                                  "cleanup",
                                                  "cold",
                                                  "const",
                                                  "deprecated",
                                                  "error",
                                                  "exclusive_lock_function",
                                                  "exclusive_locks_required",
                                                  "exclusive_trylock_function",
                                                  "fallthrough",
                                                  "flatten",
                                                  "format",
                                                  "format_arg",
                                                  "gnu_inline",
                                                  "guarded_by",
                                                  "guarded_var",
                                                  "hot",
                                                  "leaf",
                                                  "lock_returned",
                                                  "lockable",
                                                  "locks_excluded",
                                                  "malloc",
                                                  "may_alias",
                                                  "mode",
                                                  "musttail",
                                                  "no_thread_safety_analysis",
                                                  "noescape",
                                                  "noinline",
                                                  "nonnull",
                                                  "noreturn",
                                                  "nothrow",
                                                  "packed",
                                                  "pt_guarded_by",
                                                  "pt_guarded_var",
                                                  "pure",
                                                  "release_capability",
                                                  "release_generic_capability",
                                                  "release_shared_capability",
                                                  "requires_capability",
                                                  "requires_shared_capability",
                                                  "returns_nonnull",
                                                  "scoped_lockable",
                                                  "sentinel",
                                                  "shared_lock_function",
                                                  "shared_locks_required",
                                                  "shared_trylock_function",
                                                  "tls_model",
                                                  "transparent_union",
                                                  "try_acquire_capability",
                                                  "try_acquire_shared_capability",
                                                  "unavailable",
                                                  "unlock_function",
                                                  "unused",
                                                  "used",
                                                  "vector_size",
                                                  "visibility",
                                                  "warn_unused_result",
                                                  "warning",
                                                  NULL};

static const struct group attribute_groups[] = {
    {{"no_sanitize*", "disable_sanitizer_instrumentation", "no_address_safety_analysis",
      "no_instrument_function", "no_profile_instrument_function", "xray_*", "annotate*", "suppress",
      "no_stack_protector", NULL},
     "it would hide code from the tools that check it"},
    {{"constructor", "destructor", "init_priority", NULL},
     "it would run code before or after the check, where nothing looks"},
    {{"section", "alias", "ifunc", "weak*", "copy", "retain", "symver", "common", NULL},
     "it changes how the program is put together"},
    {{"naked", "interrupt*", "asm", "*", NULL}, "no exercise needs it"},
    {{NULL}, NULL}};

const char *attribute_reason(const char *name)
{
    return in_list(harmless_attributes, name) ? NULL : reason_in(attribute_groups, name);
}

/* --- words -------------------------------------------------------------------------------------------- */

static const struct group word_groups[] = {
    {{"asm", "__asm", "__asm__", "_asm", NULL},
     "this is inline assembly, which no exercise needs and the tools that check the program cannot see "
     "through"},
    {{"__declspec", "_declspec", NULL}, "write attributes as __attribute__((...))"},
    {{"no_sanitize*", "__no_sanitize*", "disable_sanitizer_instrumentation",
      "__disable_sanitizer_instrumentation__", "no_address_safety_analysis", "__no_address_safety_analysis__",
      NULL},
     "it would hide code from the tools that check it"},
    {{"__c11_atomic_thread_fence", "__atomic_thread_fence", "__sync_synchronize", NULL},
     "the race detector cannot follow a fence that stands alone and would see races where there are none; "
     "give the memory order to "
     "the atomic operation itself"},
    {{"__builtin_setjmp", "__builtin_longjmp", "__builtin_return_address", "__builtin_extract_return_addr",
      "__builtin_frame_address", "__builtin_eh_return*", "__builtin_unwind_init", "__builtin_dwarf_*",
      "__builtin_thread_pointer", "__builtin_init_dwarf_reg_size_table", "__builtin_apply*",
      "__builtin_call_with_static_chain", NULL},
     "it reaches into the stack behind the compiler's back; no exercise needs it"},
    {{"__builtin_ia32_pause", NULL}, ""}, /* the hint for spin loops */
    {{"__builtin_ia32_*", "__builtin_arm_*", "__builtin_aarch64_*", NULL},
     "it is an instruction of one machine; no exercise needs it"},
    {{NULL}, NULL}};

const char *word_reason(const char *name)
{
    const char *reason = symbol_is_tools(name) ? for_tools : reason_in(word_groups, name);
    return reason && *reason ? reason : NULL;
}

/* --- pragmas ------------------------------------------------------------------------------------------ */

const char *pragma_reason(const char *first, const char *second, int strict)
{
    static const char *const plain[] = {"once",      "STDC",   "message",  "mark", "region",
                                        "endregion", "unroll", "nounroll", "",     NULL};
    static const char *const vendors[] = {"GCC", "clang", NULL};
    static const char *const harmless[] = {"loop", "ivdep", "unroll", "warning", "error", "diagnostic", NULL};

    if (in_list(vendors, first) && strcmp(second, "diagnostic") == 0 && strict)
        return "this exercise is about a warning, which must stay on";
    if (in_list(plain, first) || (in_list(vendors, first) && in_list(harmless, second)))
        return NULL;
    return "no exercise needs it, and some pragmas hide code from the tools that check it";
}

/* --- headers ------------------------------------------------------------------------------------------ */

static int has_odd_letter(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./";
    return name[strspn(name, letters)] != '\0';
}

const char *header_reason(const char *name)
{
    static const char *const of_tools[] = {"sanitizer/*", "valgrind/*", "valgrind.h", "memcheck.h",
                                           "helgrind.h",  "drd.h",      NULL};
    size_t length = strlen(name);

    if (strcmp(name, "threads.h") == 0)
        return "the race detector (ThreadSanitizer) cannot follow C11 threads; use <pthread.h>, which does "
               "the same";
    if (in_list(of_tools, name))
        return for_tools;
    if (name[0] == '/' || strstr(name, "..") || strstr(name, "//") || has_odd_letter(name) || length < 3 ||
        strcmp(name + length - 2, ".h") != 0)
        return "only headers (.h) of the system, of this exercise and of the reference library may be "
               "included";
    return NULL;
}
