/* class.h - the verdict classes: what can be wrong with a concurrent program.
 *
 * One list, shared by the checks (which claim a class when they fail), the manifests (a mutant declares
 * the class it must earn), the judge and the reports. The names are stable: they are written in JSON and
 * JUnit and link to lessons. The order is the judge's precedence: when one run shows several faults, the
 * one that explains the others stands first (a race explains the wrong sum it led to).
 */
#ifndef DEEPEND_CLASS_H
#define DEEPEND_CLASS_H

/*      enum suffix      name              what it means, as told to the learner */
#define VERDICT_CLASSES(X)                                                                                   \
    X(BUILD, "build", "the program does not compile or link")                                                \
    X(FORBIDDEN, "forbidden", "it uses something that no exercise needs")                                    \
    X(TAMPERED, "tampered", "the check was cut off before it could finish")                                  \
    X(RACE, "race", "two threads touch the same memory with nothing to order them")                          \
    X(INVALID_MEMORY, "invalid-memory", "memory used outside its bounds or after its end of life")           \
    X(MISUSE, "misuse", "a synchronisation object used against its rules")                                   \
    X(UNDEFINED, "undefined", "behaviour that the C standard leaves undefined")                              \
    X(LOCK_ORDER, "lock-order", "locks taken in two different orders")                                       \
    X(LOST_WAKEUP, "lost-wakeup", "a thread sleeps through the signal meant for it")                         \
    X(DEADLOCK, "deadlock", "threads wait for each other and none can go on")                                \
    X(LIVELOCK, "livelock", "threads keep busy and never get anywhere")                                      \
    X(STARVATION, "starvation", "one thread never gets its turn")                                            \
    X(LOST_TASK, "lost-task", "accepted work was never run")                                                 \
    X(WRONG_ORDER, "wrong-order", "the right things happened in the wrong order")                            \
    X(WRONG_RESULT, "wrong-result", "the program computed something else than it should")                    \
    X(CRASH, "crash", "the program was killed by a signal")                                                  \
    X(THREAD_LEAK, "thread-leak", "a thread outlived the work it was made for")                              \
    X(MEMORY_LEAK, "memory-leak", "memory was never given back")                                             \
    X(OVERLOAD, "overload", "more memory, threads or output than a bounded program needs")                   \
    X(TIMEOUT, "timeout", "it never finished")                                                               \
    X(SLOW, "slow", "it is right, but much slower than the reference")

enum verdict_class {
    CLASS_NONE, /* nothing is wrong */
#define X(suffix, name, meaning) CLASS_##suffix,
    VERDICT_CLASSES(X)
#undef X
        CLASS_COUNT
};

/* The stable name, "none" for CLASS_NONE. Thread-safe; the text is static. */
static inline const char *class_name(enum verdict_class class)
{
    static const char *const names[] = {"none",
#define X(suffix, name, meaning) name,
                                        VERDICT_CLASSES(X)
#undef X
    };
    return (unsigned)class < CLASS_COUNT ? names[class] : "none";
}

/* What the class means, one plain phrase. Thread-safe; the text is static. */
static inline const char *class_meaning(enum verdict_class class)
{
    static const char *const meanings[] = {"nothing is wrong",
#define X(suffix, name, meaning) meaning,
                                           VERDICT_CLASSES(X)
#undef X
    };
    return (unsigned)class < CLASS_COUNT ? meanings[class] : "nothing is wrong";
}

#endif
