/* explored.h - programs that were explored, kept so that a token is enough to run one again. Private to cmd/.
 *
 * work/replays/HASH/ holds the binary and program.json: where the sources are, their hashes, flags and
 * arguments. HASH is of all of these but the places, so a changed program has another one; so has the same
 * program with ThreadSanitizer beneath it.
 */
#ifndef DEEPEND_EXPLORED_H
#define DEEPEND_EXPLORED_H

#include "cmd/cmd.h"

struct explored {
    const char **files;     /* C files, absolute; NULL-terminated, as the next two */
    const char **flags;     /* the compiler's */
    const char **arguments; /* the program's */
    const char *directory;  /* in which flags and headers are to be looked for */
    int sanitizer;          /* 1: clang's ThreadSanitizer beneath it, see explore_compile */
    char hash[17];
    char *binary;
};

/* Compile FILES and keep the result. -1: err says why (error_usage: they do not compile). */
int explored_make(struct session *session, char *const *files, const char **flags, char *const *arguments,
                  int sanitizer, struct explored *program, struct error *err);

/* The program that TOKEN is of, compiled again. FILES, when there are any, stand in for the ones it was
 * made from. -1 (error_usage): it is not known here, or has changed since; err tells which file. */
int explored_again(struct session *session, const char *token, char *const *files, struct explored *program,
                   struct error *err);

#endif
