/* meter.c - one row of the timeline a second, of gauges looked at ten times in it.
 *
 * A thread of its own looks, from the first moment until the service has ended. Percentiles are exact, of the
 * second's own values (nearest rank), as far as there is room for them.
 */
#include "inside.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOKS = 10, VALUES = 1 << 15, ROW_BYTES = 900, ALL = BUILT_INS + INCIDENT_SERIES };

struct series {
    const char *name;
    enum series_fold fold;
    double value; /* of the counter, or last of the gauge */
    double row;   /* what the last row told of it */
    double extreme, sum;
    unsigned told;  /* values in this second */
    double *values; /* SERIES_P99 and the median */
    double percent;
    double (*read)(void *context);
    void *context;
};

static struct {
    struct series series[ALL];
    unsigned count;
    pthread_t thread;
    unsigned long row;
} meter;

static double room[4][VALUES];

/* --- values -------------------------------------------------------------------------------------------- */

static struct series *find(const char *name)
{
    for (unsigned i = 0; i < meter.count; i++)
        if (strcmp(meter.series[i].name, name) == 0)
            return &meter.series[i];
    fprintf(stderr, "the plan has no series %s\n", name);
    abort();
}

static void take(struct series *series, double value)
{
    int is_first = series->told == 0;

    series->value = value;
    if (series->fold == SERIES_MOST && (is_first || value > series->extreme))
        series->extreme = value;
    if (series->fold == SERIES_LEAST && (is_first || value < series->extreme))
        series->extreme = value;
    if (series->values && series->told < VALUES)
        series->values[series->told] = value;
    series->sum += value;
    series->told++;
}

void meter_add(enum built_in which, double amount)
{
    struct series *series = &meter.series[which];

    if (series->fold == SERIES_COUNT)
        series->value += amount;
    else
        take(series, series->value + amount);
}

void meter_tell(enum built_in series, double value)
{
    take(&meter.series[series], value);
}

void incident_count(const char *name, double amount)
{
    engine_enter();
    find(name)->value += amount;
    engine_leave();
}

void incident_tell(const char *name, double value)
{
    engine_enter();
    take(find(name), value);
    engine_leave();
}

void incident_gauge(const char *name, double (*read)(void *context), void *context)
{
    double value = read(context);

    engine_enter();
    struct series *series = find(name);
    series->read = read;
    series->context = context;
    take(series, value);
    if (explored_release) /* what was made before, the thread that measures may look at */
        explored_release(series);
    engine_leave();
}

void incident_gauge_gone(const char *name)
{
    engine_enter();
    find(name)->read = NULL;
    engine_leave();
}

unsigned incident_values(struct incident_value *values, unsigned room)
{
    unsigned count = meter.count < room ? meter.count : room;

    engine_enter();
    for (unsigned i = 0; i < count; i++) {
        const struct series *series = &meter.series[i];
        int is_told_in_rows = series->fold == SERIES_MEAN || series->fold == SERIES_P99;
        values[i] = (struct incident_value){series->name, series->fold,
                                            is_told_in_rows ? series->row : series->value};
    }
    engine_leave();
    return count;
}

/* --- rows ---------------------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double percentile(struct series *series)
{
    unsigned count = series->told < VALUES ? series->told : VALUES;

    if (count == 0)
        return series->extreme; /* as before */
    qsort(series->values, count, sizeof series->values[0], by_value);
    unsigned rank = (unsigned)(series->percent / 100 * count + 0.999999);
    return series->extreme = series->values[rank ? rank - 1 : 0];
}

static double fold(struct series *series)
{
    switch (series->fold) {
    case SERIES_MOST:
    case SERIES_LEAST:
        return series->told ? series->extreme : series->value;
    case SERIES_MEAN:
        return series->told ? series->extreme = series->sum / series->told : series->extreme;
    case SERIES_P99:
        return percentile(series);
    default:
        return series->value;
    }
}

static void tell_row(void)
{
    char line[ROW_BYTES];
    int length = snprintf(line, sizeof line, "row %lu", meter.row++);

    for (unsigned i = 0; i < meter.count && length < (int)sizeof line - 20; i++) {
        struct series *series = &meter.series[i];
        series->row = fold(series);
        length += snprintf(line + length, sizeof line - (size_t)length, " %.6g", series->row);
        series->told = 0;
        series->sum = 0;
        if (series->fold == SERIES_MOST || series->fold == SERIES_LEAST)
            take(series, series->value); /* it stands until it changes */
    }
    record_line("%s", line);
    if (explored_progress)
        explored_progress();
    if (engine.live)
        live_tell_memory();
}

static void look(void)
{
    for (unsigned i = BUILT_INS; i < meter.count; i++) {
        struct series *series = &meter.series[i];
        if (series->read && explored_acquire)
            explored_acquire(series);
        if (series->read)
            take(series, series->read(series->context));
    }
}

static void *measure(void *unused)
{
    double grace = incident_plan.grace_seconds > 0 ? incident_plan.grace_seconds : 30;
    unsigned long looks = (unsigned long)(engine.from * LOOKS);

    (void)unused;
    while (!engine.served && incident_seconds() < engine.length + grace) {
        incident_sleep_until((double)++looks / LOOKS);
        if (engine.served)
            break;
        look(); /* may wait for a lock of the service's, so not inside the engine's own */
        engine_enter();
        take(&meter.series[MEMORY_MB], memory_peak() / (1 << 20));
        if (looks % LOOKS == 0)
            tell_row();
        engine_leave();
    }
    if (!engine.served && engine.live)
        engine_kill("it did not end");
    if (!engine.served) { /* stuck for good: the explorer tells where; still moving: nobody waits for ever */
        double asked = incident_seconds();
        explored_census(NULL);
        if (!engine.served && incident_seconds() >= asked + 9)
            engine_kill("it did not end");
    }
    return NULL;
}

/* --- begin and end ------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum series_fold fold;
    double percent;
} built_ins[BUILT_INS] = {
    [SUBMITTED] = {"submitted", SERIES_COUNT, 0},
    [COMPLETED] = {"completed", SERIES_COUNT, 0},
    [FAILED] = {"failed", SERIES_COUNT, 0},
    [REJECTED] = {"rejected", SERIES_COUNT, 0},
    [CANCELLED] = {"cancelled", SERIES_COUNT, 0},
    [DISCARDED] = {"discarded", SERIES_COUNT, 0},
    [DWELL_P50_MS] = {"dwell_p50_ms", SERIES_P99, 50},
    [DWELL_P99_MS] = {"dwell_p99_ms", SERIES_P99, 99},
    [ANSWER_P99_MS] = {"answer_p99_ms", SERIES_P99, 99},
    [DOWNSTREAM_MS] = {"downstream_ms", SERIES_MEAN, 0},
    [IN_FLIGHT] = {"in_flight", SERIES_MOST, 0},
    [MEMORY_MB] = {"memory_mb", SERIES_MOST, 0},
};

static void add_series(const char *name, enum series_fold fold, double percent)
{
    static unsigned rooms;
    struct series *series = &meter.series[meter.count++];

    *series = (struct series){.name = name, .fold = fold, .percent = percent};
    if (fold == SERIES_P99 && rooms < sizeof room / sizeof room[0])
        series->values = room[rooms++];
    else if (fold == SERIES_P99)
        series->fold = SERIES_MEAN;
}

void meter_begin(void)
{
    char line[ROW_BYTES] = "series";
    size_t length = strlen(line);

    meter.row = (unsigned long)engine.from;
    for (int i = 0; i < BUILT_INS; i++)
        add_series(built_ins[i].name, built_ins[i].fold, built_ins[i].percent);
    for (int i = 0; i < INCIDENT_SERIES && incident_plan.series[i].fold != SERIES_END; i++)
        add_series(incident_plan.series[i].name, incident_plan.series[i].fold, 99);
    for (unsigned i = 0; i < meter.count; i++)
        length += (size_t)snprintf(line + length, sizeof line - length, " %s", meter.series[i].name);
    record_line("%s", line);
}

void meter_start(void)
{
    if (pthread_create(&meter.thread, NULL, measure, NULL) != 0)
        engine_kill("the thread that measures could not be started");
}

void meter_stop(void)
{
    pthread_join(meter.thread, NULL);
}

/* --- events and logs ----------------------------------------------------------------------------------- */

#define TELL(...)                                                                                            \
    do {                                                                                                     \
        char text[700];                                                                                      \
        va_list arguments;                                                                                   \
        va_start(arguments, format);                                                                         \
        vsnprintf(text, sizeof text, format, arguments);                                                     \
        va_end(arguments);                                                                                   \
        engine_enter();                                                                                      \
        record_line(__VA_ARGS__, text);                                                                      \
        engine_leave();                                                                                      \
    } while (0)

void incident_event(const char *kind, const char *format, ...)
{
    TELL("event %.3f %s %s", incident_seconds(), kind);
}

void incident_log(const char *format, ...)
{
    TELL("log %.3f %s", incident_seconds());
}

void incident_write(const char *file, const char *format, ...)
{
    TELL("file %.3f %s %s", incident_seconds(), file);
}
