/* watch_terminal.h - the terminal while watch runs: keys without Enter, one status line, and the old settings
 * back on every way out.
 *
 * Without a terminal nothing here does anything: no keys, no status, no escape codes.
 */
#ifndef DEEPEND_WATCH_TERMINAL_H
#define DEEPEND_WATCH_TERMINAL_H

#include <termios.h>

struct terminal {
    int screen;   /* stdout is a terminal */
    int keyboard; /* stdin is one, too */
    int changed;  /* its settings are ours at the moment */
    struct termios before;
    char line[400]; /* the status line as it stands, "" when there is none */
};

/* Find out what there is, and take it. */
struct terminal terminal_open(void);

/* Take the keyboard (again, after a stop); give it back. Both may be called in any state. */
void terminal_take(struct terminal *terminal);
void terminal_give_back(struct terminal *terminal);

/* The next key that was pressed: 0 when there is none, -1 when the terminal is gone. Never blocks. */
int terminal_key(const struct terminal *terminal);

/* Empty the screen for a new page. */
void terminal_page(struct terminal *terminal);

/* Write TEXT into the status line, which is the line of the cursor, unless it stands there. "" empties it: to
 * be called before anything else is printed. */
void terminal_status(struct terminal *terminal, const char *text);

#endif
