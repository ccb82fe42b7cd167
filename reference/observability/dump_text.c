/* dump_text.c - what a dump looks like, and which file an address belongs to. See dump.h.
 *
 * Everything that prints may run in a signal handler: no stdio, no allocation, one small buffer on the stack.
 * The loaded files are noted when the dump is made, since asking the loader takes its lock.
 */
#include "dump_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- modules ----------------------------------------------------------------------------------------------
 */

static uintptr_t larger(uintptr_t one, uintptr_t other)
{
    return one > other ? one : other;
}

static void module_extent(struct dump_module *module, const struct dl_phdr_info *info)
{
    *module = (struct dump_module){.begin = UINTPTR_MAX, .bias = info->dlpi_addr};
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        uintptr_t begin = info->dlpi_addr + part->p_vaddr;
        if (part->p_type != PT_LOAD)
            continue;
        module->begin = begin < module->begin ? begin : module->begin;
        module->end = larger(module->end, begin + part->p_memsz);
    }
}

/* The program itself has no name there. NULL: out of memory. */
static char *module_name(const struct dl_phdr_info *info)
{
    char path[4096];
    const char *name = info->dlpi_name;
    if (!*name) {
        ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
        path[length > 0 ? length : 0] = '\0';
        name = path;
    }
    char *copy = malloc(strlen(name) + 1);
    return copy ? strcpy(copy, name) : NULL;
}

static int module_add(struct dl_phdr_info *info, size_t size, void *context)
{
    struct pool_dump *dump = context;
    (void)size;
    struct dump_module *moved = realloc(dump->modules, (dump->module_count + 1) * sizeof *moved);
    if (!moved)
        return -1;
    dump->modules = moved;
    module_extent(&moved[dump->module_count], info);
    moved[dump->module_count].name = module_name(info);
    return moved[dump->module_count++].name ? 0 : -1;
}

bool pool_dump_modules_note(struct pool_dump *dump)
{
    return dl_iterate_phdr(module_add, dump) == 0;
}

void pool_dump_modules_free(struct pool_dump *dump)
{
    for (size_t i = 0; i < dump->module_count; i++)
        free(dump->modules[i].name);
    free(dump->modules);
}

static const struct dump_module *module_of(const struct pool_dump *dump, uintptr_t address)
{
    for (size_t i = 0; i < dump->module_count; i++)
        if (address >= dump->modules[i].begin && address < dump->modules[i].end)
            return &dump->modules[i];
    return NULL;
}

/* --- a printer that needs nothing -------------------------------------------------------------------------
 */

struct printer {
    int fd;
    bool failed;
    size_t length;
    char buffer[512];
};

static void flush(struct printer *printer)
{
    const char *at = printer->buffer;
    while (printer->length > 0 && !printer->failed) {
        ssize_t written = write(printer->fd, at, printer->length);
        if (written == 0 || (written < 0 && errno != EINTR))
            printer->failed = true;
        if (written > 0) {
            at += written;
            printer->length -= (size_t)written;
        }
    }
    printer->length = 0;
}

static void print_bytes(struct printer *printer, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (printer->length == sizeof printer->buffer)
            flush(printer);
        printer->buffer[printer->length++] = bytes[i];
    }
}

static void print(struct printer *printer, const char *text)
{
    print_bytes(printer, text, strlen(text));
}

/* In BASE, with at least DIGITS digits. */
static void print_number(struct printer *printer, uint64_t number, unsigned base, int digits)
{
    char text[24];
    size_t at = sizeof text;
    for (; number > 0 || digits > 0; number /= base, digits--)
        text[--at] = "0123456789abcdef"[number % base];
    print_bytes(printer, text + at, sizeof text - at);
}

/* A label is the program's own, but it must not forge a line. */
static void print_quoted(struct printer *printer, const char *text)
{
    print(printer, "\"");
    for (; *text; text++)
        print_bytes(printer, (unsigned char)*text < ' ' || *text == '"' ? "?" : text, 1);
    print(printer, "\"");
}

/* --- the dump ---------------------------------------------------------------------------------------------
 */

/* As in census.c, without the calls that a handler must not make. */
char pool_dump_state(int tid)
{
    char path[48] = "/proc/self/task/", digits[12], line[256];
    size_t at = sizeof digits, length = strlen(path);

    for (; tid > 0; tid /= 10)
        digits[--at] = (char)('0' + tid % 10);
    memcpy(path + length, digits + at, sizeof digits - at);
    memcpy(path + length + sizeof digits - at, "/stat", sizeof "/stat");
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return '?';
    ssize_t got = read(file, line, sizeof line - 1);
    close(file);
    line[got > 0 ? got : 0] = '\0';
    const char *end = strrchr(line, ')');
    return end && end[1] == ' ' && end[2] ? end[2] : '?';
}

static void print_task(struct printer *printer, const struct pool_dump *dump, const struct dump_slot *slot)
{
    char label[POOL_DUMP_LABEL_SIZE];
    uint64_t since;

    if (!pool_dump_note_read(&slot->task, label, &since)) {
        print(printer, "between two tasks\n");
    } else if (since == 0) {
        print(printer, "idle\n");
    } else {
        uint64_t now = pool_clock_now(dump->clock),
                 age = now >= since ? (now - (since - 1)) / POOL_MILLISECOND : 0;
        print(printer, "task ");
        print_quoted(printer, label);
        print(printer, " for ");
        print_number(printer, age / 1000, 10, 1);
        print(printer, ".");
        print_number(printer, age % 1000, 10, 3);
        print(printer, " s\n");
    }
}

static void print_frame(struct printer *printer, const struct pool_dump *dump, int number, const void *frame)
{
    const struct dump_module *module = module_of(dump, (uintptr_t)frame);

    print(printer, "  #");
    print_number(printer, (uint64_t)number, 10, 1);
    print(printer, " 0x");
    print_number(printer, (uintptr_t)frame, 16, 1);
    if (module) {
        print(printer, " ");
        print(printer, module->name);
        print(printer, "(+0x");
        print_number(printer, (uintptr_t)frame - module->bias, 16, 1);
        print(printer, ")");
    }
    print(printer, "\n");
}

static void print_worker(struct printer *printer, const struct pool_dump *dump, unsigned number, int tid)
{
    const struct dump_slot *slot = &dump->slots[number];
    char name[POOL_DUMP_LABEL_SIZE] = "";
    uint64_t unused;

    pool_dump_note_read(&slot->name, name, &unused);
    print(printer, "worker ");
    print_number(printer, number, 10, 1);
    print(printer, " ");
    print_quoted(printer, name);
    print(printer, " (thread ");
    print_number(printer, (uint64_t)tid, 10, 1);
    print(printer, ", state ");
    print_bytes(printer, &slot->state, 1);
    print(printer, "): ");
    print_task(printer, dump, slot);
    if (atomic_load_explicit(&slot->answered, memory_order_acquire) != atomic_load(&slot->asked)) {
        print(printer, "  no answer\n");
        return;
    }
    for (int i = 0; i < slot->frame_count; i++)
        print_frame(printer, dump, i, slot->frames[i]);
}

bool pool_dump_print(const struct pool_dump *dump, int fd)
{
    struct printer printer = {.fd = fd};

    print(&printer, "dump of process ");
    print_number(&printer, (uint64_t)getpid(), 10, 1);
    print(&printer, "\n");
    for (unsigned i = 0; i < dump->workers; i++) {
        int tid = atomic_load_explicit(&dump->slots[i].tid, memory_order_acquire);
        if (tid > 0 && tid == dump->slots[i].asked_tid) /* who came meanwhile was not asked */
            print_worker(&printer, dump, i, tid);
    }
    print(&printer, "end of dump\n");
    flush(&printer);
    return !printer.failed;
}
