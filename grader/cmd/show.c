/* show.c - `deepend show ID`: an exercise's task, the program that a prediction is about, and where
 * everything is. */
#include "cmd/arguments.h"
#include "cmd/cmd.h"
#include "cmd/work.h"
#include "report/text.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

/* --- for people ---------------------------------------------------------------------------------------- */

static int is_header(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 2 && strcmp(entry->d_name + length - 2, ".h") == 0;
}

/* The program of a prediction, with its line numbers: hints and replays name them. */
static void print_program(void *mem, const struct report_style *style, const char *name, const char *text)
{
    int number = 1;

    printf("\n%s\n\n", text_paint(mem, style, ACCENT_BOLD, name));
    for (const char *line = text; *line; number++) {
        size_t length = strcspn(line, "\n");
        printf("  %3d  %.*s\n", number, (int)length, line);
        line += length + (line[length] == '\n');
    }
}

/* What the learner's file is given, and where: the program of a prediction, or the headers of the exercise's
 * folder. */
static void print_headers(struct session *session, const struct exercise *exercise)
{
    struct dirent **entries = NULL;
    char *folder = path_shown(session->mem, exercise->directory);
    int count = scandir(exercise->directory, &entries, is_header, alphasort);

    if (exercise->program)
        printf("  program:    %s/%s\n", folder, exercise->program);
    for (int i = 0; i < count; i++) {
        printf("%s%s/%s\n", i == 0 ? "  read too:   " : "              ", folder, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

static void print_places(struct session *session, const struct report_style *style,
                         const struct exercise *exercise, const char *file)
{
    char *name = exercise_short(session->mem, exercise);
    char *lesson = talloc_asprintf(session->mem, "%s/lessons/%s", session->root, exercise->lesson);

    printf("\n%s: %s, about %u minutes, %u points\n\n", exercise->id, kind_name(exercise->kind),
           exercise->minutes, exercise_max_score(exercise));
    if (file)
        printf("  your file:  %s\n",
               text_paint(session->mem, style, ACCENT_CYAN, path_shown(session->mem, file)));
    print_headers(session, exercise);
    printf("  the lesson: %s\n\n", path_shown(session->mem, lesson));
    printf("  %s watch %-12s  grades it at every save\n", program_name(), name);
    printf("  %s check %-12s  grades it once\n", program_name(), name);
    printf("  %s hint %-12s   when you are stuck\n", program_name(), name);
}

/* --- for programs -------------------------------------------------------------------------------------- */

static json_t *checks_json(const struct exercise *exercise)
{
    json_t *checks = json_array();

    for (size_t i = 0; i < exercise->check_count; i++) {
        const struct check_spec *check = &exercise->checks[i];
        json_array_append_new(checks,
                              json_pack("{s:s, s:s, s:o, s:i}", "name", check->name, "title", check->title,
                                        "variants", json_strings(check->variants, check->variant_count),
                                        "points", (int)check->points));
    }
    return checks;
}

static json_t *show_json(struct session *session, const struct exercise *exercise, const char *task,
                         const char *file, const char *program)
{
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:o, s:s, s:s?, s:i, s:o, s:s}", "schema", "deepend/show/1",
        "id", exercise->id, "title", exercise->title, "level", level_name(exercise->level), "kind",
        kind_name(exercise->kind), "state", state_name(session_progress(session, exercise).state), "minutes",
        (int)exercise->minutes, "covers", json_strings(exercise->covers, exercise->cover_count), "lesson",
        exercise->lesson, "file", file, "max_score", (int)exercise_max_score(exercise), "checks",
        checks_json(exercise), "task", task);

    if (program)
        json_object_set_new(object, "program", json_string(program));
    return object;
}

enum exit_status cmd_show(struct session *session, int argc, char **argv)
{
    int json = 0;
    const struct option_rule options[] = {{"json", NULL, &json, NULL, "the task and its facts as JSON"}, {0}};
    const struct usage usage = {
        "show [ID] [--json]",
        "Shows an exercise's task, which file to edit and how to have it graded. Without an\n"
        "ID, the exercise that comes next.\n",
        "show junior/1",
        options,
        0,
        1};
    struct arguments given;
    struct error err, no_file;

    if (!arguments_parse(&usage, argc, argv, &given))
        return given.status;
    const struct exercise *exercise = session_exercise(session, given.operands[0], &err);
    char *task = exercise ? exercise_text(session, exercise, "task.md", &err) : NULL;
    char *program =
        task && exercise->program ? exercise_text(session, exercise, exercise->program, &err) : NULL;
    if (!task || (exercise->program && !program))
        return cmd_error(&err);
    char *file = work_file(session, exercise, &no_file);
    struct report_style style = output_style();
    if (json) {
        output_json(show_json(session, exercise, task, file, program));
    } else {
        report_markdown(stdout, task, &style);
        if (program)
            print_program(session->mem, &style, exercise->program, program);
        print_places(session, &style, exercise, file);
    }
    if (!file)
        cmd_error(&no_file); /* the task can be read all the same */
    return EXIT_GOOD;
}
