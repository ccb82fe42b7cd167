/* stress.c - several threads that make, use and end everything the library has, under ThreadSanitizer.
 *
 *     stress [SECONDS [SEED]]      600 seconds unless told otherwise
 *
 * The seed is printed; with it a run makes the same calls again, though not in the same schedule.
 *
 * Drivers play one random scene after another, each with objects of its own, so that create and destroy
 * happen all the time and beside each other. After each lap, about a thousand scenes, the drivers are joined,
 * and the census must be what it was at the beginning: no thread is left over. Status 0: every claim held. 1:
 * one did not, and is printed with the seed; or a lap did not end. 66: the sanitizer has reported something.
 *
 * Not here: a schedule that can be replayed. That is the explorer's business; this is the real machine.
 */
#include "stress.h"

#include "census.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* LAP: scenes of a driver. LIMIT: seconds after which a lap, which takes a few, is stuck. */
enum { DRIVERS = 3, LAP = 300, LIMIT = 300 };

struct scene {
    const char *name;
    unsigned weight;
    void (*play)(struct chance *chance);
};

static const struct scene scenes[] = {
    {"pool", 10, play_pool},        {"group", 6, play_group},     {"semaphore", 3, play_semaphore},
    {"pipeline", 3, play_pipeline}, {"batcher", 3, play_batcher}, {"flight", 2, play_flight},
    {"cancel", 3, play_cancel},
};
enum { SCENES = sizeof scenes / sizeof *scenes };

/* For the words of a failed claim: what this thread's driver plays, and from which seed. Crews are told the
 * latter. */
static _Thread_local const char *playing = "a crew";
static uint64_t run_seed; /* written once, before the first thread */

_Noreturn void claim_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "stress: %s:%d: this does not hold: %s\nstress: scene \"%s\", seed %llu\n", file, line,
            what, playing, (unsigned long long)run_seed);
    _exit(1);
}

struct driver {
    struct chance chance;
    unsigned long played[SCENES];
};

static void *driver_main(void *arg)
{
    struct driver *driver = arg;
    for (int i = 0; i < LAP; i++) {
        unsigned which = chance_weighted(&driver->chance, &scenes[0].weight, SCENES, sizeof *scenes);
        playing = scenes[which].name;
        scenes[which].play(&driver->chance);
        driver->played[which]++;
    }
    return NULL;
}

static void claim_nobody_left(const struct pool_census *census)
{
    struct pool_leak leaks[4];
    size_t count = 0;
    char text[200];
    if (pool_census_check(census, NULL, leaks, 4, &count) == POOL_OK)
        return;
    for (size_t i = 0; i < count && i < 4; i++) {
        pool_leak_text(text, sizeof text, &leaks[i]);
        fprintf(stderr, "stress: left over: %s\n", text);
    }
    claim(!"threads are left over");
}

/* Of a whole machine's worth of threads that wait for each other nobody else would tell. */
static void handle_alarm(int signal)
{
    static const char text[] = "stress: a lap does not end: something waits for ever. The seed stands above; "
                               "a debugger shows the threads of a run that hangs.\n";
    (void)signal;
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
        _exit(2);
    _exit(1);
}

static void *nothing(void *arg)
{
    return arg;
}

/* With it the sanitizer starts a thread of its own, which stays: the census must have seen that one. */
static void first_thread(void)
{
    struct crew crew = {0};
    crew_add(&crew, nothing, NULL);
    crew_join(&crew);
}

static void lap(struct driver *drivers, const struct pool_census *census)
{
    struct crew crew = {0};
    alarm(LIMIT);
    for (int i = 0; i < DRIVERS; i++)
        crew_add(&crew, driver_main, &drivers[i]);
    crew_join(&crew);
    claim_nobody_left(census);
}

static void tell(const struct driver *drivers, unsigned laps, double seconds)
{
    printf("%u laps in %.0f s, the census as at the beginning after each; played:", laps, seconds);
    for (int s = 0; s < SCENES; s++) {
        unsigned long played = 0;
        for (int i = 0; i < DRIVERS; i++)
            played += drivers[i].played[s];
        printf(" %s %lu%s", scenes[s].name, played, s + 1 < SCENES ? "," : "\n");
    }
    fflush(stdout);
}

int main(int argc, char **argv)
{
    double limit = argc > 1 ? strtod(argv[1], NULL) : 600;
    uint64_t begin = pool_clock_now(NULL), said = begin, now;
    struct driver drivers[DRIVERS] = {0};
    struct pool_census *census;
    unsigned laps = 0;

    run_seed = argc > 2 ? strtoull(argv[2], NULL, 10) : begin;
    if (argc > 3 || limit <= 0) {
        fprintf(stderr, "usage: stress [SECONDS [SEED]]\n");
        return 2;
    }
    printf("seed %llu\n", (unsigned long long)run_seed);
    fflush(stdout);
    for (int i = 0; i < DRIVERS; i++)
        drivers[i].chance.state = run_seed + (uint64_t)i * 0x632be59bd9b4e019u;
    signal(SIGALRM, handle_alarm);
    first_thread();
    claim(pool_census_create(&census, NULL) == POOL_OK);
    do {
        lap(drivers, census);
        laps++;
        now = pool_clock_now(NULL);
        if (now - said > 30 * POOL_SECOND) {
            tell(drivers, laps, (double)(now - begin) / POOL_SECOND);
            said = now;
        }
    } while ((double)(now - begin) < limit * POOL_SECOND);
    tell(drivers, laps, (double)(now - begin) / POOL_SECOND);
    pool_census_destroy(census);
    return 0;
}
