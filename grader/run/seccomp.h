/* seccomp.h - the system calls that a submission never needs. */
#ifndef DEEPEND_SECCOMP_H
#define DEEPEND_SECCOMP_H

/* The filter as a compiled program in an anonymous file, for `bwrap --seccomp FD`; -1 when libseccomp cannot
 * make it. */
int seccomp_file(void);

/* Load the same filter into the calling process, for good. -1 on failure. */
int seccomp_apply(void);

#endif
