/* step.c - an interleaving in the terminal, gone through with keys, see show.h.
 *
 * The screen shows the steps up to the current one, and below them who holds and who waits then. The terminal
 * is put back as it was on every way out but a kill.
 */
#include "explore/show.h"

#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum key { KEY_NONE, KEY_FORWARD, KEY_BACK, KEY_END, KEY_START, KEY_QUIT };

static const struct {
    const char *bytes;
    enum key key;
} keys[] = {
    {" ", KEY_FORWARD},    {"n", KEY_FORWARD},      {"j", KEY_FORWARD},      {"\r", KEY_FORWARD},
    {"\n", KEY_FORWARD},   {"\033[C", KEY_FORWARD}, {"\033[B", KEY_FORWARD}, {"p", KEY_BACK},
    {"k", KEY_BACK},       {"b", KEY_BACK},         {"\033[D", KEY_BACK},    {"\033[A", KEY_BACK},
    {"\177", KEY_BACK},    {"G", KEY_END},          {"\033[F", KEY_END},     {"g", KEY_START},
    {"\033[H", KEY_START}, {"q", KEY_QUIT},         {"\004", KEY_QUIT},      {"\003", KEY_QUIT},
};

/* What was typed and not answered yet: keys may come in several at a time. */
struct typed {
    char bytes[64];
    size_t count;
};

/* The key at the beginning of TYPED, which loses it; what is none loses a byte. */
static enum key take_key(struct typed *typed)
{
    size_t length = 1;
    enum key key = KEY_NONE;

    for (size_t i = 0; i < sizeof keys / sizeof keys[0] && key == KEY_NONE; i++) {
        size_t wanted = strlen(keys[i].bytes);
        if (typed->count >= wanted && memcmp(typed->bytes, keys[i].bytes, wanted) == 0) {
            key = keys[i].key;
            length = wanted;
        }
    }
    typed->count -= length;
    memmove(typed->bytes, typed->bytes + length, typed->count);
    return key;
}

static enum key read_key(struct typed *typed)
{
    if (typed->count == 0) {
        ssize_t got = read(0, typed->bytes, sizeof typed->bytes);
        if (got <= 0)
            return KEY_QUIT;
        typed->count = (size_t)got;
    }
    return take_key(typed);
}

static size_t screen_lines(void)
{
    struct winsize size = {0};
    return ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_row > 12 ? size.ws_row : 24;
}

/* Steps 0 to AT; each takes up to three lines. */
static void draw(const struct show *show, const struct explore_report *report, size_t at)
{
    size_t fits = (screen_lines() - 9) / 3, from = at + 1 > fits ? at + 1 - fits : 0;
    const struct explore_step *step = &report->steps[at];

    fprintf(show->stream, "\033[H\033[2J");
    show_head(show, report);
    show_steps(show, report, from, at + 1);
    fprintf(show->stream, "\n%s\n", step->held ? step->held : "nobody holds a lock");
    if (at + 1 == report->step_count) {
        fprintf(show->stream, "\n%s: %.*s\n",
                report->class == CLASS_NONE ? "ends well" : class_name(report->class), show->width * 3,
                report->message ? report->message : "");
        if (report->decision)
            fprintf(show->stream, "%s\n", report->decision);
    }
    fprintf(show->stream, "\n[%zu of %zu]  space forward  p back  G end  g start  q quit", at + 1,
            report->step_count);
    fflush(show->stream);
}

static size_t move(const struct explore_report *report, size_t at, enum key key)
{
    switch (key) {
    case KEY_FORWARD:
        return at + 1 < report->step_count ? at + 1 : at;
    case KEY_BACK:
        return at > 0 ? at - 1 : 0;
    case KEY_END:
        return report->step_count - 1;
    case KEY_START:
        return 0;
    default:
        return at;
    }
}

int show_stepping(const struct show *show, const struct explore_report *report)
{
    struct termios before, raw;
    struct typed typed = {.count = 0};
    size_t at = 0;

    if (!isatty(0) || !isatty(1) || report->step_count == 0 || tcgetattr(0, &before) != 0)
        return 0;
    raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(0, TCSANOW, &raw);
    for (enum key key = KEY_NONE; key != KEY_QUIT; key = read_key(&typed)) {
        at = move(report, at, key);
        draw(show, report, at);
    }
    tcsetattr(0, TCSANOW, &before);
    fprintf(show->stream, "\n");
    return 1;
}
