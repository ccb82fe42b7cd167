/* asan.c - AddressSanitizer's and LeakSanitizer's reports, see judges.h. */
#include "observe/judges.h"
#include "observe/memory.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

/* --- what lies at the address ------------------------------------------------------------------------ */

/* "16-byte region" of the heading, or 0. */
static unsigned long block_size(const struct section *region)
{
    const char *at = region ? strstr(region->heading, "-byte region") : NULL;

    if (!at)
        return 0;
    while (at > region->heading && at[-1] >= '0' && at[-1] <= '9')
        at--;
    return strtoul(at, NULL, 10);
}

/* The text between the first quotes of the heading: "'garr'". */
static const char *quoted_name(struct reading *reading, const struct section *section)
{
    const char *open = section ? strchr(section->heading, '\'') : NULL;
    const char *close = open ? strchr(open + 1, '\'') : NULL;

    return close ? talloc_strndup(reading->mem, open + 1, (size_t)(close - open - 1)) : NULL;
}

/* The variable that the access hit or passed: a local one is marked by an arrow, a global one is named. */
static const char *variable_name(struct reading *reading, const struct complaint *complaint)
{
    const struct section *local = complaint_section(complaint, "<== Memory access");
    return quoted_name(reading, local ? local : complaint_section(complaint, "global variable '"));
}

/* A section of one frame: where the variable is declared, in the function of FRAME or, without one, in FILE.
 */
static const struct section *declared_at(struct reading *reading, const struct frame *frame, const char *file,
                                         int line)
{
    struct section *section = talloc_zero(reading->mem, struct section);

    section->frames = talloc_zero(section, struct frame);
    section->frame_count = 1;
    *section->frames =
        (struct frame){frame ? frame->function : NULL, frame ? frame->file : (char *)file, line};
    return section;
}

/* "[32, 36) 'x' (line 11) <== Memory access ..." of the stack frame that another section shows, or "global
 * variable 'garr' defined in 'tasks.c:8:12'". */
static const struct section *declaration(struct reading *reading, const struct complaint *complaint)
{
    const struct section *local = complaint_section(complaint, "<== Memory access");
    const struct section *stack = complaint_section(complaint, "is located in stack of thread");
    const struct section *global = complaint_section(complaint, "global variable '");
    const char *line = local ? strstr(local->heading, "' (line ") : NULL;

    if (line && stack && stack->frame_count > 0)
        return declared_at(reading, &stack->frames[0], NULL, atoi(line + strlen("' (line ")));
    const char *defined = global ? strstr(global->heading, "defined in '") : NULL;
    if (!defined)
        return NULL;
    char *file = talloc_strdup(reading->mem, defined + strlen("defined in '"));
    size_t colon = strcspn(file, ":'");
    if (file[colon] != ':')
        return NULL;
    file[colon] = '\0';
    return declared_at(reading, NULL, file, atoi(file + colon + 1));
}

/* The heap block lies in front of the address, or behind it. LLVM 14 says "to the left of", later ones
 * "before". */
static int is_before(const struct section *region)
{
    return region && (strstr(region->heading, "to the left of") || strstr(region->heading, "bytes before"));
}

static const struct section *stack_of_access(const struct complaint *complaint)
{
    for (size_t i = 0; i < complaint->section_count; i++)
        if (complaint->sections[i].frame_count > 0)
            return &complaint->sections[i];
    return &complaint->sections[0];
}

/* --- memory faults ----------------------------------------------------------------------------------- */

static const struct {
    const char *title;
    enum memory_fault fault;
} faults[] = {
    {"heap-use-after-free", FAULT_FREED},
    {"heap-buffer-overflow", FAULT_PAST_END},
    {"stack-use-after-return", FAULT_RETURNED},
    {"stack-use-after-scope", FAULT_SCOPE},
    {"stack-buffer-overflow", FAULT_OUTSIDE},
    {"stack-buffer-underflow", FAULT_OUTSIDE},
    {"dynamic-stack-buffer-overflow", FAULT_OUTSIDE},
    {"global-buffer-overflow", FAULT_OUTSIDE},
    {"attempting double-free", FAULT_DOUBLE_FREE},
    {"attempting free on address which was not malloc()-ed", FAULT_BAD_FREE},
    {"attempting to call malloc_usable_size", FAULT_BAD_FREE},
    {"alloc-dealloc-mismatch", FAULT_BAD_FREE},
    {"negative-size-param", FAULT_BAD_SIZE},
    {"", FAULT_WILD}, /* every other title with an address */
};

static void judge_memory(struct reading *reading, const struct complaint *complaint)
{
    const struct section *access = stack_of_access(complaint),
                         *region = complaint_section(complaint, "-byte region");
    const struct section *allocated = complaint_section(complaint, "previously allocated by");
    size_t row = 0;

    while (strncmp(complaint->title, faults[row].title, strlen(faults[row].title)) != 0)
        row++;
    enum memory_fault fault = faults[row].fault;
    if (fault == FAULT_PAST_END && is_before(region))
        fault = FAULT_BEFORE;
    memory_add(reading, &(struct memory_event){
                            .fault = fault,
                            .verb = memory_verb(access->heading),
                            .object = variable_name(reading, complaint),
                            .block = block_size(region),
                            .access = access,
                            .freed = complaint_section(complaint, "freed by"),
                            .declared = declaration(reading, complaint),
                            .allocated = allocated ? allocated : complaint_section(complaint, "allocated by"),
                            .raw = complaint->raw,
                        });
}

/* --- the other titles -------------------------------------------------------------------------------- */

static void judge_overlap(struct reading *reading, const struct complaint *complaint)
{
    struct place where = section_place(reading, stack_of_access(complaint), "copied here");

    reading_add(
        reading,
        &(struct finding){
            .class = CLASS_UNDEFINED,
            .message = talloc_asprintf(reading->mem, "%s copies between two pieces of memory that overlap.",
                                       place_Words(reading, &where)),
            .why = "memcpy and strcpy may copy in any order: for overlapping memory there is memmove.",
            .where = &where,
            .where_count = 1,
            .raw = complaint->raw,
        });
}

static void judge_size(struct reading *reading, const struct complaint *complaint)
{
    struct place where = section_place(reading, stack_of_access(complaint), "asked for here");

    reading_add(reading,
                &(struct finding){
                    .class = CLASS_OVERLOAD,
                    .message = talloc_asprintf(reading->mem, "%s asks for more memory than there can be.",
                                               place_Words(reading, &where)),
                    .why = "A negative or overflowed number becomes a huge one when it is taken as a size.",
                    .where = &where,
                    .where_count = 1,
                    .raw = complaint->raw,
                });
}

static void judge_out_of_memory(struct reading *reading, const struct complaint *complaint)
{
    if (!reading->trouble)
        reading->trouble = talloc_asprintf(reading->mem, "the tool of the variant `%s` failed: %s",
                                           reading->run->variant->name, complaint->title);
}

static const struct {
    const char *title;
    void (*judge)(struct reading *reading, const struct complaint *complaint);
} kinds[] = {
    {"requested allocation size", judge_size},
    {"calloc parameters overflow", judge_size},
    {"out of memory", judge_out_of_memory},
    {"specified RSS limit exceeded", judge_out_of_memory},
};

/* Each of these ends the process. */
void asan_judge(struct reading *reading, const struct complaint *complaint)
{
    if (complaint->failure) {
        tsan_judge(reading, complaint);
        return;
    }
    if (signal_judge(reading, complaint))
        return;
    reading->ended = 1;
    if (strstr(complaint->title, "-param-overlap")) {
        judge_overlap(reading, complaint);
        return;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strncmp(complaint->title, kinds[i].title, strlen(kinds[i].title)) == 0) {
            kinds[i].judge(reading, complaint);
            return;
        }
    judge_memory(reading, complaint);
}

/* --- leaks ------------------------------------------------------------------------------------------- */

/* "Direct leak of 16 byte(s) in 1 object(s) allocated from:" */
static void judge_leak(struct reading *reading, const struct complaint *complaint,
                       const struct section *section)
{
    const char *of = strstr(section->heading, " leak of "), *in = of ? strstr(of, ") in ") : NULL;

    if (in)
        leak_add(reading, section->heading[0] == 'I' ? LEAK_INDIRECT : LEAK_DIRECT,
                 strtoul(of + strlen(" leak of "), NULL, 10), strtoul(in + strlen(") in "), NULL, 10),
                 section, complaint->raw);
}

void lsan_judge(struct reading *reading, const struct complaint *complaint)
{
    if (strncmp(complaint->title, "detected memory leaks", 21) != 0) {
        asan_judge(reading, complaint);
        return;
    }
    for (size_t i = 0; i < complaint->section_count; i++)
        judge_leak(reading, complaint, &complaint->sections[i]);
}
