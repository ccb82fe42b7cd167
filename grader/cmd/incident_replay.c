/* incident_replay.c - `deepend incident replay`: an incident once more, with the policy that was running or
 * with another one; as a time-lapse, as text, as a page, as JSON, or as files of evidence.
 *
 * The service runs from beginning to end first, which takes a second or two; what is shown is its record.
 */
#include "base/file.h"
#include "cmd/arguments.h"
#include "cmd/incident.h"
#include "cmd/incident_keys.h"
#include "cmd/incident_live.h"
#include "cmd/incident_view.h"
#include "cmd/work.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

enum { LAPSE_SECONDS = 12 }; /* that a time-lapse takes by itself */

static const double fastest = 100000; /* virtual seconds a second */

/* What was asked for. */
struct request {
    const char *submission, *html, *evidence, *speed_text;
    const char *from, *seconds, *port; /* live */
    int shipped, json, plain, live;
    const char *id; /* as typed, until the incident is known */
    double speed;   /* 0: such that it takes LAPSE_SECONDS */
    FILE *page;
};

static enum exit_status refuse(const struct request *request, const struct error *err)
{
    if (request->json)
        output_json(json_pack("{s:s, s:s?, s:s}", "schema", "deepend/timeline/1", "id", request->id, "error",
                              err->text));
    return cmd_error(err);
}

/* --- what goes where ----------------------------------------------------------------------------------- */

/* Whether PATH is named as files are that people edit. */
static int is_source(const char *path)
{
    static const char *const endings[] = {".c", ".h", ".txt", ".md", ".yaml", ".yml"};
    const char *ending = strrchr(path, '.');

    for (size_t i = 0; ending && i < sizeof endings / sizeof endings[0]; i++)
        if (strcmp(ending, endings[i]) == 0)
            return 1;
    return 0;
}

/* Opened before the run, so that a file that cannot be written is told at once; what stands there is kept
 * until the page is ready. */
static int open_page(struct request *request, struct error *err)
{
    int descriptor;

    if (!request->html)
        return 0;
    if (is_source(request->html)) /* a slip would overwrite somebody's work */
        return error_usage(err, "--html %s might overwrite your work; choose a name that ends in .html",
                           request->html);
    descriptor = open(request->html, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    request->page = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    return request->page ? 0 : error_usage(err, "cannot write %s: %s", request->html, strerror(errno));
}

static int close_page(struct request *request, struct error *err)
{
    int bad = ferror(request->page);

    if (fclose(request->page) != 0 || bad)
        return error_usage(err, "%s could not be written to its end: %s", request->html, strerror(errno));
    return 0;
}

static int open_folder(const struct request *request, struct error *err)
{
    struct stat status;

    if (!request->evidence)
        return 0;
    if (stat(request->evidence, &status) == 0 && !S_ISDIR(status.st_mode))
        return error_usage(err, "--evidence %s: it is a file, and should be a folder", request->evidence);
    if (folder_make(request->evidence, err) != 0) {
        err->status = EXIT_USAGE;
        return -1;
    }
    if (access(request->evidence, W_OK | X_OK) != 0)
        return error_usage(err, "cannot write into %s: %s", request->evidence, strerror(errno));
    return 0;
}

static int check_words(struct request *request, struct error *err)
{
    char *end;

    if (request->json && request->html)
        return error_usage(err, "--json and --html are two formats of one replay; ask for one at a time");
    if (request->json && request->evidence)
        return error_usage(err, "--json and --evidence are two formats of one replay; ask for one at a time");
    if (request->live && (request->json || request->html || request->evidence || request->speed_text))
        return error_usage(err, "--live is watched as it goes on: no --json, --html, --evidence or --speed");
    if (!request->live && (request->from || request->seconds || request->port))
        return error_usage(err, "--from, --seconds and --port go with --live");
    if (request->shipped && request->submission)
        return error_usage(err, "--shipped and --submission name two policies; choose one");
    if (!request->speed_text)
        return 0;
    request->speed = strtod(request->speed_text, &end);
    if (end == request->speed_text || *end != '\0' || !(request->speed > 0 && request->speed <= fastest))
        return error_usage(err, "--speed %s: it must be a number above 0, of virtual seconds a second",
                           request->speed_text);
    return 0;
}

/* --- running ------------------------------------------------------------------------------------------- */

static void progress_show(void *context, const char *text)
{
    (void)context;
    fprintf(stderr, "\r\033[K%.60s...", text);
}

/* Run the policy at PATH and make it ready to be shown. NULL: ERR says why. */
static struct replay_view *play(struct session *session, const struct incident *incident, const char *path,
                                const char *shown, struct error *err)
{
    const char *term = getenv("TERM");
    int is_shown = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
    const struct grade_options options = {.progress = is_shown ? progress_show : NULL};
    struct played played;
    int result = incident_play(session->mem, session, incident, path, &options, &played, err);

    if (is_shown)
        fputs("\r\033[K", stderr);
    if (result != 0)
        return NULL;
    if (played.verdict->status == VERDICT_ERROR) {
        error_grader(err, "it could not be run: %s", played.verdict->message ? played.verdict->message : "");
        return NULL;
    }
    return incident_view(session->mem, &played, shown);
}

static char *shipped_path(struct session *session, const struct incident *incident)
{
    return talloc_asprintf(session->mem, "%s/%s", incident->exercise.directory, incident->exercise.file);
}

/* The policy to run, and in *SHOWN what to call it. */
static const char *choose(struct session *session, const struct incident *incident,
                          const struct request *request, const char **shown, struct error *err)
{
    const char *path = request->submission;

    if (request->shipped)
        path = shipped_path(session, incident);
    else if (!path)
        path = work_file(session, &incident->exercise, err);
    *shown = path && !request->submission ? path_shown(session->mem, path) : path;
    return path;
}

/* --- telling ------------------------------------------------------------------------------------------- */

static int write_page(struct session *session, struct request *request, const struct incident *incident,
                      const struct replay_view *view, struct error *err)
{
    const struct replay_view *before = NULL;

    if (!view->is_shipped &&
        !(before = play(session, incident, shipped_path(session, incident), incident->exercise.file, err)))
        return -1;
    if (ftruncate(fileno(request->page), 0) != 0 && errno != EINVAL)
        return error_usage(err, "cannot write %s: %s", request->html, strerror(errno));
    replay_html(request->page, before, view);
    if (close_page(request, err) != 0)
        return -1;
    printf("%s is written: open it in a browser.\n", request->html);
    return 0;
}

static int write_file(const char *folder, const char *name, const char *text, size_t length,
                      struct error *err)
{
    char *path = talloc_asprintf(NULL, "%s/%s.txt", folder, name);
    int result = file_replace(path, text, length, err);

    talloc_free(path);
    if (result != 0)
        err->status = EXIT_USAGE; /* the folder is the user's */
    else
        printf("%s/%s.txt\n", folder, name);
    return result;
}

/* PUT renders NAME.txt. */
static int write_evidence_file(const char *folder, const char *name, const struct replay_view *view,
                               void (*put)(FILE *stream, const struct replay_view *view), struct error *err)
{
    char *text = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&text, &length);
    int result = -1;

    if (put)
        put(memory, view);
    else
        replay_notes(memory, view, name);
    if (fclose(memory) != 0)
        error_grader(err, "out of memory");
    else
        result = write_file(folder, name, text, length, err);
    free(text);
    return result;
}

static int is_first_of_file(const struct replay_view *view, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(view->notes[i].file, view->notes[at].file) == 0)
            return 0;
    return 1;
}

static int write_evidence(const char *folder, const struct replay_view *view, struct error *err)
{
    if (write_evidence_file(folder, "metrics", view, replay_metrics, err) != 0 ||
        write_evidence_file(folder, "log", view, replay_log, err) != 0)
        return -1;
    for (size_t i = 0; i < view->note_count; i++) {
        const char *file = view->notes[i].file;
        if (strcmp(file, "log") == 0 || strcmp(file, "metrics") == 0 || !is_first_of_file(view, i))
            continue;
        if (write_evidence_file(folder, file, view, NULL, err) != 0)
            return -1;
    }
    return 0;
}

static void show(const struct request *request, const struct replay_view *view)
{
    const struct report_style style = output_style();
    double speed =
        request->speed > 0 ? request->speed : fmax(1, floor(view->end_second / LAPSE_SECONDS + 0.5));

    if (!request->plain && view->row_count > 0 && incident_keys(view, &style, speed))
        replay_verdict(stdout, view, &style);
    else
        replay_text(stdout, view, &style);
}

static void print_json(const struct replay_view *view)
{
    json_t *result = replay_json(view);

    json_dumpf(result, stdout, JSON_COMPACT | JSON_REAL_PRECISION(10));
    putchar('\n');
    json_decref(result);
}

static enum exit_status play_live(struct session *session, struct request *request,
                                  const struct incident *incident, const char *path)
{
    struct live_options options;
    struct error err = {0};

    if (live_options_read(&options, incident, request->from, request->seconds, request->port, &err) != 0)
        return refuse(request, &err);
    return incident_live(session, incident, path, &options);
}

/* --- the verb ------------------------------------------------------------------------------------------ */

static int tell(struct session *session, struct request *request, const struct incident *incident,
                const struct replay_view *view, struct error *err)
{
    if (request->page && write_page(session, request, incident, view, err) != 0)
        return -1;
    if (request->evidence && write_evidence(request->evidence, view, err) != 0)
        return -1;
    if (request->json)
        print_json(view);
    else if (!request->html && !request->evidence)
        show(request, view);
    return 0;
}

static enum exit_status replay(struct session *session, struct request *request)
{
    struct error err = {0};
    const char *shown, *path;
    const struct replay_view *view;

    if (check_words(request, &err) != 0)
        return refuse(request, &err);
    const struct incident *incident = session_incident(session, request->id, &err);
    if (!incident)
        return refuse(request, &err);
    request->id = incident->exercise.id;
    path = choose(session, incident, request, &shown, &err);
    if (path && request->live)
        return play_live(session, request, incident, path);
    if (!path || open_page(request, &err) != 0 || open_folder(request, &err) != 0 ||
        !(view = play(session, incident, path, shown, &err)) ||
        tell(session, request, incident, view, &err) != 0)
        return refuse(request, &err);
    return view->status == VERDICT_PASS ? EXIT_GOOD : EXIT_BAD;
}

enum exit_status incident_replay(struct session *session, int argc, char **argv)
{
    struct request request = {0};
    const struct option_rule options[] = {
        {"submission", "PATH", NULL, &request.submission, "this policy instead of the one in work/"},
        {"shipped", NULL, &request.shipped, NULL, "the policy that was running that night"},
        {"html", "FILE", NULL, &request.html, "write it as one page, beside what was running"},
        {"evidence", "DIR", NULL, &request.evidence, "write metrics.txt, log.txt and dumps into DIR"},
        {"speed", "N", NULL, &request.speed_text, "virtual seconds a second (whole: in about 12 s)"},
        {"plain", NULL, &request.plain, NULL, "text at once, also in a terminal"},
        {"json", NULL, &request.json, NULL, "print the record as JSON"},
        {"live", NULL, &request.live, NULL, "in real time, with metrics for a Prometheus"},
        {"from", "TIME", NULL, &request.from, "live: begin there, as at 1:50"},
        {"seconds", "N", NULL, &request.seconds, "live: run so long"},
        {"port", "N", NULL, &request.port, "live: of the metrics, on loopback (by itself: any that is free)"},
        {0}};
    const struct usage usage = {
        "incident replay ID [--submission PATH | --shipped]",
        "Runs the service through its ten minutes, in a second or two, and shows them as a\n"
        "time-lapse: the series, the events on the time axis, the log, and in the end the\n"
        "objective line by line. The same bytes each time. The policy is your own in work/\n"
        "(at first the one that was running); one that does not build, crashes or is killed\n"
        "is shown as far as it came. Piped, it is a table.\n\n"
        "With --live the same service runs in real time, publishes its metrics on loopback for\n"
        "a Prometheus, and really runs out of memory. Nothing is graded then; Ctrl-C ends it.\n\n"
        "Keys: space go or pause, right and left a second, n the next event, up and down (or\n"
        "+ and -) speed, home and end, q out. Letters on the axis: A alert, R resize,\n"
        "B breaker, D deploy, L load, K kill; ! where a line of the objective goes wrong first.\n"
        "Data races are not looked for here: `incident check` does that.\n"
        "Exit status: 0 every line holds, 1 some line does not, 2 bad input, 3 it could not be run.\n",
        "incident replay 1 --shipped              what happened that night\n"
        "incident replay 1                        the same night with your policy\n"
        "incident replay 1 --html night.html      before and after, for a projector\n"
        "incident replay 1 --live --from 1:50     it runs out of memory in half a minute\n",
        options,
        1,
        1};
    struct arguments given;

    if (!arguments_parse(&usage, argc, argv, &given))
        return given.status;
    request.id = given.operands[0];
    return replay(session, &request);
}
