/* status.h - what the library's calls answer. One list for all rooms, so that the texts cannot drift from the
 * codes. No call prints, exits or sets errno.
 */
#ifndef DEEPEND_POOL_STATUS_H
#define DEEPEND_POOL_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

#define POOL_STATUSES(X)                                                                                     \
    X(POOL_OK, "done")                                                                                       \
    X(POOL_FULL, "the queue is full")                                                                        \
    X(POOL_STOPPED, "the pool takes no more tasks")                                                          \
    X(POOL_TIMED_OUT, "the deadline passed first")                                                           \
    X(POOL_WOULD_DEADLOCK, "a worker of this pool would wait for itself")                                    \
    X(POOL_DISCARDED, "the task was discarded before it ran")                                                \
    X(POOL_INVALID, "an argument is out of range")                                                           \
    X(POOL_NO_MEMORY, "out of memory")                                                                       \
    X(POOL_NO_THREAD, "the system gave no thread")                                                           \
    X(POOL_CANCELLED, "it was cancelled")                                                                    \
    X(POOL_FAILED, "a task failed")                                                                          \
    X(POOL_REJECTED, "a limit, a breaker or a budget did not let it through")                                \
    X(POOL_EMPTY, "there is nothing to take")                                                                \
    X(POOL_ALREADY, "it has happened before")                                                                \
    X(POOL_SYSTEM, "the system refused a call")

enum pool_status {
#define X(code, text) code,
    POOL_STATUSES(X)
#undef X
};

/* A short English text for STATUS; static. "unknown status" for a number that is none. */
const char *pool_status_text(enum pool_status status);

/* An answer that nobody reads is a leaked argument or a lost task. */
#define POOL_MUST_LOOK __attribute__((warn_unused_result))

#ifdef __cplusplus
}
#endif

#endif
