/* schema.h - the tables of deepend.db and the steps from one version of them to the next. Private to store/.
 */
#ifndef DEEPEND_SCHEMA_H
#define DEEPEND_SCHEMA_H

#include <sqlite3.h>

/* The newest version that this program knows: what `PRAGMA user_version` says afterwards. */
int schema_version(void);

/* Bring the database to the newest version, in one transaction. Returns SQLITE_OK, an error code of SQLite's
 * (nothing is changed then), or SQLITE_MISMATCH when the database is newer than this program. */
int schema_upgrade(sqlite3 *database);

#endif
