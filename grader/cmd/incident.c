/* incident.c - `deepend incident VERB`: incidents, from the page to the postmortem. One file for each verb that
 * is not also one for exercises. */
#include "cmd/incident.h"

#include "catalog/suggest.h"
#include "cmd/arguments.h"
#include "cmd/work.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

/* argv[0] of each is its own name. */
static const struct verb verbs[] = {
    {"list", "", "every incident, with how far you are", incident_list},
    {"show", "ID", "the page, the timeline, and where the evidence lies", incident_show},
    {"replay", "ID [--html FILE] [--live]", "watch it happen, with your policy or the one that was running",
     incident_replay},
    {"answer", "ID", "say what it was: cause, evidence, first action", incident_answer},
    {"check", "ID [--submission PATH]", "grade your policy against the objective", incident_check},
    {"postmortem", "ID [--give-up]", "what it was, once you have passed or given up", incident_postmortem},
    {"reset", "ID", "the shipped policy again; your file is kept", incident_reset},
    {NULL, NULL, NULL, NULL}};

const struct incident *session_incident(struct session *session, const char *name, struct error *err)
{
    session->incidents = 1;
    const struct catalog *catalog = session_catalog(session, err);
    const struct exercise *exercise = catalog ? catalog_find(catalog, name, err) : NULL;
    return exercise ? exercise->incident : NULL;
}

/* --- playing ------------------------------------------------------------------------------------------- */

/* The incident's exercise with only those checks that one run in virtual time can tell. */
static const struct exercise *without_races(void *mem, const struct incident *incident)
{
    struct exercise *exercise = talloc(mem, struct exercise);

    *exercise = incident->exercise;
    exercise->checks = talloc_array(mem, struct check_spec, (unsigned)incident->slo_count);
    exercise->check_count = 0;
    for (size_t i = 0; i < incident->slo_count; i++)
        if (incident->slo[i].rule != SLO_RACES)
            exercise->checks[exercise->check_count++] = incident->exercise.checks[i];
    return exercise;
}

int incident_play(void *mem, struct session *session, const struct incident *incident, const char *path,
                  const struct grade_options *options, struct played *played, struct error *err)
{
    struct grade_seconds seconds;
    struct verdict *verdict;

    *played = (struct played){.incident = incident, .path = path};
    if (grade_submission(mem, session, without_races(mem, incident), path, options, &verdict, &seconds,
                         err) != 0)
        return -1;
    played->verdict = verdict;
    if (verdict->check_count > 0 && verdict->checks[0].run)
        played->timeline = verdict->checks[0].run->timeline;
    return 0;
}

/* --- verbs that exercises have as well ------------------------------------------------------------------ */

/* Whether the command line is as USAGE wants it; the mistake, or help, has been told if not. NAME is the first
 * word that is no option. Leaves argv as it is. */
static int is_wellformed(struct session *session, int argc, char **argv, const struct usage *usage,
                         const char **name, enum exit_status *status)
{
    char **copy = talloc_memdup(session->mem, argv, sizeof *argv * ((size_t)argc + 1));
    struct arguments given;

    if (!arguments_parse(usage, argc, copy, &given)) {
        *status = given.status;
        return 0;
    }
    *name = given.operands[0];
    return 1;
}

/* One line, unless there is a diagnosis, or nothing left to find out. */
static void remind_of_diagnosis(struct session *session, const char *name)
{
    struct error unimportant;
    const struct incident *incident = session_incident(session, name, &unimportant);

    if (!incident || incident_diagnosis(session, incident).attempts > 0)
        return;
    struct progress progress = session_progress(session, &incident->exercise);
    if (progress.state != STATE_PASSED && !progress.gave_up)
        fprintf(stderr, "no diagnosis yet: `%s incident answer %s` asks for cause and evidence first\n",
                program_name(), exercise_short(session->mem, &incident->exercise));
}

enum exit_status incident_check(struct session *session, int argc, char **argv)
{
    const char *path;
    int flag;
    const struct option_rule options[] = {
        {"submission", "PATH", NULL, &path, "grade this file instead of the one in work/"},
        {"json", NULL, &flag, NULL, "print the result as JSON"},
        {"junit", "FILE", NULL, &path, "write the result as JUnit XML as well; - for stdout"},
        {"raw", NULL, &flag, NULL, "the tools' own words as well"},
        {"timings", NULL, &flag, NULL, "how long each stage took"},
        {"no-store", NULL, &flag, NULL, "do not count this as an attempt"},
        {0}};
    const struct usage usage = {
        "incident check ID [--submission PATH]",
        "Runs the ten minutes with your policy and holds them against the objective, line by\n"
        "line; then once more, shorter, above ThreadSanitizer.\n"
        "Exit status: 0 passed, 1 not passed, 2 bad input, 3 could not be judged.\n",
        "incident check 1                          your own policy\n",
        options,
        1,
        1};
    const char *name;
    enum exit_status status;

    if (!is_wellformed(session, argc, argv, &usage, &name, &status))
        return status;
    session->incidents = 1;
    remind_of_diagnosis(session, name);
    return cmd_check(session, argc, argv);
}

enum exit_status incident_reset(struct session *session, int argc, char **argv)
{
    int flag;
    const struct option_rule options[] = {{"json", NULL, &flag, NULL, "print the result as JSON"}, {0}};
    const struct usage usage = {"incident reset ID",
                                "Puts the policy that was shipped back. Your own file is moved beside it.\n",
                                "incident reset 1\n",
                                options,
                                1,
                                1};
    const char *name;
    enum exit_status status;

    if (!is_wellformed(session, argc, argv, &usage, &name, &status))
        return status;
    session->incidents = 1;
    return cmd_reset(session, argc, argv);
}

/* --- the table ----------------------------------------------------------------------------------------- */

static void print_overview(void)
{
    printf("Production incidents that replay: the same ten minutes each time, in a few seconds.\n\n"
           "Usage: %s incident VERB [ARGUMENTS]\n\n",
           program_name());
    for (const struct verb *verb = verbs; verb->name; verb++) {
        int used = printf("  %s %s", verb->name, verb->arguments);
        printf("%*s%s\n", used < 36 ? 36 - used : 2, "", verb->summary);
    }
    printf("\nBegin with `%s incident show 1`. Each verb explains itself: `%s incident VERB --help`.\n",
           program_name(), program_name());
}

static enum exit_status unknown(const char *name)
{
    struct error err;

    for (const struct verb *verb = verbs; verb->name; verb++)
        if (is_near(edit_distance(name, verb->name), strlen(verb->name))) {
            error_usage(&err, "there is no verb 'incident %s'; did you mean `%s`?", name, verb->name);
            return cmd_error(&err);
        }
    error_usage(&err, "there is no verb 'incident %s' (`%s incident --help` lists them)", name,
                program_name());
    return cmd_error(&err);
}

enum exit_status cmd_incident(struct session *session, int argc, char **argv)
{
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_overview();
        return argc < 2 ? EXIT_USAGE : EXIT_GOOD;
    }
    for (const struct verb *verb = verbs; verb->name; verb++)
        if (strcmp(verb->name, argv[1]) == 0)
            return verb->run(session, argc - 1, argv + 1);
    return unknown(argv[1]);
}
