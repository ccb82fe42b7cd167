/* xml.c - Valgrind's XML (protocol 4) as complaints, see complaint.h.
 *
 * One table says what each element means when it begins and when it ends. An <error> or <fatal_signal> is a
 * complaint, its <what> and <auxwhat> are headings, the <stack> behind one belongs to it. Threads are
 * announced before the error that speaks of them; where such a thread was created becomes one more section of
 * that error. Valgrind resolves lines by itself.
 */
#include "observe/complaint.h"

#include <expat.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { THREADS_MOST = 64, TEXT_BYTES = 4096, DEPTH_MOST = 24 };

/* What is known of the stack frame being read. */
struct raw_frame {
    char *object, *function, *folder, *file;
    int line;
};

struct announced {
    int id;
    struct section stack;
};

struct reader {
    void *mem;
    const char *binary;
    struct complaints *out;
    enum speaker speaker;
    struct complaint *complaint; /* inside an <error> or <fatal_signal>, else NULL */
    struct section *stack;       /* that the <frame>s go to, or NULL */
    struct raw_frame frame;
    struct announced threads[THREADS_MOST];
    int thread_count;
    int announcing;   /* 1: inside <announcethread> */
    int speaks_of[4]; /* threads that the complaint names */
    int speaks_count;
    char *unique, *count; /* of a <pair> in <errorcounts> */
    char *uniques[COMPLAINTS_MOST];
    const char *path[DEPTH_MOST]; /* names of the elements around, outermost first */
    int depth;
    char text[TEXT_BYTES]; /* of the innermost element */
    size_t text_length;
};

/* --- stacks ------------------------------------------------------------------------------------------ */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void frame_begin(struct reader *reader)
{
    reader->frame = (struct raw_frame){0};
}

static void frame_end(struct reader *reader)
{
    const struct raw_frame *raw = &reader->frame;
    struct frame frame = {.function = raw->function};
    int own = raw->object && strcmp(base_name(raw->object), base_name(reader->binary)) == 0;

    if (!reader->stack)
        return;
    if (own && raw->file) {
        frame.file = raw->folder ? talloc_asprintf(reader->mem, "%s/%s", raw->folder, raw->file) : raw->file;
        frame.line = raw->line;
    }
    section_add_frames(reader->mem, reader->stack, &frame, 1);
}

static void stack_begin(struct reader *reader)
{
    struct complaint *complaint = reader->complaint;

    if (reader->announcing) {
        reader->stack = &reader->threads[reader->thread_count].stack;
        return;
    }
    if (!complaint)
        return;
    reader->stack = complaint->section_count ? &complaint->sections[complaint->section_count - 1] : NULL;
    if (!reader->stack || reader->stack->frame_count > 0)
        reader->stack = section_add(reader->mem, complaint, "");
}

static void stack_end(struct reader *reader)
{
    reader->stack = NULL;
}

static void take_line(struct reader *reader)
{
    reader->frame.line = atoi(reader->text);
}

/* --- complaints -------------------------------------------------------------------------------------- */

static void error_begin(struct reader *reader)
{
    reader->complaint = complaint_add(reader->mem, reader->out);
    reader->speaks_count = 0;
    if (reader->complaint)
        reader->complaint->speaker = reader->speaker;
}

static void signal_begin(struct reader *reader)
{
    error_begin(reader);
    if (reader->complaint)
        reader->complaint->title = talloc_strdup(reader->mem, "fatal_signal");
}

static void add_creations(struct reader *reader)
{
    for (int i = 0; i < reader->speaks_count; i++)
        for (int k = 0; k < reader->thread_count; k++) {
            const struct announced *thread = &reader->threads[k];
            if (thread->id != reader->speaks_of[i] || thread->stack.frame_count == 0)
                continue;
            struct section *section =
                section_add(reader->mem, reader->complaint,
                            talloc_asprintf(reader->mem, "Thread #%d was created", thread->id));
            if (section)
                section_add_frames(reader->mem, section, thread->stack.frames, thread->stack.frame_count);
        }
}

static void error_end(struct reader *reader)
{
    struct complaint *complaint = reader->complaint;

    if (!complaint)
        return;
    add_creations(reader);
    complaint->raw = complaint_text(reader->mem, complaint);
    reader->complaint = NULL;
}

static void take_kind(struct reader *reader)
{
    if (reader->complaint)
        reader->complaint->title = talloc_strdup(reader->mem, reader->text);
}

/* The first heading may come in two parts: <xwhat>, then <what>. */
static void take_what(struct reader *reader)
{
    struct complaint *complaint = reader->complaint;

    if (!complaint)
        return;
    if (complaint->section_count == 1 && complaint->sections[0].frame_count == 0)
        complaint->sections[0].heading =
            talloc_asprintf(reader->mem, "%s %s", complaint->sections[0].heading, reader->text);
    else
        section_add(reader->mem, complaint, reader->text);
}

static void take_auxwhat(struct reader *reader)
{
    if (reader->complaint)
        section_add(reader->mem, reader->complaint, reader->text);
}

static void take_signal(struct reader *reader)
{
    if (reader->complaint)
        section_add(reader->mem, reader->complaint,
                    talloc_asprintf(reader->mem, "signal %d", atoi(reader->text)));
}

/* --- threads and counts ------------------------------------------------------------------------------ */

static void announce_begin(struct reader *reader)
{
    reader->announcing = reader->thread_count < THREADS_MOST;
    if (reader->announcing)
        reader->threads[reader->thread_count] = (struct announced){0};
}

static void announce_end(struct reader *reader)
{
    reader->thread_count += reader->announcing;
    reader->announcing = 0;
}

static void take_thread(struct reader *reader)
{
    int id = atoi(reader->text);

    if (reader->announcing)
        reader->threads[reader->thread_count].id = id;
    else if (reader->complaint && reader->speaks_count < 4)
        reader->speaks_of[reader->speaks_count++] = id;
}

static void take_unique(struct reader *reader)
{
    if (reader->complaint)
        reader->uniques[reader->out->count - 1] = talloc_strdup(reader->mem, reader->text);
    else
        reader->unique = talloc_strdup(reader->mem, reader->text);
}

static void pair_end(struct reader *reader)
{
    for (size_t i = 0; reader->unique && reader->count && i < reader->out->count; i++)
        if (reader->uniques[i] && strcmp(reader->uniques[i], reader->unique) == 0)
            reader->out->list[i].times = (unsigned)strtoul(reader->count, NULL, 10);
    reader->unique = reader->count = NULL;
}

static void take_tool(struct reader *reader)
{
    reader->speaker = strcmp(reader->text, "helgrind") == 0 ? SPEAKER_HELGRIND : SPEAKER_MEMCHECK;
}

static void output_end(struct reader *reader)
{
    reader->out->finished = 1;
}

/* --- the table --------------------------------------------------------------------------------------- */

static const struct element {
    const char *name, *parent; /* parent NULL: anywhere */
    void (*begin)(struct reader *reader);
    void (*end)(struct reader *reader);
    size_t keep; /* where a copy of its text goes: offset of a char * in the reader, or 0 */
} elements[] = {
    {"error", NULL, error_begin, error_end, 0},
    {"fatal_signal", NULL, signal_begin, error_end, 0},
    {"announcethread", NULL, announce_begin, announce_end, 0},
    {"stack", NULL, stack_begin, stack_end, 0},
    {"frame", NULL, frame_begin, frame_end, 0},
    {"obj", "frame", NULL, NULL, offsetof(struct reader, frame.object)},
    {"fn", "frame", NULL, NULL, offsetof(struct reader, frame.function)},
    {"dir", "frame", NULL, NULL, offsetof(struct reader, frame.folder)},
    {"file", "frame", NULL, NULL, offsetof(struct reader, frame.file)},
    {"line", "frame", NULL, take_line, 0},
    {"kind", NULL, NULL, take_kind, 0},
    {"what", NULL, NULL, take_what, 0},
    {"text", "xwhat", NULL, take_what, 0},
    {"auxwhat", NULL, NULL, take_auxwhat, 0},
    {"text", "xauxwhat", NULL, take_auxwhat, 0},
    {"signo", NULL, NULL, take_signal, 0},
    {"event", NULL, NULL, take_auxwhat, 0},
    {"hthreadid", NULL, NULL, take_thread, 0},
    {"unique", NULL, NULL, take_unique, 0},
    {"count", "pair", NULL, NULL, offsetof(struct reader, count)},
    {"pair", "errorcounts", NULL, pair_end, 0},
    {"protocoltool", NULL, NULL, take_tool, 0},
    {"valgrindoutput", NULL, NULL, output_end, 0},
    {"xwhat", NULL, NULL, NULL, 0}, /* known as parents only */
    {"xauxwhat", NULL, NULL, NULL, 0},
    {"errorcounts", NULL, NULL, NULL, 0},
};

static const struct element *element_find(const struct reader *reader, const char *name)
{
    const char *parent =
        reader->depth > 0 && reader->depth <= DEPTH_MOST ? reader->path[reader->depth - 1] : "";

    for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++)
        if (strcmp(elements[i].name, name) == 0 &&
            (!elements[i].parent || strcmp(elements[i].parent, parent) == 0))
            return &elements[i];
    return NULL;
}

static void XMLCALL on_begin(void *context, const char *name, const char **attributes)
{
    struct reader *reader = context;
    const struct element *element = element_find(reader, name);

    (void)attributes;
    reader->text_length = 0;
    reader->text[0] = '\0';
    if (reader->depth < DEPTH_MOST)
        reader->path[reader->depth] = element ? element->name : "";
    reader->depth++;
    if (element && element->begin)
        element->begin(reader);
}

/* Without the white space around it. */
static void trim(struct reader *reader)
{
    size_t start = strspn(reader->text, " \t\n");

    while (reader->text_length > start && strchr(" \t\n", reader->text[reader->text_length - 1]))
        reader->text_length--;
    reader->text[reader->text_length] = '\0';
    memmove(reader->text, reader->text + start, reader->text_length - start + 1);
}

static void XMLCALL on_end(void *context, const char *name)
{
    struct reader *reader = context;

    reader->depth--;
    const struct element *element = element_find(reader, name);
    trim(reader);
    if (element && element->keep)
        *(char **)((char *)reader + element->keep) = talloc_strdup(reader->mem, reader->text);
    if (element && element->end)
        element->end(reader);
    reader->text_length = 0;
    reader->text[0] = '\0';
}

static void XMLCALL on_text(void *context, const char *text, int length)
{
    struct reader *reader = context;
    size_t room = TEXT_BYTES - 1 - reader->text_length, take = (size_t)length < room ? (size_t)length : room;

    memcpy(reader->text + reader->text_length, text, take);
    reader->text_length += take;
    reader->text[reader->text_length] = '\0';
}

void complaints_read_xml(void *mem, const char *log, const char *binary, struct complaints *complaints)
{
    struct reader *reader = talloc_zero(mem, struct reader);
    XML_Parser parser = XML_ParserCreate(NULL);

    if (!parser)
        return;
    *reader = (struct reader){.mem = mem, .binary = binary, .out = complaints, .speaker = SPEAKER_MEMCHECK};
    XML_SetUserData(parser, reader);
    XML_SetElementHandler(parser, on_begin, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    XML_Parse(parser, log, (int)strlen(log), 1);
    XML_ParserFree(parser);
    if (reader->complaint) /* the log ends inside it */
        complaints->count--;
}
