/* protocol.h - what passes between a check's process and the grader, over one SOCK_SEQPACKET socket.
 *
 * The process finds its end of the socket at descriptor CHECK_FD. Each message is one packet of text.
 *
 *   process                          grader
 *   hello                        ->            the first packet; credentials tell the process's id
 *                                <-  NONCE     32 hex digits, kept in a page the learner's code cannot read
 *   NONCE fail CLASS FILE LINE MESSAGE  ->     the check failed; the process ends
 *   NONCE note MESSAGE           ->            a line for the report
 *   NONCE count                  ->            many threads were started: look whether they are too many
 *   NONCE settle                 ->            answered once no other thread can move
 *                                <-  settled
 *   NONCE threads                ->            how many threads are there
 *                                <-  N
 *   NONCE census                 ->            the check's function returned: which threads are left?
 *                                <-  go on
 *   NONCE done                   ->            the check was completed
 *
 * Whatever ends without `fail` or `done` did not pass: exit(0), a closed descriptor or a faked line on stdout
 * leave no `done` with the nonce.
 */
#ifndef DEEPEND_PROTOCOL_H
#define DEEPEND_PROTOCOL_H

enum {
    CHECK_FD = 3,          /* the socket, as inherited */
    CHECK_NONCE = 32,      /* hex digits */
    CHECK_PACKET = 4096,   /* longest packet, bytes */
    CHECK_FAILED_EXIT = 71 /* exit status of a process whose check failed */
};

#endif
