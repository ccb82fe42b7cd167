/* print.c - printing is a scheduling point: each call of <stdio.h> locks its stream, so calls of several threads
 * may come in any order, and never one in the middle of another.
 *
 * All of it counts as one object, standard error and plain write as well: what is told apart needlessly costs
 * schedules, what is put together needlessly would be missed. Not here: putc_unlocked and its like, which lock
 * nothing, and fprintf to files, which is told by the same calls and treated like the rest.
 */
#include "explore/rt/inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define HERE __builtin_return_address(0)

static void point(const void *pc)
{
    static const char output = 0;

    if (rt_active())
        rt_point(OPERATION_PRINT, &output, pc, 0);
}

/* NAME with PARAMETERS, called with ARGUMENTS. */
#define PRINTS(type, name, parameters, arguments)                                                            \
    extern type __real_##name parameters;                                                                    \
    type __wrap_##name parameters;                                                                           \
    type __wrap_##name parameters                                                                            \
    {                                                                                                        \
        point(HERE);                                                                                         \
        return __real_##name arguments;                                                                      \
    }

PRINTS(int, vprintf, (const char *format, va_list words), (format, words))
PRINTS(int, vfprintf, (FILE * stream, const char *format, va_list words), (stream, format, words))
PRINTS(int, puts, (const char *text), (text))
PRINTS(int, putchar, (int c), (c))
PRINTS(int, putc, (int c, FILE *stream), (c, stream))
PRINTS(int, fputc, (int c, FILE *stream), (c, stream))
PRINTS(int, fputs, (const char *text, FILE *stream), (text, stream))
PRINTS(size_t, fwrite, (const void *bytes, size_t size, size_t count, FILE *stream),
       (bytes, size, count, stream))
PRINTS(int, fflush, (FILE * stream), (stream))
PRINTS(void, perror, (const char *text), (text))
PRINTS(ssize_t, write, (int file, const void *bytes, size_t size), (file, bytes, size))

int __wrap_printf(const char *format, ...);
int __wrap_printf(const char *format, ...)
{
    va_list words;

    point(HERE);
    va_start(words, format);
    int printed = __real_vprintf(format, words);
    va_end(words);
    return printed;
}

int __wrap_fprintf(FILE *stream, const char *format, ...);
int __wrap_fprintf(FILE *stream, const char *format, ...)
{
    va_list words;

    point(HERE);
    va_start(words, format);
    int printed = __real_vfprintf(stream, format, words);
    va_end(words);
    return printed;
}
