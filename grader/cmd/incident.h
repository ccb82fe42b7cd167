/* incident.h - what the verbs below `deepend incident` share. Private to cmd/. */
#ifndef DEEPEND_CMD_INCIDENT_H
#define DEEPEND_CMD_INCIDENT_H

#include "catalog/incident.h"
#include "cmd/grade.h"
#include "cmd/incident_live.h"
#include "run/timeline.h"
#include <jansson.h>

/* One run of a service with one policy, without the run that looks for races. */
struct played {
    const struct incident *incident;
    const struct verdict *verdict;   /* of the lines that this run can tell */
    const struct timeline *timeline; /* NULL: it was not built, the verdict says why */
    const char *path;                /* of the policy */
};

/* Build and run the policy at PATH. -1: bad input, or a grader that cannot work. */
int incident_play(void *mem, struct session *session, const struct incident *incident, const char *path,
                  const struct grade_options *options, struct played *played, struct error *err);

/* The incident that NAME means; the session's catalog is that of the incidents from then on. */
const struct incident *session_incident(struct session *session, const char *name, struct error *err);

/* How the learner's diagnosis of it stands, which `incident answer` keeps. */
struct progress incident_diagnosis(struct session *session, const struct incident *incident);

/* The incidents of CATALOG with the learner's state, as JSON and as lines on stdout. */
json_t *incidents_json(struct session *session, const struct catalog *catalog);
void incidents_print(struct session *session, const struct catalog *catalog);

enum exit_status incident_list(struct session *session, int argc, char **argv);
enum exit_status incident_show(struct session *session, int argc, char **argv);
enum exit_status incident_replay(struct session *session, int argc, char **argv);
enum exit_status incident_check(struct session *session, int argc, char **argv);
enum exit_status incident_answer(struct session *session, int argc, char **argv);
enum exit_status incident_postmortem(struct session *session, int argc, char **argv);
enum exit_status incident_reset(struct session *session, int argc, char **argv);

#endif
