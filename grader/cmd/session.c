/* session.c - what a verb needs of the project, loaded when it is first asked for. See cmd.h and work.h. */
#include "catalog/incident.h"
#include "cmd/arguments.h"
#include "cmd/cmd.h"
#include "cmd/work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum exit_status cmd_error(const struct error *err)
{
    fflush(stdout); /* so that it stands behind what was printed before it */
    fprintf(stderr, "deepend: %s\n", err->text);
    return err->status;
}

static const struct catalog *load(struct session *session, struct catalog **catalog,
                                  struct catalog *(*read)(void *mem, const char *root, struct error *err),
                                  struct error *err)
{
    if (*catalog)
        return *catalog;
    *catalog = read(session->mem, session->root, err);
    for (size_t i = 0; *catalog && i < (*catalog)->faulty_count; i++)
        fprintf(stderr, "deepend: left out: %s\n", (*catalog)->faulty[i].message);
    return *catalog;
}

const struct catalog *session_catalog(struct session *session, struct error *err)
{
    if (session->incidents)
        return session_incidents(session, err);
    return load(session, &session->catalog, catalog_load, err);
}

const struct catalog *session_incidents(struct session *session, struct error *err)
{
    return load(session, &session->incident_catalog, incidents_load, err);
}

struct store *session_store(struct session *session)
{
    struct error err;

    if (session->store_tried)
        return session->store;
    session->store_tried = 1;
    session->store = store_open(session->root, &err);
    if (err.text[0] != '\0')
        cmd_error(&err);
    return session->store;
}

struct progress session_progress(struct session *session, const struct exercise *exercise)
{
    struct store *store = session_store(session);
    struct progress progress = {0};
    struct error err;

    if (store && store_progress(store, exercise->id, &progress, &err) != 0) {
        cmd_error(&err);
        store_close(store);
        session->store = NULL; /* told once is enough */
    }
    return progress;
}

/* --- which exercise ------------------------------------------------------------------------------------ */

static int is_passed(struct session *session, const struct exercise *exercise)
{
    return session_progress(session, exercise).state == STATE_PASSED;
}

/* The exercise last attempted, when it is still there. */
static const struct exercise *latest(struct session *session, const struct catalog *catalog)
{
    struct store *store = session_store(session);
    struct error err;
    char *id = store ? store_latest(session->mem, store, &err) : NULL;

    for (size_t i = 0; id && i < catalog->exercise_count; i++)
        if (strcmp(catalog->exercises[i]->id, id) == 0)
            return catalog->exercises[i];
    return NULL;
}

const struct exercise *session_next(struct session *session, struct error *err)
{
    const struct catalog *catalog = session_catalog(session, err);
    if (!catalog)
        return NULL;
    err->text[0] = '\0';
    const struct exercise *begun = latest(session, catalog);
    if (begun && !is_passed(session, begun))
        return begun;
    for (size_t i = 0; i < catalog->exercise_count; i++)
        if (!is_passed(session, catalog->exercises[i]))
            return catalog->exercises[i];
    return NULL;
}

const struct exercise *session_exercise(struct session *session, const char *name, struct error *err)
{
    const struct catalog *catalog = session_catalog(session, err);
    if (!catalog)
        return NULL;
    if (name)
        return catalog_find(catalog, name, err);
    const struct exercise *next = session_next(session, err);
    if (!next && catalog->exercise_count == 0)
        error_usage(err, "there are no exercises yet");
    else if (!next)
        error_usage(err, "all exercises are passed; name the one you mean (`%s list` shows them)",
                    program_name());
    return next;
}

char *exercise_short(void *mem, const struct exercise *exercise)
{
    if (exercise->incident)
        return talloc_asprintf(mem, "%d", atoi(strchr(exercise->id, '/') + 1));
    return talloc_asprintf(mem, "%s/%d", level_name(exercise->level), atoi(strchr(exercise->id, '/') + 1));
}

const char *state_name(enum progress_state state)
{
    static const char *const names[] = {"new", "started", "passed"};
    return names[state];
}

/* --- output -------------------------------------------------------------------------------------------- */

struct report_style output_style(void)
{
    struct report_style style = report_style_for(stdout);
    style.program = program_name();
    return style;
}

void output_json(json_t *object)
{
    json_dumpf(object, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(object);
}

json_t *json_strings(char *const *strings, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_string(strings[i]));
    return array;
}
