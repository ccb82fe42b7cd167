/* schedule.h - one schedule, as it is told and played again. Private to the explorer.
 *
 * A schedule is what the request said of which choices exist, and either the choices other than the default
 * (strategy EXPLORE_REPLAY) or the strategy and seed that made them, when they would be too many to tell.
 */
#ifndef DEEPEND_EXPLORE_SCHEDULE_H
#define DEEPEND_EXPLORE_SCHEDULE_H

#include "explore/session.h"

struct pick {
    uint32_t at;    /* index of the choice */
    uint8_t option; /* taken there, not 0 */
};

struct schedule {
    struct explore_request request; /* its strategy, seed, bound and flags */
    struct pick *picks;             /* ascending, for EXPLORE_REPLAY */
    size_t pick_count;
};

/* The picks that ARENA's last run made, on MEM. */
void schedule_take(void *mem, const struct explore_arena *arena, struct schedule *schedule);
void schedule_copy(void *mem, const struct schedule *from, struct schedule *to);

/* Run it once on the first server, which leaves the outcome in its arena. */
int schedule_play(struct explore_session *session, const struct schedule *schedule, int trace,
                  struct error *err);

/* Whether two outcomes are the same fault: class and places. */
int outcome_same(const struct explore_outcome *a, const struct explore_outcome *b);

/* --- token.c: "1-0123abcd-AAMQBg3k", version, program, the rest ---
 * Letters, digits, '-' and '_' only; ends with a check of all that stands before. */
char *token_write(void *mem, const char *program, const struct schedule *schedule);

/* PROGRAM gets the 8 hex digits. -1 (error_usage) when TEXT is no token. */
enum { TOKEN_PROGRAM = 9 };
int token_read(void *mem, const char *text, char program[TOKEN_PROGRAM], struct schedule *schedule,
               struct error *err);

/* --- minimise.c ---
 * Replace SCHEDULE by one with few preemptions and few choices that has the same fault as FAULT. Leaves
 * nothing particular in the arena. Deterministic; LIMIT: schedules that may be run for it. */
int minimise(void *mem, struct explore_session *session, struct schedule *schedule,
             const struct explore_outcome *fault, unsigned limit, struct error *err);

#endif
