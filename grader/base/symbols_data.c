/* symbols_data.c - static objects by name, see symbols_data() in symbols.h.
 *
 * Finds the variable whose storage holds the address, then walks down its type to the element or member that
 * starts or lies there. Stops at library types and at what it does not know, and so names the smallest thing
 * it is sure of.
 */
#include "base/symbols_private.h"

#include <string.h>
#include <talloc.h>

enum { DIMENSIONS = 4 };

/* --- finding the variable ---------------------------------------------------------------------------- */

/* The address of a variable with static storage. */
static int static_address(Dwarf_Die *variable, Dwarf_Addr *address)
{
    Dwarf_Attribute attribute, indirect;
    Dwarf_Op *ops;
    size_t count;

    if (!dwarf_attr(variable, DW_AT_location, &attribute) ||
        dwarf_getlocation(&attribute, &ops, &count) != 0 || count == 0)
        return 0;
    *address = ops[0].number;
    size_t rest = 1;
    if (ops[0].atom == DW_OP_addrx || ops[0].atom == DW_OP_GNU_addr_index) {
        if (dwarf_getlocation_attr(&attribute, &ops[0], &indirect) != 0 ||
            dwarf_formaddr(&indirect, address) != 0)
            return 0;
    } else if (ops[0].atom != DW_OP_addr) {
        return 0;
    }
    if (count > rest && ops[rest].atom == DW_OP_plus_uconst)
        *address += ops[rest++].number;
    return count == rest;
}

/* The type of DIE without qualifiers and typedefs. */
static int plain_type(Dwarf_Die *die, Dwarf_Die *type)
{
    Dwarf_Attribute attribute;
    Dwarf_Die at = *die;
    int tag;

    do {
        if (!dwarf_formref_die(dwarf_attr_integrate(&at, DW_AT_type, &attribute), type))
            return 0;
        tag = dwarf_tag(type);
        at = *type;
    } while (tag == DW_TAG_typedef || tag == DW_TAG_const_type || tag == DW_TAG_volatile_type ||
             tag == DW_TAG_atomic_type);
    return 1;
}

/* A variable below PARENT that holds ADDRESS; static ones of functions as well. */
static int variable_at(Dwarf_Die *parent, uint64_t address, Dwarf_Die *variable, uint64_t *offset)
{
    Dwarf_Die child, type;
    Dwarf_Addr start;
    Dwarf_Word size;

    if (dwarf_child(parent, &child) != 0)
        return 0;
    do {
        int tag = dwarf_tag(&child);
        if (tag == DW_TAG_variable && static_address(&child, &start) && plain_type(&child, &type) &&
            dwarf_aggregate_size(&type, &size) == 0 && address >= start && address - start < size) {
            *variable = child;
            *offset = address - start;
            return 1;
        }
        if ((tag == DW_TAG_subprogram || tag == DW_TAG_lexical_block) &&
            variable_at(&child, address, variable, offset))
            return 1;
    } while (dwarf_siblingof(&child, &child) == 0);
    return 0;
}

/* --- walking down its type --------------------------------------------------------------------------- */

/* The sizes of an array's dimensions. */
static int dimensions(Dwarf_Die *array, Dwarf_Word *counts)
{
    Dwarf_Attribute attribute;
    Dwarf_Die child;
    int found = 0;

    if (dwarf_child(array, &child) != 0)
        return 0;
    do {
        if (dwarf_tag(&child) != DW_TAG_subrange_type || found == DIMENSIONS)
            continue;
        if (dwarf_formudata(dwarf_attr(&child, DW_AT_count, &attribute), &counts[found]) != 0) {
            if (dwarf_formudata(dwarf_attr(&child, DW_AT_upper_bound, &attribute), &counts[found]) != 0)
                return 0;
            counts[found]++;
        }
        found++;
    } while (dwarf_siblingof(&child, &child) == 0);
    return found;
}

/* One step into an array: NAME grows by "[3]". */
static int enter_array(Dwarf_Die *type, uint64_t *offset, char **name)
{
    Dwarf_Word counts[DIMENSIONS], stride;
    Dwarf_Die element;
    int found = dimensions(type, counts);

    if (found == 0 || !plain_type(type, &element) || dwarf_aggregate_size(&element, &stride) != 0)
        return 0;
    for (int i = found - 1; i > 0; i--)
        stride *= counts[i];
    for (int i = 0; i < found && stride > 0; i++) {
        *name = talloc_asprintf_append_buffer(*name, "[%lu]", (unsigned long)(*offset / stride));
        *offset %= stride;
        if (i + 1 < found)
            stride /= counts[i + 1] ? counts[i + 1] : 1;
    }
    *type = element;
    return 1;
}

/* One step into a struct: NAME grows by ".done". Members of the library's own naming end the walk, and so
 * does a union, whose members all lie there. */
static int enter_struct(Dwarf_Die *type, uint64_t *offset, char **name)
{
    Dwarf_Attribute attribute;
    Dwarf_Die member, inner;
    Dwarf_Word start, size;

    if (dwarf_child(type, &member) != 0)
        return 0;
    do {
        const char *label = dwarf_diename(&member);
        if (dwarf_tag(&member) != DW_TAG_member || !label || strncmp(label, "__", 2) == 0 ||
            dwarf_formudata(dwarf_attr(&member, DW_AT_data_member_location, &attribute), &start) != 0 ||
            !plain_type(&member, &inner) || dwarf_aggregate_size(&inner, &size) != 0)
            continue;
        if (*offset < start || *offset - start >= size)
            continue;
        *name = talloc_asprintf_append_buffer(*name, ".%s", label);
        *offset -= start;
        *type = inner;
        return 1;
    } while (dwarf_siblingof(&member, &member) == 0);
    return 0;
}

static char *object_name(void *mem, Dwarf_Die *variable, uint64_t offset)
{
    const char *label = dwarf_diename(variable);
    Dwarf_Die type;
    int tag;

    if (!label || !plain_type(variable, &type))
        return NULL;
    char *name = talloc_strdup(mem, label);
    while ((tag = dwarf_tag(&type)) == DW_TAG_array_type || tag == DW_TAG_structure_type)
        if (!(tag == DW_TAG_array_type ? enter_array : enter_struct)(&type, &offset, &name))
            break;
    return name;
}

char *symbols_data(struct symbols *symbols, void *mem, uint64_t address)
{
    Dwarf_Die unit, variable;
    Dwarf_CU *cu = NULL;
    uint64_t offset;

    if (!symbols || !symbols->dwarf)
        return NULL;
    while (dwarf_get_units(symbols->dwarf, cu, &cu, NULL, NULL, &unit, NULL) == 0)
        if (variable_at(&unit, address, &variable, &offset))
            return object_name(mem, &variable, offset);
    return NULL;
}
