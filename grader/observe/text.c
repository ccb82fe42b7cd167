/* text.c - the sanitizers' logs as complaints, see complaint.h.
 *
 * Line by line. A line that opens a report starts a complaint; "#N ... (module+0xoffset)" adds to the stack
 * of the section under way; any other line begins a section; "SUMMARY:" or a rule ends the complaint. The
 * sanitizers run with symbolize=0, so a frame is an offset into a module, resolved here when the module is
 * the executable: everything that is not a shared object.
 */
#include "observe/complaint.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { RAW_BYTES = 16384 };

struct reader {
    void *mem;
    struct symbols *symbols;
    struct complaints *out;
    int open;            /* 1: the last complaint is still being told */
    int memory_dump;     /* 1: the rest of it is a dump of shadow memory */
    int deadly_unspoken; /* 1: a deadly signal was announced and not yet reported */
};

/* --- what opens a report ----------------------------------------------------------------------------- */

enum opening_place { AT_START, AFTER_PROCESS, AFTER_POSITION };

struct opening {
    const char *mark;
    enum opening_place place;
    enum speaker speaker;
};

static const struct opening openings[] = {
    {"WARNING: ThreadSanitizer: ", AT_START, SPEAKER_TSAN},
    {"==ERROR: ThreadSanitizer: ", AFTER_PROCESS, SPEAKER_TSAN},
    {"==ERROR: AddressSanitizer: ", AFTER_PROCESS, SPEAKER_ASAN},
    {"==ERROR: LeakSanitizer: ", AFTER_PROCESS, SPEAKER_LSAN},
    {": runtime error: ", AFTER_POSITION, SPEAKER_UBSAN},
};

/* The tool's own failures. Words of the sanitizers of LLVM 14 and later. */
static const char *const failures[] = {
    "FATAL: ThreadSanitizer",
    "FATAL: AddressSanitizer",
    "FATAL: LeakSanitizer",
    "Sanitizer CHECK failed",
    "Sanitizer: CHECK failed",
    "LeakSanitizer has encountered a fatal error",
    "Shadow memory range interleaves",
    "unexpected memory mapping",
    "ERROR: ThreadSanitizer failed to ",
    "ERROR: AddressSanitizer failed to ",
    "Sanitizer: internal allocator is out of memory",
    "Sanitizer: failed to allocate",
    "failed to intercept",
    "Sanitizer: Thread limit (",
};

/* "tasks.c:12:48" ends at END, as in front of UBSan's words. */
static int is_position(const char *line, const char *end)
{
    int numbers = 0;

    for (const char *at = end; at > line && numbers < 2; numbers++) {
        const char *digits = at;
        while (digits > line && isdigit((unsigned char)digits[-1]))
            digits--;
        if (digits == at || digits == line || digits[-1] != ':')
            return 0;
        at = digits - 1;
    }
    return numbers == 2;
}

static const struct opening *opening_of(const char *line, const char **title)
{
    for (size_t i = 0; i < sizeof openings / sizeof openings[0]; i++) {
        const struct opening *opening = &openings[i];
        const char *found = strstr(line, opening->mark);
        if (!found || (opening->place == AT_START && found != line) ||
            (opening->place == AFTER_PROCESS && strspn(line, "=0123456789") < (size_t)(found - line)) ||
            (opening->place == AFTER_POSITION && !is_position(line, found)))
            continue;
        *title = found + strlen(opening->mark);
        return opening;
    }
    return NULL;
}

static int is_failure(const char *line)
{
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++)
        if (strstr(line, failures[i]))
            return 1;
    return 0;
}

/* --- frames ------------------------------------------------------------------------------------------ */

/* The "(module+0xoffset)" of LINE. Returns 0 when there is none. */
static int module_offset(void *mem, const char *line, char **module, uint64_t *offset)
{
    for (const char *plus = strstr(line, "+0x"); plus; plus = strstr(plus + 1, "+0x")) {
        const char *open = plus;
        char *end;
        while (open > line && *open != '(')
            open--;
        *offset = strtoull(plus + 1, &end, 16);
        if (*open == '(' && *end == ')') {
            *module = talloc_strndup(mem, open + 1, (size_t)(plus - open - 1));
            return 1;
        }
    }
    return 0;
}

/* Add the frame that LINE tells to SECTION. Returns the line with the names that it lacks, for the raw words.
 */
static char *add_frame(struct reader *reader, struct section *section, const char *line)
{
    struct frame unknown = {0}, *frames = &unknown;
    char *module;
    uint64_t offset;
    size_t count = 0;

    if (module_offset(reader->mem, line, &module, &offset) && !strstr(module, ".so"))
        count = symbols_resolve(reader->symbols, reader->mem, offset, &frames);
    section_add_frames(reader->mem, section, frames, count ? count : 1);
    if (count == 0)
        return talloc_strdup(reader->mem, line);
    char *text = talloc_strndup(reader->mem, line, strcspn(line, " "));
    for (size_t i = 0; i < count; i++) {
        text = talloc_asprintf_append(text, "%s %s", i ? " in" : "",
                                      frames[i].function ? frames[i].function : "?");
        if (frames[i].file)
            text = talloc_asprintf_append(text, " %s:%d", frames[i].file, frames[i].line);
    }
    return text;
}

/* "Location is global '<null>' at 0x000000000000 (prog+0x1476280)": name what lies there. */
static char *name_global(struct reader *reader, const char *line)
{
    char *module, *name = NULL;
    uint64_t offset;

    if (strncmp(line, "Location is global", 18) == 0 && module_offset(reader->mem, line, &module, &offset) &&
        !strstr(module, ".so") && module[0] != '[')
        name = symbols_data(reader->symbols, reader->mem, offset);
    return name ? talloc_asprintf(reader->mem, SECTION_NAMED "%s", name) : NULL;
}

/* --- lines ------------------------------------------------------------------------------------------- */

static struct complaint *current(struct reader *reader)
{
    return reader->open ? &reader->out->list[reader->out->count - 1] : NULL;
}

static void begin(struct reader *reader, enum speaker speaker, const char *title)
{
    struct complaint *complaint = complaint_add(reader->mem, reader->out);
    const char *process = strstr(title, " (pid=");

    reader->open = complaint != NULL;
    reader->memory_dump = 0;
    if (!complaint)
        return;
    complaint->speaker = speaker;
    complaint->title = process ? talloc_strndup(reader->mem, title, (size_t)(process - title))
                               : talloc_strdup(reader->mem, title);
    complaint->raw = talloc_strdup(reader->mem, "");
    section_add(reader->mem, complaint, complaint->title);
}

static void add_raw(struct complaint *complaint, const char *line)
{
    if (talloc_get_size(complaint->raw) < RAW_BYTES)
        complaint->raw = talloc_asprintf_append_buffer(complaint->raw, "%s\n", line);
}

/* A line inside a report. Memory dumps are not kept. */
static void go_on(struct reader *reader, struct complaint *complaint, const char *line)
{
    const char *text = line + strspn(line, " \t");
    struct section *last = &complaint->sections[complaint->section_count - 1];

    if (strncmp(text, "Shadow bytes around", 19) == 0)
        reader->memory_dump = 1;
    if (reader->memory_dump)
        return;
    if (text[0] == '#' && isdigit((unsigned char)text[1])) {
        add_raw(complaint, talloc_asprintf(reader->mem, "    %s", add_frame(reader, last, text)));
        return;
    }
    add_raw(complaint, line);
    if (*text == '\0')
        return;
    char *global = name_global(reader, text);
    section_add(reader->mem, complaint, global ? global : text);
}

static int ends_report(const char *line)
{
    return strncmp(line, "SUMMARY: ", 9) == 0 || strncmp(line, "=====", 5) == 0;
}

static void read_line(struct reader *reader, const char *line)
{
    const char *title;
    const struct opening *opening = opening_of(line, &title);
    int begun = 0;

    if (strstr(line, "Sanitizer:DEADLYSIGNAL"))
        reader->deadly_unspoken = 1;
    if (opening) {
        begun = 1;
        begin(reader, opening->speaker, title);
        reader->deadly_unspoken = 0;
    } else if (is_failure(line)) {
        begin(reader, SPEAKER_TSAN, line);
        begun = 1;
    }
    struct complaint *complaint = current(reader);
    if (!complaint)
        return;
    complaint->failure |= begun && !opening;
    if (ends_report(line)) {
        reader->open = 0;
    } else if (begun) {
        add_raw(complaint, line);
    } else {
        go_on(reader, complaint, line);
    }
}

void complaints_read_text(void *mem, const char *log, struct symbols *symbols, struct complaints *complaints)
{
    struct reader reader = {.mem = mem, .symbols = symbols, .out = complaints};

    while (*log) {
        size_t length = strcspn(log, "\n");
        char *line = talloc_strndup(mem, log, length);
        read_line(&reader, line);
        talloc_free(line);
        log += length + (log[length] == '\n');
    }
    if (reader.deadly_unspoken)
        begin(&reader, SPEAKER_ASAN, "DEADLYSIGNAL");
}
