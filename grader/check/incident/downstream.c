/* downstream.c - what the service depends on: slower the more is asked of it, and failing at times. */
#include "inside.h"

enum { DOWNSTREAM_STREAM = 77 };

int incident_call(struct incident_downstream *downstream, struct request *request)
{
    double begun = incident_seconds();

    engine_enter();
    if (downstream->random.state == 0)
        downstream->random = incident_random(DOWNSTREAM_STREAM);
    unsigned in_flight = ++downstream->in_flight;
    double seconds = downstream->latency(in_flight, begun);
    double chance = downstream->errors ? downstream->errors(in_flight, begun) : 0;
    int fails = incident_draw(&downstream->random) < chance;
    meter_add(IN_FLIGHT, 1);
    engine_leave();
    incident_sleep(seconds);
    engine_enter();
    downstream->in_flight--;
    meter_add(IN_FLIGHT, -1);
    meter_tell(DOWNSTREAM_MS, (incident_seconds() - begun) * 1000);
    engine_leave();
    request->called = !fails;
    return fails ? -1 : 0;
}
