/* incident_live.h - `deepend incident replay --live`: an incident in real time. Private to cmd/. */
#ifndef DEEPEND_CMD_INCIDENT_LIVE_H
#define DEEPEND_CMD_INCIDENT_LIVE_H

#include "cmd/cmd.h"
#include "run/live.h"

/* Read what --from ("1:50" or "110"), --seconds and --port were given; NULL: not given. -1: ERR tells what is
 * wrong with them. */
int live_options_read(struct live_options *options, const struct incident *incident, const char *from,
                      const char *seconds, const char *port, struct error *err);

/* Build the policy at PATH and run the service with it until it ends or Ctrl-C ends it; nothing is left
 * running. Tells on stdout how it goes. EXIT_GOOD: it shut down by itself, or was stopped; EXIT_BAD: it was
 * killed, or crashed, or the policy does not compile. Not reentrant. */
enum exit_status incident_live(struct session *session, const struct incident *incident, const char *path,
                               const struct live_options *options);

#endif
