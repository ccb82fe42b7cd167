/* project.c - find and hash our own sources, see project.h. Discovery is by wildcard, so a new room of the
 * library or a new file of the runtime is built without a list to keep. */
#include "build/project.h"

#include "base/file.h"
#include "build/lexer.h"

#include <glob.h>
#include <string.h>
#include <talloc.h>

enum { SOURCE_LIMIT = 4 * 1024 * 1024 };

/* PATH with every letter quoted that is special to glob: the project may lie in a folder called "[old]". */
static char *quoted(void *mem, const char *path)
{
    char *result = talloc_strdup(mem, "");

    for (; *path; path++)
        result = talloc_asprintf_append_buffer(result, strchr("\\[]*?", *path) ? "\\%c" : "%c", *path);
    return result;
}

/* Call USE on every file that PATTERN (below FOLDER) matches, in the order of their names. Stops at the first
 * -1. */
static int each_file(void *mem, const char *folder, const char *pattern,
                     int (*use)(void *context, const char *path, struct error *err), void *context,
                     struct error *err)
{
    glob_t found;
    int result = 0;
    char *whole = talloc_asprintf_append(quoted(mem, folder), "/%s", pattern);

    if (glob(whole, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc && result == 0; i++)
            result = use(context, found.gl_pathv[i], err);
        globfree(&found);
    }
    talloc_free(whole);
    return result;
}

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

    if (gather(&check, talloc_asprintf(project, "%s/check.c", exercise->directory), err) != 0)
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
    each_file(project, project->root, "reference/*/", add_include, project, NULL);
}

/* --- the whole ---------------------------------------------------------------------------------------- */

static int has_reference_header(const struct project *project, const struct token *name)
{
    char *base = talloc_strndup(NULL, name->text + 1, name->length - 2);
    const char *slash = strrchr(base, '/');
    char *mark = talloc_asprintf(base, "/%s */\n", slash ? slash + 1 : base);
    char *own = talloc_asprintf(base, "%s/%s", project->exercise->directory, base);
    int found = !file_exists(own) && strstr(project->headers, mark) != NULL;

    talloc_free(base);
    return found;
}

/* Whether TEXT, files of the exercise's, includes a header of the reference library's. */
static int includes_reference(struct project *project, const char *text)
{
    struct lexer lexer;
    struct token token;
    int found = 0;

    lexer_begin(&lexer, project, text);
    while (!found && lexer_next(&lexer, &token))
        found = token.opens_line && token_is(&token, "#") && lexer_next_on_line(&lexer, &token) &&
                token_is(&token, "include") && lexer_next_header(&lexer, &token) &&
                has_reference_header(project, &token);
    return found;
}

struct project *project_load(void *mem, const char *root, const struct exercise *exercise, struct error *err)
{
    struct project *project = talloc_zero(mem, struct project);

    project->root = root;
    project->exercise = exercise;
    char *own = texts(project, exercise->directory, "*.h", err);
    char *sources = texts(project, exercise->directory, "*.c", err);
    char *library = texts(project, root, "reference/*/*.h", err);
    char *checking = texts(project, root, "grader/check/*.h", err);
    if (!own || !sources || !library || !checking)
        goto fail;
    project->headers = talloc_asprintf(project, "%s%s", own, library);
    project->headers_sum = sum_of(project, project->headers);
    project->uses_reference = includes_reference(project, own) || includes_reference(project, sources);
    find_includes(project);

    struct gathering reference = {project, &project->reference, library};
    struct gathering runtime = {project, &project->runtime, checking};
    char *everything = talloc_asprintf(project, "%s%s%s%s", own, sources, library, checking);
    if (gather_exercise(project, everything, err) != 0 ||
        each_file(project, root, "reference/*/*.c", gather, &reference, err) != 0 ||
        each_file(project, root, "grader/check/*.c", gather, &runtime, err) != 0)
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
