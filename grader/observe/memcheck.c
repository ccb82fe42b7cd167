/* memcheck.c - what Memcheck's kinds of error mean, see judges.h.
 *
 * Two kinds of leak give no finding. "Still reachable" blocks have a pointer to them, so that somebody can
 * still free them. "Possibly lost" ones have a pointer into their middle; the thread-local storage of every
 * thread that still runs, or was not joined, looks like that (such threads are findings of their own), and so
 * do lists whose links are embedded in their items. What is really lost shows as definitely lost, and in the
 * variant `memory`.
 */
#include "observe/judges.h"
#include "observe/memory.h"

#include <string.h>
#include <talloc.h>

/* --- accesses ---------------------------------------------------------------------------------------- */

/* "Address 0x4a42050 is 0 bytes after a block of size 16 alloc'd" and its kin. */
static const struct section *address_told(const struct complaint *complaint)
{
    return complaint_section(complaint, "Address 0x");
}

static int is_nothing(const struct section *address)
{
    return strstr(address->heading, "not stack'd, malloc'd or (recently) free'd") != NULL;
}

static int is_freed(const struct section *address)
{
    return address && !is_nothing(address) && strstr(address->heading, " free'd");
}

static enum memory_fault access_fault(const struct section *address)
{
    if (!address)
        return FAULT_WILD;
    if (is_nothing(address))
        return fault_at(address_after(address->heading, "Address "));
    if (is_freed(address))
        return FAULT_FREED;
    if (strstr(address->heading, "bytes before a block"))
        return FAULT_BEFORE;
    if (strstr(address->heading, "bytes after a block"))
        return FAULT_PAST_END;
    if (strstr(address->heading, "inside a block of size"))
        return FAULT_PAST_END; /* it begins inside and ends behind it */
    return FAULT_WILD;
}

/* "1,024 bytes" */
static unsigned long number_at(const char *at)
{
    unsigned long number = 0;

    for (; (*at >= '0' && *at <= '9') || *at == ','; at++)
        if (*at != ',')
            number = number * 10 + (unsigned long)(*at - '0');
    return number;
}

static unsigned long block_size(const struct section *address)
{
    const char *at = address ? strstr(address->heading, "block of size ") : NULL;
    return at ? number_at(at + strlen("block of size ")) : 0;
}

static struct memory_event event_of(const struct complaint *complaint, enum memory_fault fault)
{
    const struct section *address = address_told(complaint),
                         *allocated = complaint_section(complaint, "Block was alloc'd");
    int freed = is_freed(address);

    return (struct memory_event){
        .fault = fault,
        .verb = memory_verb(complaint->sections[0].heading),
        .block = block_size(address),
        .access = &complaint->sections[0],
        .freed = freed ? address : NULL,
        .allocated = freed ? allocated : address,
        .raw = complaint->raw,
        .times = complaint->times,
    };
}

static void judge_access(struct reading *reading, const struct complaint *complaint)
{
    struct memory_event event = event_of(complaint, access_fault(address_told(complaint)));
    memory_add(reading, &event);
}

static void judge_free(struct reading *reading, const struct complaint *complaint)
{
    const struct section *address = address_told(complaint);
    struct memory_event event = event_of(complaint, is_freed(address) ? FAULT_DOUBLE_FREE : FAULT_BAD_FREE);

    memory_add(reading, &event);
}

/* --- values ------------------------------------------------------------------------------------------ */

static const char unset[] =
    "Memory from malloc, and a local variable without a value, hold whatever was there before.";

/* SENTENCE goes on from "Line 14 ". */
static void undefined_add(struct reading *reading, const struct complaint *complaint, const char *sentence,
                          const char *why)
{
    struct place where[2] = {section_place(reading, &complaint->sections[0], "used here"),
                             section_place(reading, complaint_section(complaint, "was created by"),
                                           "created here, without a value")};

    reading_add(reading,
                &(struct finding){.class = CLASS_UNDEFINED,
                                  .message = talloc_asprintf(reading->mem, "%s %s",
                                                             place_Words(reading, &where[0]), sentence),
                                  .why = (char *)why,
                                  .where = where,
                                  .where_count = 2,
                                  .times = complaint->times,
                                  .raw = complaint->raw});
}

static void judge_condition(struct reading *reading, const struct complaint *complaint)
{
    undefined_add(reading, complaint, "makes a decision by a value that was never set.", unset);
}

static void judge_value(struct reading *reading, const struct complaint *complaint)
{
    undefined_add(reading, complaint, "uses a value that was never set.", unset);
}

/* Bytes handed to the system: never set, or not the program's at all. */
static void judge_system_call(struct reading *reading, const struct complaint *complaint)
{
    if (strstr(complaint->sections[0].heading, "unaddressable"))
        judge_access(reading, complaint);
    else
        undefined_add(reading, complaint, "hands bytes to the system that were never set.", unset);
}

static void judge_overlap(struct reading *reading, const struct complaint *complaint)
{
    undefined_add(reading, complaint, "copies between two pieces of memory that overlap.",
                  "memcpy and strcpy may copy in any order: for overlapping memory there is memmove.");
}

static void judge_size(struct reading *reading, const struct complaint *complaint)
{
    undefined_add(reading, complaint, "asks for a negative number of bytes.",
                  "A negative number becomes a huge one when it is taken as a size.");
}

/* --- leaks ------------------------------------------------------------------------------------------- */

/* "32 (16 direct, 16 indirect) bytes in 1 blocks are definitely lost": the indirect ones have an error of
 * their own. */
static void judge_leak(struct reading *reading, const struct complaint *complaint)
{
    const char *words = complaint->sections[0].heading, *direct = strchr(words, '(');
    const char *in = strstr(words, " bytes in ");

    if (in)
        leak_add(reading, strstr(complaint->title, "Indirectly") ? LEAK_INDIRECT : LEAK_DIRECT,
                 number_at(direct && direct < in ? direct + 1 : words), number_at(in + strlen(" bytes in ")),
                 &complaint->sections[0], complaint->raw);
}

/* --- all --------------------------------------------------------------------------------------------- */

static const struct {
    const char *kind;
    void (*judge)(struct reading *reading, const struct complaint *complaint);
} kinds[] = {
    {"InvalidRead", judge_access},        {"InvalidWrite", judge_access},
    {"InvalidJump", judge_access},        {"InvalidFree", judge_free},
    {"MismatchedFree", judge_free},       {"InvalidMemPool", judge_free},
    {"UninitCondition", judge_condition}, {"UninitValue", judge_value},
    {"SyscallParam", judge_system_call},  {"Overlap", judge_overlap},
    {"FishyValue", judge_size},           {"Leak_DefinitelyLost", judge_leak},
    {"Leak_IndirectlyLost", judge_leak},  {"fatal_signal", fatal_signal_judge},
};

void memcheck_judge(struct reading *reading, const struct complaint *complaint)
{
    for (size_t i = 0; complaint->section_count > 0 && i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(complaint->title, kinds[i].kind) == 0)
            kinds[i].judge(reading, complaint);
}
