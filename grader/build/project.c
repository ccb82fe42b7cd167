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

/* --- texts -------------------------------------------------------------------------------------------- */

static int append_text(void *context, const char *path, struct error *err)
{
    char **whole = context;
    char *text = read_ours(*whole, path, err);

    if (!text)
        return -1;
    *whole = talloc_asprintf_append_buffer(*whole, "\n/* %s */\n%s\n", path, text);
    talloc_free(text);
    return 0;
}

/* The texts of all files that match, with their names. NULL on failure. */
static char *texts(void *mem, const char *folder, const char *pattern, struct error *err)
{
    char *whole = talloc_strdup(mem, "");
    return each_file(mem, folder, pattern, append_text, &whole, err) == 0 ? whole : NULL;
}

/* --- sources ------------------------------------------------------------------------------------------ */

struct gathering {
    const struct project *project;
    struct sources *list;
    const char *headers; /* what they may include */
};

/* Relative below the root: objects then do not depend on where the project lies. */
static const char *below_root(const struct project *project, const char *path)
{
    size_t length = strlen(project->root);
    return strncmp(path, project->root, length) == 0 && path[length] == '/' ? path + length + 1 : path;
}

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
    list->items[list->count++] =
        (struct source){talloc_strdup(mem, below_root(gathering->project, path)), sum_of(mem, all)};
    talloc_free(text);
    talloc_free(all);
    return 0;
}

static int gather_exercise(struct project *project, const char *headers, struct error *err)
{
    const struct exercise *exercise = project->exercise;
    struct sources checks = {0};
    struct gathering check = {project, &checks, headers}, support = {project, &project->support, headers};

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

/* --- include folders ---------------------------------------------------------------------------------- */

static int add_include(void *context, const char *path, struct error *err)
{
    struct project *project = context;
    size_t count = talloc_array_length(project->includes); /* with the final NULL */

    (void)err;
    project->includes = talloc_realloc(project, project->includes, const char *, count + 2);
    project->includes[count - 1] = "-I";
    project->includes[count] = talloc_strdup(project, path);
    project->includes[count + 1] = NULL;
    return 0;
}

static void find_includes(struct project *project)
{
    project->includes = talloc_zero_array(project, const char *, 1);
    add_include(project, project->exercise->directory, NULL);
    each_file(project, project->root, "reference", add_include, project, NULL);
}

/* --- the whole ---------------------------------------------------------------------------------------- */

/* The rooms' headers and sources. */
static int load_rooms(struct project *project, const char *const *rooms, struct error *err)
{
    char *headers = talloc_strdup(project, "");

    for (size_t i = 0; rooms[i]; i++) {
        char *more = texts(project, rooms[i], "*.h", err);
        if (!more)
            return -1;
        headers = talloc_asprintf_append_buffer(headers, "%s", more);
        add_include(project, rooms[i], NULL);
    }
    project->headers = talloc_asprintf_append_buffer(project->headers, "%s", headers);
    struct gathering reference = {project, &project->reference, headers};
    for (size_t i = 0; rooms[i]; i++)
        if (each_file(project, rooms[i], "*.c", gather, &reference, err) != 0)
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

    if (exercise->incident)
        checking = talloc_asprintf(project, "%s%s", checking,
                                   texts(project, root, "grader/check/incident/*.h", err));
    struct gathering runtime = {project, &project->runtime, checking};
    char *exploring =
        talloc_asprintf(project, "%s%s%s", checking, texts(project, root, "grader/explore/*.h", err),
                        texts(project, root, "grader/explore/rt/*.h", err));
    struct gathering explorer = {project, &project->explorer, exploring};
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
