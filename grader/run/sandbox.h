/* sandbox.h - start one process of a submission, confined.
 *
 * With bubblewrap: new user, mount, process, network, IPC and host-name namespaces; a file system of the
 * system's libraries, the one executable and an empty /tmp of 16 MiB, all read-only but /tmp and the tool's
 * log folder; no capability; a system call filter. Everything in it dies with the grader. Without: the filter
 * and the limits only (sandbox_kind tells).
 */
#ifndef DEEPEND_SANDBOX_H
#define DEEPEND_SANDBOX_H

#include "run/run.h"
#include <sys/types.h>

struct sandboxed {
    pid_t pid;  /* of what we started: bubblewrap, or the program itself */
    int socket; /* the grader's end of check/protocol.h */
    int output; /* the program's stdout and stderr together, non-blocking */
    char *logs; /* folder that holds the tool's log files */
};

/* Start CHECK of BINARY under VARIANT. LOGS is an empty folder for the tool's log. -1: see ERR. */
int sandbox_start(void *mem, const char *binary, const struct variant *variant, const char *check,
                  const char *logs, const struct limits *limits, struct sandboxed *started,
                  struct error *err);

/* End everything that was started, and reap it. Returns the wait status. */
int sandbox_end(struct sandboxed *started);

/* What starts BINARY in the same confinement, for somebody else who runs it (the schedule explorer): the
 * words before the program's own, NULL-terminated on MEM; the filter of system calls comes as descriptor
 * FILTER. NULL where there are no namespaces. */
const char **sandbox_command(void *mem, const char *binary, int filter);

#endif
