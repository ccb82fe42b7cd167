/* watch_terminal.c - see watch_terminal.h. Plain control sequences that every terminal of today knows; no
 * curses. */
#include "cmd/watch_terminal.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct terminal terminal_open(void)
{
    const char *term = getenv("TERM");
    struct terminal terminal = {0};

    terminal.screen = isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb") != 0;
    terminal.keyboard =
        terminal.screen && isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &terminal.before) == 0;
    terminal_take(&terminal);
    return terminal;
}

void terminal_take(struct terminal *terminal)
{
    struct termios keys = terminal->before;

    if (!terminal->keyboard || terminal->changed)
        return;
    keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO); /* ISIG stays: Ctrl-C and Ctrl-Z mean what they always do */
    keys.c_cc[VMIN] = 1;
    keys.c_cc[VTIME] = 0;
    terminal->changed = tcsetattr(STDIN_FILENO, TCSADRAIN, &keys) == 0;
}

void terminal_give_back(struct terminal *terminal)
{
    terminal_status(terminal, "");
    if (terminal->changed)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal->before);
    terminal->changed = 0;
}

int terminal_key(const struct terminal *terminal)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    unsigned char key;
    ssize_t got;

    if (!terminal->keyboard || poll(&input, 1, 0) <= 0)
        return 0;
    got = read(STDIN_FILENO, &key, 1);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return 0;
    return got == 1 ? key : -1;
}

void terminal_page(struct terminal *terminal)
{
    if (terminal->screen)
        fputs("\033[H\033[2J", stdout);
    terminal->line[0] = '\0';
}

void terminal_status(struct terminal *terminal, const char *text)
{
    if (!terminal->screen || (*text && strncmp(terminal->line, text, sizeof terminal->line - 1) == 0))
        return;
    snprintf(terminal->line, sizeof terminal->line, "%s", text);
    printf("\r\033[K%s", text);
    fflush(stdout);
}
