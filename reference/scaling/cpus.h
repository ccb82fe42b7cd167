/* cpus.h - how many processors this process may really use: the affinity mask, and the cgroup's quota.
 *
 *     unsigned workers = pool_cpus();                 // for tasks that compute
 *     struct pool_cpus seen = pool_cpus_look(NULL);   // the same, with its reasons
 *
 * sysconf(_SC_NPROCESSORS_ONLN) counts the machine's processors and does not see the mask of
 * sched_getaffinity; that mask does not see a container's quota (cpu.max). The answer is min(mask, ceil(quota
 * / period)) (G10, X60). Linux only. The parse functions take text, and pool_cpus_look the places
 * of the files, so tests need no cgroup.
 *
 * Any thread; no lock and no global state. They read a few small files (blocking as /proc and /sys do); ask
 * at start or once a minute, not for every task: a quota may be changed while the process runs.
 */
#ifndef DEEPEND_POOL_CPUS_H
#define DEEPEND_POOL_CPUS_H

#ifdef __cplusplus
extern "C" {
#endif

struct pool_cpus {
    unsigned affinity; /* processors in the mask; 0: could not be asked */
    double
        quota; /* processors' worth of time in every period; INFINITY: no limit, or none that can be read */
    unsigned usable; /* min(affinity, ceil(quota)), at least 1 */
};

/* Where the files are. NULL, here or in a field: the system's own. */
struct pool_cpus_places {
    const char *self;   /* "/proc/self/cgroup": which cgroup this process is in */
    const char *cgroup; /* "/sys/fs/cgroup": where version 2, or the folders of version 1, are mounted */
};

struct pool_cpus pool_cpus_look(const struct pool_cpus_places *places);

/* pool_cpus_look(NULL).usable */
unsigned pool_cpus(void);

/* Processors in the calling thread's affinity mask, 0 if the kernel does not say. Any number of processors.
 */
unsigned pool_cpus_affinity(void);

/* The affinity and the quota combined; AFFINITY 0 counts as 1, QUOTA below 1 as 1, NAN as no limit. */
unsigned pool_cpus_usable(unsigned affinity, double quota);

/* --- reading cgroup files: processors' worth of quota, INFINITY for "no limit", NAN for text that is neither
 */

/* Version 2, cpu.max: "150000 100000" is 1.5, "max 100000" no limit, "50000" alone has the period 100000. */
double pool_cpus_quota_v2(const char *cpu_max);

/* Version 1, cpu.cfs_quota_us and cpu.cfs_period_us: "-1" is no limit. */
double pool_cpus_quota_v1(const char *quota_us, const char *period_us);

/* The least quota on the way from the cgroup of this process up to the root: each of them binds. SELF is the
 * text of /proc/self/cgroup, CGROUP as in pool_cpus_places. Unreadable and malformed files are passed over:
 * INFINITY if nothing is left. In a container whose own path the text does not know, the root of the mount is
 * what counts. */
double pool_cpus_quota_at(const char *self, const char *cgroup);

#ifdef __cplusplus
}
#endif

#endif
