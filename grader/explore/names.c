/* names.c - names for addresses, see names.h.
 *
 * Static variables have theirs from the debug information. What lies on the heap or a stack is called as the
 * source line calls it where it is first used: `pool->lock` for pthread_mutex_lock(&pool->lock). Where that
 * cannot be read off, objects are numbered by kind. Two objects that the source calls the same are told apart
 * by a number.
 */
#include "explore/names.h"

#include "base/error.h"
#include "base/file.h"
#include "base/symbols.h"

#include <ctype.h>
#include <string.h>
#include <talloc.h>

enum { SLOTS = 1 << 12, SOURCE_LIMIT = 4 << 20, EXPRESSION = 48, KINDS = 10 };

struct source {
    const char *path;
    char *text; /* NULL: cannot be read */
    struct source *next;
};

struct known_place {
    uint64_t pc;
    struct source_place place;
    struct known_place *next;
};

struct known_object {
    uint64_t address;
    const char *name;
    struct known_object *next;
};

struct names {
    const struct explore_target *target;
    struct symbols *symbols;
    struct source *sources;
    struct known_place *places[SLOTS];
    struct known_object *objects[SLOTS];
    unsigned numbered[KINDS]; /* how many of each kind have got a number */
};

static unsigned slot_of(uint64_t address)
{
    return (unsigned)(address * 0x9e3779b97f4a7c15ULL >> 52);
}

struct names *names_open(void *mem, const struct explore_target *target)
{
    struct names *names = talloc_zero(mem, struct names);

    names->target = target;
    names->symbols = symbols_open(names, target->binary);
    return names;
}

const char *names_thread(struct names *names, int thread)
{
    return thread == 0 ? "main" : talloc_asprintf(names, "thread %d", thread);
}

/* --- places ------------------------------------------------------------------------------------------- */

static char *read_source(struct names *names, void *mem, const char *path)
{
    const struct explore_target *target = names->target;
    struct error err;

    if (strncmp(path, "./", 2) == 0)
        path += 2;
    if (target->source_file && strcmp(path, target->source_file) == 0)
        return talloc_strdup(mem, target->source_text);
    if (path[0] != '/' && target->source_root)
        path = talloc_asprintf(mem, "%s/%s", target->source_root, path);
    return file_read(mem, path, SOURCE_LIMIT, NULL, &err);
}

static const char *source_text(struct names *names, const char *path)
{

    for (struct source *source = names->sources; source; source = source->next)
        if (strcmp(source->path, path) == 0)
            return source->text;
    struct source *source = talloc_zero(names, struct source);
    source->path = talloc_strdup(source, path);
    source->text = read_source(names, source, path);
    source->next = names->sources;
    names->sources = source;
    return source->text;
}

/* A source line is printed on terminals: bytes that command them become blanks. */
static void tame(char *text)
{
    for (; *text; text++)
        if (iscntrl((unsigned char)*text))
            *text = ' ';
}

static char *source_line(struct names *names, const char *path, int line)
{
    const char *text = source_text(names, path);

    for (int i = 1; text && i < line; i++) {
        text = strchr(text, '\n');
        text = text ? text + 1 : NULL;
    }
    if (!text)
        return NULL;
    size_t length = strcspn(text, "\n");
    while (length > 0 && isspace((unsigned char)*text))
        text++, length--;
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    char *copy = talloc_strndup(names, text, length);
    tame(copy);
    return copy;
}

static void find_place(struct names *names, uint64_t pc, struct source_place *place)
{
    struct frame *frames = NULL;
    size_t count = pc ? symbols_resolve(names->symbols, names, pc - 1, &frames) : 0;

    if (count == 0 || !frames[0].file || frames[0].line == 0)
        return;
    const char *slash = strrchr(frames[0].file, '/');
    place->file = slash ? slash + 1 : frames[0].file;
    place->line = frames[0].line;
    place->source = source_line(names, frames[0].file, frames[0].line);
}

const struct source_place *names_place(struct names *names, uint64_t pc)
{
    struct known_place **slot = &names->places[slot_of(pc)];

    for (struct known_place *known = *slot; known; known = known->next)
        if (known->pc == pc)
            return &known->place;
    struct known_place *known = talloc_zero(names, struct known_place);
    known->pc = pc;
    find_place(names, pc, &known->place);
    known->next = *slot;
    *slot = known;
    return &known->place;
}

int names_own(struct names *names, uint64_t pc)
{
    const char *own = names->target->source_file, *file = names_place(names, pc)->file;
    return !own || (file && strcmp(file, own) == 0);
}

const char *names_own_file(const struct names *names)
{
    return names->target->source_file;
}

/* --- objects ------------------------------------------------------------------------------------------ */

/* What kind of object an operation works on; its name when there is no better one. */
enum kind {
    KIND_NONE,
    KIND_THREAD,
    KIND_MUTEX,
    KIND_COND,
    KIND_RWLOCK,
    KIND_SEM,
    KIND_BARRIER,
    KIND_MEMORY,
    KIND_GATE,
    KIND_TALLY
};

static const struct {
    const char *noun, *call; /* call: what the source's call begins with */
} kinds[KINDS] = {
    [KIND_MUTEX] = {"mutex", "pthread_mutex_"},
    [KIND_COND] = {"condition", "pthread_cond_"},
    [KIND_RWLOCK] = {"read-write lock", "pthread_rwlock_"},
    [KIND_SEM] = {"semaphore", "sem_"},
    [KIND_BARRIER] = {"barrier", "pthread_barrier_"},
    [KIND_MEMORY] = {"memory", "atomic_"},
    [KIND_GATE] = {"gate", "gate_"},
    [KIND_TALLY] = {"tally", "tally_"},
};

static const enum kind kind_of[] = {
    [OPERATION_CREATE] = KIND_THREAD,       [OPERATION_JOIN] = KIND_THREAD,
    [OPERATION_DETACH] = KIND_THREAD,       [OPERATION_LOCK] = KIND_MUTEX,
    [OPERATION_TRYLOCK] = KIND_MUTEX,       [OPERATION_UNLOCK] = KIND_MUTEX,
    [OPERATION_WAIT] = KIND_COND,           [OPERATION_WOKEN] = KIND_COND,
    [OPERATION_SIGNAL] = KIND_COND,         [OPERATION_BROADCAST] = KIND_COND,
    [OPERATION_READ_LOCK] = KIND_RWLOCK,    [OPERATION_WRITE_LOCK] = KIND_RWLOCK,
    [OPERATION_RW_UNLOCK] = KIND_RWLOCK,    [OPERATION_SEM_WAIT] = KIND_SEM,
    [OPERATION_SEM_POST] = KIND_SEM,        [OPERATION_BARRIER] = KIND_BARRIER,
    [OPERATION_TIMEOUT] = KIND_COND,        [OPERATION_READ] = KIND_MEMORY,
    [OPERATION_WRITE] = KIND_MEMORY,        [OPERATION_ATOMIC_READ] = KIND_MEMORY,
    [OPERATION_ATOMIC_WRITE] = KIND_MEMORY, [OPERATION_ATOMIC_UPDATE] = KIND_MEMORY,
    [OPERATION_ONCE] = KIND_MEMORY,         [OPERATION_INIT] = KIND_MUTEX,
    [OPERATION_DESTROY] = KIND_MUTEX,       [OPERATION_OTHER] = KIND_NONE,
    [OPERATION_GATE] = KIND_GATE,           [OPERATION_OPEN] = KIND_GATE,
    [OPERATION_COUNT] = KIND_TALLY,         [OPERATION_SETTLE] = KIND_NONE,
    [OPERATION_CANCEL] = KIND_THREAD,       [OPERATION_PRINT] = KIND_NONE,
};

/* Length of the expression at TEXT that can stand for an object: names, members, elements. */
static size_t expression_length(const char *text)
{
    size_t at = 0;
    int open = 0; /* brackets */

    if (!isalpha((unsigned char)text[0]) && text[0] != '_')
        return 0;
    for (;;) {
        open += (text[at] == '[') - (text[at] == ']');
        if (isalnum((unsigned char)text[at]) || (text[at] && strchr("_.[]", text[at])))
            at++;
        else if (text[at] == '-' && text[at + 1] == '>')
            at += 2;
        else
            return at < EXPRESSION && open == 0 ? at : 0;
    }
}

/* The first argument of the call on LINE whose name begins with CALL. */
static char *argument(void *mem, const char *line, const char *call)
{
    const char *at = strstr(line, call);

    if (!at)
        return NULL;
    at += strspn(at, "abcdefghijklmnopqrstuvwxyz_0123456789");
    if (*at != '(')
        return NULL;
    at += 1 + strspn(at + 1, " &");
    size_t length = expression_length(at);
    return length > 0 && at[length] && strchr(",) ", at[length]) ? talloc_strndup(mem, at, length) : NULL;
}

/* What a statement like `x->count++;` or `x = y;` works on. */
static char *operand(void *mem, const char *line, int writes)
{
    size_t length = expression_length(line);
    const char *behind = line + length + strspn(line + length, " ");
    int plain = behind[0] == '=' && behind[1] != '=', updates;

    updates = strncmp(behind, "++", 2) == 0 || strncmp(behind, "--", 2) == 0 ||
              (behind[0] && strchr("+-*/|&^", behind[0]) && behind[1] == '=');
    if (length == 0)
        return NULL;
    if (updates || (plain && writes))
        return talloc_strndup(mem, line, length);
    if (!plain)
        return NULL;
    behind += 1 + strspn(behind + 1, " ");
    length = expression_length(behind);
    return length > 0 && behind[length] == ';' ? talloc_strndup(mem, behind, length) : NULL;
}

static char *read_off(struct names *names, const struct explore_event *event, enum kind kind)
{
    const char *line = names_place(names, event->pc)->source;
    char *name = NULL;

    if (!line)
        return NULL;
    if (event->operation == OPERATION_INIT || event->operation == OPERATION_DESTROY)
        for (int k = KIND_MUTEX; k <= KIND_BARRIER && !name; k++)
            name = argument(names, line, kinds[k].call);
    else if (kinds[kind].call)
        name = argument(names, line, kinds[kind].call);
    if (!name && kind == KIND_MEMORY)
        name = operand(names, line, event->operation == OPERATION_WRITE);
    return name;
}

static int is_taken(const struct names *names, const char *name)
{
    for (unsigned i = 0; i < SLOTS; i++)
        for (const struct known_object *known = names->objects[i]; known; known = known->next)
            if (strcmp(known->name, name) == 0)
                return 1;
    return 0;
}

/* The name that the debug information or the source gives, or NULL. */
static const char *find_name(struct names *names, const struct explore_event *event, enum kind kind)
{
    char *name = symbols_data(names->symbols, names, event->object);

    if (name)
        return name;
    name = read_off(names, event, kind);
    const char *plain = name;
    for (unsigned i = 2; name && is_taken(names, name); i++)
        name = talloc_asprintf(names, "%s #%u", plain, i);
    return name;
}

static enum kind kind_of_event(const struct explore_event *event)
{
    return event->operation < sizeof kind_of / sizeof kind_of[0] ? kind_of[event->operation] : KIND_NONE;
}

static struct known_object *find_object(const struct names *names, uint64_t address)
{
    struct known_object *known = names->objects[slot_of(address)];

    while (known && known->address != address)
        known = known->next;
    return known;
}

static const char *call_it(struct names *names, uint64_t address, const char *name)
{
    struct known_object *known = talloc_zero(names, struct known_object);
    struct known_object **slot = &names->objects[slot_of(address)];

    *known = (struct known_object){address, name, *slot};
    *slot = known;
    return name;
}

void names_learn(struct names *names, const struct explore_event *event)
{
    enum kind kind = kind_of_event(event);

    if (kind <= KIND_THREAD || event->object == 0 || find_object(names, event->object))
        return;
    const char *name = find_name(names, event, kind);
    if (name)
        call_it(names, event->object, name);
}

const char *names_object(struct names *names, const struct explore_event *event)
{
    enum kind kind = kind_of_event(event);

    if (kind == KIND_THREAD)
        return names_thread(names, (int)event->object);
    if (kind == KIND_NONE || event->object == 0)
        return NULL;
    const struct known_object *known = find_object(names, event->object);
    if (known)
        return known->name;
    const char *name = find_name(names, event, kind);
    if (!name)
        name = talloc_asprintf(names, "%s %u", kinds[kind].noun, ++names->numbered[kind]);
    return call_it(names, event->object, name);
}
