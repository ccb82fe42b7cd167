/* deploy.c - a deploy, second by second: what becomes of the work that was there. Arithmetic only.
 *
 * 100 requests come and are done each second, and 4,000 are waiting when it begins: forty seconds of work. The
 * routes to the process are withdrawn after three seconds; connections that are open go on asking for as long as
 * they are answered. After 30 s comes SIGKILL.
 */
#include <stdio.h>

enum { RATE = 100, WAITING = 4000, ROUTES = 3, GRACE = 30 };

static const struct plan {
    const char *name;
    int pre_stop; /* seconds in which all goes on as usual */
    int intake;   /* 1: still taken in after the signal */
    int drain;    /* seconds; then the rest is written down, in one second */
} plans[] = {
    {"exit at once", 0, 0, 0},
    {"drain till empty", 0, 1, 60},
    {"intake off, drain 30 s", 0, 0, 30},
    {"intake off, drain 25 s", 0, 0, 25},
    {"5 s pre-stop, drain 20 s", 5, 0, 20},
};

struct tally {
    int waiting, done, turned_away, written, lost, ends;
};

static void second(struct tally *it, const struct plan *plan, int at)
{
    int open = at < plan->pre_stop || plan->intake;

    if (open)
        it->waiting += RATE;
    else if (at < ROUTES)
        it->turned_away += RATE;
    int done = it->waiting < RATE ? it->waiting : RATE;
    it->waiting -= done;
    it->done += done;
}

static struct tally play(const struct plan *plan)
{
    struct tally it = {.waiting = WAITING};
    int drained = plan->pre_stop + plan->drain;

    for (; it.ends < drained && it.ends < GRACE && it.waiting > 0; it.ends++)
        second(&it, plan, it.ends);
    for (int at = it.ends; at < ROUTES; at++)
        it.turned_away += RATE; /* by nobody: the port is closed */
    if (plan->drain > 0 && it.ends < GRACE) {
        it.written = it.waiting;
        it.ends++;
    } else
        it.lost = it.waiting;
    return it;
}

int main(void)
{
    printf("%-26s %6s %12s %8s %8s %8s\n", "", "done", "turned away", "written", "lost", "ends");
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
        struct tally it = play(&plans[i]);
        printf("%-26s %6d %12d %8d %8d %6d s\n", plans[i].name, it.done, it.turned_away, it.written, it.lost,
               it.ends);
    }
    return 0;
}
