/* error.c - see error.h. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

static int error_fill(struct error *err, enum exit_status status, const char *format, va_list arguments)
{
    if (err) {
        err->status = status;
        vsnprintf(err->text, sizeof err->text, format, arguments);
    }
    return -1;
}

int error_usage(struct error *err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    error_fill(err, EXIT_USAGE, format, arguments);
    va_end(arguments);
    return -1;
}

int error_grader(struct error *err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    error_fill(err, EXIT_GRADER, format, arguments);
    va_end(arguments);
    return -1;
}
