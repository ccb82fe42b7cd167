/* talk.h - the grader's side of check/protocol.h. */
#ifndef DEEPEND_TALK_H
#define DEEPEND_TALK_H

#include "check/protocol.h"
#include "run/run.h"
#include <sys/types.h>

/* The conversation with one process. Owner thread only. */
struct talk {
    int socket;
    char nonce[CHECK_NONCE + 1]; /* empty until the process has said hello */
    pid_t pid;                   /* its process id, told by the kernel; 0 until then */
};

/* What a packet asks for, after its content went into the run. */
enum heard { HEARD_NOTHING, HEARD_HELLO, HEARD_RESULT, HEARD_SETTLE, HEARD_THREADS, HEARD_CENSUS, HEARD_END };

/* Take one packet; HEARD_NOTHING when none waits, HEARD_END when the other side has closed. Packets without
 * the nonce are ignored: they are not the check's. Strings hang on MEM. */
enum heard talk_hear(void *mem, struct talk *talk, struct run *run);

/* Answer the question that was put. */
void talk_answer(struct talk *talk, long number);

#endif
