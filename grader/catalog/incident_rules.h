/* incident_rules.h - whether an incident keeps what the grader and the learner rely on. Private to catalog/. */
#ifndef DEEPEND_INCIDENT_RULES_H
#define DEEPEND_INCIDENT_RULES_H

#include "catalog/incident.h"
#include "catalog/manifest.h"

/* -1 at the first rule that it breaks, err as in manifest.h. File names of the wrong fixes are relative yet. */
int incident_validate(const struct manifest *manifest, const struct incident *incident, struct error *err);

#endif
