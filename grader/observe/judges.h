/* judges.h - what a complaint means: one judge for each tool, and one for how the run ended. */
#ifndef DEEPEND_JUDGES_H
#define DEEPEND_JUDGES_H

#include "observe/reading.h"

/* Each adds the findings that COMPLAINT deserves, which may be none, or sets `trouble` when the tool speaks
 * of itself. */
void tsan_judge(struct reading *reading, const struct complaint *complaint);
void asan_judge(struct reading *reading, const struct complaint *complaint);
void lsan_judge(struct reading *reading, const struct complaint *complaint);
void ubsan_judge(struct reading *reading, const struct complaint *complaint);
void memcheck_judge(struct reading *reading, const struct complaint *complaint);
void helgrind_judge(struct reading *reading, const struct complaint *complaint);

/* A data race, or a use after free between threads: the parts of tsan_judge that tell of two accesses. */
void race_judge(struct reading *reading, const struct complaint *complaint);

/* A signal as a sanitizer reports it, "SEGV on unknown address ...". Returns 0 when the title is of something
 * else. */
int signal_judge(struct reading *reading, const struct complaint *complaint);

/* The signal that Valgrind saw, where the program stood then. */
void fatal_signal_judge(struct reading *reading, const struct complaint *complaint);

/* Two locks in two orders; each pair of sections tells of one lock taken while another was held. */
struct lock_pair {
    const struct section *inner, *outer; /* outer may be NULL */
    const char *who;
};
void lock_order_add(struct reading *reading, const struct lock_pair *pairs, size_t count, const char *raw);

/* A synchronisation object used against its rules. SENTENCE has one %s for the place ("Line 14"). */
void misuse_add(struct reading *reading, const struct complaint *complaint, const struct section *section,
                const char *sentence, const char *what, const char *why);

/* What follows from the way the run ended; after the log has been judged. */
void outcome_judge(struct reading *reading);

/* What the schedule explorer reported, for a run that it drove. */
void explored_judge(struct reading *reading);

/* What an answer of kind predict lacks, or has too much, for its run. */
void predict_judge(struct reading *reading);

/* A line of an incident's objective that does not hold. */
void slo_judge(struct reading *reading);

/* Every thread waits for another: the sentence, and a place for each thread. */
void stuck_judge(struct reading *reading);

#endif
