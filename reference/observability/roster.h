/* roster.h - threads that say who they are: a label, and the line that started them.
 *
 *     struct pool_roster *roster;
 *     if (pool_roster_create(&roster) != POOL_OK) ...
 *     if (pool_roster_start(roster, &thread, NULL, serve, &service, "mail sender") != POOL_OK) ...
 *     pthread_join(thread, NULL);                  // a thread like any other
 *     pool_roster_destroy(roster);
 *
 * The system knows a thread by its number and by a name of 15 bytes. A roster adds what a leak report needs:
 * which code started it. Give the roster to a census (census.h), and leaked threads are told with it.
 *
 * Every function may be called from any thread. They take a lock for a moment and otherwise do not block.
 */
#ifndef DEEPEND_POOL_ROSTER_H
#define DEEPEND_POOL_ROSTER_H

#include "status.h"
#include <pthread.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pool_roster;

enum { POOL_LABEL_SIZE = 48 };

/* POOL_INVALID or POOL_NO_MEMORY leave *ROSTER NULL. */
POOL_MUST_LOOK enum pool_status pool_roster_create(struct pool_roster **roster);

/* Give up the roster. Threads of it that still run keep what they need of it and free that when they end: a
 * leaked thread does not become a crash. NULL is fine. Nobody may use the roster from now on. */
void pool_roster_destroy(struct pool_roster *roster);

/* pthread_create(THREAD, ATTR, START, ARG), with LABEL (cut to POOL_LABEL_SIZE - 1 bytes; NULL is "") and the
 * caller's file and line. The thread is on the roster until START returns, or it leaves by pthread_exit or
 * cancellation. POOL_INVALID (NULL roster, thread or start), POOL_NO_MEMORY, POOL_NO_THREAD: nothing changed.
 */
#define pool_roster_start(roster, thread, attr, start, arg, label)                                           \
    pool_roster_start_at((roster), (thread), (attr), (start), (arg), (label), __FILE__, __LINE__)
POOL_MUST_LOOK enum pool_status pool_roster_start_at(struct pool_roster *roster, pthread_t *thread,
                                                     const pthread_attr_t *attr, void *(*start)(void *),
                                                     void *arg, const char *label, const char *file,
                                                     int line);

/* How one thread came to be. */
struct pool_birth {
    char label[POOL_LABEL_SIZE];
    const char *file; /* NULL: unknown */
    int line;
};

/* Look up the thread that the system calls TID. POOL_EMPTY: not on the roster, or only about to run; *BIRTH
 * is empty then. POOL_INVALID: NULL. */
enum pool_status pool_roster_find(struct pool_roster *roster, int tid, struct pool_birth *birth);

/* How many are on it, those included that are about to run. NULL: 0. */
size_t pool_roster_count(struct pool_roster *roster);

#ifdef __cplusplus
}
#endif

#endif
