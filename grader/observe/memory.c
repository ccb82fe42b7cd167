/* memory.c - see memory.h. One row for each fault: the sentence and the rule behind it. */
#include "observe/memory.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

/* In a sentence: %H is the place as its beginning, %V the verb, %O the variable, %F and %A the places of free
 * and malloc, %B the block's size. The second sentence is for a tool that did not tell what the first one
 * needs. */
struct wording {
    const char *sentence, *without;
    const char *here; /* what the place of the access says; the verb stands before it */
    const char *why;
};

static const char after_free[] =
    "After free the block may be given to anybody; every pointer to it is dead, in every thread.";
static const char after_scope[] =
    "A local variable ends with its block; a pointer to it must not outlive it.";
static const char in_bounds[] =
    "C checks no bounds: only the indices from 0 to the size minus one may be used.";
static const char free_once[] =
    "A block is freed once, through the pointer that malloc returned, by its one owner.";

static const struct wording wordings[] = {
    [FAULT_FREED] = {"%H %V memory that %F has already freed.", "%H %V memory that has already been freed.",
                     "memory that was freed", after_free},
    [FAULT_PAST_END] = {"%H %V memory behind the end of the block of %B bytes that %A allocated.",
                        "%H %V memory behind the end of an allocated block.",
                        "memory behind the end of the block", in_bounds},
    [FAULT_BEFORE] = {"%H %V memory in front of the block of %B bytes that %A allocated.",
                      "%H %V memory in front of an allocated block.", "memory in front of the block",
                      in_bounds},
    [FAULT_OUTSIDE] = {"%H %V memory outside of `%O`.", "%H %V memory outside of a variable.",
                       "memory outside of the variable", in_bounds},
    [FAULT_RETURNED] = {"%H %V `%O`, a local variable of a function that has already returned.",
                        "%H %V a local variable of a function that has already returned.",
                        "a variable that is gone", after_scope},
    [FAULT_SCOPE] = {"%H %V `%O`, a local variable whose block has already ended.",
                     "%H %V a local variable whose block has already ended.", "a variable that is gone",
                     after_scope},
    [FAULT_NULL] = {"%H %V memory through a null pointer (address 0).", NULL, "address 0",
                    "A null pointer points to nothing: it has to be checked, or set, before it is used."},
    [FAULT_NEAR_NULL] =
        {"%H %V memory close to address 0: a member or element of something behind a null pointer.", NULL,
         "memory close to address 0",
         "A null pointer points to nothing: it has to be checked, or set, before it is used."},
    [FAULT_WILD] = {"%H %V an address where the program has no memory.", NULL, "an address that is nothing",
                    "The pointer was never set, has been overwritten, or points to something that is gone."},
    [FAULT_DOUBLE_FREE] = {"%H frees memory that %F has already freed.",
                           "%H frees memory that has already been freed.", "frees it again", free_once},
    [FAULT_BAD_FREE] = {"%H frees an address that malloc never returned.", NULL, "frees it", free_once},
    [FAULT_BAD_SIZE] = {"%H passes a negative length to a function that takes a size.", NULL, "the call",
                        "A negative number becomes a huge one when it is taken as a size."},
};

/* --- the sentence ------------------------------------------------------------------------------------ */

struct parts {
    const struct memory_event *event;
    const struct place *here, *freed, *allocated;
};

/* The text for %LETTER, or NULL when it is not known. */
static const char *part(struct reading *reading, const struct parts *parts, char letter)
{
    switch (letter) {
    case 'H':
        return place_Words(reading, parts->here);
    case 'V':
        return parts->event->verb ? parts->event->verb : "uses";
    case 'O':
        return parts->event->object;
    case 'F':
        return parts->freed->file ? place_words(reading, parts->freed) : NULL;
    case 'A':
        return parts->allocated->file ? place_words(reading, parts->allocated) : NULL;
    default:
        return parts->event->block ? talloc_asprintf(reading->mem, "%lu", parts->event->block) : NULL;
    }
}

static char *fill(struct reading *reading, const struct parts *parts, const char *template)
{
    char *text = talloc_strdup(reading->mem, "");

    while (*template) {
        size_t plain = strcspn(template, "%");
        text = talloc_strndup_append_buffer(text, template, plain);
        template += plain;
        if (!*template)
            break;
        const char *word = part(reading, parts, template[1]);
        if (!word)
            return NULL;
        text = talloc_strdup_append_buffer(text, word);
        template += 2;
    }
    return text;
}

static char *here_words(struct reading *reading, const struct memory_event *event)
{
    const char *here = wordings[event->fault].here;

    if (event->fault == FAULT_DOUBLE_FREE || event->fault == FAULT_BAD_FREE || event->fault == FAULT_BAD_SIZE)
        return talloc_strdup(reading->mem, here);
    return talloc_asprintf(reading->mem, "%s %s", event->verb ? event->verb : "uses", here);
}

void memory_add(struct reading *reading, const struct memory_event *event)
{
    const struct wording *wording = &wordings[event->fault];
    struct place where[4] = {
        section_place(reading, event->access, here_words(reading, event)),
        section_place(reading, event->freed, "freed here"),
        section_place(reading, event->allocated, "allocated here"),
        section_place(reading, event->declared, "the variable is declared here"),
    };
    struct parts parts = {event, &where[0], &where[1], &where[2]};
    char *message = fill(reading, &parts, wording->sentence);

    if (!message)
        message = fill(reading, &parts, wording->without);
    reading_add(reading, &(struct finding){.class = CLASS_INVALID_MEMORY,
                                           .message = message,
                                           .why = (char *)wording->why,
                                           .where = where,
                                           .where_count = 4,
                                           .times = event->times,
                                           .raw = (char *)event->raw});
}

const char *memory_verb(const char *heading)
{
    /* behind the size stands what was held: "(mutexes: write M0)" is no write */
    const char *size = strstr(heading, " of size "), *write = strcasestr(heading, "write");

    if (write && (!size || write < size))
        return "writes to";
    return strcasestr(heading, "read") ? "reads" : "uses";
}

unsigned long long address_after(const char *heading, const char *prefix)
{
    const char *at = strstr(heading, prefix);
    return at ? strtoull(at + strlen(prefix), NULL, 16) : -1ULL;
}

enum memory_fault fault_at(unsigned long long address)
{
    return address == 0 ? FAULT_NULL : address < 4096 ? FAULT_NEAR_NULL : FAULT_WILD;
}

/* --- leaks ------------------------------------------------------------------------------------------- */

static const char *const leak_why[] = {
    [LEAK_DIRECT] = "Nothing points to it any more, so nobody can ever free it: each allocation needs one "
                    "owner who does.",
    [LEAK_INDIRECT] =
        "Only memory that is itself lost points to it: whoever frees the one has to free the other first.",
};

/* "16 bytes", or "3 blocks, 48 bytes in all,". */
static char *amount(struct reading *reading, unsigned long bytes, unsigned long blocks)
{
    const char *unit = bytes == 1 ? "byte" : "bytes";

    if (blocks <= 1)
        return talloc_asprintf(reading->mem, "%lu %s", bytes, unit);
    return talloc_asprintf(reading->mem, "%lu blocks, %lu %s in all,", blocks, bytes, unit);
}

void leak_add(struct reading *reading, enum leak_kind kind, unsigned long bytes, unsigned long blocks,
              const struct section *section, const char *raw)
{
    struct place here = section_place(reading, section, "allocated here, and never freed");

    if (!reading->run->completed)
        return;
    reading_add(reading,
                &(struct finding){
                    .class = CLASS_MEMORY_LEAK,
                    .message = talloc_asprintf(reading->mem, "%s allocates %s that nobody ever frees.",
                                               place_Words(reading, &here), amount(reading, bytes, blocks)),
                    .why = (char *)leak_why[kind],
                    .where = &here,
                    .where_count = 1,
                    .raw = (char *)raw,
                });
}
