/* explored.c - programs compiled for exploring and kept under work/replays, see explored.h. */
#include "cmd/explored.h"

#include "base/file.h"
#include "explore/explore.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

enum { SOURCE_LIMIT = 16 << 20, KEPT = 100 };

/* --- lists --------------------------------------------------------------------------------------------- */

static size_t count_words(const char *const *list)
{
    size_t count = 0;
    while (list && list[count])
        count++;
    return count;
}

static const char **copy_words(void *mem, const char *const *list)
{
    size_t count = count_words(list);
    const char **copy = talloc_zero_array(mem, const char *, (unsigned)count + 1);

    for (size_t i = 0; i < count; i++)
        copy[i] = talloc_strdup(mem, list[i]);
    return copy;
}

static json_t *words_json(const char *const *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count_words(list); i++)
        json_array_append_new(array, json_string(list[i]));
    return array;
}

static const char **words_from_json(void *mem, const json_t *array)
{
    size_t count = json_array_size(array);
    const char **list = talloc_zero_array(mem, const char *, (unsigned)count + 1);

    for (size_t i = 0; i < count; i++) {
        const char *word = json_string_value(json_array_get(array, i));
        list[i] = talloc_strdup(mem, word ? word : "");
    }
    return list;
}

/* --- hashes -------------------------------------------------------------------------------------------- */

/* Name and hash of each file listed in BINARY.sources, as JSON. NULL: err says why. */
static json_t *hash_sources(void *mem, const char *binary, struct error *err)
{
    char *list = file_read(mem, talloc_asprintf(mem, "%s.sources", binary), SOURCE_LIMIT, NULL, err);
    char *rest = NULL, sum[SHA256_TEXT];
    json_t *sources = json_array();

    for (char *path = list ? strtok_r(list, "\n", &rest) : NULL; path; path = strtok_r(NULL, "\n", &rest)) {
        size_t length;
        char *whole = realpath(path, NULL);
        char *text = file_read(mem, whole ? whole : path, SOURCE_LIMIT, &length, err);
        if (text) {
            sha256_bytes(text, length, sum);
            json_array_append_new(sources,
                                  json_pack("{s:s, s:s}", "path", whole ? whole : path, "sha256", sum));
        }
        free(whole);
        if (!text)
            list = NULL;
    }
    if (list)
        return sources;
    json_decref(sources);
    return NULL;
}

/* One hash of what the program is made of, wherever it lies. */
static void hash_program(void *mem, const struct explored *program, const json_t *sources, char hash[17])
{
    char *text = talloc_asprintf(mem, "explored%s %s\n", program->sanitizer ? " over ThreadSanitizer" : "",
                                 DEEPEND_VERSION);
    char sum[SHA256_TEXT];
    const char *const *lists[] = {program->flags, program->arguments};
    const json_t *source;
    size_t i;

    json_array_foreach(sources, i, source)
    {
        const char *path = json_string_value(json_object_get(source, "path"));
        const char *slash = strrchr(path, '/');
        text = talloc_asprintf_append_buffer(text, "%s %s\n", slash ? slash + 1 : path,
                                             json_string_value(json_object_get(source, "sha256")));
    }
    for (i = 0; i < 2; i++)
        for (const char *const *word = lists[i]; *word; word++)
            text = talloc_asprintf_append_buffer(text, "%zu %s\n", i, *word);
    sha256_bytes(text, strlen(text), sum);
    snprintf(hash, 17, "%.16s", sum);
}

/* --- making -------------------------------------------------------------------------------------------- */

static int write_manifest(void *mem, const struct explored *program, json_t *sources, const char *folder,
                          struct error *err)
{
    json_t *manifest = json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:O}", "schema", "deepend/replay/1",
                                 "directory", program->directory, "sanitizer", program->sanitizer, "files",
                                 words_json(program->files), "flags", words_json(program->flags), "arguments",
                                 words_json(program->arguments), "sources", sources);
    char *text = json_dumps(manifest, JSON_INDENT(2));
    int result = text ? file_replace(talloc_asprintf(mem, "%s/program.json", folder), text, strlen(text), err)
                      : error_grader(err, "the program's names are no valid text");

    free(text);
    json_decref(manifest);
    return result;
}

/* The oldest folder in REPLAYS, when there are more than are kept; else NULL. */
static char *oldest(void *mem, const char *replays)
{
    DIR *handle = opendir(replays);
    struct dirent *entry;
    struct stat status;
    struct timespec least = {0};
    size_t count = 0;
    char *found = NULL;

    while (handle && (entry = readdir(handle))) {
        if (entry->d_name[0] == '.' || fstatat(dirfd(handle), entry->d_name, &status, 0) != 0)
            continue;
        if (!found || status.st_mtim.tv_sec < least.tv_sec ||
            (status.st_mtim.tv_sec == least.tv_sec && status.st_mtim.tv_nsec < least.tv_nsec)) {
            least = status.st_mtim;
            found = talloc_asprintf(mem, "%s/%s", replays, entry->d_name);
        }
        count++;
    }
    if (handle)
        closedir(handle);
    return count > KEPT ? found : NULL;
}

/* Put the folder WORK where the hash says. */
static int keep(void *mem, const char *replays, const char *work, struct explored *program, struct error *err)
{
    char *folder = talloc_asprintf(mem, "%s/%s", replays, program->hash);

    if (rename(work, folder) != 0) {
        path_remove(folder); /* from an earlier time; its runtime may be older */
        if (rename(work, folder) != 0)
            return error_grader(err, "cannot keep the program in %s: %s", folder, strerror(errno));
    }
    program->binary = talloc_asprintf(mem, "%s/program", folder);
    for (const char *old = oldest(mem, replays); old; old = oldest(mem, replays))
        if (path_remove(old) != 0)
            break;
    return 0;
}

/* Linkers tell of a missing main in the explorer's own words, which nobody knows. */
static int no_main(const struct explored *program, struct error *err)
{
    if (err->status != EXIT_USAGE ||
        (!strstr(err->text, "undefined reference to `main'") && !strstr(err->text, "undefined symbol: main")))
        return -1;
    return error_usage(err, "there is no main in %s%s: name all files that the program is made of",
                       program->files[0], program->files[1] ? " and the others" : "");
}

/* Compile PROGRAM, whose files, flags, arguments and folder are known; fill its hash and binary. */
static int make(struct session *session, struct explored *program, struct error *err)
{
    void *mem = session->mem;
    char *replays = talloc_asprintf(mem, "%s/work/replays", session->root);
    char *work = talloc_asprintf(mem, "%s/new.%d", replays, (int)getpid());
    char *binary = talloc_asprintf(mem, "%s/program", work);
    json_t *sources = NULL;
    int result = folder_make(work, err);

    if (result == 0)
        result = explore_compile(mem, session->root, program->files, program->flags, program->sanitizer,
                                 binary, err) != 0
                     ? no_main(program, err)
                     : 0;
    if (result == 0 && !(sources = hash_sources(mem, binary, err)))
        result = -1;
    if (result == 0) {
        hash_program(mem, program, sources, program->hash);
        result = write_manifest(mem, program, sources, work, err);
    }
    if (result == 0)
        result = keep(mem, replays, work, program, err);
    if (result != 0)
        path_remove(work);
    json_decref(sources);
    return result;
}

/* FILES with their whole paths. NULL: err says which is missing. */
static const char **whole_paths(void *mem, char *const *files, struct error *err)
{
    size_t count = count_words((const char *const *)files);
    const char **list = talloc_zero_array(mem, const char *, (unsigned)count + 1);

    for (size_t i = 0; i < count; i++) {
        char *whole = realpath(files[i], NULL);
        size_t length = strlen(files[i]);
        if (!whole || length < 3 || strcmp(files[i] + length - 2, ".c") != 0) {
            if (!whole)
                error_usage(err, "%s: %s", files[i], strerror(errno));
            else
                error_usage(err, "%s: only C files, FILE.c, can be explored", files[i]);
            free(whole);
            return NULL;
        }
        list[i] = talloc_strdup(mem, whole);
        free(whole);
    }
    return list;
}

static char *current_folder(void *mem)
{
    char path[PATH_MAX];
    return talloc_strdup(mem, getcwd(path, sizeof path) ? path : "/");
}

int explored_make(struct session *session, char *const *files, const char **flags, char *const *arguments,
                  int sanitizer, struct explored *program, struct error *err)
{
    *program = (struct explored){.sanitizer = sanitizer,
                                 .flags = copy_words(session->mem, flags),
                                 .arguments = copy_words(session->mem, (const char *const *)arguments),
                                 .directory = current_folder(session->mem)};
    program->files = whole_paths(session->mem, files, err);
    return program->files ? make(session, program, err) : -1;
}

/* --- again --------------------------------------------------------------------------------------------- */

/* The folder in FOLDER whose name begins with PREFIX, or NULL. */
static char *folder_beginning(void *mem, const char *folder, const char *prefix)
{
    DIR *handle = opendir(folder);
    struct dirent *entry;
    char *found = NULL;

    while (handle && !found && (entry = readdir(handle)))
        if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
            found = talloc_asprintf(mem, "%s/%s", folder, entry->d_name);
    if (handle)
        closedir(handle);
    return found;
}

/* The folder of the program whose hash begins as TOKEN says, through its manifest; NULL: it is not here. */
static json_t *find_manifest(struct session *session, const char *token)
{
    const char *dash = strchr(token, '-');
    char prefix[9];

    if (!dash || strlen(dash) < 10)
        return NULL;
    snprintf(prefix, sizeof prefix, "%s", dash + 1);
    if (strspn(prefix, "0123456789abcdef") != 8)
        return NULL;
    /* eight digits of sixteen: the folder's name goes on */
    char *found = folder_beginning(session->mem,
                                   talloc_asprintf(session->mem, "%s/work/replays", session->root), prefix);
    return found ? json_load_file(talloc_asprintf(session->mem, "%s/program.json", found), 0, NULL) : NULL;
}

/* The first file that is not what it was, with why; NULL: all are. */
static const char *changed_file(void *mem, const json_t *manifest, const char **why)
{
    const json_t *source;
    char sum[SHA256_TEXT];
    size_t i, length;
    struct error err;

    json_array_foreach(json_object_get(manifest, "sources"), i, source)
    {
        const char *path = json_string_value(json_object_get(source, "path"));
        const char *wanted = json_string_value(json_object_get(source, "sha256"));
        char *text = path && wanted ? file_read(mem, path, SOURCE_LIMIT, &length, &err) : NULL;
        *why = text ? "has changed since" : "cannot be read any more";
        if (text)
            sha256_bytes(text, length, sum);
        if (!text || strcmp(sum, wanted) != 0)
            return path;
    }
    return NULL;
}

static int load(struct session *session, const json_t *manifest, char *const *files, struct explored *program,
                struct error *err)
{
    void *mem = session->mem;
    const char *directory = json_string_value(json_object_get(manifest, "directory")), *why;

    *program = (struct explored){.files = words_from_json(mem, json_object_get(manifest, "files")),
                                 .flags = words_from_json(mem, json_object_get(manifest, "flags")),
                                 .arguments = words_from_json(mem, json_object_get(manifest, "arguments")),
                                 .sanitizer = json_is_true(json_object_get(manifest, "sanitizer")),
                                 .directory = talloc_strdup(mem, directory ? directory : "/")};
    if (files[0]) {
        program->files = whole_paths(mem, files, err);
        return program->files ? 0 : -1;
    }
    const char *changed = changed_file(mem, manifest, &why);
    if (changed)
        return error_usage(err, "%s %s: the token is of the program as it was. Explore it anew", changed,
                           why);
    if (chdir(program->directory) != 0 && program->flags[0])
        return error_usage(err, "%s, where it was compiled: %s", program->directory, strerror(errno));
    return 0;
}

/* Made from FILES alone. Whether ThreadSanitizer was beneath shows only in the hash: with it, if not without.
 */
static int make_unknown(struct session *session, const char *token, char *const *files,
                        struct explored *program, struct error *err)
{
    static char *const nothing[] = {NULL};
    const char *hash = strchr(token, '-') + 1;

    for (int sanitizer = 0; sanitizer < 2; sanitizer++) {
        if (explored_make(session, files, (const char *[]){NULL}, nothing, sanitizer, program, err) != 0)
            return -1;
        if (strncmp(hash, program->hash, 8) == 0)
            break;
    }
    return 0;
}

int explored_again(struct session *session, const char *token, char *const *files, struct explored *program,
                   struct error *err)
{
    json_t *manifest = find_manifest(session, token);
    int result;

    if (!manifest && files[0])
        return make_unknown(session, token, files, program, err);
    if (!manifest)
        return error_usage(err,
                           "the program of this token is not known here; name its files behind the token");
    result = load(session, manifest, files, program, err);
    json_decref(manifest);
    return result == 0 ? make(session, program, err) : -1;
}
