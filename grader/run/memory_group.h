/* memory_group.h - a limit on the memory of one process that the kernel itself keeps: a control group (v2).
 *
 * Only where this process may make one: as root on a machine with cgroup v2, or below a user's own systemd
 * session. In most containers it may not, and somebody has to watch instead. Private to run/.
 */
#ifndef DEEPEND_RUN_MEMORY_GROUP_H
#define DEEPEND_RUN_MEMORY_GROUP_H

#include <stddef.h>
#include <sys/types.h>

struct memory_group; /* on a talloc context; freeing it removes the group, which must be empty by then */

/* Make a group, put PID into it, and allow it BYTES beyond what it has now: memory stays charged to the group
 * in which it was first touched. NULL where that is not possible. */
struct memory_group *memory_group_of(void *mem, pid_t pid, size_t bytes);

/* 1: the kernel has killed in it. */
int memory_group_has_killed(const struct memory_group *group);

#endif
