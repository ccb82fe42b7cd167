/* hints.c - see hints.h. Knows just as much Markdown as it needs: headings at the margin, and fences. */
#include "catalog/hints.h"

#include <string.h>
#include <talloc.h>

/* The next line, or NULL behind the last. */
static const char *next_line(const char *line)
{
    const char *end = strchr(line, '\n');
    return end && end[1] != '\0' ? end + 1 : NULL;
}

static int is_fence(const char *line)
{
    return strncmp(line, "```", 3) == 0 || strncmp(line, "~~~", 3) == 0;
}

/* Cut LENGTH letters at FROM, without the white space around them. */
static char *cut(void *mem, const char *from, size_t length)
{
    while (length > 0 && strchr(" \t\n\r", from[0]))
        from++, length--;
    while (length > 0 && strchr(" \t\n\r", from[length - 1]))
        length--;
    return talloc_strndup(mem, from, length);
}

size_t hints_split(void *mem, const char *text, struct hint **hints)
{
    size_t count = 0;
    int fenced = 0;
    const char *body = NULL;

    *hints = NULL;
    for (const char *line = text; line; line = next_line(line)) {
        fenced ^= is_fence(line);
        if (fenced || strncmp(line, "## ", 3) != 0)
            continue;
        if (count > 0)
            (*hints)[count - 1].body = cut(*hints, body, (size_t)(line - body));
        *hints = talloc_realloc(mem, *hints, struct hint, count + 1);
        size_t length = strcspn(line, "\n");
        (*hints)[count++] = (struct hint){.title = cut(*hints, line + 3, length - 3)};
        body = line + length;
    }
    if (count > 0)
        (*hints)[count - 1].body = cut(*hints, body, strlen(body));
    return count;
}
