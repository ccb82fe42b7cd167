/* store.c - what is kept of the learner's work, see store.h. Every write is one immediate transaction. */
#include "store/store.h"

#include "store/open.h"

#include <stdarg.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

enum query { BEGIN, COMMIT, ROLLBACK, TOUCH, ATTEMPT, HINT, GAVE_UP, PROGRESS, LATEST, QUERIES };

static const char *const queries[QUERIES] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [TOUCH] = "INSERT INTO exercise (id) VALUES (?1) ON CONFLICT DO NOTHING",
    [ATTEMPT] = "INSERT INTO attempt (exercise, at, sha256, passed, class, score, max_score, seconds)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [HINT] = "UPDATE exercise SET hints = hints + 1 WHERE id = ?1",
    [GAVE_UP] = "UPDATE exercise SET gave_up = ?2 WHERE id = ?1 AND gave_up IS NULL"
                " AND NOT EXISTS (SELECT 1 FROM attempt WHERE exercise = ?1 AND passed)",
    [PROGRESS] = "SELECT hints, gave_up IS NOT NULL, count(number), coalesce(max(score), 0),"
                 " coalesce(min(CASE WHEN passed THEN at END), 0), coalesce(max(passed), 0)"
                 " FROM exercise LEFT JOIN attempt ON exercise = id WHERE id = ?1 GROUP BY id",
    [LATEST] = "SELECT exercise FROM attempt WHERE exercise NOT LIKE 'incidents/%'"
               " ORDER BY number DESC LIMIT 1", /* incidents have their own list */
};

struct store {
    sqlite3 *database;
    sqlite3_stmt *statements[QUERIES]; /* prepared at first use */
};

/* --- statements ---------------------------------------------------------------------------------------- */

static int close_all(struct store *store)
{
    for (int i = 0; i < QUERIES; i++)
        sqlite3_finalize(store->statements[i]);
    sqlite3_close_v2(store->database);
    return 0;
}

struct store *store_open(const char *root, struct error *err)
{
    sqlite3 *database = database_open(root, err);
    if (!database)
        return NULL;
    struct store *store = talloc_zero(NULL, struct store);
    store->database = database;
    talloc_set_destructor(store, close_all);
    return store;
}

void store_close(struct store *store)
{
    talloc_free(store);
}

/* Prepare QUERY unless it is, and bind the arguments as TYPES tells: t(ext), i(nteger, long long), r(eal).
 * SQLite's code. */
static int bind(struct store *store, enum query query, const char *types, va_list values)
{
    sqlite3_stmt **statement = &store->statements[query];
    int code = SQLITE_OK;

    if (!*statement)
        code = sqlite3_prepare_v3(store->database, queries[query], -1, SQLITE_PREPARE_PERSISTENT, statement,
                                  NULL);
    for (int i = 0; code == SQLITE_OK && types[i] != '\0'; i++) {
        if (types[i] == 't')
            code = sqlite3_bind_text(*statement, i + 1, va_arg(values, const char *), -1, SQLITE_TRANSIENT);
        else if (types[i] == 'i')
            code = sqlite3_bind_int64(*statement, i + 1, va_arg(values, long long));
        else
            code = sqlite3_bind_double(*statement, i + 1, va_arg(values, double));
    }
    return code;
}

/* Bind and take the first step. SQLITE_ROW: there is a row, to be read and then reset. SQLITE_DONE: there was
 * none. */
static int start(struct store *store, enum query query, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    int code = bind(store, query, types, values);
    va_end(values);
    return code == SQLITE_OK ? sqlite3_step(store->statements[query]) : code;
}

static void reset(struct store *store, enum query query)
{
    sqlite3_reset(store->statements[query]);
}

/* Run a statement that has no result. */
#define RUN(store, query, ...) finish(store, query, start(store, query, __VA_ARGS__))
static int finish(struct store *store, enum query query, int code)
{
    reset(store, query);
    return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

/* --- writing ------------------------------------------------------------------------------------------- */

/* Open a transaction in which the exercise ID has its row. SQLite's code. */
static int begin(struct store *store, const char *id)
{
    int code = RUN(store, BEGIN, "");
    return code == SQLITE_OK ? RUN(store, TOUCH, "t", id) : code;
}

/* Commit when CODE is good, else undo all; tell what is LOST by it. */
static int end(struct store *store, int code, const char *lost, struct error *err)
{
    if (code == SQLITE_OK)
        code = RUN(store, COMMIT, "");
    if (code == SQLITE_OK)
        return 0;
    database_fault(store->database, code, lost, err);
    if (!sqlite3_get_autocommit(store->database))
        RUN(store, ROLLBACK, "");
    return -1;
}

int store_attempt(struct store *store, const char *id, const char *sha256, int passed, const char *class,
                  unsigned score, unsigned max_score, double seconds, struct error *err)
{
    int code = begin(store, id);
    if (code == SQLITE_OK)
        code = RUN(store, ATTEMPT, "tititiir", id, (long long)time(NULL), sha256, (long long)!!passed, class,
                   (long long)score, (long long)max_score, seconds);
    return end(store, code, "this attempt is", err);
}

int store_hint(struct store *store, const char *id, struct error *err)
{
    int code = begin(store, id);
    if (code == SQLITE_OK)
        code = RUN(store, HINT, "t", id);
    return end(store, code, "this hint is", err);
}

int store_gave_up(struct store *store, const char *id, struct error *err)
{
    int code = begin(store, id);
    if (code == SQLITE_OK)
        code = RUN(store, GAVE_UP, "ti", id, (long long)time(NULL));
    return end(store, code, "the look at the solution is", err);
}

int store_check(struct store *store, struct error *err)
{
    int code = begin(store, "");
    if (code != SQLITE_OK)
        return end(store, code, "progress is", err);
    RUN(store, ROLLBACK, "");
    return 0;
}

/* --- reading ------------------------------------------------------------------------------------------- */

static void read_progress(sqlite3_stmt *row, struct progress *progress)
{
    progress->hints = (unsigned)sqlite3_column_int(row, 0);
    progress->gave_up = sqlite3_column_int(row, 1);
    progress->attempts = (unsigned)sqlite3_column_int(row, 2);
    progress->best_score = (unsigned)sqlite3_column_int(row, 3);
    progress->first_pass = sqlite3_column_int64(row, 4);
    if (sqlite3_column_int(row, 5))
        progress->state = STATE_PASSED;
    else if (progress->attempts || progress->hints || progress->gave_up)
        progress->state = STATE_STARTED;
}

/* What a failed reading is told as. */
static int cannot_read(struct store *store, int code, struct error *err)
{
    return database_fault(store->database, code, "progress cannot be read and is", err);
}

int store_progress(struct store *store, const char *id, struct progress *progress, struct error *err)
{
    int code = start(store, PROGRESS, "t", id);

    *progress = (struct progress){0};
    if (code == SQLITE_ROW)
        read_progress(store->statements[PROGRESS], progress);
    reset(store, PROGRESS);
    return code == SQLITE_ROW || code == SQLITE_DONE ? 0 : cannot_read(store, code, err);
}

char *store_latest(void *mem, struct store *store, struct error *err)
{
    char *id = NULL;
    int code = start(store, LATEST, "");

    err->text[0] = '\0';
    if (code == SQLITE_ROW)
        id = talloc_strdup(mem, (const char *)sqlite3_column_text(store->statements[LATEST], 0));
    else if (code != SQLITE_DONE)
        cannot_read(store, code, err);
    reset(store, LATEST);
    return id;
}
