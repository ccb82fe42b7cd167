/* symbols.c - code addresses by libdw and libelf, see symbols.h.
 *
 * The executable is read as a file and never as a process, so DWARF and ELF addresses need no bias. Units are
 * found by their own ranges, not by .debug_aranges, which clang leaves out. See symbols_data.c for variables.
 */
#include "base/symbols_private.h"

#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

enum { INLINE_DEPTH = 16 };

/* --- opening ----------------------------------------------------------------------------------------- */

static int symbols_close(struct symbols *symbols)
{
    if (symbols->dwarf)
        dwarf_end(symbols->dwarf);
    if (symbols->elf)
        elf_end(symbols->elf);
    close(symbols->descriptor);
    return 0;
}

static Elf_Scn *find_section(Elf *elf, GElf_Word type, GElf_Shdr *header)
{
    Elf_Scn *section = NULL;

    while ((section = elf_nextscn(elf, section)) != NULL)
        if (gelf_getshdr(section, header) && header->sh_type == type)
            return section;
    return NULL;
}

static void find_symbol_table(struct symbols *symbols)
{
    GElf_Shdr header;
    Elf_Scn *section = find_section(symbols->elf, SHT_SYMTAB, &header);

    if (!section || header.sh_entsize == 0)
        return;
    symbols->names = header.sh_link;
    symbols->table = elf_getdata(section, NULL);
    symbols->table_count = symbols->table ? (int)(header.sh_size / header.sh_entsize) : 0;
}

struct symbols *symbols_open(void *mem, const char *path)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);

    if (descriptor < 0)
        return NULL;
    elf_version(EV_CURRENT);
    struct symbols *symbols = talloc_zero(mem, struct symbols);
    symbols->descriptor = descriptor;
    talloc_set_destructor(symbols, symbols_close);
    symbols->elf = elf_begin(descriptor, ELF_C_READ_MMAP, NULL);
    if (!symbols->elf || elf_kind(symbols->elf) != ELF_K_ELF) {
        talloc_free(symbols);
        return NULL;
    }
    symbols->dwarf = dwarf_begin_elf(symbols->elf, DWARF_C_READ, NULL);
    find_symbol_table(symbols);
    return symbols;
}

/* --- names from the symbol table --------------------------------------------------------------------- */

/* "__interceptor_free" and "free" are the same to a reader. */
static const char *bare_name(const char *name)
{
    static const char mark[] = "interceptor_";
    const char *bare = name + strspn(name, "_");

    return strncmp(bare, mark, sizeof mark - 1) == 0 ? bare + sizeof mark - 1 : name;
}

static const char *function_at(const struct symbols *symbols, uint64_t address)
{
    GElf_Sym symbol;

    for (int i = 0; i < symbols->table_count; i++) {
        if (!gelf_getsym(symbols->table, i, &symbol) || GELF_ST_TYPE(symbol.st_info) != STT_FUNC)
            continue;
        if (address < symbol.st_value || address - symbol.st_value >= symbol.st_size)
            continue;
        const char *name = elf_strptr(symbols->elf, symbols->names, symbol.st_name);
        return name ? bare_name(name) : NULL;
    }
    return NULL;
}

/* --- lines and inlined functions --------------------------------------------------------------------- */

static int unit_at(Dwarf *dwarf, uint64_t address, Dwarf_Die *unit)
{
    Dwarf_CU *cu = NULL;

    while (dwarf_get_units(dwarf, cu, &cu, NULL, NULL, unit, NULL) == 0)
        if (dwarf_haspc(unit, address) == 1)
            return 1;
    return 0;
}

/* The functions around ADDRESS, real or inlined, outermost first. Blocks are passed through. */
static int functions_at(Dwarf_Die *parent, uint64_t address, Dwarf_Die *path, int depth)
{
    Dwarf_Die child;

    if (depth == INLINE_DEPTH || dwarf_child(parent, &child) != 0)
        return depth;
    do {
        int tag = dwarf_tag(&child);
        if (tag != DW_TAG_subprogram && tag != DW_TAG_inlined_subroutine && tag != DW_TAG_lexical_block)
            continue;
        if (dwarf_haspc(&child, address) != 1)
            continue;
        if (tag != DW_TAG_lexical_block)
            path[depth++] = child;
        return functions_at(&child, address, path, depth);
    } while (dwarf_siblingof(&child, &child) == 0);
    return depth;
}

static char *function_name(void *mem, Dwarf_Die *die)
{
    Dwarf_Attribute attribute;
    const char *name = dwarf_formstring(dwarf_attr_integrate(die, DW_AT_name, &attribute));

    return name ? talloc_strdup(mem, name) : NULL;
}

/* The line of the nearest row with one, from row INDEX in steps of STEP, inside the function between LOW and
 * HIGH. */
static int line_nearby(Dwarf_Lines *lines, size_t count, size_t index, int step, Dwarf_Addr low,
                       Dwarf_Addr high)
{
    Dwarf_Addr at;
    int line = 0;

    for (size_t i = index; i < count && line == 0; i += (size_t)step) {
        Dwarf_Line *row = dwarf_onesrcline(lines, i);
        if (dwarf_lineaddr(row, &at) != 0 || at < low || at >= high || dwarf_lineno(row, &line) != 0)
            return 0;
    }
    return line;
}

/* An optimiser that merges code marks it with line 0. Rows before and behind that agree tell the line all the
 * same; if they do not it is left open, for a wrong line is worse than none. */
static int line_between(Dwarf_Die *unit, Dwarf_Die *function, Dwarf_Line *line)
{
    Dwarf_Lines *lines;
    Dwarf_Addr low, high;
    size_t count, index = 0;

    if (dwarf_getsrclines(unit, &lines, &count) != 0 || dwarf_lowpc(function, &low) != 0 ||
        dwarf_highpc(function, &high) != 0)
        return 0;
    while (index < count && dwarf_onesrcline(lines, index) != line)
        index++;
    int before = line_nearby(lines, count, index, -1, low, high);
    return before == line_nearby(lines, count, index, 1, low, high) ? before : 0;
}

/* The place of ADDRESS in the line table. */
static void line_at(void *mem, Dwarf_Die *unit, Dwarf_Die *function, uint64_t address, struct frame *frame)
{
    Dwarf_Line *line = dwarf_getsrc_die(unit, address);

    if (!line || dwarf_lineno(line, &frame->line) != 0)
        return;
    if (frame->line == 0)
        frame->line = line_between(unit, function, line);
    const char *file = dwarf_linesrc(line, NULL, NULL);
    if (file)
        frame->file = talloc_strdup(mem, file);
}

/* Where the inlined function DIE was called. */
static void call_site(void *mem, Dwarf_Die *unit, Dwarf_Die *die, struct frame *frame)
{
    Dwarf_Attribute attribute;
    Dwarf_Word value;
    Dwarf_Files *files;

    if (dwarf_formudata(dwarf_attr(die, DW_AT_call_line, &attribute), &value) == 0)
        frame->line = (int)value;
    if (dwarf_formudata(dwarf_attr(die, DW_AT_call_file, &attribute), &value) == 0 &&
        dwarf_getsrcfiles(unit, &files, NULL) == 0) {
        const char *file = dwarf_filesrc(files, value, NULL, NULL);
        if (file)
            frame->file = talloc_strdup(mem, file);
    }
}

static size_t resolve_by_dwarf(struct symbols *symbols, void *mem, uint64_t address, struct frame **frames)
{
    Dwarf_Die unit, path[INLINE_DEPTH];

    if (!symbols->dwarf || !unit_at(symbols->dwarf, address, &unit))
        return 0;
    int depth = functions_at(&unit, address, path, 0);
    if (depth == 0)
        return 0;
    *frames = talloc_zero_array(mem, struct frame, (unsigned)depth);
    for (int i = 0; i < depth; i++) {
        struct frame *frame = &(*frames)[i];
        frame->function = function_name(mem, &path[depth - 1 - i]);
        if (i == 0)
            line_at(mem, &unit, &path[0], address, frame);
        else
            call_site(mem, &unit, &path[depth - i], frame);
    }
    return (size_t)depth;
}

size_t symbols_resolve(struct symbols *symbols, void *mem, uint64_t address, struct frame **frames)
{
    if (!symbols)
        return 0;
    size_t count = resolve_by_dwarf(symbols, mem, address, frames);
    if (count > 0)
        return count;
    const char *name = function_at(symbols, address);
    if (!name)
        return 0;
    *frames = talloc_zero(mem, struct frame);
    (*frames)->function = talloc_strdup(mem, name);
    return 1;
}
