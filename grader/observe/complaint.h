/* complaint.h - what a tool said, in one shape for all tools.
 *
 * The sanitizers' text and Valgrind's XML are read into complaints: a title and sections, each a heading and
 * the call stack under it, resolved to functions and lines. The readers know how a log is laid out and
 * nothing of what it means; the judges (tsan.c, asan.c, memcheck.c, helgrind.c) know the meaning and nothing
 * of the layout.
 *
 *     title     "data race"
 *     sections  "Write of size 4 at 0x7ffc... by main thread:"        main tasks.c:19
 *               "Previous read of size 4 at 0x7ffc... by thread T1:"  show tasks.c:10
 *               "Location is stack of main thread."
 */
#ifndef DEEPEND_COMPLAINT_H
#define DEEPEND_COMPLAINT_H

#include "base/symbols.h"

struct section {
    char *heading;
    struct frame *frames; /* innermost first; without a file where the code is not the program's */
    size_t frame_count;
};

enum speaker { SPEAKER_TSAN, SPEAKER_ASAN, SPEAKER_LSAN, SPEAKER_UBSAN, SPEAKER_MEMCHECK, SPEAKER_HELGRIND };

struct complaint {
    enum speaker speaker;
    char *title;              /* without the tool's name and process numbers; of Valgrind the <kind> */
    struct section *sections; /* the first one's heading is the title, or Valgrind's <what> */
    size_t section_count;
    unsigned times;
    int failure; /* 1: it speaks of itself, it has crashed or could not start */
    char *raw;
};

struct complaints {
    struct complaint *list; /* in the order of the log */
    size_t count;
    int finished; /* of Valgrind's XML: 1 when it is complete */
};

/* Heading of the section that names the static object in question: "Location is named stats.done". */
#define SECTION_NAMED "Location is named "

/* More than these are not read: the first hundred tell the story. */
enum { COMPLAINTS_MOST = 100, SECTIONS_MOST = 40, SECTION_FRAMES_MOST = 64 };

/* Read a sanitizer's log; addresses are resolved with SYMBOLS (may be NULL). Never fails: what is not
 * understood is passed over. All on MEM. */
void complaints_read_text(void *mem, const char *log, struct symbols *symbols, struct complaints *complaints);

/* Read Valgrind's XML. A log that ends too early gives what it has. Valgrind resolves lines by itself; frames
 * outside of BINARY, the executable, lose theirs. */
void complaints_read_xml(void *mem, const char *log, const char *binary, struct complaints *complaints);

/* The first section whose heading contains TEXT, or NULL. */
const struct section *complaint_section(const struct complaint *complaint, const char *text);

/* Append to the list, and to the last one's sections; NULL when there are enough already. */
struct complaint *complaint_add(void *mem, struct complaints *complaints);
struct section *section_add(void *mem, struct complaint *complaint, const char *heading);
void section_add_frames(void *mem, struct section *section, const struct frame *frames, size_t count);

/* The whole as plain text, much as the tool itself prints it. */
char *complaint_text(void *mem, const struct complaint *complaint);

#endif
