/* object.c - read ELF symbol tables, see object.h. Linear searches: an object has some dozens of symbols.
 */
#include "build/object.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

/* Sections as the compiler makes them for plain C, each also with a dot and more behind it
 * (".text.unlikely"). */
static const char *const plain_sections[] = {
    "",          ".text",  ".data",   ".rodata", ".bss",      ".tdata",        ".tbss", ".comment", ".note",
    ".eh_frame", ".group", ".symtab", ".strtab", ".shstrtab", ".llvm_addrsig", ".rela", ".rel",     NULL};

static int is_plain(const char *name)
{
    for (size_t i = 0; plain_sections[i]; i++) {
        size_t length = strlen(plain_sections[i]);
        if (strncmp(name, plain_sections[i], length) == 0 &&
            (!name[length] || (length > 0 && name[length] == '.')))
            return 1;
    }
    return strncmp(name, ".debug_", strlen(".debug_")) == 0;
}

/* Relocations carry the name of the section that they are for. */
static int is_odd(const char *name)
{
    static const char relocations[] = ".rela";
    return !is_plain(name) ||
           (strncmp(name, relocations, strlen(relocations)) == 0 && !is_plain(name + strlen(relocations)));
}

static enum symbol_kind kind_of(const GElf_Sym *symbol)
{
    int global = GELF_ST_BIND(symbol->st_info) == STB_GLOBAL;

    if (symbol->st_shndx == SHN_UNDEF)
        return global ? SYMBOL_NEEDED : SYMBOL_NEEDED_WEAK;
    return global && GELF_ST_TYPE(symbol->st_info) != STT_GNU_IFUNC ? SYMBOL_DEFINED : SYMBOL_DEFINED_WEAK;
}

static void read_table(void *mem, Elf *elf, Elf_Scn *section, const GElf_Shdr *header,
                       struct object_symbols *symbols)
{
    Elf_Data *data = elf_getdata(section, NULL);
    size_t total = data && header->sh_entsize ? header->sh_size / header->sh_entsize : 0;
    GElf_Sym symbol;

    for (size_t i = 1; i < total && gelf_getsym(data, (int)i, &symbol); i++) {
        const char *name = elf_strptr(elf, header->sh_link, symbol.st_name);
        if (GELF_ST_BIND(symbol.st_info) == STB_LOCAL || !name || !*name)
            continue;
        symbols->items = talloc_realloc(mem, symbols->items, struct object_symbol, symbols->count + 1);
        symbols->items[symbols->count++] = (struct object_symbol){talloc_strdup(mem, name), kind_of(&symbol)};
    }
}

static int read_object(void *mem, Elf *elf, struct object_symbols *symbols)
{
    Elf_Scn *section = NULL;
    GElf_Shdr header;
    size_t names;

    if (elf_getshdrstrndx(elf, &names) != 0)
        return -1;
    while ((section = elf_nextscn(elf, section)) && gelf_getshdr(section, &header)) {
        const char *name = elf_strptr(elf, names, header.sh_name);
        if (name && is_odd(name) && !symbols->odd_section)
            symbols->odd_section = talloc_strdup(mem, name);
        if (header.sh_flags & SHF_ALLOC)
            symbols->section_bytes += header.sh_size;
        if (header.sh_type == SHT_SYMTAB)
            read_table(mem, elf, section, &header, symbols);
    }
    return 0;
}

/* An archive's members, one after the other; its index is none. */
static int read_archive(void *mem, int descriptor, Elf *archive, struct object_symbols *symbols)
{
    Elf_Cmd command = ELF_C_READ;
    Elf *member;

    while ((member = elf_begin(descriptor, command, archive))) {
        if (elf_kind(member) == ELF_K_ELF)
            read_object(mem, member, symbols);
        command = elf_next(member);
        elf_end(member);
    }
    return 0;
}

int object_read(void *mem, const char *path, struct object_symbols *symbols, struct error *err)
{
    int result = -1, descriptor = open(path, O_RDONLY | O_CLOEXEC);

    elf_version(EV_CURRENT);
    Elf *elf = descriptor < 0 ? NULL : elf_begin(descriptor, ELF_C_READ, NULL);
    if (elf && elf_kind(elf) == ELF_K_ELF)
        result = read_object(mem, elf, symbols);
    else if (elf && elf_kind(elf) == ELF_K_AR)
        result = read_archive(mem, descriptor, elf, symbols);
    if (result != 0)
        error_grader(err, "cannot read the symbols of %s: %s", path, elf ? elf_errmsg(-1) : "no object file");
    elf_end(elf);
    if (descriptor >= 0)
        close(descriptor);
    return result;
}

int object_defines(const struct object_symbols *symbols, const char *name)
{
    for (size_t i = 0; i < symbols->count; i++)
        if ((symbols->items[i].kind == SYMBOL_DEFINED || symbols->items[i].kind == SYMBOL_DEFINED_WEAK) &&
            strcmp(symbols->items[i].name, name) == 0)
            return 1;
    return 0;
}
