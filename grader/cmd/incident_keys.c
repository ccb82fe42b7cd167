/* incident_keys.c - see incident_keys.h.
 *
 * One loop waits for a key, a signal, or the time of the next picture. A picture is put together in memory and
 * written at once over the one before, on the terminal's second screen, so that nothing flickers and what was
 * there before comes back. Plain control sequences that every terminal of today knows; no curses.
 */
#include "cmd/incident_keys.h"

#include "base/process.h"
#include "cmd/watch_terminal.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { PICTURE_MS = 50, ROWS_LEAST = 8, COLUMNS_LEAST = 30, COLUMNS_MOST = 200, TYPED = 64 };

static const double slowest = 0.5, fastest = 1000; /* virtual seconds a second that keys reach */

struct lapse {
    const struct replay_view *view;
    const struct report_style *style;
    struct terminal terminal;
    struct replay_frame frame;
    double begun, begun_at; /* where the clock stood, and the second shown then, when it last began to run */
    int signals;            /* signalfd */
    int over;
    int fatal; /* signal to die of, after tidying up */
    char typed[TYPED];
    size_t typed_count;
};

/* --- the screen ---------------------------------------------------------------------------------------- */

static void measure(struct lapse *lapse)
{
    struct winsize size = {0};

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
        size = (struct winsize){.ws_row = 24, .ws_col = 80};
    lapse->frame.rows = size.ws_row < ROWS_LEAST ? ROWS_LEAST : size.ws_row;
    int columns = size.ws_col - 1; /* in the last one, clearing what is behind would take what is there */
    lapse->frame.columns = columns < COLUMNS_LEAST  ? COLUMNS_LEAST
                           : columns > COLUMNS_MOST ? COLUMNS_MOST
                                                    : columns;
}

static void write_all(const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(STDOUT_FILENO, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return;
        bytes += written;
        length -= (size_t)written;
    }
}

/* Terminals that know ?2026 show all of it at once; the others pass it over. */
static void draw(const struct lapse *lapse)
{
    char *text = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&text, &length);

    if (!memory)
        return;
    fputs("\033[?2026h\033[H", memory);
    replay_frame(memory, lapse->view, lapse->style, &lapse->frame);
    fputs("\033[J\033[?2026l", memory);
    if (fclose(memory) == 0)
        write_all(text, length);
    free(text);
}

/* The second screen, without a cursor and without broken lines; and back. */
static void screen_take(struct lapse *lapse)
{
    static const char words[] = "\033[?1049h\033[?25l\033[?7l\033[2J";
    terminal_take(&lapse->terminal);
    write_all(words, sizeof words - 1);
}

static void screen_give_back(struct lapse *lapse)
{
    static const char words[] = "\033[?7h\033[?25h\033[?1049l";
    write_all(words, sizeof words - 1);
    terminal_give_back(&lapse->terminal);
}

/* --- time ---------------------------------------------------------------------------------------------- */

static double last_second(const struct lapse *lapse)
{
    return lapse->view->end_second;
}

/* The clock runs from here on. */
static void go_on(struct lapse *lapse)
{
    lapse->begun = clock_seconds();
    lapse->begun_at = lapse->frame.at;
}

static void advance(struct lapse *lapse)
{
    if (lapse->frame.is_paused)
        return;
    lapse->frame.at = lapse->begun_at + (clock_seconds() - lapse->begun) * lapse->frame.speed;
    if (lapse->frame.at >= last_second(lapse)) {
        lapse->frame.at = last_second(lapse);
        lapse->frame.is_paused = 1;
        lapse->over = lapse->over || !lapse->terminal.keyboard; /* nobody could leave */
    }
}

/* --- keys ---------------------------------------------------------------------------------------------- */

static void jump(struct lapse *lapse, double second)
{
    lapse->frame.at = fmin(fmax(second, 0), last_second(lapse));
    lapse->frame.is_paused = 1;
}

static void key_go(struct lapse *lapse)
{
    if (lapse->frame.at >= last_second(lapse))
        lapse->frame.at = 0;
    lapse->frame.is_paused = !lapse->frame.is_paused;
    go_on(lapse);
}

static void key_forward(struct lapse *lapse)
{
    jump(lapse, floor(lapse->frame.at) + 1);
}

static void key_back(struct lapse *lapse)
{
    jump(lapse, ceil(lapse->frame.at) - 1);
}

static void key_start(struct lapse *lapse)
{
    jump(lapse, 0);
}

static void key_end(struct lapse *lapse)
{
    jump(lapse, last_second(lapse));
}

static void key_next(struct lapse *lapse)
{
    const struct replay_view *view = lapse->view;

    for (size_t i = 0; i < view->event_count; i++)
        if (view->events[i].second > lapse->frame.at) {
            jump(lapse, view->events[i].second);
            return;
        }
    jump(lapse, last_second(lapse));
}

static void key_faster(struct lapse *lapse)
{
    lapse->frame.speed = fmin(lapse->frame.speed * 2, fmax(fastest, lapse->frame.speed));
    go_on(lapse);
}

static void key_slower(struct lapse *lapse)
{
    lapse->frame.speed = fmax(lapse->frame.speed / 2, fmin(slowest, lapse->frame.speed));
    go_on(lapse);
}

static void key_quit(struct lapse *lapse)
{
    lapse->over = 1;
}

static const struct {
    const char *bytes;
    void (*act)(struct lapse *lapse);
} keys[] = {
    {" ", key_go},          {"\033[C", key_forward}, {"\033OC", key_forward}, {"l", key_forward},
    {"\033[D", key_back},   {"\033OD", key_back},    {"h", key_back},         {"\033[A", key_faster},
    {"\033OA", key_faster}, {"+", key_faster},       {"k", key_faster},       {"\033[B", key_slower},
    {"\033OB", key_slower}, {"-", key_slower},       {"j", key_slower},       {"n", key_next},
    {"\033[H", key_start},  {"\033OH", key_start},   {"\033[1~", key_start},  {"g", key_start},
    {"\033[F", key_end},    {"\033OF", key_end},     {"\033[4~", key_end},    {"G", key_end},
    {"q", key_quit},        {"Q", key_quit},         {"\004", key_quit},
};

/* Answer the key at the beginning of what was typed, and take it away; what is none loses a byte. */
static void answer_key(struct lapse *lapse)
{
    size_t length = 1;

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        size_t wanted = strlen(keys[i].bytes);
        if (lapse->typed_count >= wanted && memcmp(lapse->typed, keys[i].bytes, wanted) == 0) {
            keys[i].act(lapse);
            length = wanted;
            break;
        }
    }
    lapse->typed_count -= length;
    memmove(lapse->typed, lapse->typed + length, lapse->typed_count);
}

static void take_keys(struct lapse *lapse)
{
    ssize_t got = read(STDIN_FILENO, lapse->typed, sizeof lapse->typed);

    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got <= 0)
        lapse->over = 1;
    lapse->typed_count = got > 0 ? (size_t)got : 0;
    while (lapse->typed_count > 0 && !lapse->over)
        answer_key(lapse);
}

/* --- signals ------------------------------------------------------------------------------------------- */

/* Ctrl-Z: the shell gets its terminal as it was, and we take it again when we go on. */
static void stop_and_go_on(struct lapse *lapse)
{
    sigset_t stop;

    screen_give_back(lapse);
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    raise(SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &stop, NULL); /* here we stand still */
    sigprocmask(SIG_BLOCK, &stop, NULL);
    screen_take(lapse);
    measure(lapse);
    go_on(lapse);
}

static void take_signals(struct lapse *lapse)
{
    struct signalfd_siginfo info;

    while (read(lapse->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGWINCH) {
            measure(lapse);
        } else if (info.ssi_signo == SIGTSTP) {
            stop_and_go_on(lapse);
        } else {
            lapse->fatal = (int)info.ssi_signo;
            lapse->over = 1;
        }
    }
}

static int open_signals(sigset_t *before)
{
    static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH};
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof caught / sizeof *caught; i++)
        sigaddset(&set, caught[i]);
    sigprocmask(SIG_BLOCK, &set, before);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* --- the loop ------------------------------------------------------------------------------------------ */

static void run(struct lapse *lapse)
{
    struct pollfd polls[] = {{.fd = lapse->signals, .events = POLLIN},
                             {.fd = lapse->terminal.keyboard ? STDIN_FILENO : -1, .events = POLLIN}};

    go_on(lapse);
    while (!lapse->over) {
        draw(lapse);
        int ready = poll(polls, sizeof polls / sizeof *polls, lapse->frame.is_paused ? -1 : PICTURE_MS);
        if (ready > 0 && polls[0].revents)
            take_signals(lapse);
        if (ready > 0 && polls[1].revents && !lapse->over)
            take_keys(lapse);
        advance(lapse);
    }
}

int incident_keys(const struct replay_view *view, const struct report_style *style, double speed)
{
    struct lapse lapse = {.view = view, .style = style, .frame.speed = speed};
    sigset_t before;

    lapse.terminal = terminal_open();
    if (!lapse.terminal.screen)
        return 0;
    fflush(stdout);
    lapse.signals = open_signals(&before);
    measure(&lapse);
    screen_take(&lapse);
    run(&lapse);
    screen_give_back(&lapse);
    close(lapse.signals);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (lapse.fatal) { /* as everybody expects who sent it */
        signal(lapse.fatal, SIG_DFL);
        raise(lapse.fatal);
    }
    return 1;
}
