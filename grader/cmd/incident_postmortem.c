/* incident_postmortem.c - `deepend incident postmortem`. */
#include "cmd/incident.h"
enum exit_status incident_postmortem(struct session *session, int argc, char **argv)
{
    (void)session;
    (void)argc;
    (void)argv;
    return EXIT_GRADER;
}
