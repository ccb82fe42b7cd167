/* signal.c - the program was stopped by a signal that a tool saw: an access to nothing, a stack that is used
 * up, a crash.
 *
 * What touched memory is CLASS_INVALID_MEMORY; any other signal is CLASS_CRASH. In both cases the process is
 * over because of it, so that its end needs no finding of its own.
 */
#include "observe/judges.h"
#include "observe/memory.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

static void crash_add(struct reading *reading, const struct complaint *complaint,
                      const struct section *section, const char *sentence, const char *why)
{
    struct place where = section_place(reading, section, "the program was here");

    reading->ended = 1;
    reading_add(reading, &(struct finding){.class = CLASS_CRASH,
                                           .message = talloc_asprintf(reading->mem, "%s %s",
                                                                      place_Words(reading, &where), sentence),
                                           .why = (char *)why,
                                           .where = &where,
                                           .where_count = 1,
                                           .raw = complaint->raw});
}

/* --- the sanitizers ---------------------------------------------------------------------------------- */

static const struct kind {
    const char *title, *sentence, *why;
    int at_call; /* 1: it happens as a function is entered, so that its caller is the place */
} kinds[] = {
    {"stack-overflow",
     "was reached with the stack used up, most likely by a function that calls itself without end.",
     "Each call takes a piece of the thread's stack, and a thread has only a few megabytes of it.", 1},
    {"FPE", "stops the program with an arithmetic error, most likely a division by zero.",
     "Integers have no value for it: the divisor has to be checked first.", 0},
    {"BUS", "touches memory that cannot be accessed that way.",
     "The address is misaligned, or nothing backs it.", 0},
    {"ILL", "runs into something that is no instruction.",
     "The program jumped into data, or reached code that the compiler took for unreachable.", 0},
    {"ABRT", "ends the program by abort().",
     "An assertion failed, or the C library found its own data damaged.", 0},
    {"DEADLYSIGNAL", "crashed so badly that not even its place could be told.",
     "The stack or the data that it was to be told from is damaged.", 0},
};

/* The section that holds the stack of the signal: the first one with frames. */
static const struct section *first_stack(const struct complaint *complaint)
{
    for (size_t i = 0; i < complaint->section_count; i++)
        if (complaint->sections[i].frame_count > 0)
            return &complaint->sections[i];
    return &complaint->sections[0];
}

static void judge_segv(struct reading *reading, const struct complaint *complaint)
{
    const struct section *cause = complaint_section(complaint, "caused by a ");
    const struct section *access = first_stack(complaint);
    const char *call = frames_library_call(reading, access->frames, access->frame_count);
    int frees = call && (strcmp(call, "free") == 0 || strcmp(call, "realloc") == 0);

    reading->ended = 1;
    memory_add(reading, &(struct memory_event){
                            .fault = frees ? FAULT_BAD_FREE
                                           : fault_at(address_after(complaint->title, "unknown address ")),
                            .verb = cause ? memory_verb(cause->heading) : "uses",
                            .access = access,
                            .raw = complaint->raw,
                        });
}

int signal_judge(struct reading *reading, const struct complaint *complaint)
{
    if (strncmp(complaint->title, "SEGV", 4) == 0) {
        judge_segv(reading, complaint);
        return 1;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strncmp(complaint->title, kinds[i].title, strlen(kinds[i].title)) == 0) {
            struct section stack = *first_stack(complaint);
            if (kinds[i].at_call && stack.frame_count > 1) {
                stack.frames++;
                stack.frame_count--;
            }
            crash_add(reading, complaint, &stack, kinds[i].sentence, kinds[i].why);
            return 1;
        }
    return 0;
}

/* --- Valgrind ---------------------------------------------------------------------------------------- */

/* The watchdog's own kill is no fault of the program's: only a signal that ended the run counts. */
void fatal_signal_judge(struct reading *reading, const struct complaint *complaint)
{
    const struct section *told = complaint_section(complaint, "signal ");
    int number = told ? atoi(told->heading + strlen("signal ")) : 0;

    if (number == 0 || reading->run->signal != number)
        return;
    crash_add(reading, complaint, first_stack(complaint),
              talloc_asprintf(reading->mem, "was where signal %d (%s) killed the program.", number,
                              strsignal(number)),
              "The processor or the C library refused to go on from there.");
}
