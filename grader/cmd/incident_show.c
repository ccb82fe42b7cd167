/* incident_show.c - `deepend incident show`. */
#include "cmd/incident.h"
enum exit_status incident_show(struct session *session, int argc, char **argv)
{
    (void)session;
    (void)argc;
    (void)argv;
    return EXIT_GRADER;
}
