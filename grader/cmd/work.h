/* work.h - the learner's own files, and the small things that the verbs share. Private to cmd/.
 *
 * Nothing here ever overwrites or removes a file of the learner's: new files appear whole and only where
 * nothing was, old ones are moved.
 */
#ifndef DEEPEND_WORK_H
#define DEEPEND_WORK_H

#include "cmd/cmd.h"
#include "report/report.h"

enum { SOURCE_BYTES = 1024 * 1024 }; /* the longest starter, solution, task or hints that is shown */

/* Where the learner's file for EXERCISE is or will be. On session->mem. */
char *work_path(const struct session *session, const struct exercise *exercise);

/* The starter anew in the learner's file. What stood there is moved to a free name beside it, FILE.N.bak, and
 * *KEPT is that path; NULL when there was nothing to keep. -1 when it could not be: then the old file stands
 * where it stood. */
int work_reset(struct session *session, const struct exercise *exercise, char **kept, struct error *err);

/* PATH as people want to read it: from the current folder when it lies below that. On MEM. */
char *path_shown(void *mem, const char *path);

/* The file NAME of the exercise's folder, or NULL. On session->mem. */
char *exercise_text(struct session *session, const struct exercise *exercise, const char *name,
                    struct error *err);

/* What the learner begins with. On session->mem, or NULL. */
char *exercise_starter(struct session *session, const struct exercise *exercise, struct error *err);

/* What is known of EXERCISE; all zero when the store cannot tell (which has been told then, once). */
struct progress session_progress(struct session *session, const struct exercise *exercise);

/* The exercise that NAME means or, when it is NULL, the next one. NULL: err says why. */
const struct exercise *session_exercise(struct session *session, const char *name, struct error *err);

/* The shortest name that is sure to work: "junior/1". On MEM. */
char *exercise_short(void *mem, const struct exercise *exercise);

/* "new", "started", "passed". Static. */
const char *state_name(enum progress_state state);

/* How stdout wants to be written to. */
struct report_style output_style(void);

/* Print OBJECT and a newline on stdout; takes the reference. */
void output_json(json_t *object);

/* An array of COUNT strings. */
json_t *json_strings(char *const *strings, size_t count);

#endif
