/* kept.c - the failing schedules of checks, see kept.h. */
#include "cmd/kept.h"

#include "base/file.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { PROGRAM_DIGITS = 8 };

/* work/replays/DIGITS-check, or NULL when TOKEN is not of that form. */
static char *folder_of(struct session *session, const char *token)
{
    const char *dash = strchr(token, '-');

    if (!dash || strspn(dash + 1, "0123456789abcdef") < PROGRAM_DIGITS || dash[1 + PROGRAM_DIGITS] != '-')
        return NULL;
    return talloc_asprintf(session->mem, "%s/work/replays/%.*s-check", session->root, PROGRAM_DIGITS,
                           dash + 1);
}

/* --- keeping ------------------------------------------------------------------------------------------ */

static void save(struct session *session, const struct verdict *verdict, const struct check_verdict *row)
{
    const struct submission *submission = verdict->submission;
    char *folder = folder_of(session, row->token);
    struct error err;

    if (!folder || folder_make(folder, &err) != 0)
        return;
    json_t *manifest = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "schema", "deepend/kept/1", "exercise",
                                 verdict->exercise->id, "check", row->name, "variant", row->variant, "file",
                                 submission->name, "from", submission->path);
    char *text = manifest ? json_dumps(manifest, JSON_INDENT(2)) : NULL;
    if (text) {
        file_replace(talloc_asprintf(folder, "%s/%s", folder, submission->name), submission->text,
                     submission->length, &err);
        file_replace(talloc_asprintf(folder, "%s/check.json", folder), text, strlen(text), &err);
    }
    free(text);
    json_decref(manifest);
}

void kept_save(struct session *session, const struct verdict *verdict)
{
    for (size_t i = 0; i < verdict->check_count; i++)
        if (verdict->checks[i].token)
            save(session, verdict, &verdict->checks[i]);
}

/* --- again -------------------------------------------------------------------------------------------- */

/* What a manifest tells; texts of the manifest's own. */
struct kept {
    const char *exercise, *check, *variant, *file, *from;
};

static int read_kept(const json_t *manifest, struct kept *kept)
{
    return json_unpack((json_t *)manifest, "{s:s, s:s, s:s, s:s, s:s}", "exercise", &kept->exercise, "check",
                       &kept->check, "variant", &kept->variant, "file", &kept->file, "from", &kept->from);
}

static int has_changed(void *mem, const struct kept *kept, const struct submission *graded)
{
    struct error err;
    size_t length;
    char *now = file_read(mem, kept->from, SUBMISSION_BYTES, &length, &err);

    return !now || length != graded->length || memcmp(now, graded->text, length) != 0;
}

/* *FILE: the learner's as it was graded; for a prediction it becomes the program, which alone is run. */
static int replay(struct session *session, const struct kept *kept, const char *token, char **file,
                  struct explore_report **report, int *changed, struct error *err)
{
    const struct catalog *catalog = session_catalog(session, err);
    const struct exercise *exercise = catalog ? catalog_find(catalog, kept->exercise, err) : NULL;
    struct submission *submission = exercise ? submission_load(session->mem, exercise, *file, err) : NULL;
    struct build *build =
        submission ? build_submission(session->mem, session->root, exercise, submission, err) : NULL;

    if (!build)
        return -1;
    *changed = !exercise->program && has_changed(session->mem, kept, submission);
    if (exercise->program)
        *file = talloc_asprintf(session->mem, "%s/%s", exercise->directory, exercise->program);
    if (build->status != BUILD_DONE)
        return error_usage(err, "%s, as it was graded, is not accepted any more: %s has changed", kept->file,
                           exercise->id);
    return run_replay(session->mem, build, kept->check, kept->variant, token, report, err);
}

int kept_replay(struct session *session, const char *token, struct explore_report **report, char **file,
                int *changed, struct error *err)
{
    char *folder = folder_of(session, token);
    json_t *manifest =
        folder ? json_load_file(talloc_asprintf(session->mem, "%s/check.json", folder), 0, NULL) : NULL;
    struct kept kept;
    int result = 0;

    if (manifest && read_kept(manifest, &kept) == 0) {
        *file = talloc_asprintf(session->mem, "%s/%s", folder, kept.file);
        result = replay(session, &kept, token, file, report, changed, err) == 0 ? 1 : -1;
    }
    json_decref(manifest);
    return result;
}
