/* kept.h - failing schedules of checks, kept so that `deepend replay TOKEN` finds them again.
 *
 * A folder for each below work/replays, named by the token's program: which check of which exercise it was,
 * and the learner's file as it was graded. The file that is worked on may change; the replay does not.
 */
#ifndef DEEPEND_CMD_KEPT_H
#define DEEPEND_CMD_KEPT_H

#include "cmd/cmd.h"
#include "judge/judge.h"

/* Keep what the tokens of VERDICT need. A disk that is full or read-only costs the replay and nothing else.
 */
void kept_save(struct session *session, const struct verdict *verdict);

/* Replay TOKEN if it is of a check: 1, and *REPORT; *FILE is the path of the file that was graded, *CHANGED 1
 * when the one it was graded from is another by now. 0: it is of something else. -1: see ERR. */
int kept_replay(struct session *session, const char *token, struct explore_report **report, char **file,
                int *changed, struct error *err);

#endif
