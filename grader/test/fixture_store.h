/* fixture_store.h - a project folder for each test of the store, and ways to look into its database from
 * outside. */
#ifndef DEEPEND_FIXTURE_STORE_H
#define DEEPEND_FIXTURE_STORE_H

#include "base/file.h"
#include "store/store.h"

#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#include <cmocka.h>

#define ID   "junior/01-first"
#define HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct place {
    char root[64];
    char database[96];
};

static inline int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    snprintf(place->root, sizeof place->root, "/tmp/deepend-store-XXXXXX");
    assert_non_null(mkdtemp(place->root));
    snprintf(place->database, sizeof place->database, "%s/work/deepend.db", place->root);
    *state = place;
    return 0;
}

static inline int tear_down(void **state)
{
    struct place *place = *state;
    assert_int_equal(path_remove(place->root), 0);
    free(place);
    return 0;
}

/* Open; nothing may need telling. */
static inline struct store *open_quietly(const struct place *place)
{
    struct error err;
    struct store *store = store_open(place->root, &err);
    if (!store || err.text[0] != '\0')
        fail_msg("store_open: %s", err.text);
    return store;
}

static inline int attempt(struct store *store, int passed, unsigned score, struct error *err)
{
    return store_attempt(store, ID, HASH, passed, passed ? "none" : "race", score, 10, 0.5, err);
}

static inline struct progress progress_of(struct store *store, const char *id)
{
    struct error err;
    struct progress progress;
    assert_int_equal(store_progress(store, id, &progress, &err), 0);
    return progress;
}

static inline unsigned attempts_on_disk(const struct place *place)
{
    struct store *store = open_quietly(place);
    unsigned attempts = progress_of(store, ID).attempts;
    store_close(store);
    return attempts;
}

/* Run SQL on the database from outside. */
static inline void meddle(const struct place *place, const char *sql)
{
    sqlite3 *database;
    assert_int_equal(sqlite3_open(place->database, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
}

/* The number that QUERY answers. */
static inline int ask(const struct place *place, const char *query)
{
    sqlite3 *database;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(place->database, &database), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database, query, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int answer = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return answer;
}

/* The exit status of the child PID. */
static inline int status_of(pid_t pid)
{
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static inline char *bytes_of(const char *path, size_t *length)
{
    struct error err;
    char *bytes = file_read(NULL, path, 1 << 20, length, &err);
    if (!bytes)
        fail_msg("%s", err.text);
    return bytes;
}

#endif
