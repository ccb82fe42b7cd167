/* incident_live.c - `deepend incident replay --live`: an incident in real time. See incident_live.h.
 *
 * The service is built for the variant "live" with its endpoint. Piped, each second is a line, and each event
 * another; on a terminal the last second stays in place, below the events. Nothing is graded.
 */
#include "cmd/incident_live.h"

#include "catalog/incident.h"
#include "cmd/arguments.h"
#include "cmd/work.h"
#include "judge/judge.h"
#include "report/text.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <talloc.h>
#include <unistd.h>

enum { SERIES_IN_LINE = 6, BAR = 40, PORTS = 65535, DAY = 86400 };

static const char full_bar[] = "########################################",
                  empty_bar[] = "........................................";

/* One run on the screen. */
struct scene {
    void *mem;
    const struct incident *incident;
    struct report_style style;
    int is_screen; /* a terminal: the last row is written over */
    int standing;  /* lines that are to be written over */
    int is_introduced;
};

/* --- what is asked for --------------------------------------------------------------------------------- */

/* "110" or "1:50" as seconds; -1: neither. */
static long seconds_of(const char *text)
{
    char *end;
    long value = strtol(text, &end, 10);

    if (*text < '0' || *text > '9' || value > DAY)
        return -1;
    if (*end != ':')
        return *end ? -1 : value;
    const char *rest = end + 1;
    long seconds = strtol(rest, &end, 10);
    return strlen(rest) == 2 && *rest >= '0' && *rest <= '5' && !*end ? value * 60 + seconds : -1;
}

/* Is somebody else there? Asked before anything is built. */
static int port_is_free(unsigned port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int yes = 1, descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (descriptor < 0)
        return 1; /* the service will tell */
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    int result = bind(descriptor, (struct sockaddr *)&address, sizeof address) == 0 || errno != EADDRINUSE;
    close(descriptor);
    return result;
}

int live_options_read(struct live_options *options, const struct incident *incident, const char *from,
                      const char *seconds, const char *port, struct error *err)
{
    long begins = from ? seconds_of(from) : 0, lasts = seconds ? seconds_of(seconds) : 0, where = 0;
    char *end = "";

    if (begins < 0 || begins >= (long)incident->seconds)
        return error_usage(err, "--from %s is no moment of the incident: give a time up to %u:%02u, as 1:50",
                           from, incident->seconds / 60, incident->seconds % 60);
    if (lasts < 0 || (seconds && lasts == 0))
        return error_usage(err, "--seconds %s is no length of time: give seconds, as 30", seconds);
    if (port)
        where = strtol(port, &end, 10);
    if (*end || where < 0 || where > PORTS || (port && (*port < '0' || *port > '9')))
        return error_usage(err, "--port %s is no port: give a number up to %d, or 0 for any", port, PORTS);
    if (where > 0 && !port_is_free((unsigned)where))
        return error_usage(err, "port %ld is taken: end what listens there, or choose another with --port",
                           where);
    *options = (struct live_options){(unsigned)begins, (unsigned)lasts, (unsigned)where};
    return 0;
}

/* --- what is shown ------------------------------------------------------------------------------------- */

static char *clock_text(void *mem, double second)
{
    int whole = (int)second;

    return talloc_asprintf(mem, "%d:%02d", whole / 60, whole % 60);
}

/* What stood there to be written over goes. */
static void clear_row(struct scene *scene)
{
    if (scene->standing > 0)
        printf("\033[%dA\033[J", scene->standing);
    scene->standing = 0;
}

static void introduce(struct scene *scene, const struct live *live)
{
    if (scene->is_introduced)
        return;
    scene->is_introduced = 1;
    printf("  memory:  %s\n", live->limit);
    printf("  metrics: %s\n\n", live->endpoint ? text_clean(scene->mem, live->endpoint, scene->style.utf8)
                                               : "none: this service does not publish any");
}

/* The column of the N-th series that is worth showing, its look in *LOOK; -1: there are no more. What memory
 * there is stands apart. */
static int series_shown(const struct scene *scene, const struct live *live, unsigned n,
                        const struct series_look **look)
{
    const struct incident *incident = scene->incident;

    for (size_t i = 0; i < incident->series_count; i++) {
        *look = &incident->series[i];
        int series = timeline_series(live->timeline, (*look)->name);
        if (series >= 0 && strcmp((*look)->name, "memory_mb") != 0 && n-- == 0)
            return series;
    }
    return -1;
}

static double last_value(const struct live *live, int series)
{
    return timeline_value(live->timeline, live->timeline->row_count - 1, series);
}

/* The second that the last row tells of, in one line. */
static void show_line(const struct scene *scene, const struct live *live, const char *clock)
{
    const struct series_look *look;
    int series;

    printf("%6s", clock);
    for (unsigned n = 0; n < SERIES_IN_LINE && (series = series_shown(scene, live, n, &look)) >= 0; n++)
        printf("  %s %.6g", look->name, last_value(live, series));
    printf("  accounted %.1f MiB  resident +%.1f MiB\n", live->accounted_mb, live->resident_mb);
}

/* One line of those that stand until the next second, cut to the width of the screen. */
static void stand(struct scene *scene, const char *text)
{
    printf("%.*s\n", scene->style.width > 1 ? scene->style.width - 1 : (int)strlen(text), text);
    scene->standing++;
}

static void show_screen(struct scene *scene, const struct live *live, const char *clock, void *mem)
{
    const struct series_look *look;
    unsigned budget = scene->incident->budget_mb;
    double share = budget ? live->resident_mb / budget : 0;
    int series, filled = share <= 0 ? 0 : share >= 1 ? BAR : (int)(share * BAR);

    stand(scene, "");
    stand(scene, talloc_asprintf(mem, "%6s  ", clock));
    for (unsigned n = 0; (series = series_shown(scene, live, n, &look)) >= 0; n++)
        stand(scene, talloc_asprintf(mem, "        %-28s %10.6g %s", look->label, last_value(live, series),
                                     look->unit ? look->unit : ""));
    stand(scene, talloc_asprintf(mem, "        %-28s %10.1f MiB accounted, %.1f MiB resident", "memory",
                                 live->accounted_mb, live->resident_mb));
    if (budget)
        stand(scene, talloc_asprintf(mem, "        [%.*s%.*s] of %u MiB", filled, full_bar, BAR - filled,
                                     empty_bar, budget));
}

static void show_row(struct scene *scene, const struct live *live)
{
    void *mem = talloc_new(scene->mem);

    if (live->timeline->row_count == 0)
        return;
    introduce(scene, live);
    clear_row(scene);
    const char *clock = clock_text(mem, live->from + (double)live->timeline->row_count);
    if (scene->is_screen)
        show_screen(scene, live, clock, mem);
    else
        show_line(scene, live, clock);
    talloc_free(mem);
}

static void show_event(struct scene *scene, const struct live *live)
{
    const struct timeline_event *event = &live->timeline->events[live->timeline->event_count - 1];
    void *mem = talloc_new(scene->mem);
    char *text = text_clean(mem, event->text, scene->style.utf8);

    introduce(scene, live);
    clear_row(scene);
    printf("%6s  * %s: %s\n", clock_text(mem, event->second), text_clean(mem, event->kind, scene->style.utf8),
           strcmp(event->kind, "kill") == 0 ? text_paint(mem, &scene->style, ACCENT_RED, text) : text);
    talloc_free(mem);
}

static void show_words(struct scene *scene, const char *words)
{
    char *text = text_clean(scene->mem, words, scene->style.utf8);

    clear_row(scene);
    printf("        | %s\n", text);
    talloc_free(text);
}

static void show_end(struct scene *scene, const struct live *live)
{
    const struct timeline_ledger *ledger = &live->timeline->ledger;
    enum accent accent = live->end == LIVE_DONE      ? ACCENT_GREEN
                         : live->end == LIVE_STOPPED ? ACCENT_NONE
                                                     : ACCENT_RED;

    introduce(scene, live);
    clear_row(scene);
    printf("%6s  %s\n", clock_text(scene->mem, live->timeline->end_second),
           text_paint(scene->mem, &scene->style, accent,
                      talloc_asprintf(scene->mem, "%s (status %d)", live->why, live->status)));
    if (ledger->submitted > 0)
        printf("        %lu requests: %lu completed, %lu failed, %lu rejected, %lu cancelled, %lu discarded, "
               "%lu unanswered\n",
               ledger->submitted, ledger->completed, ledger->failed, ledger->rejected, ledger->cancelled,
               ledger->discarded, ledger->unanswered);
}

static void told(void *context, enum live_news news, const struct live *live, const char *text)
{
    struct scene *scene = context;

    if (news == LIVE_ROW)
        show_row(scene, live);
    else if (news == LIVE_EVENT)
        show_event(scene, live);
    else if (news == LIVE_WORDS)
        show_words(scene, text);
    else if (news == LIVE_ENDED)
        show_end(scene, live);
    else if (live->endpoint)
        introduce(scene, live);
    fflush(stdout);
}

/* --- building ------------------------------------------------------------------------------------------ */

/* The incident's exercise as one check of the live variant, with the endpoint among its files. */
static const struct exercise *live_exercise(void *mem, const struct incident *incident)
{
    struct exercise *exercise = talloc(mem, struct exercise);
    size_t count = incident->exercise.support_count;

    *exercise = incident->exercise;
    exercise->support = talloc_array(exercise, char *, (unsigned)count + 1);
    for (size_t i = 0; i < count; i++)
        exercise->support[i] = incident->exercise.support[i];
    exercise->support[count] = talloc_strdup(exercise, "../parts/endpoint.c");
    exercise->support_count = count + 1;
    exercise->checks = talloc(exercise, struct check_spec);
    exercise->checks[0] = incident->exercise.checks[0];
    exercise->checks[0].variants = talloc_array(exercise, char *, 1);
    exercise->checks[0].variants[0] = talloc_strdup(exercise, "live");
    exercise->checks[0].variant_count = 1;
    exercise->check_count = 1;
    return exercise;
}

static const struct build *build_live(struct session *session, const struct incident *incident,
                                      const char *path, struct error *err)
{
    const struct exercise *exercise = live_exercise(session->mem, incident);
    struct submission *submission = submission_load(session->mem, exercise, path, err);

    return submission ? build_submission(session->mem, session->root, exercise, submission, err) : NULL;
}

/* --- the whole ----------------------------------------------------------------------------------------- */

/* A descriptor that can be read when the user wants it to end. */
static int catch_signals(sigset_t *before)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGQUIT);
    sigprocmask(SIG_BLOCK, &set, before);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static enum exit_status run_it(struct scene *scene, const char *binary, const struct live_options *options)
{
    struct live live;
    struct error err;
    sigset_t before;
    struct live_setup setup = {.incident = scene->incident,
                               .times = *options,
                               .stop = catch_signals(&before),
                               .told = told,
                               .context = scene};
    int result = live_run(scene->mem, binary, &setup, &live, &err);

    if (setup.stop >= 0) {
        struct signalfd_siginfo info;
        while (read(setup.stop, &info, sizeof info) == (ssize_t)sizeof info)
            ; /* what was meant for the service is not for us as well */
        close(setup.stop);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (result != 0)
        return cmd_error(&err);
    return live.end == LIVE_DONE || live.end == LIVE_STOPPED ? EXIT_GOOD : EXIT_BAD;
}

enum exit_status incident_live(struct session *session, const struct incident *incident, const char *path,
                               const struct live_options *options)
{
    const char *term = getenv("TERM");
    struct scene scene = {.mem = session->mem,
                          .incident = incident,
                          .style = output_style(),
                          .is_screen = isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0};
    struct error err = {0};
    const struct build *build = build_live(session, incident, path, &err);

    if (!build)
        return cmd_error(&err);
    if (build->status != BUILD_DONE) {
        report_terminal(stdout, judge_submission(session->mem, build, NULL, 0), &scene.style, 0);
        return EXIT_BAD;
    }
    printf("%s, live, with %s (Ctrl-C ends it)\n", incident->exercise.title, path_shown(session->mem, path));
    fflush(stdout);
    return run_it(&scene, build->binaries[0].path, options);
}
