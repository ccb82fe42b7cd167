/* watch_saves.h - notice that a file was saved, whatever way the editor saves it.
 *
 *     struct saves *saves = saves_open(mem, path);
 *     for (;;) {
 *         poll saves_descriptor(saves) for input, at most saves_patience(saves) ms;
 *         if (saves_look(saves)) ... the content is new and complete ...
 *     }
 *
 * Editors rename over the file, truncate and write, write in place, keep swap and backup files beside it, and
 * remove it for a moment; the folder itself may go and come back. All that counts is the content: a save that
 * changes nothing is none. inotify tells at once where it works; the file is looked at now and then in any
 * case, because a network file system tells nothing. DEEPEND_POLL=1 does without inotify.
 */
#ifndef DEEPEND_WATCH_SAVES_H
#define DEEPEND_WATCH_SAVES_H

#include "base/file.h"

struct saves;

/* Begin to look at PATH; what stands there now is not a save. Goes with MEM. Never fails: at worst it only
 * polls. */
struct saves *saves_open(void *mem, const char *path);

/* To poll for input; -1 when there is nothing to poll. It may change after saves_look. */
int saves_descriptor(const struct saves *saves);

/* Milliseconds after which saves_look wants to be called even without input. */
int saves_patience(const struct saves *saves);

/* Look. 1 when there is a new, complete content since the last 1 or saves_open. */
int saves_look(struct saves *saves);

/* Forget the content last told of: the next complete one counts as new, even if it is the same. */
void saves_forget(struct saves *saves);

/* 1 while the file is not there. */
int saves_missing(const struct saves *saves);

/* The hash of the content last told of; "" when there was none. For a file that cannot be read, a text that
 * changes with it. */
const char *saves_hash(const struct saves *saves);

/* The hash of what stands at PATH at this moment, likewise. */
void saves_hash_now(const char *path, char out[SHA256_TEXT]);

#endif
