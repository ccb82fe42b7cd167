/* cpus.c - the affinity mask and the cgroup quota, read and combined.
 *
 * /proc/self/cgroup has a line "ID:CONTROLLERS:PATH" for each hierarchy. Version 2 is the one without
 * controllers: its files lie at CGROUP/PATH. Version 1 names "cpu" among the controllers: its files lie at
 * CGROUP/CONTROLLERS/PATH, and mostly at CGROUP/cpu/PATH as well. A limit may stand in any cgroup above too,
 * so the path is walked up to the mount's root.
 *
 * Not here: cpuset.cpus (the affinity mask shows it), cpu.weight (a share under contention, no limit), mounts
 * in unusual places (mountinfo is not read).
 */
#include "cpus.h"
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CPUS = 1 << 20, MOST_TEXT = 8192 };

/* --- the mask ------------------------------------------------------------------------------------------ */

unsigned pool_cpus_affinity(void)
{
    /* The kernel refuses a mask smaller than its own, which may be larger than cpu_set_t. */
    for (size_t cpus = CPU_SETSIZE; cpus <= MOST_CPUS; cpus *= 2) {
        cpu_set_t *mask = CPU_ALLOC(cpus);
        if (!mask)
            return 0;
        int error = sched_getaffinity(0, CPU_ALLOC_SIZE(cpus), mask) == 0 ? 0 : errno;
        unsigned count = error ? 0 : (unsigned)CPU_COUNT_S(CPU_ALLOC_SIZE(cpus), mask);
        CPU_FREE(mask);
        if (error != EINVAL)
            return count;
    }
    return 0;
}

unsigned pool_cpus_usable(unsigned affinity, double quota)
{
    double least = affinity ? affinity : 1;

    if (quota < least) /* false for NAN */
        least = ceil(quota);
    return least < 1 ? 1 : (unsigned)least;
}

/* --- texts --------------------------------------------------------------------------------------------- */

/* A number at TEXT that ends at white space or the text's end; *REST is what follows. */
static bool read_number(const char *text, double *number, const char **rest)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    *rest = end;
    *number = (double)value;
    return end != text && errno == 0 && strchr(" \t\n", *end);
}

static bool only_space(const char *text)
{
    return text[strspn(text, " \t\n")] == '\0';
}

static double quota_of(double quota, double period)
{
    return quota > 0 && period > 0 ? quota / period : NAN;
}

double pool_cpus_quota_v2(const char *cpu_max)
{
    double quota, period = 100000; /* the kernel's default */
    const char *rest;

    if (!cpu_max)
        return NAN;
    if (strncmp(cpu_max, "max", 3) == 0 && strchr(" \t\n", cpu_max[3]))
        return INFINITY;
    if (!read_number(cpu_max, &quota, &rest))
        return NAN;
    if (!only_space(rest) && (!read_number(rest, &period, &rest) || !only_space(rest)))
        return NAN;
    return quota_of(quota, period);
}

double pool_cpus_quota_v1(const char *quota_us, const char *period_us)
{
    double quota, period;
    const char *rest;

    if (!quota_us || !period_us || !read_number(quota_us, &quota, &rest) || !only_space(rest))
        return NAN;
    if (quota == -1)
        return INFINITY;
    return read_number(period_us, &period, &rest) && only_space(rest) ? quota_of(quota, period) : NAN;
}

/* --- files --------------------------------------------------------------------------------------------- */

/* The file's text, as much as fits. False if there is none. */
static bool read_text(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    size_t length = fread(text, 1, size - 1, file);
    text[length] = '\0';
    bool good = !ferror(file);
    fclose(file);
    return good;
}

/* The text of DIRECTORY/NAME, or "" which no parser takes for a number. */
static const char *read_in(const char *directory, const char *name, char *text, size_t size)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/%s", directory, name);
    return length < (int)sizeof path && read_text(path, text, size) ? text : "";
}

/* The quota that stands in DIRECTORY, in either version's files. INFINITY if there is none. */
static double quota_in(const char *directory)
{
    char quota[128], period[128];
    double v2 = pool_cpus_quota_v2(read_in(directory, "cpu.max", quota, sizeof quota));
    if (!isnan(v2))
        return v2;
    double v1 = pool_cpus_quota_v1(read_in(directory, "cpu.cfs_quota_us", quota, sizeof quota),
                                   read_in(directory, "cpu.cfs_period_us", period, sizeof period));
    return isnan(v1) ? INFINITY : v1;
}

/* The least quota from MOUNT/PATH up to MOUNT. */
static double quota_upwards(const char *mount, const char *path)
{
    char directory[PATH_MAX];
    size_t root = strlen(mount);
    double least = INFINITY;

    if (snprintf(directory, sizeof directory, "%s%s", mount, path) >= (int)sizeof directory)
        return INFINITY;
    for (;;) {
        least = fmin(least, quota_in(directory));
        char *slash = strrchr(directory, '/');
        if (!slash || (size_t)(slash - directory) < root)
            return least;
        *slash = '\0';
    }
}

static bool has_controller(const char *controllers, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = controllers; *at; at += strcspn(at, ",") + (at[strcspn(at, ",")] == ','))
        if (strncmp(at, name, length) == 0 && strchr(",", at[length]))
            return true;
    return false;
}

/* LINE is "ID:CONTROLLERS:PATH" and is taken apart in place. */
static double quota_of_line(char *line, const char *cgroup)
{
    char mount[PATH_MAX];
    char *controllers = strchr(line, ':');
    char *path = controllers ? strchr(controllers + 1, ':') : NULL;

    if (!path)
        return INFINITY;
    *controllers++ = '\0';
    *path++ = '\0';
    if (*controllers == '\0')
        return quota_upwards(cgroup, path);
    if (!has_controller(controllers, "cpu"))
        return INFINITY;
    const char *folders[] = {controllers, "cpu"};
    double least = INFINITY;
    for (size_t i = 0; i < 2; i++)
        if (snprintf(mount, sizeof mount, "%s/%s", cgroup, folders[i]) < (int)sizeof mount)
            least = fmin(least, quota_upwards(mount, path));
    return least;
}

double pool_cpus_quota_at(const char *self, const char *cgroup)
{
    char text[MOST_TEXT], *rest = text;
    double least = INFINITY;

    if (!self || !cgroup || snprintf(text, sizeof text, "%s", self) < 0)
        return INFINITY;
    for (char *line; (line = strsep(&rest, "\n"));)
        least = fmin(least, quota_of_line(line, cgroup));
    return least;
}

struct pool_cpus pool_cpus_look(const struct pool_cpus_places *places)
{
    const char *self = places && places->self ? places->self : "/proc/self/cgroup";
    const char *cgroup = places && places->cgroup ? places->cgroup : "/sys/fs/cgroup";
    struct pool_cpus seen = {.affinity = pool_cpus_affinity(), .quota = INFINITY};
    char text[MOST_TEXT];

    if (read_text(self, text, sizeof text))
        seen.quota = pool_cpus_quota_at(text, cgroup);
    seen.usable = pool_cpus_usable(seen.affinity, seen.quota);
    return seen;
}

unsigned pool_cpus(void)
{
    return pool_cpus_look(NULL).usable;
}
