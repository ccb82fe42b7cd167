/* schema.c - the migrations, a table in which a row is never changed again, only added.
 *
 * Row N brings version N to version N + 1. The version is looked at twice: once without a lock, so that the
 * usual call writes nothing, and once inside the transaction, for two programs may upgrade at the same time.
 */
#include "store/schema.h"

#include <stdio.h>
#include <string.h>

/* STRICT tables came with SQLite 3.37; "%1$s" is that word where it is known. */
static const char *const migrations[] = {
    /* 0 -> 1: exercises touched, and the attempts at them */
    "CREATE TABLE exercise ("
    "  id      TEXT PRIMARY KEY NOT NULL,"
    "  hints   INTEGER NOT NULL DEFAULT 0 CHECK (hints >= 0),"
    "  gave_up INTEGER" /* when the solution was seen before a pass; NULL: never */
    ")%1$s;"
    "CREATE TABLE attempt ("
    "  number    INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,"
    "  exercise  TEXT NOT NULL REFERENCES exercise (id),"
    "  at        INTEGER NOT NULL,"
    "  sha256    TEXT NOT NULL,"
    "  passed    INTEGER NOT NULL CHECK (passed IN (0, 1)),"
    "  class     TEXT NOT NULL,"
    "  score     INTEGER NOT NULL CHECK (score BETWEEN 0 AND max_score),"
    "  max_score INTEGER NOT NULL,"
    "  seconds   REAL NOT NULL"
    ")%1$s;"
    "CREATE INDEX attempt_by_exercise ON attempt (exercise, number);",
};

int schema_version(void)
{
    return sizeof migrations / sizeof migrations[0];
}

/* The database's version, or -1 with SQLite's code in *CODE. */
static int read_version(sqlite3 *database, int *code)
{
    sqlite3_stmt *statement = NULL;
    int version = -1;

    *code = sqlite3_prepare_v2(database, "PRAGMA user_version", -1, &statement, NULL);
    if (*code == SQLITE_OK && (*code = sqlite3_step(statement)) == SQLITE_ROW) {
        version = sqlite3_column_int(statement, 0);
        *code = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    return version;
}

/* Run row VERSION of the table. */
static int migrate(sqlite3 *database, int version)
{
    const char *strict = sqlite3_libversion_number() >= 3037000 ? " STRICT" : "";
    char sql[4096], pragma[64];

    int length = snprintf(sql, sizeof sql, migrations[version], strict);
    if (length < 0 || (size_t)length >= sizeof sql)
        return SQLITE_TOOBIG;
    snprintf(pragma, sizeof pragma, "PRAGMA user_version = %d", version + 1);
    int code = sqlite3_exec(database, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? sqlite3_exec(database, pragma, NULL, NULL, NULL) : code;
}

/* Run all rows that are due. The transaction is open. */
static int migrate_rest(sqlite3 *database)
{
    int code, version = read_version(database, &code);

    if (code == SQLITE_OK && version > schema_version())
        return SQLITE_MISMATCH;
    for (; code == SQLITE_OK && version < schema_version(); version++)
        code = migrate(database, version);
    return code;
}

int schema_upgrade(sqlite3 *database)
{
    int code, version = read_version(database, &code);

    if (code != SQLITE_OK || version == schema_version())
        return code;
    if (version > schema_version())
        return SQLITE_MISMATCH;
    code = sqlite3_exec(database, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (code != SQLITE_OK)
        return code;
    code = migrate_rest(database);
    if (code == SQLITE_OK)
        code = sqlite3_exec(database, "COMMIT", NULL, NULL, NULL);
    if (code != SQLITE_OK)
        sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL);
    return code;
}
