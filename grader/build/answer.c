/* answer.c - an answer in text, one outcome a line, and a program's output in the same form. See build.h.
 *
 * Both sides are brought to one form before they are compared, so that nobody fails for a blank: runs of
 * blanks are one, those at the ends of a line are none. Lines that begin with '#' are comments. A file from
 * another system may have a carriage return at the end of its lines and a mark before the first.
 */
#include "build/answer.h"

#include <ctype.h>
#include <string.h>
#include <talloc.h>

#define NOTHING "(nothing)"
#define NEXT    " / " /* between the lines of one outcome */

static int is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

/* LENGTH bytes of TEXT, with each run of blanks as one and none at the ends. */
static char *tidy(void *mem, const char *text, size_t length)
{
    char *out = talloc_array(mem, char, length + 1), *end = out;

    for (size_t i = 0; i < length; i++) {
        if (!is_blank(text[i]))
            *end++ = text[i];
        else if (end > out && end[-1] != ' ')
            *end++ = ' ';
    }
    end -= end > out && end[-1] == ' ';
    *end = '\0';
    return out;
}

/* --- what a program printed --------------------------------------------------------------------------- */

/* Whether an answer's line can hold it and still mean it. */
static int can_be_said(const char *written)
{
    for (const char *at = written; *at; at++)
        if (iscntrl((unsigned char)*at))
            return 0;
    return written[0] != '#';
}

char *outcome_written(void *mem, const char *output)
{
    char *written;
    int lines = 0;

    if (output[strspn(output, " \t\r\n\v\f")] == '\0')
        return talloc_strdup(mem, NOTHING);
    written = talloc_strdup(mem, "");
    for (const char *line = output; *line; lines++) {
        size_t length = strcspn(line, "\n");
        char *one = tidy(written, line, length);
        written = talloc_asprintf_append(written, "%s%s", lines ? NEXT : "", one);
        line += length + (line[length] == '\n');
    }
    char *whole = tidy(mem, written, strlen(written)); /* an empty line leaves two blanks */
    talloc_free(written);
    return can_be_said(whole) ? whole : NULL;
}

/* --- what a learner lists ------------------------------------------------------------------------------ */

static struct listed *find(struct answer *answer, const char *text)
{
    for (size_t i = 0; i < answer->count; i++)
        if (strcmp(answer->list[i].text, text) == 0)
            return &answer->list[i];
    return NULL;
}

/* Take one line. False when there are too many. */
static int take(struct answer *answer, char *text, int line)
{
    if (text[0] == '\0' || text[0] == '#')
        return 1;
    if (strcasecmp(text, NOTHING) == 0)
        text = talloc_strdup(answer, NOTHING);
    struct listed *known = find(answer, text);
    if (known) {
        known->twice = known->twice ? known->twice : line;
        return 1;
    }
    if (answer->count == LISTED_MOST)
        return 0;
    answer->list = talloc_realloc(answer, answer->list, struct listed, (unsigned)answer->count + 1);
    answer->list[answer->count++] = (struct listed){.text = text, .line = line};
    return 1;
}

int answer_read(struct submission *submission, struct error *err)
{
    static const char mark[] = "\xef\xbb\xbf"; /* that some editors put before UTF-8 */
    struct answer *answer = talloc_zero(submission, struct answer);
    const char *at = submission->text;

    at += strncmp(at, mark, strlen(mark)) == 0 ? strlen(mark) : 0;
    for (int line = 1; *at; line++) {
        size_t length = strcspn(at, "\n");
        if (!take(answer, tidy(answer, at, length), line))
            return error_usage(err,
                               "%s lists more than %d different outcomes; the program has far fewer, so line "
                               "%d and what follows it was not read",
                               submission->path, LISTED_MOST, line);
        at += length + (at[length] == '\n');
    }
    if (answer->count == 0)
        return error_usage(err,
                           "%s lists no outcome yet: write each on a line of its own, without a # before it",
                           submission->path);
    submission->answer = answer;
    return 0;
}
