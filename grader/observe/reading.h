/* reading.h - one run while it is being observed: where its judges put what they found.
 *
 *     struct place here = reading_place(reading, section->frames, section->frame_count, "written here");
 *     reading_add(reading, &(struct finding){.class = CLASS_RACE, .message = ..., .where = &here,
 * .where_count = 1}); reading_finish(reading);                                  // merged, in a fixed order
 *
 * Everything hangs on `mem`. One thread.
 */
#ifndef DEEPEND_READING_H
#define DEEPEND_READING_H

#include "observe/complaint.h"
#include "observe/observe.h"

struct reading {
    void *mem;
    const struct build *build;
    const struct run *run;
    struct finding *findings;
    size_t finding_count;
    char *trouble;
    int ended; /* 1: a finding tells why the process ended, so its end needs no finding of its own */
};

/* Whose code a frame is in. */
enum side {
    SIDE_LEARNER,
    SIDE_EXERCISE, /* the exercise's checks and support files, the reference library */
    SIDE_HIDDEN    /* the check's runtime, the tool's, the C library: never shown */
};
enum side frame_side(const struct reading *reading, const struct frame *frame);

/* Where a stack stands for the learner: the innermost of the learner's own frames, else the innermost frame
 * of the exercise. Index into FRAMES, or -1 when neither occurs. */
int frames_place(const struct reading *reading, const struct frame *frames, size_t count);

/* That place, with the words WHAT; `file` is NULL when there is none. When the learner's frame is not the
 * innermost shown, "in `pool_submit`, called here" is added to WHAT. */
struct place reading_place(struct reading *reading, const struct frame *frames, size_t count,
                           const char *what);

/* The same for a section; SECTION may be NULL. */
struct place section_place(struct reading *reading, const struct section *section, const char *what);

/* 1 when the place is the innermost frame that is shown: the access itself stands on that line. */
int frames_direct(const struct reading *reading, const struct frame *frames, size_t count);

/* The function in which the program called the tool's or the C library's code ("free"), or NULL when the
 * innermost frame is the program's own. */
const char *frames_library_call(const struct reading *reading, const struct frame *frames, size_t count);

/* "line 14", or "line 33 of check.c" when it is not the learner's; "Line 14" to begin a sentence. NULL place,
 * or one without a file: "the program". */
const char *place_words(struct reading *reading, const struct place *place);
const char *place_Words(struct reading *reading, const struct place *place);

/* Two places on one line. */
int place_same(const struct place *a, const struct place *b);

/* Add a copy of FINDING. Its places without a file are dropped, and those on one line become one: the first.
 */
void reading_add(struct reading *reading, const struct finding *finding);

/* Merge findings of one class and the same places; sort by class, then line, then words, so that the order
 * tells nothing of luck. */
void reading_finish(struct reading *reading);

/* "main thread", "thread T2", "thread #3" of a tool as "the main thread", "thread 2". */
const char *thread_words(struct reading *reading, enum speaker speaker, const char *heading);

#endif
