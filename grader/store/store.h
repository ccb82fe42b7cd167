/* store.h - what the learner has done: attempts, passes, hints used. SQLite (WAL) in work/deepend.db.
 *
 * Two graders may write at once; each waits up to five seconds for the other. A store that cannot be opened
 * or written (full or read-only disk) never stops grading: the caller shows the error and goes on. Times are
 * Unix seconds.
 */
#ifndef DEEPEND_STORE_H
#define DEEPEND_STORE_H

#include "base/error.h"
#include <stddef.h>

struct store;

enum progress_state { STATE_NEW, STATE_STARTED, STATE_PASSED };

struct progress {
    enum progress_state state;
    unsigned attempts; /* judged ones; errors of the grader's do not count */
    unsigned hints;    /* shown so far */
    unsigned best_score;
    int gave_up;          /* saw the solution before passing */
    long long first_pass; /* 0: not yet */
};

/* Open or create the store of the project at ROOT. A damaged database is kept aside as deepend.db.damaged-N
 * and a new one begun; err then says so though the result is not NULL. NULL when it cannot be used at all. */
struct store *store_open(const char *root, struct error *err);
void store_close(struct store *store); /* NULL is fine */

/* What is known of exercise ID; all zero when nothing is. */
int store_progress(struct store *store, const char *id, struct progress *progress, struct error *err);

/* Record one judged attempt. CLASS is "none" after a pass. */
int store_attempt(struct store *store, const char *id, const char *sha256, int passed, const char *class,
                  unsigned score, unsigned max_score, double seconds, struct error *err);

/* Record that one more hint was shown, or that the solution was seen. */
int store_hint(struct store *store, const char *id, struct error *err);
int store_gave_up(struct store *store, const char *id, struct error *err);

/* Whether it can be written now; nothing is changed by asking. -1 with err when not. */
int store_check(struct store *store, struct error *err);

/* The exercise last attempted, incidents aside, on MEM, or NULL when there is none yet. */
char *store_latest(void *mem, struct store *store, struct error *err);

#endif
