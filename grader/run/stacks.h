/* stacks.h - the call stacks of all threads of a stopped-in-its-tracks process, with source lines and who
 * holds what. */
#ifndef DEEPEND_STACKS_H
#define DEEPEND_STACKS_H

#include "run/run.h"
#include "run/threads.h"

/* Attach to PID (ptrace, so it must be a descendant of ours), read the stack of each thread of CENSUS,
 * detach. The process goes on unharmed. Stacks hang on MEM. Returns their number, 0 when it could not attach:
 * a verdict without stacks is still a verdict. */
size_t stacks_take(void *mem, pid_t pid, const struct census *census, struct thread_stack **stacks);

#endif
