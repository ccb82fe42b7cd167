/* allowed.c - the symbols of the C library that a submission may refer to. See rules.h.
 *
 * One line of words for each header. What is not here is refused, with the reason that forbidden.c has for
 * it. All of libm is allowed: arithmetic has no side effects.
 */
#include "build/rules.h"

#include <dlfcn.h>
#include <string.h>
#include <talloc.h>

static const char *const allowed[] = {
    /* pthread.h: without cancellation of the process, signals, and what ThreadSanitizer of clang 14 cannot
     * follow (pthread_mutex_clocklock, pthread_clockjoin_np, ...) */
    "pthread_create pthread_join pthread_tryjoin_np pthread_timedjoin_np pthread_detach pthread_exit "
    "pthread_self pthread_equal",
    "pthread_cancel pthread_testcancel pthread_setcancelstate pthread_setcanceltype pthread_once "
    "pthread_yield",
    "__pthread_register_cancel __pthread_unregister_cancel __pthread_unwind_next __sigsetjmp", /* pthread_cleanup_push
                                                                                                */
    "pthread_mutex_init pthread_mutex_destroy pthread_mutex_lock pthread_mutex_trylock "
    "pthread_mutex_timedlock",
    "pthread_mutex_unlock pthread_mutex_consistent pthread_mutex_getprioceiling pthread_mutex_setprioceiling",
    "pthread_mutexattr_init pthread_mutexattr_destroy pthread_mutexattr_settype pthread_mutexattr_gettype",
    "pthread_mutexattr_setrobust pthread_mutexattr_getrobust pthread_mutexattr_setprotocol "
    "pthread_mutexattr_getprotocol",
    "pthread_mutexattr_setprioceiling pthread_mutexattr_getprioceiling pthread_mutexattr_setpshared "
    "pthread_mutexattr_getpshared",
    "pthread_cond_init pthread_cond_destroy pthread_cond_wait pthread_cond_timedwait pthread_cond_clockwait",
    "pthread_cond_signal pthread_cond_broadcast pthread_condattr_init pthread_condattr_destroy "
    "pthread_condattr_setclock",
    "pthread_condattr_getclock pthread_condattr_setpshared pthread_condattr_getpshared",
    "pthread_rwlock_init pthread_rwlock_destroy pthread_rwlock_rdlock pthread_rwlock_tryrdlock "
    "pthread_rwlock_timedrdlock",
    "pthread_rwlock_wrlock pthread_rwlock_trywrlock pthread_rwlock_timedwrlock pthread_rwlock_unlock "
    "pthread_rwlockattr_init",
    "pthread_rwlockattr_destroy pthread_rwlockattr_setkind_np pthread_rwlockattr_getkind_np "
    "pthread_rwlockattr_setpshared",
    "pthread_barrier_init pthread_barrier_destroy pthread_barrier_wait pthread_barrierattr_init "
    "pthread_barrierattr_destroy",
    "pthread_barrierattr_setpshared pthread_spin_init pthread_spin_destroy pthread_spin_lock "
    "pthread_spin_trylock",
    "pthread_spin_unlock pthread_key_create pthread_key_delete pthread_getspecific pthread_setspecific",
    "pthread_attr_init pthread_attr_destroy pthread_attr_setdetachstate pthread_attr_getdetachstate",
    "pthread_attr_setstacksize pthread_attr_getstacksize pthread_attr_setguardsize pthread_attr_getguardsize",
    "pthread_attr_setschedpolicy pthread_attr_getschedpolicy pthread_attr_setschedparam "
    "pthread_attr_getschedparam",
    "pthread_attr_setinheritsched pthread_attr_getinheritsched pthread_attr_setscope pthread_attr_getscope",
    "pthread_attr_setaffinity_np pthread_attr_getaffinity_np pthread_setaffinity_np pthread_getaffinity_np",
    "pthread_setschedparam pthread_getschedparam pthread_setschedprio pthread_setname_np pthread_getname_np "
    "pthread_getattr_np",
    "pthread_getcpuclockid pthread_getconcurrency pthread_setconcurrency",
    /* semaphore.h, sched.h, unistd.h */
    "sem_init sem_destroy sem_wait sem_trywait sem_timedwait sem_post sem_getvalue",
    "sched_yield sched_getcpu sched_get_priority_min sched_get_priority_max sysconf get_nprocs "
    "get_nprocs_conf gettid getpid",
    "sleep usleep __sched_cpucount __sched_cpualloc __sched_cpufree",
    /* stdlib.h */
    "malloc calloc realloc reallocarray free aligned_alloc posix_memalign abort abs labs llabs div ldiv "
    "lldiv",
    "atoi atol atoll atof strtol strtoll strtoul strtoull strtod strtof strtold strtoimax strtoumax imaxabs "
    "imaxdiv",
    "rand srand rand_r random srandom drand48 erand48 lrand48 nrand48 mrand48 jrand48 srand48 qsort qsort_r "
    "bsearch",
    "lsearch lfind hsearch_r hcreate_r hdestroy_r tsearch tfind tdelete twalk insque remque",
    /* string.h, strings.h */
    "memcpy memmove memset memcmp memchr memrchr rawmemchr mempcpy memccpy memmem explicit_bzero bcmp bcopy "
    "bzero ffs ffsl ffsll",
    "strlen strnlen strcpy strncpy stpcpy stpncpy strcat strncat strlcpy strlcat strcmp strncmp strcasecmp "
    "strncasecmp strcoll strxfrm",
    "strchr strrchr strchrnul index rindex strstr strcasestr strspn strcspn strpbrk strtok strtok_r "
    "__strtok_r strsep strdup __strdup",
    "strndup __strndup strverscmp strerror strerror_r __xpg_strerror_r strerrorname_np strerrordesc_np "
    "basename __xpg_basename",
    /* stdio.h: print and format */
    "printf fprintf vprintf vfprintf sprintf snprintf vsprintf vsnprintf asprintf vasprintf sscanf vsscanf",
    "puts putchar fputs fputc putc putchar_unlocked putc_unlocked fputc_unlocked fputs_unlocked fwrite "
    "fwrite_unlocked",
    "fflush fflush_unlocked setvbuf setbuf setlinebuf perror ferror feof clearerr flockfile ftrylockfile "
    "funlockfile stdout stderr",
    /* time.h */
    "time clock clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday timespec_get "
    "timespec_getres difftime mktime",
    "timegm gmtime gmtime_r localtime localtime_r strftime asctime asctime_r ctime ctime_r",
    /* ctype.h, wchar.h, errno.h, assert.h, math that libc has as well */
    "__ctype_b_loc __ctype_tolower_loc __ctype_toupper_loc isalnum isalpha isascii isblank iscntrl isdigit "
    "isgraph islower",
    "isprint ispunct isspace isupper isxdigit tolower toupper toascii wcslen wcscpy wcscmp wcschr wmemcpy "
    "wmemset wmemcmp",
    "mblen mbtowc wctomb mbstowcs wcstombs mbrtowc wcrtomb",
    "__errno_location __assert_fail __assert __assert_perror_fail",
    "copysign copysignf copysignl finite finitef finitel frexp frexpf frexpl isinf isinff isinfl isnan "
    "isnanf isnanl",
    "ldexp ldexpf ldexpl modf modff modfl scalbn scalbnf scalbnl signbit __signbit __signbitf __signbitl",
    /* what compilers call on their own */
    "__stack_chk_fail __tls_get_addr __chk_fail", NULL};

static int has_word(const char *line, const char *word, size_t length)
{
    for (const char *at = line; (at = strstr(at, word)); at += length)
        if ((at == line || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return 1;
    return 0;
}

static int is_listed(const char *name)
{
    for (size_t i = 0; allowed[i]; i++)
        if (has_word(allowed[i], name, strlen(name)))
            return 1;
    return 0;
}

/* Whether LIBRARY itself, or what it needs, exports NAME. What the grader itself exports does not count. */
static int exports(const char *library, const char *name)
{
    void *handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL);
    int found = handle && dlsym(handle, name);

    if (handle)
        dlclose(handle);
    return found;
}

int symbol_is_libc(const char *name)
{
    return exports("libc.so.6", name) || exports("libm.so.6", name);
}

/* The plain form of what the library's headers have made of a name, on MEM; NULL if it is none of these. */
static char *plain_form(void *mem, const char *name)
{
    static const char *const heads[] = {"__isoc99_", "__isoc23_", NULL};
    size_t length = strlen(name);

    for (size_t i = 0; heads[i]; i++)
        if (strncmp(name, heads[i], strlen(heads[i])) == 0)
            return talloc_strdup(mem, name + strlen(heads[i]));
    if (length > strlen("___chk") && strncmp(name, "__", 2) == 0 && strcmp(name + length - 4, "_chk") == 0)
        return talloc_strndup(mem, name + 2, length - strlen("___chk"));
    return NULL;
}

int symbol_is_allowed(const char *name)
{
    char *plain = plain_form(NULL, name);
    int allowed_so = is_listed(name) || (plain && is_listed(plain)) ||
                     (exports("libm.so.6", name) && !exports("libc.so.6", name));

    talloc_free(plain);
    return allowed_so;
}
