/* style.c - what a stream deserves: colour, width, UTF-8. See report_style_for in report.h. */
#include "report/report.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { WIDTH_UNKNOWN = 80, WIDTH_LEAST = 40, WIDTH_MOST = 100 /* longer lines read badly */ };

static const char *locale_name(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i]);
        if (value && *value)
            return value;
    }
    return "C";
}

/* A locale that is named but not installed here still says what the terminal understands. */
static int locale_is_utf8(void)
{
    locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    int utf8;

    if (locale) {
        utf8 = strcasecmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
        freelocale(locale);
        return utf8;
    }
    return strcasestr(locale_name(), "utf-8") || strcasestr(locale_name(), "utf8");
}

static int wants_colour(int terminal)
{
    const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");

    return terminal && !(no_colour && *no_colour) && term && *term && strcmp(term, "dumb") != 0;
}

/* The width that a terminal tells, or COLUMNS, or 80; kept within what reads well. */
static int width_of(int descriptor, int terminal)
{
    struct winsize size = {0};
    const char *columns = getenv("COLUMNS");
    int width = 0;

    if (terminal && ioctl(descriptor, TIOCGWINSZ, &size) == 0)
        width = size.ws_col;
    if (width == 0 && columns)
        width = (int)strtol(columns, NULL, 10);
    if (width <= 0)
        width = WIDTH_UNKNOWN;
    return width < WIDTH_LEAST ? WIDTH_LEAST : width > WIDTH_MOST ? WIDTH_MOST : width;
}

struct report_style report_style_for(FILE *stream)
{
    int descriptor = fileno(stream);
    int terminal = descriptor >= 0 && isatty(descriptor);

    return (struct report_style){
        .colour = wants_colour(terminal), .width = width_of(descriptor, terminal), .utf8 = locale_is_utf8()};
}
