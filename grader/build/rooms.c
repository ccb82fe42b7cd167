/* rooms.c - follows the includes into the reference library, see rooms.h. */
#include "build/rooms.h"

#include "base/file.h"
#include "build/lexer.h"

#include <glob.h>
#include <string.h>
#include <talloc.h>

enum { SOURCE_LIMIT = 4 * 1024 * 1024, ROOMS_MOST = 32 };

/* --- files -------------------------------------------------------------------------------------------- */

/* PATH with every letter quoted that is special to glob: the project may lie in a folder called "[old]". */
static char *quoted(void *mem, const char *path)
{
    char *result = talloc_strdup(mem, "");

    for (; *path; path++)
        result = talloc_asprintf_append_buffer(result, strchr("\\[]*?", *path) ? "\\%c" : "%c", *path);
    return result;
}

int each_file(void *mem, const char *folder, const char *pattern,
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

/* --- includes ----------------------------------------------------------------------------------------- */

struct room {
    char *folder;
    int taken, read; /* it belongs to the program; its own includes have been followed */
};

struct search {
    void *mem;
    struct room room[ROOMS_MOST];
    size_t count;
};

static int add_room(void *context, const char *path, struct error *err)
{
    struct search *search = context;
    size_t length = strlen(path);

    if (search->count == ROOMS_MOST)
        return error_grader(err, "more than %d folders below reference/", ROOMS_MOST);
    search->room[search->count++].folder =
        talloc_strndup(search->mem, path, path[length - 1] == '/' ? length - 1 : length);
    return 0;
}

/* The room that has the header NAME belongs to the program; no room has most of them. */
static void take_owner(struct search *search, const char *name)
{
    for (size_t i = 0; i < search->count; i++)
        if (file_exists(talloc_asprintf(search->mem, "%s/%s", search->room[i].folder, name)))
            search->room[i].taken = 1;
}

/* FROM is the folder that TEXT lies in: a header beside it is meant before any other. */
static void follow(struct search *search, const char *from, const char *text)
{
    struct lexer lexer;
    struct token token;

    lexer_begin(&lexer, search->mem, text);
    while (lexer_next(&lexer, &token)) {
        if (!token.opens_line || !token_is(&token, "#") || !lexer_next_on_line(&lexer, &token) ||
            !token_is(&token, "include") || !lexer_next_header(&lexer, &token) || token.length < 2)
            continue;
        char *path = talloc_strndup(search->mem, token.text + 1, token.length - 2);
        const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
        if (!file_exists(talloc_asprintf(search->mem, "%s/%s", from, name)))
            take_owner(search, name);
    }
}

/* Follow the includes of one file of a room. */
static int read_file(void *context, const char *path, struct error *err)
{
    struct search *search = context;
    struct error why;
    char *text = file_read(search->mem, path, SOURCE_LIMIT, NULL, &why);

    if (!text)
        return error_grader(err, "%s", why.text);
    follow(search, talloc_strndup(search->mem, path, (size_t)(strrchr(path, '/') - path)), text);
    return 0;
}

/* Until no room comes in any more. */
static int close_over(struct search *search, struct error *err)
{
    for (size_t i = 0; i < search->count; i++) {
        struct room *room = &search->room[i];
        if (!room->taken || room->read)
            continue;
        room->read = 1;
        if (each_file(search->mem, room->folder, "*.[ch]", read_file, search, err) != 0)
            return -1;
        i = (size_t)-1; /* from the beginning: an earlier one may have been taken */
    }
    return 0;
}

const char **rooms_used(void *mem, const char *root, const char *folder, const char *text, struct error *err)
{
    struct search search = {.mem = talloc_new(mem)};
    const char **used = NULL;
    size_t count = 0;

    if (each_file(search.mem, root, "reference/*/", add_room, &search, err) == 0) {
        follow(&search, folder, text);
        if (close_over(&search, err) == 0)
            used = talloc_zero_array(mem, const char *, search.count + 1);
    }
    for (size_t i = 0; used && i < search.count; i++)
        if (search.room[i].taken)
            used[count++] = talloc_strdup(used, search.room[i].folder);
    talloc_free(search.mem);
    return used;
}
