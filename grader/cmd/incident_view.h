/* incident_view.h - from a run of an incident to what its replay shows. Private to cmd/. */
#ifndef DEEPEND_CMD_INCIDENT_VIEW_H
#define DEEPEND_CMD_INCIDENT_VIEW_H

#include "cmd/incident.h"
#include "report/timeline_view.h"

/* Whether the file that PLAYED was made with says the same as the one that was running. */
int incident_is_shipped(const struct played *played);

/* All that the formats need, on MEM, which PLAYED must outlive. SHOWN: what to call the policy. */
struct replay_view *incident_view(void *mem, const struct played *played, const char *shown);

#endif
