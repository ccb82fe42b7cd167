/* reset.c - `deepend reset ID`: the starter again. The old file is kept beside it, always. */
#include "cmd/arguments.h"
#include "cmd/cmd.h"
#include "cmd/work.h"

#include "base/file.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Whether the learner's file is the starter to the last byte: then there is nothing to do. */
static int is_untouched(struct session *session, const struct exercise *exercise)
{
    struct error err;
    char *starter = exercise_starter(session, exercise, &err);
    char *path = work_path(session, exercise);
    struct stat status; /* reading anything but a plain file might never end */
    int plain = stat(path, &status) == 0 && S_ISREG(status.st_mode);
    char *mine = plain ? file_read(session->mem, path, SOURCE_BYTES, NULL, &err) : NULL;

    return starter && mine && strcmp(starter, mine) == 0;
}

static void print_outcome(struct session *session, const struct exercise *exercise, int untouched,
                          const char *kept)
{
    const char *path = path_shown(session->mem, work_path(session, exercise));

    if (untouched)
        printf("%s is the starter still; nothing was changed.\n", path);
    else
        printf("%s is the starter again.\n", path);
    if (kept)
        printf("What you had is kept: %s\n", path_shown(session->mem, kept));
}

enum exit_status cmd_reset(struct session *session, int argc, char **argv)
{
    int json = 0;
    const struct option_rule options[] = {{"json", NULL, &json, NULL, "what was done, as JSON"}, {0}};
    const struct usage usage = {
        "reset ID",
        "Begins an exercise anew: puts its starter in your file. What you wrote is not lost,\n"
        "it is moved beside it as FILE.1.bak, FILE.2.bak and so on. Attempts and hints stay\n"
        "counted.\n",
        "reset junior/1",
        options,
        1,
        1};
    struct arguments given;
    struct error err;
    char *kept = NULL;

    if (!arguments_parse(&usage, argc, argv, &given))
        return given.status;
    const struct exercise *exercise = session_exercise(session, given.operands[0], &err);
    if (!exercise)
        return cmd_error(&err);
    int untouched = is_untouched(session, exercise);
    if (!untouched && work_reset(session, exercise, &kept, &err) != 0)
        return cmd_error(&err);
    if (json)
        output_json(json_pack("{s:s, s:s, s:s, s:b, s:s?}", "schema", "deepend/reset/1", "id", exercise->id,
                              "file", work_path(session, exercise), "changed", !untouched, "kept", kept));
    else
        print_outcome(session, exercise, untouched, kept);
    return EXIT_GOOD;
}
