/* live.c - what is only there in real time: the beginning, and who looks from outside.
 *
 * Whoever started the program wants to know what is resident before the service begins, and may have a limit
 * to set: so the program says that it is there, and goes on when its standard input says so or ends. Each row
 * is followed by a line with what is accounted and what is resident, both read at one moment in this process,
 * so that a busy machine cannot set them apart.
 */
#include "inside.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Set before the callers are started, taken back behind them. */
static const struct incident_observer *observer;

/* Bytes of the process in memory, as the kernel has it; -1 when it does not tell. */
static long long resident(void)
{
    char text[100];
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t got = file < 0 ? -1 : read(file, text, sizeof text - 1);
    char *end;

    if (file >= 0)
        close(file);
    if (got <= 0)
        return -1;
    text[got] = '\0';
    strtoll(text, &end, 10); /* the first is its address space */
    return strtoll(end, NULL, 10) * sysconf(_SC_PAGESIZE);
}

void live_begin(void)
{
    char word;

    record_line("ready %lld", resident());
    if (read(STDIN_FILENO, &word, 1) < 0)
        record_line("log 0 nobody has said when to begin");
}

void live_tell_memory(void)
{
    record_line("resident %lld accounted %.0f", resident(), memory_now());
}

/* --- the observer -------------------------------------------------------------------------------------- */

unsigned incident_port(void)
{
    return engine.port;
}

void incident_observe(const struct incident_observer *who)
{
    __atomic_store_n(&observer, who, __ATOMIC_RELEASE);
}

/* None: somebody who hears nothing. */
static struct incident_observer watching(void)
{
    const struct incident_observer *who = __atomic_load_n(&observer, __ATOMIC_ACQUIRE);

    return who ? *who : (struct incident_observer){0};
}

void live_comes(void)
{
    struct incident_observer who = watching();
    if (who.comes)
        who.comes();
}

void live_went(const struct request *request, double seconds)
{
    struct incident_observer who = watching();
    if (who.went)
        who.went(request, seconds);
}

void live_begins(const struct request *request, double seconds)
{
    struct incident_observer who = watching();
    if (who.begins)
        who.begins(request, seconds);
}

void live_ends(const struct request *request, enum request_end how, double seconds)
{
    struct incident_observer who = watching();
    if (who.ends)
        who.ends(request, how, seconds);
}
