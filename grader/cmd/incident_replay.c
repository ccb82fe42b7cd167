/* incident_replay.c - `deepend incident replay`. */
#include "cmd/arguments.h"
#include "cmd/incident.h"
#include "cmd/work.h"
#include <stdio.h>
#include <talloc.h>
enum exit_status incident_replay(struct session *session, int argc, char **argv)
{
    struct error err = {0};
    struct played played;
    const struct incident *incident = session_incident(session, argv[1], &err);
    if (!incident || incident_play(session->mem, session, incident, argv[2], NULL, &played, &err) != 0)
        return cmd_error(&err);
    const struct timeline *t = played.timeline;
    if (!t)
        return EXIT_BAD;
    for (size_t i = 0; i < t->series_count; i++)
        printf("%s ", t->series[i]);
    for (size_t r = 0; r < t->row_count; r++) {
        printf("\n%zu", r + 1);
        for (size_t i = 0; i < t->series_count; i++)
            printf(" %g", timeline_value(t, r, (int)i));
    }
    for (size_t i = 0; i < t->event_count; i++)
        printf("\n%.3f %s %s", t->events[i].second, t->events[i].kind, t->events[i].text);
    printf("\nend %d %g  %g s\n", t->end, t->end_second, played.verdict->checks[0].run->seconds);
    (void)argc;
    return EXIT_GOOD;
}
