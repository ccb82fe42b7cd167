/* symbols_private.h - what symbols.c and symbols_data.c share. */
#ifndef DEEPEND_BASE_SYMBOLS_PRIVATE_H
#define DEEPEND_BASE_SYMBOLS_PRIVATE_H

#include "base/symbols.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <libelf.h>

/* An open executable. Fixed after symbols_open; libdw fills its own caches as it is asked. */
struct symbols {
    int descriptor;
    Elf *elf;
    Dwarf *dwarf;    /* or NULL: no debug information */
    Elf_Data *table; /* the symbol table, or NULL */
    int table_count;
    size_t names; /* index of its string table */
};

#endif
