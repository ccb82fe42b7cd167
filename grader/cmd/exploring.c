/* exploring.c - how far an exploration is, and how it is interrupted, see exploring.h.
 *
 * SIGINT comes through a descriptor that is looked at between schedules, so that nothing happens in a
 * handler. After the first one the signal does again what it did before.
 */
#include "cmd/exploring.h"

#include "base/process.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const double first_after = 0.5, again_after = 0.2; /* seconds */

/* --- the line ------------------------------------------------------------------------------------------ */

static void erase(struct exploring *exploring)
{
    if (exploring->drawn)
        fprintf(stderr, "\r\033[K");
    exploring->drawn = 0;
}

/* Seconds that are left at the present rate. */
static double time_left(const struct exploring *exploring, uint64_t run, double passed)
{
    double left = run > 0 ? (double)(exploring->most - run) * passed / (double)run : 1e9;

    if (exploring->seconds > 0 && exploring->seconds - passed < left)
        left = exploring->seconds - passed;
    return left > 0 ? left : 0;
}

static void draw_left(uint64_t run, double rate, double left)
{
    int minutes = left > 180;

    fprintf(stderr, "%" PRIu64 " schedules, %.0f a second, at most %.0f %s left", run, rate,
            minutes ? left / 60 : left + 0.5, minutes ? "min" : "s");
}

static void draw(struct exploring *exploring, uint64_t run, int shortening)
{
    double now = clock_seconds(), passed = now - exploring->begun;

    if (!exploring->terminal || passed < first_after || now - exploring->last < again_after)
        return;
    exploring->last = now;
    erase(exploring);
    if (shortening)
        fprintf(stderr, "one has failed; it is made short ... (Ctrl-C: show it as it is)");
    else if (run == 0)
        fprintf(stderr, "the first schedule has been running for %.0f s", passed);
    else if (exploring->most == UINT64_MAX && exploring->seconds == 0)
        fprintf(stderr, "%" PRIu64 " schedules, %.0f a second", run, (double)run / passed);
    else
        draw_left(run, (double)run / passed, time_left(exploring, run, passed));
    fflush(stderr);
    exploring->drawn = 1;
}

/* --- Ctrl-C -------------------------------------------------------------------------------------------- */

static void let_go(struct exploring *exploring)
{
    if (exploring->signals < 0)
        return;
    close(exploring->signals);
    exploring->signals = -1;
    sigprocmask(SIG_SETMASK, &exploring->before, NULL);
}

static void listen(struct exploring *exploring)
{
    struct sigaction now;
    sigset_t set;

    exploring->signals = -1;
    if (sigaction(SIGINT, NULL, &now) != 0 || now.sa_handler == SIG_IGN)
        return; /* in the background of a script it is not for us */
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, &exploring->before);
    exploring->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (exploring->signals < 0)
        sigprocmask(SIG_SETMASK, &exploring->before, NULL);
}

static int watch(void *context, uint64_t run, int shortening)
{
    struct exploring *exploring = context;
    struct signalfd_siginfo info;

    if (exploring->signals >= 0 && read(exploring->signals, &info, sizeof info) == sizeof info) {
        exploring->interrupted = 1;
        let_go(exploring);
    }
    if (!exploring->interrupted)
        draw(exploring, run, shortening);
    return exploring->interrupted;
}

/* --- from begin to end --------------------------------------------------------------------------------- */

void exploring_begin(struct exploring *exploring, struct explore_options *options)
{
    *exploring = (struct exploring){.most = options->schedules,
                                    .seconds = options->seconds,
                                    .terminal = isatty(STDERR_FILENO),
                                    .begun = clock_seconds()};
    listen(exploring);
    options->watch = watch;
    options->context = exploring;
}

int exploring_end(struct exploring *exploring)
{
    erase(exploring);
    let_go(exploring);
    return exploring->interrupted;
}
