/* error.h - one error text, filled where the fault is known and shown where it can be acted on.
 *
 * Functions that can fail take a `struct error *` last and return -1 or NULL after filling it. The text says
 * what is wrong and what to do, without a full stop at the end. The status says who must act.
 */
#ifndef DEEPEND_ERROR_H
#define DEEPEND_ERROR_H

#include "exit.h"

struct error {
    enum exit_status status; /* EXIT_USAGE: the user's input; EXIT_GRADER: the grader's own trouble */
    char text[1000];
};

/* Fill ERR and return -1, for `return error_usage(err, "...")`. Thread-safe on distinct errors. */
int error_usage(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
int error_grader(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
