/* memory.h - memory faults and leaks in words, the same for each tool that tells of them. */
#ifndef DEEPEND_MEMORY_H
#define DEEPEND_MEMORY_H

#include "observe/reading.h"

enum memory_fault {
    FAULT_FREED,     /* used after free */
    FAULT_PAST_END,  /* of a heap block */
    FAULT_BEFORE,    /* before a heap block */
    FAULT_OUTSIDE,   /* of a variable */
    FAULT_RETURNED,  /* a local of a function that has returned */
    FAULT_SCOPE,     /* a local whose block has ended */
    FAULT_NULL,      /* address 0 */
    FAULT_NEAR_NULL, /* a member of something at address 0 */
    FAULT_WILD,      /* an address that is nothing */
    FAULT_DOUBLE_FREE,
    FAULT_BAD_FREE, /* of what malloc never gave */
    FAULT_BAD_SIZE  /* a negative length */
};

/* What a tool told; NULL or 0 for what it did not. */
struct memory_event {
    enum memory_fault fault;
    const char *verb;    /* "reads", "writes to", "uses" */
    const char *object;  /* the variable's name */
    unsigned long block; /* bytes in the heap block */
    const struct section *access, *freed, *allocated, *declared;
    const char *raw;
    unsigned times;
};

/* Add it as CLASS_INVALID_MEMORY. */
void memory_add(struct reading *reading, const struct memory_event *event);

/* "READ", "Write", "write of size 4" and the like as the verb of an event. */
const char *memory_verb(const char *heading);

/* A leak of BLOCKS blocks allocated in SECTION. INDIRECT: only other lost blocks point to it. Dropped when
 * the check was not completed: what was never reached could not give its memory back. */
enum leak_kind { LEAK_DIRECT, LEAK_INDIRECT };
void leak_add(struct reading *reading, enum leak_kind kind, unsigned long bytes, unsigned long blocks,
              const struct section *section, const char *raw);

/* The address after PREFIX in HEADING, -1 when there is none. */
unsigned long long address_after(const char *heading, const char *prefix);

/* An access at ADDRESS where no memory is. */
enum memory_fault fault_at(unsigned long long address);

#endif
