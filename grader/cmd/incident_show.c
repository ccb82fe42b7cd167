/* incident_show.c - `deepend incident show`: the page as the on-call engineer gets it, where everything is, the
 * objective, and what to type. It does not name the lessons: they would give the cause away. */
#include "cmd/arguments.h"
#include "cmd/diagnosis.h"
#include "cmd/incident.h"
#include "cmd/work.h"
#include "report/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

/* --- for people ---------------------------------------------------------------------------------------- */

/* The header that goes with the learner's file: other ones are the service's own. */
static void print_header(const struct incident *incident, const char *folder)
{
    const char *file = incident->exercise.file;

    printf("  read too:   %s/%.*s.h\n", folder, (int)strcspn(file, "."), file);
}

static void print_evidence(void *mem, const struct incident *incident, const char *folder)
{
    struct evidence_file *files;
    size_t count = evidence_files(mem, incident, &files);

    for (size_t i = 0; i < count; i++)
        printf("%s%s/evidence/%s, %u lines\n", i == 0 ? "  evidence:   " : "              ", folder,
               files[i].name, files[i].lines);
}

static void print_places(struct session *session, const struct report_style *style,
                         const struct incident *incident, const char *file)
{
    const struct exercise *exercise = &incident->exercise;
    const char *folder = path_shown(session->mem, exercise->directory);

    printf("\n%s: %s, about %u minutes, %u points\n\n", exercise->id, level_name(exercise->level),
           exercise->minutes, exercise_max_score(exercise));
    if (file)
        printf("  your file:  %s\n",
               text_paint(session->mem, style, ACCENT_CYAN, path_shown(session->mem, file)));
    print_header(incident, folder);
    print_evidence(session->mem, incident, folder);
}

static void print_objective(void *mem, const struct report_style *style, const struct incident *incident)
{
    int width = 0;

    printf("\n%s\n\n", text_paint(mem, style, ACCENT_BOLD, "It is repaired when"));
    for (size_t i = 0; i < incident->slo_count; i++)
        if ((int)strlen(incident->slo[i].name) > width)
            width = (int)strlen(incident->slo[i].name);
    for (size_t i = 0; i < incident->slo_count; i++) {
        const struct slo *slo = &incident->slo[i];
        char *first = talloc_asprintf(mem, "  %-*s  ", width, slo->name);
        text_wrap(stdout, talloc_asprintf(mem, "%s (%u)", slo->title, slo->points), first,
                  text_blanks((size_t)width + 4), style->width);
    }
}

static void print_commands(const char *name)
{
    printf("\n  %s incident replay %-4s  watch it happen\n", program_name(), name);
    printf("  %s incident answer %-4s  say what it was, and which lines show it\n", program_name(), name);
    printf("  %s incident check %-4s   grade your repair\n", program_name(), name);
}

/* --- for programs -------------------------------------------------------------------------------------- */

static json_t *objective_json(const struct incident *incident)
{
    json_t *lines = json_array();

    for (size_t i = 0; i < incident->slo_count; i++) {
        const struct slo *slo = &incident->slo[i];
        json_array_append_new(lines, json_pack("{s:s, s:s, s:s, s:i, s:i, s:i}", "name", slo->name, "title",
                                               slo->title, "must", slo->must, "from", (int)slo->from, "to",
                                               (int)slo->to, "points", (int)slo->points));
    }
    return lines;
}

static json_t *evidence_json(void *mem, const struct incident *incident)
{
    struct evidence_file *files;
    size_t count = evidence_files(mem, incident, &files);
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++) {
        char *path = talloc_asprintf(mem, "%s/evidence/%s", incident->exercise.directory, files[i].name);
        json_array_append_new(list, json_pack("{s:s, s:s, s:i}", "file", files[i].name, "path", path, "lines",
                                              (int)files[i].lines));
    }
    return list;
}

static json_t *choice_json(const struct choice *choice)
{
    json_t *options = json_array();

    for (size_t i = 0; i < choice->option_count; i++)
        json_array_append_new(
            options, json_pack("{s:s, s:s}", "id", choice->options[i].id, "text", choice->options[i].text));
    return json_pack("{s:s, s:o}", "question", choice->question, "options", options);
}

/* The questions without their answers; null when they cannot be asked. */
static json_t *questions_json(struct session *session, const struct incident *incident)
{
    struct error err;
    const struct questions *questions = questions_load(session->mem, session->root, incident, &err);

    if (!questions)
        return json_null();
    return json_pack("{s:o, s:{s:s, s:i}, s:o}", "cause", choice_json(&questions->cause), "evidence",
                     "question", questions->evidence.question, "needed", (int)questions->evidence.needed,
                     "action", choice_json(&questions->action));
}

static json_t *show_json(struct session *session, const struct incident *incident, const char *page,
                         const char *file)
{
    const struct exercise *e = &incident->exercise;

    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:o, s:s?, s:i, s:o, s:o, s:o, s:s}", "schema",
        "deepend/incident/1", "id", e->id, "title", e->title, "level", level_name(e->level), "incident",
        incident->catalogue, "state", state_name(session_progress(session, e).state), "minutes",
        (int)e->minutes, "seconds", (int)incident->seconds, "budget_mb", (int)incident->budget_mb, "covers",
        json_strings(e->covers, e->cover_count), "file", file, "max_score", (int)exercise_max_score(e),
        "objective", objective_json(incident), "evidence", evidence_json(session->mem, incident), "questions",
        questions_json(session, incident), "page", page);
}

/* --- the verb ------------------------------------------------------------------------------------------ */

static void print_all(struct session *session, const struct incident *incident, const char *page,
                      const char *file)
{
    struct report_style style = output_style();

    report_markdown(stdout, page, &style);
    print_places(session, &style, incident, file);
    print_objective(session->mem, &style, incident);
    print_commands(exercise_short(session->mem, &incident->exercise));
}

enum exit_status incident_show(struct session *session, int argc, char **argv)
{
    int json = 0;
    const struct option_rule options[] = {{"json", NULL, &json, NULL, "the same as JSON"}, {0}};
    const struct usage usage = {
        "incident show ID [--json]",
        "Shows what the on-call engineer gets: the page, where the evidence lies, and when\n"
        "it counts as repaired. Your file is there to be edited from then on.\n",
        "incident show 1",
        options,
        1,
        1};
    struct arguments given;
    struct error err, no_file;

    if (!arguments_parse(&usage, argc, argv, &given))
        return given.status;
    const struct incident *incident = session_incident(session, given.operands[0], &err);
    char *page = incident ? exercise_text(session, &incident->exercise, "page.md", &err) : NULL;
    if (!page)
        return cmd_error(&err);
    char *file = work_file(session, &incident->exercise, &no_file);
    if (json)
        output_json(show_json(session, incident, page, file));
    else
        print_all(session, incident, page, file);
    if (!file)
        cmd_error(&no_file); /* the page can be read all the same */
    return EXIT_GOOD;
}
