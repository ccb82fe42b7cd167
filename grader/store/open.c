/* open.c - opens deepend.db: write-ahead log, five seconds of patience, a check of its soundness, the newest
 * schema.
 *
 * A damaged file is moved aside, never removed, with its log. Two graders may find the damage at the same
 * moment; so the move happens under a lock on the folder, after a second look: the one that comes later finds
 * the new file sound.
 */
#include "store/open.h"

#include "base/file.h"
#include "base/process.h"
#include "store/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

/* --- words --------------------------------------------------------------------------------------------- */

int database_fault(sqlite3 *database, int code, const char *lost, struct error *err)
{
    static const struct {
        int code;
        const char *words;
    } known[] = {
        {SQLITE_BUSY, "another deepend has kept it locked for five seconds"},
        {SQLITE_LOCKED, "another deepend has kept it locked for five seconds"},
        {SQLITE_READONLY, "it is read-only"},
        {SQLITE_FULL, "the disk is full"},
        {SQLITE_CANTOPEN, "it cannot be opened or made; is work/ writable?"},
        {SQLITE_PERM, "it cannot be opened or made; is work/ writable?"},
        {SQLITE_CORRUPT, "it is damaged; the next deepend keeps it aside and begins a new one"},
        {SQLITE_NOTADB, "it is no database; the next deepend keeps it aside and begins a new one"},
        {SQLITE_MISMATCH, "a newer deepend made it; update this one (the file is left as it is)"},
    };
    const char *words = database ? sqlite3_errmsg(database) : sqlite3_errstr(code);

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].code == (code & 0xff))
            words = known[i].words;
    return error_grader(err, STORE_SHOWN ": %s; %s not recorded", words, lost);
}

/* --- one try at opening -------------------------------------------------------------------------------- */

/* Whether SQLite finds the file's structure sound. Its code, or SQLITE_CORRUPT. */
static int check_soundness(sqlite3 *database)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(database, "PRAGMA quick_check(1)", -1, &statement, NULL);

    if (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *answer = (const char *)sqlite3_column_text(statement, 0);
        code = answer && strcmp(answer, "ok") == 0 ? SQLITE_OK : SQLITE_CORRUPT;
    }
    sqlite3_finalize(statement);
    return code;
}

static int prepare(sqlite3 *database)
{
    int code =
        sqlite3_exec(database, "PRAGMA foreign_keys = ON; PRAGMA journal_mode = WAL", NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = check_soundness(database);
    if (code == SQLITE_OK)
        code = schema_upgrade(database);
    return code;
}

/* Open PATH and prepare it. Going over to the write-ahead log needs the file for itself and SQLite does not
 * wait for that; so this does. */
static int try_open(const char *path, sqlite3 **database)
{
    double patience = clock_seconds() + STORE_WAIT_MS / 1000.0;
    int code = sqlite3_open_v2(path, database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_busy_timeout(*database, STORE_WAIT_MS);
    if (code == SQLITE_OK)
        code = prepare(*database);
    while ((code & 0xff) == SQLITE_BUSY && clock_seconds() < patience) {
        sqlite3_sleep(10);
        code = prepare(*database);
    }
    return code;
}

static int is_damage(int code)
{
    return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

static void close_database(sqlite3 **database)
{
    sqlite3_close_v2(*database);
    *database = NULL;
}

/* --- a damaged file ------------------------------------------------------------------------------------ */

/* Lock FOLDER against other graders that find the same damage. The descriptor to close, or -1. */
static int lock_folder(const char *folder)
{
    double patience = clock_seconds() + STORE_WAIT_MS / 1000.0;
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    while (descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK || clock_seconds() > patience) {
            close(descriptor);
            return -1;
        }
        sqlite3_sleep(10);
    }
    return descriptor;
}

/* Move PATH, and the log beside it, to the first free name "PATH.damaged-N". The N, or -1. */
static int move_aside(void *mem, const char *path)
{
    for (int n = 1; n < 1000; n++) {
        char *aside = talloc_asprintf(mem, "%s.damaged-%d", path, n);
        if (file_exists(aside))
            continue;
        if (rename(path, aside) != 0)
            return -1;
        rename(talloc_asprintf(mem, "%s-wal", path), talloc_asprintf(mem, "%s-wal", aside));
        unlink(talloc_asprintf(mem, "%s-shm", path));
        return n;
    }
    return -1;
}

/* Look again, and if it is still damaged, begin a new one. SQLite's code; err tells what was done. */
static int replace_damaged(void *mem, const char *folder, const char *path, sqlite3 **database,
                           struct error *err)
{
    int lock = lock_folder(folder);
    if (lock < 0)
        return SQLITE_BUSY;
    int code = try_open(path, database);
    if (is_damage(code)) {
        close_database(database);
        int n = move_aside(mem, path);
        code = n < 0 ? code : try_open(path, database);
        if (n >= 0)
            error_grader(err,
                         STORE_SHOWN " was damaged: it is kept as " STORE_SHOWN
                                     ".damaged-%d, and a new one is begun",
                         n);
    }
    close(lock);
    return code;
}

/* --- all of it ----------------------------------------------------------------------------------------- */

sqlite3 *database_open(const char *root, struct error *err)
{
    void *mem = talloc_new(NULL);
    char *folder = talloc_asprintf(mem, "%s/work", root);
    char *path = talloc_asprintf(mem, "%s/deepend.db", folder);
    sqlite3 *database = NULL;
    struct error trouble;

    err->text[0] = '\0';
    if (folder_make(folder, &trouble) != 0) {
        error_grader(err, "%s; progress is not recorded", trouble.text);
        goto out;
    }
    int code = try_open(path, &database);
    if (is_damage(code)) {
        close_database(&database);
        code = replace_damaged(mem, folder, path, &database, err);
    }
    if (code != SQLITE_OK) {
        database_fault(database, code, "progress is", err);
        close_database(&database);
    }
out:
    talloc_free(mem);
    return database;
}
