/* object.h - what an object file, or an archive of them, defines and needs (libelf). */
#ifndef DEEPEND_OBJECT_H
#define DEEPEND_OBJECT_H

#include "base/error.h"
#include <stddef.h>

enum symbol_kind {
    SYMBOL_NEEDED,      /* undefined */
    SYMBOL_NEEDED_WEAK, /* undefined, and it need not be there */
    SYMBOL_DEFINED,
    SYMBOL_DEFINED_WEAK, /* weak, or unique, or chosen at run time (ifunc) */
};

struct object_symbol {
    char *name;
    enum symbol_kind kind;
};

/* All global symbols, plain data. */
struct object_symbols {
    struct object_symbol *items;
    size_t count;
    char *
        odd_section; /* name of one that no C without attributes makes (constructors, custom ones), or NULL */
    size_t section_bytes; /* memory that code and static variables take */
};

/* Add those of the object or archive PATH to *SYMBOLS (zero at first), on MEM. -1 (error_grader) when it is
 * not one. */
int object_read(void *mem, const char *path, struct object_symbols *symbols, struct error *err);

/* Whether NAME is defined. */
int object_defines(const struct object_symbols *symbols, const char *name);

#endif
