/* seccomp.h - the system calls that a submission never needs. */
#ifndef DEEPEND_SECCOMP_H
#define DEEPEND_SECCOMP_H

/* The filter as a compiled program in an anonymous file, for `bwrap --seccomp FD`; -1 when libseccomp cannot
 * make it. FORKS 1: processes may be started, for the explorer's server, which forbids it to its children. */
int seccomp_file(int forks);

/* Load the same filter into the calling process, for good. -1 on failure. */
int seccomp_apply(void);

/* Likewise, but sockets may be opened: a live service answers whoever asks for its metrics. */
int seccomp_apply_but_sockets(void);

#endif
