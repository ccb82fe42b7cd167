/* holders.h - who holds which lock and who waits, at each step of a trace. Private to the explorer.
 *
 *     struct holders *holders = holders_new(mem, arena->last.threads);
 *     for each event:
 *         note = holders_advance(mem, holders, names, event);        // "has to wait: thread 1 holds it"
 *         held = holders_describe(mem, holders, names);              // "main holds m; thread 2 waits for m"
 *
 * Texts hang on MEM; NULL when there is nothing to say. Owner thread only.
 */
#ifndef DEEPEND_EXPLORE_HOLDERS_H
#define DEEPEND_EXPLORE_HOLDERS_H

#include "explore/names.h"

struct holders;
struct holders *holders_new(void *mem, unsigned threads);

/* Go one event further; returns what came of it. */
char *holders_advance(void *mem, struct holders *holders, struct names *names,
                      const struct explore_event *event);

char *holders_describe(void *mem, const struct holders *holders, struct names *names);

#endif
