/* session.h - programs under exploration, each a server in a process of its own. Private to the explorer.
 *
 *     struct explore_session *session = session_start(mem, &target, 2, &err);    // ended with MEM
 *     session_ask(session, 0, &request, &err);
 *     session_wait(session, &err);                    // until every server that was asked has answered
 *     session_arena(session, 0)->batch.failed
 *
 * Servers die with the explorer, however it ends. Owner thread only.
 */
#ifndef DEEPEND_EXPLORE_SESSION_H
#define DEEPEND_EXPLORE_SESSION_H

#include "explore/explore.h"

struct explore_session;

/* Start COUNT servers of TARGET, 0: one a processor. NULL (error_grader) when that fails. */
struct explore_session *session_start(void *mem, const struct explore_target *target, unsigned count,
                                      struct error *err);

unsigned session_servers(const struct explore_session *session);

/* What server INDEX shares with us. Its own while it works on a request. */
struct explore_arena *session_arena(struct explore_session *session, unsigned index);

/* Hand a request over; does not wait. */
int session_ask(struct explore_session *session, unsigned index, const struct explore_request *request,
                struct error *err);

/* While session_wait waits, and once whenever it begins, it calls WATCH about ten times a second with how
 * many schedules the requests under way have run. When that returns other than 0, each server ends with the
 * schedule that it is in, and session_stopped is 1 from then on. NULL: nobody watches. */
void session_watch(struct explore_session *session, int (*watch)(void *context, uint64_t run), void *context);
int session_stopped(const struct explore_session *session);

/* Wait for all that were asked. -1 (error_grader) when one has died. */
int session_wait(struct explore_session *session, struct error *err);

#endif
