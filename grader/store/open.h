/* open.h - from a folder to an open, sound, current database. Private to store/. */
#ifndef DEEPEND_STORE_OPEN_H
#define DEEPEND_STORE_OPEN_H

#include "base/error.h"

#include <sqlite3.h>

enum { STORE_WAIT_MS = 5000 }; /* how long one grader waits for another */

#define STORE_SHOWN "work/deepend.db" /* what messages call it */

/* Open ROOT/work/deepend.db, making what is missing; a damaged one is kept aside and err tells so, though the
 * result is not NULL. err->text is empty when there is nothing to tell. NULL when there is no using it. */
sqlite3 *database_open(const char *root, struct error *err);

/* Fill err with what SQLite's CODE means for the user, and that LOST is not recorded; -1. */
int database_fault(sqlite3 *database, int code, const char *lost, struct error *err);

#endif
