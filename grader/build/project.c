/* project.c - find and hash our own sources, see project.h. Discovery is by wildcard, so a new room of the
 * library or a new file of the runtime is built without a list to keep. */
#include "build/project.h"

#include "base/file.h"
#include "build/rooms.h"

#include <string.h>
#include <talloc.h>

enum { SOURCE_LIMIT = 4 * 1024 * 1024 };

/* As file_read, but what is missing or unreadable here is never the user's fault. */
static char *read_ours(void *mem, const char *path, struct error *err)
{
    struct error why;
    char *text = file_read(mem, path, SOURCE_LIMIT, NULL, &why);

    if (!text)
        error_grader(err, "%s", why.text);
    return text;
}

static char *sum_of(void *mem, const char *text)
{
    char sum[SHA256_TEXT];
    sha256_bytes(text, strlen(text), sum);
    return talloc_strdup(mem, sum);
}

/* Relative below the root: neither objects nor keys then depend on where the project lies. */
static const char *below_root(const struct project *project, const char *path)
{
    size_t length = strlen(project->root);
    return strncmp(path, project->root, length) == 0 && path[length] == '/' ? path + length + 1 : path;
}

/* --- texts -------------------------------------------------------------------------------------------- */

struct reading {
    const struct project *project;
    char *whole;
};

static int append_text(void *context, const char *path, struct error *err)
{
    struct reading *reading = context;
    char *text = read_ours(reading->whole, path, err);

    if (!text)
        return -1;
    reading->whole = talloc_asprintf_append_buffer(reading->whole, "\n/* %s */\n%s\n",
                                                   below_root(reading->project, path), text);
    talloc_free(text);
    return 0;
}

/* The texts of all files that match, with their names. NULL on failure. */
static char *texts(struct project *project, const char *folder, const char *pattern, struct error *err)
{
    struct reading reading = {project, talloc_strdup(project, "")};
    return each_file(project, folder, pattern, append_text, &reading, err) == 0 ? reading.whole : NULL;
}

/* --- sources ------------------------------------------------------------------------------------------ */

struct gathering {
    const struct project *project;
    struct sources *list;
    const char *headers; /* what they may include */
    const char *const *includes;
};

static int gather(void *context, const char *path, struct error *err)
{
    struct gathering *gathering = context;
    struct sources *list = gathering->list;
    void *mem = (void *)gathering->project;
    char *text = read_ours(mem, path, err);

    if (!text)
        return -1;
    list->items = talloc_realloc(mem, list->items, struct source, list->count + 1);
    char *all = talloc_asprintf(mem, "%s\n%s", text, gathering->headers);
    list->items[list->count++] = (struct source){talloc_strdup(mem, below_root(gathering->project, path)),
                                                 sum_of(mem, all), gathering->includes};
    talloc_free(text);
    talloc_free(all);
    return 0;
}

/* --- include folders ---------------------------------------------------------------------------------- */

/* LIST, which is NULL at first, with "-I" FOLDER at its end. */
static const char **with_folder(struct project *project, const char **list, const char *folder)
{
    size_t count = list ? talloc_array_length(list) - 1 : 0;

    list = talloc_realloc(project, list, const char *, count + 3);
    list[count] = "-I";
    list[count + 1] = talloc_strdup(project, folder);
    list[count + 2] = NULL;
    return list;
}

static int add_include(void *context, const char *path, struct error *err)
{
    struct project *project = context;

    (void)err;
    project->includes = with_folder(project, project->includes, path);
    return 0;
}

static void find_includes(struct project *project)
{
    add_include(project, project->exercise->directory, NULL);
    each_file(project, project->root, "reference", add_include, project, NULL);
}

/* What the learner's file sees, for the exercise's own: from the root, and MORE behind if it is not NULL. */
static const char **exercise_includes(struct project *project, const char *more)
{
    const char **list = NULL;

    for (size_t i = 1; project->includes[i - 1]; i += 2)
        list = with_folder(project, list, below_root(project, project->includes[i]));
    return more ? with_folder(project, list, more) : list;
}

/* --- the exercise ------------------------------------------------------------------------------------- */

static int gather_exercise(struct project *project, const char *headers, struct error *err)
{
    const struct exercise *exercise = project->exercise;
    struct sources checks = {0};
    const char **engine = exercise_includes(project, "grader/check");
    const char **plain = exercise->incident ? engine : exercise_includes(project, NULL);
    struct gathering check = {project, &checks, headers, engine},
                     support = {project, &project->support, headers, plain};
    const char *name = exercise->incident ? "service.c" : "check.c";

    if (gather(&check, talloc_asprintf(project, "%s/%s", exercise->directory, name), err) != 0)
        return -1;
    project->check = checks.items[0];
    for (size_t i = 0; i < exercise->support_count; i++)
        if (gather(&support, talloc_asprintf(project, "%s/%s", exercise->directory, exercise->support[i]),
                   err) != 0)
            return -1;
    return 0;
}

/* --- the whole ---------------------------------------------------------------------------------------- */

/* The sources of ROOM. They are compiled with what the room includes and no more, so that every exercise that
 * uses the room has the same objects of it. */
static int gather_room(struct project *project, const char *room, struct error *err)
{
    char *own = texts(project, room, "*.[ch]", err), *headers = texts(project, room, "*.h", err);
    const char **others = own ? rooms_used(project, project->root, room, own, err) : NULL;
    const char **includes =
        with_folder(project, with_folder(project, NULL, "reference"), below_root(project, room));

    for (size_t i = 0; headers && others && others[i]; i++) {
        if (strcmp(others[i], room) == 0)
            continue;
        char *more = texts(project, others[i], "*.h", err);
        headers = more ? talloc_asprintf_append_buffer(headers, "%s", more) : NULL;
        includes = with_folder(project, includes, below_root(project, others[i]));
    }
    if (!headers || !others)
        return -1;
    struct gathering reference = {project, &project->reference, headers, includes};
    return each_file(project, room, "*.c", gather, &reference, err);
}

/* The rooms' headers and sources. */
static int load_rooms(struct project *project, const char *const *rooms, struct error *err)
{
    for (size_t i = 0; rooms[i]; i++) {
        char *more = texts(project, rooms[i], "*.h", err);
        if (!more)
            return -1;
        project->headers = talloc_asprintf_append_buffer(project->headers, "%s", more);
        add_include(project, rooms[i], NULL);
    }
    for (size_t i = 0; rooms[i]; i++)
        if (gather_room(project, rooms[i], err) != 0)
            return -1;
    return 0;
}

/* TEXT and what the exercise shares with others: it may want further rooms. */
static char *with_support(struct project *project, char *text, struct error *err)
{
    for (size_t i = 0; text && i < project->exercise->support_count; i++) {
        char *more = texts(project, project->exercise->directory, project->exercise->support[i], err);
        text = more ? talloc_asprintf(project, "%s\n%s", text, more) : NULL;
    }
    return text;
}

/* Rooms that only the submission wants are there for it, too; `uses_reference` does not count them. */
static int load_reference(struct project *project, const char *own, const char *submission, struct error *err)
{
    const char *folder = project->exercise->directory;
    const char **rooms = rooms_used(project, project->root, folder, own, err);

    if (!rooms)
        return -1;
    project->uses_reference = rooms[0] != NULL;
    rooms =
        rooms_used(project, project->root, folder, talloc_asprintf(project, "%s\n%s", own, submission), err);
    return rooms ? load_rooms(project, rooms, err) : -1;
}

struct project *project_load(void *mem, const char *root, const struct exercise *exercise,
                             const char *submission, struct error *err)
{
    struct project *project = talloc_zero(mem, struct project);

    project->root = root;
    project->exercise = exercise;
    find_includes(project);
    char *own = texts(project, exercise->directory, "*.h", err);
    char *sources = texts(project, exercise->directory, "*.c", err);
    char *checking = texts(project, root, "grader/check/*.h", err);
    if (!own || !sources || !checking)
        goto fail;
    project->headers = talloc_strdup(project, own);
    char *all = with_support(project, talloc_asprintf(project, "%s\n%s", own, sources), err);
    if (!all || load_reference(project, all, submission, err) != 0)
        goto fail;
    project->headers_sum = sum_of(project, project->headers);

    char *exploring =
        talloc_asprintf(project, "%s%s%s", checking, texts(project, root, "grader/explore/*.h", err),
                        texts(project, root, "grader/explore/rt/*.h", err));
    struct gathering explorer = {project, &project->explorer, exploring,
                                 with_folder(project, NULL, "grader")};
    if (exercise->incident)
        checking = talloc_asprintf(project, "%s%s", checking,
                                   texts(project, root, "grader/check/incident/*.h", err));
    struct gathering runtime = {project, &project->runtime, checking,
                                with_folder(project, NULL, "grader/check")};
    char *shared = texts(project, exercise->directory, "../parts/*.h", err); /* of incidents */
    char *everything =
        talloc_asprintf(project, "%s%s%s%s", project->headers, sources, checking, shared ? shared : "");
    if (gather_exercise(project, everything, err) != 0 ||
        each_file(project, root, exercise->incident ? "grader/check/incident/*.c" : "grader/check/*.c",
                  gather, &runtime, err) != 0 ||
        each_file(project, root, "grader/explore/rt/*.c", gather, &explorer, err) != 0)
        goto fail;
    if (project->runtime.count == 0) {
        error_grader(err, "there is no C file in %s/grader/check: is the project complete?", root);
        goto fail;
    }
    return project;
fail:
    talloc_free(project);
    return NULL;
}

int project_names(const struct project *project, const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    size_t length = strlen(name);

    for (const char *at = project->headers; (at = strstr(at, name)); at++)
        if ((at == project->headers || !strchr(letters, at[-1])) &&
            (!at[length] || !strchr(letters, at[length])))
            return 1;
    return 0;
}
