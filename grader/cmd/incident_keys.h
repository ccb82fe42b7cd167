/* incident_keys.h - a replay as a time-lapse in the terminal, steered with keys. Private to cmd/. */
#ifndef DEEPEND_CMD_INCIDENT_KEYS_H
#define DEEPEND_CMD_INCIDENT_KEYS_H

#include "report/timeline_view.h"

/* Show VIEW at SPEED virtual seconds a second until it is left. 0, at once: stdout is no terminal that can do
 * it. Owner thread only; takes the signals meanwhile, and dies of one that kills after the terminal is as it
 * was. */
int incident_keys(const struct replay_view *view, const struct report_style *style, double speed);

#endif
