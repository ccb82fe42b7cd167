/* bench_machine.h - clocks, the middle of many values, and what machine this is: for programs that write a page.
 */
#ifndef DEEPEND_BENCH_MACHINE_H
#define DEEPEND_BENCH_MACHINE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static inline double bench_now_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static inline double bench_clock_ns(void)
{
    return bench_now_ns(CLOCK_MONOTONIC);
}

/* Of all threads of this process. */
static inline double bench_processor_ns(void)
{
    return bench_now_ns(CLOCK_PROCESS_CPUTIME_ID);
}

/* Touched, so that no page fault is measured. Ends the program if there is none. */
static inline void *bench_memory(size_t bytes)
{
    void *block = malloc(bytes);
    if (!block)
        abort();
    memset(block, 0, bytes);
    return block;
}

/* --- the middle ----------------------------------------------------------------------------------------- */

struct bench_spread {
    double least, median, most;
};

static inline int bench_by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts VALUES. */
static inline struct bench_spread bench_spread(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, bench_by_value);
    double below = values[(count - 1) / 2], above = values[count / 2];
    return (struct bench_spread){values[0], (below + above) / 2, values[count - 1]};
}

/* --- the machine ---------------------------------------------------------------------------------------- */

static inline double bench_load(void)
{
    double load = 0;
    return getloadavg(&load, 1) == 1 ? load : -1;
}

static inline void bench_machine_print_load(const char *when)
{
    double load = bench_load();
    printf("\n%s: load %.1f on %ld processors%s\n", when, load, sysconf(_SC_NPROCESSORS_ONLN),
           load > 0.5 ? "; others were at work, so compare only within a pair." : ".");
}

static inline void bench_model(char *model, size_t size)
{
    char line[256];
    FILE *file = fopen("/proc/cpuinfo", "r");

    snprintf(model, size, "model unknown");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "model name", 10) == 0 && strchr(line, ':')) {
            line[strcspn(line, "\n")] = 0;
            snprintf(model, size, "%s", strchr(line, ':') + 2);
            break;
        }
    if (file)
        fclose(file);
}

static inline void bench_machine_print(void)
{
    char model[200];
    struct utsname system;

    bench_model(model, sizeof model);
    if (uname(&system) != 0)
        snprintf(system.release, sizeof system.release, "unknown");
#ifdef __clang__
    const char *compiler = "";
#else
    const char *compiler = "gcc ";
#endif
    printf("Machine: %ld processors (%s), Linux %s, compiled by %s%s.\n", sysconf(_SC_NPROCESSORS_ONLN),
           model, system.release, compiler, __VERSION__);
    bench_machine_print_load("At the beginning");
}

#endif
