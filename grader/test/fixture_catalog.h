/* fixture_catalog.h - a small project with one sound exercise, in a temporary folder for each test of the
 * catalog. */
#ifndef DEEPEND_FIXTURE_CATALOG_H
#define DEEPEND_FIXTURE_CATALOG_H

#include "base/file.h"
#include "catalog/catalog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include <cmocka.h>

#define FOLDER "exercises/junior/01-captured-variable/"
#define YAML   FOLDER "exercise.yaml"

/* Line 1 is `id:`; the cases below name its lines. */
static const char manifest[] = "id: junior/01-captured-variable\n"         /* 1 */
                               "title: The captured variable\n"            /* 2 */
                               "kind: fix\n"                               /* 3 */
                               "level: junior\n"                           /* 4 */
                               "minutes: 10\n"                             /* 5 */
                               "covers: [P06, WA19]\n"                     /* 6 */
                               "lesson: 01-threads\n"                      /* 7 */
                               "file: tasks.c\n"                           /* 8 */
                               "support: [helper.c]\n"                     /* 9 */
                               "strict: [unused-result]\n"                 /* 10 */
                               "checks:\n"                                 /* 11 */
                               "  - name: own-index\n"                     /* 12 */
                               "    title: every task sees its index\n"    /* 13 */
                               "    variants: [tsan, memory]\n"            /* 14 */
                               "    points: 3\n"                           /* 15 */
                               "  - name: all-run\n"                       /* 16 */
                               "    title: every task runs\n"              /* 17 */
                               "    variants: [native]\n"                  /* 18 */
                               "    points: 2\n"                           /* 19 */
                               "    when_stuck: lost-wakeup\n"             /* 20 */
                               "limits: {cpu_ms: 500, threads: 9}\n"       /* 21 */
                               "mutants:\n"                                /* 22 */
                               "  - file: mutants/a.c\n"                   /* 23 */
                               "    class: race\n"                         /* 24 */
                               "    fails: [own-index]\n"                  /* 25 */
                               "    why: One copy for all is still one.\n" /* 26 */
                               "  - file: mutants/b.c\n"                   /* 27 */
                               "    class: wrong-result\n"                 /* 28 */
                               "    fails:\n"                              /* 29 */
                               "      - own-index\n"                       /* 30 */
                               "      - all-run\n"                         /* 31 */
                               "    why: Nobody waits.\n"                  /* 32 */
                               "  - file: mutants/c.c\n"                   /* 33 */
                               "    class: lost-task\n"                    /* 34 */
                               "    fails: [all-run]\n"                    /* 35 */
                               "    why: The last one is forgotten.\n"     /* 36 */
                               "  - file: mutants/d.c\n"                   /* 37 */
                               "    class: memory-leak\n"                  /* 38 */
                               "    fails: [own-index]\n"                  /* 39 */
                               "    why: Never freed.\n";                  /* 40 */

static const char hints[] =
    "# Hints\n\n## Look\n\nWhere?\n\n## Think\n\n```c\n## no heading\n```\n\n## Do\n\nIt.\n";

static inline void put(const char *root, const char *path, const char *text, size_t length)
{
    struct error err;
    char *whole = talloc_asprintf(NULL, "%s/%s", root, path);
    char *folder = talloc_strndup(whole, whole, (size_t)(strrchr(whole, '/') - whole));
    if (folder_make(folder, &err) != 0 || file_replace(whole, text, length, &err) != 0)
        fail_msg("%s", err.text);
    talloc_free(whole);
}

static inline void put_text(const char *root, const char *path, const char *text)
{
    put(root, path, text, strlen(text));
}

/* TEXT with the first FROM replaced by TO, on MEM. */
static inline char *replaced(void *mem, const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    if (!at)
        fail_msg("the manifest has no '%s'", from);
    return talloc_asprintf(mem, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

/* A sound exercise at exercises/ID, with files as the manifest names them. */
static inline void put_exercise(const char *root, const char *id)
{
    static const char *const files[] = {"task.md",     "starter.c",   "solution.c",  "check.c",    "helper.c",
                                        "mutants/a.c", "mutants/b.c", "mutants/c.c", "mutants/d.c"};
    char *folder = talloc_asprintf(NULL, "exercises/%s", id);
    char *level = talloc_asprintf(folder, "level: %.*s", (int)strcspn(id, "/"), id);
    char *text = replaced(folder, manifest, "junior/01-captured-variable", id);

    text = replaced(folder, text, "level: junior", level);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        put_text(root, talloc_asprintf(folder, "%s/%s", folder, files[i]), "text\n");
    put_text(root, talloc_asprintf(folder, "%s/hints.md", folder), hints);
    put_text(root, talloc_asprintf(folder, "%s/exercise.yaml", folder), text);
    talloc_free(folder);
}

static inline int set_up(void **state)
{
    char *root = strdup("/tmp/deepend-catalog-XXXXXX");
    assert_non_null(mkdtemp(root));
    put_exercise(root, "junior/01-captured-variable");
    put_text(root, "lessons/01-threads/README.md", "A lesson\n");
    *state = root;
    return 0;
}

static inline int tear_down(void **state)
{
    assert_int_equal(path_remove(*state), 0);
    free(*state);
    return 0;
}

static inline struct catalog *load(const char *root)
{
    struct error err;
    struct catalog *catalog = catalog_load(NULL, root, &err);
    if (!catalog)
        fail_msg("%s", err.text);
    return catalog;
}

#endif
