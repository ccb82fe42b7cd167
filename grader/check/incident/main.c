/* main.c - begins and ends a run of an incident's service. See incident.h and inside.h.
 *
 * usage: program MODE SECONDS BUDGET SEED [FROM PORT], where MODE is "simulate", "simulate+tsan" or "live",
 * SECONDS is when the callers stop and BUDGET is in MiB, 0 for none. Live it may begin later than at 0: then
 * FROM is the second that it is when it starts.
 */
#include "inside.h"

#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define HERE __builtin_return_address(0)

enum { KILLED = 137, MEBIBYTE = 1 << 20 };

struct engine engine;

/* Of a kill to come. */
static struct {
    double second; /* 0: none */
    const char *why;
    pthread_t thread;
    int started;
} killer;

/* --- the engine's lock, live ------------------------------------------------------------------------- */

static int lock; /* futex: 0 free, 1 taken, 2 taken and waited for (Drepper, "Futexes are tricky") */

void engine_enter(void)
{
    int was = 0;

    if (!engine.live || __atomic_compare_exchange_n(&lock, &was, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return;
    while (__atomic_exchange_n(&lock, 2, __ATOMIC_ACQUIRE) != 0)
        syscall(SYS_futex, &lock, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
}

void engine_leave(void)
{
    if (engine.live && __atomic_exchange_n(&lock, 0, __ATOMIC_RELEASE) == 2)
        syscall(SYS_futex, &lock, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* --- time -------------------------------------------------------------------------------------------- */

static int64_t monotonic(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

double incident_seconds(void)
{
    return (double)(monotonic() - engine.started) / 1e9;
}

double incident_length(void)
{
    return engine.length;
}

int incident_is_live(void)
{
    return engine.live;
}

void incident_sleep_until(double second)
{
    int64_t at = engine.started + (int64_t)(second * 1e9);
    struct timespec until = {at / 1000000000, at % 1000000000};

    if (second > 0)
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

void incident_sleep(double seconds)
{
    incident_sleep_until(incident_seconds() + seconds);
}

/* --- random numbers ---------------------------------------------------------------------------------- */

/* splitmix64 (Steele, Lea, Flood, 2014). */
static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15ULL;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
}

struct incident_random incident_random(unsigned stream)
{
    uint64_t state = engine.seed * 0x9e3779b97f4a7c15ULL + stream;

    return (struct incident_random){next(&state)};
}

double incident_draw(struct incident_random *random)
{
    return (double)(next(&random->state) >> 11) / 9007199254740992.0; /* 2 to the 53rd */
}

/* --- the end ----------------------------------------------------------------------------------------- */

/* Once: what the run came to. HOW: "done", "killed", "cut" (a fault ended it, and the clocks may be real ones
 * by now). */
static void tell_end(const char *how)
{
    if (engine.over)
        return;
    engine.over = 1;
    load_tell();
    record_line("end %s %.3f", how, engine.live ? incident_seconds() : (double)explored_clock() / 1e9);
    record_close();
}

void check_concludes(void)
{
    tell_end("cut");
}

void engine_kill(const char *why)
{
    incident_event("kill", "%s", why);
    incident_log("killed: %s", why);
    tell_end("killed");
    if (engine.live)
        raise(SIGKILL);
    explored_kill(KILLED);
}

void engine_fail(enum verdict_class class, const char *message, const void *pc)
{
    if (!engine.live)
        explored_fail(class, message, pc);
    incident_log("%s", message);
    tell_end("cut");
    abort();
}

static void *kills(void *unused)
{
    double second = killer.second;

    (void)unused;
    while (incident_seconds() < second && killer.second > 0)
        incident_sleep_until(second < incident_seconds() + 0.1 ? second : incident_seconds() + 0.1);
    if (killer.second > 0)
        engine_kill(killer.why);
    return NULL;
}

void incident_kill_at(double second, const char *why)
{
    incident_kill_called_off();
    killer.second = second;
    killer.why = why;
    killer.started = pthread_create(&killer.thread, NULL, kills, NULL) == 0;
}

void incident_kill_called_off(void)
{
    killer.second = 0;
    if (killer.started)
        pthread_join(killer.thread, NULL);
    killer.started = 0;
}

/* --- the whole --------------------------------------------------------------------------------------- */

/* Threads beside this one that are still there; live nobody looks. */
static int threads_left(void)
{
    return engine.live ? 0 : explored_census(HERE);
}

static void begin(int argc, char **argv)
{
    engine.live = strcmp(argv[1], "live") == 0;
    engine.sanitized = strchr(argv[1], '+') != NULL;
    engine.length = atof(argv[2]);
    engine.budget = engine.sanitized ? 0 : atof(argv[3]) * MEBIBYTE;
    engine.seed = strtoull(argv[4], NULL, 10);
    if (argc > 6) {
        engine.from = atof(argv[5]);
        engine.port = (unsigned)atoi(argv[6]);
    }
    if (engine.live)
        live_begin();
    else
        explored_begin();
    engine.started = monotonic() - (int64_t)(engine.from * 1e9);
    memory_begin();
    meter_begin();
    meter_start();
}

int main(int argc, char **argv)
{
    if ((argc != 5 && argc != 7) || (strcmp(argv[1], "live") != 0 && !explored_begin)) {
        fprintf(stderr, "usage: %s MODE SECONDS BUDGET SEED [FROM PORT]\n", argv[0]);
        return 2;
    }
    begin(argc, argv);
    if (incident_opens)
        incident_opens();
    incident_plan.serve();
    load_join();
    incident_kill_called_off();
    if (incident_closes)
        incident_closes();
    engine.served = 1;
    meter_stop();
    memory_tell();
    record_line("threads %d", threads_left());
    tell_end("done");
    if (explored_done)
        explored_done();
    return 0;
}
