/* incident_asking.h - the questions of an incident, asked one after the other on a terminal. Private to cmd/. */
#ifndef DEEPEND_CMD_INCIDENT_ASKING_H
#define DEEPEND_CMD_INCIDENT_ASKING_H

#include "cmd/diagnosis.h"
#include "cmd/work.h"

/* Whether there is somebody to ask: a terminal to read from, and one to print on. */
int asking_is_possible(void);

/* Ask whatever of DIAGNOSIS (cause, evidence, action) is not there yet; what cannot be understood is asked again.
 * Blocks until there are answers. -1 when the input ends first. On MEM. */
int asking_fill(void *mem, const struct questions *questions, const struct incident *incident,
                struct diagnosis *diagnosis);

/* Print the same questions with the options to type, on stderr, for who cannot be asked. */
void asking_teach(void *mem, const struct questions *questions, const struct incident *incident);

#endif
