/* complaint.c - the list that both readers fill, see complaint.h. */
#include "observe/complaint.h"

#include <string.h>
#include <talloc.h>

struct complaint *complaint_add(void *mem, struct complaints *complaints)
{
    if (complaints->count == COMPLAINTS_MOST)
        return NULL;
    complaints->list = talloc_realloc(mem, complaints->list, struct complaint, complaints->count + 1);
    struct complaint *complaint = &complaints->list[complaints->count++];
    *complaint = (struct complaint){.title = "", .times = 1};
    return complaint;
}

struct section *section_add(void *mem, struct complaint *complaint, const char *heading)
{
    if (complaint->section_count == SECTIONS_MOST)
        return NULL;
    complaint->sections =
        talloc_realloc(mem, complaint->sections, struct section, complaint->section_count + 1);
    struct section *section = &complaint->sections[complaint->section_count++];
    *section = (struct section){.heading = talloc_strdup(mem, heading)};
    return section;
}

void section_add_frames(void *mem, struct section *section, const struct frame *frames, size_t count)
{
    if (section->frame_count + count > SECTION_FRAMES_MOST)
        return;
    section->frames = talloc_realloc(mem, section->frames, struct frame, section->frame_count + count);
    memcpy(section->frames + section->frame_count, frames, count * sizeof *frames);
    section->frame_count += count;
}

const struct section *complaint_section(const struct complaint *complaint, const char *text)
{
    for (size_t i = 0; i < complaint->section_count; i++)
        if (strstr(complaint->sections[i].heading, text))
            return &complaint->sections[i];
    return NULL;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *complaint_text(void *mem, const struct complaint *complaint)
{
    char *text = talloc_asprintf(mem, "%s\n", complaint->title);

    for (size_t i = 0; i < complaint->section_count; i++) {
        const struct section *section = &complaint->sections[i];
        text = talloc_asprintf_append_buffer(text, "%s\n", section->heading);
        for (size_t k = 0; k < section->frame_count; k++) {
            const struct frame *frame = &section->frames[k];
            text = talloc_asprintf_append_buffer(text, "   %s %s", k ? "by" : "at",
                                                 frame->function ? frame->function : "???");
            text = frame->file ? talloc_asprintf_append_buffer(text, " (%s:%d)\n", base_name(frame->file),
                                                               frame->line)
                               : talloc_strdup_append_buffer(text, "\n");
        }
    }
    return text;
}
