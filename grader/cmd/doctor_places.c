/* doctor_places.c - the doctor's probes of the sandbox, folders, the database and file watching. See
 * doctor.h. */
#include "cmd/doctor.h"

#include "base/file.h"
#include "run/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <talloc.h>
#include <unistd.h>

enum { DISK_LEAST_MB = 200 };

/* --- the sandbox --------------------------------------------------------------------------------------- */

/* The number in a file of /proc/sys, or -1. */
static long setting_of(const char *path)
{
    FILE *file = fopen(path, "r");
    long value = -1;
    if (file && fscanf(file, "%ld", &value) != 1)
        value = -1;
    if (file)
        fclose(file);
    return value;
}

/* Why namespaces are refused differs by system; the first of these that is so is the reason. */
static const struct {
    const char *path;
    long refuses;
    const char *repair;
} namespace_settings[] = {
    {"/proc/sys/kernel/unprivileged_userns_clone", 0, "sysctl -w kernel.unprivileged_userns_clone=1"},
    {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 1,
     "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"},
    {"/proc/sys/user/max_user_namespaces", 0, "sysctl -w user.max_user_namespaces=10000"},
};

struct probe_result look_sandbox(struct visit *visit)
{
    const char *why;
    const char *kind = sandbox_kind(&why);
    if (!why)
        return probe_fine(visit, "%s", kind);

    struct probe_result result = probe_lack(visit, "%s: %s", kind, why);
    if (strstr(why, "not installed"))
        return result;
    result.repair =
        talloc_strdup(visit->mem, "docker run --security-opt seccomp=unconfined ... (in a container)");
    for (size_t i = sizeof namespace_settings / sizeof namespace_settings[0]; i-- > 0;)
        if (setting_of(namespace_settings[i].path) == namespace_settings[i].refuses)
            result.repair = talloc_strdup(visit->mem, namespace_settings[i].repair);
    return result;
}

/* --- folders ------------------------------------------------------------------------------------------- */

/* Write a file in ROOT/NAME and remove it again. 0, or -1 with err. */
static int try_folder(struct visit *visit, const char *name, struct error *err)
{
    char *folder = talloc_asprintf(visit->mem, "%s/%s", visit->session->root, name);
    char *path = talloc_asprintf(visit->mem, "%s/.doctor-%ld", folder, (long)getpid());

    if (folder_make(folder, err) != 0 || file_replace(path, "probe\n", 6, err) != 0)
        return -1;
    unlink(path);
    return 0;
}

static long megabytes_free(const char *path)
{
    struct statvfs status;
    if (statvfs(path, &status) != 0)
        return -1;
    return (long)((unsigned long long)status.f_bavail * status.f_frsize >> 20);
}

struct probe_result look_build_folder(struct visit *visit)
{
    struct error err;
    struct probe_result result;

    if (!visit->folder || try_folder(visit, "build", &err) != 0) {
        result = probe_lack(visit, "no program can be put in build/: %s",
                            visit->folder ? err.text : "it is not writable");
        result.repair = talloc_asprintf(visit->mem, "chown -R \"$(id -un)\" %s/build", visit->session->root);
        return result;
    }
    long megabytes = megabytes_free(visit->folder);
    if (megabytes >= 0 && megabytes < DISK_LEAST_MB) {
        result =
            probe_lack(visit, "only %ld MB are free on its disk; %d are needed", megabytes, DISK_LEAST_MB);
        result.repair = talloc_asprintf(visit->mem, "rm -r %s/build/cache", visit->session->root);
        return result;
    }
    return probe_fine(visit, "writable, %ld MB free", megabytes);
}

/* The line that makes work/ usable: something else is in its place, or it belongs to somebody else. */
static char *repair_work(struct visit *visit)
{
    char *work = talloc_asprintf(visit->mem, "%s/work", visit->session->root);
    struct stat status;

    if (stat(work, &status) == 0 && !S_ISDIR(status.st_mode))
        return talloc_asprintf(visit->mem, "mv %s %s.old", work, work);
    return talloc_asprintf(visit->mem, "chown -R \"$(id -un)\" %s", work);
}

struct probe_result look_work_folder(struct visit *visit)
{
    struct error err;
    if (try_folder(visit, "work", &err) == 0)
        return probe_fine(visit, "writable");
    struct probe_result result = probe_lack(visit, "your files have no place: %s", err.text);
    result.repair = repair_work(visit);
    return result;
}

/* The line for what the store said. */
static char *repair_database(struct visit *visit, const char *told)
{
    struct error err;
    if (try_folder(visit, "work", &err) != 0)
        return repair_work(visit);
    if (strstr(told, "newer"))
        return talloc_strdup(visit->mem, "git pull && make");
    if (strstr(told, "locked"))
        return talloc_strdup(visit->mem, "pgrep -a deepend (and end the one that hangs)");
    return talloc_asprintf(visit->mem, "chown -R \"$(id -un)\" %s/work && chmod -R u+rwX %s/work",
                           visit->session->root, visit->session->root);
}

struct probe_result look_database(struct visit *visit)
{
    struct error err;
    struct store *store = store_open(visit->session->root, &err);
    char *told = talloc_strdup(visit->mem, err.text); /* that a damaged one was kept aside, say */
    int writable = store && store_check(store, &err) == 0;

    store_close(store);
    if (writable)
        return probe_fine(visit, "%s", told[0] ? told : "work/deepend.db is sound and writable");
    struct probe_result result = probe_lack(visit, "%s", err.text);
    result.repair = repair_database(visit, err.text);
    return result;
}

/* --- file watching ------------------------------------------------------------------------------------- */

/* Whether DESCRIPTOR has an event to read, now. */
static int has_event(int descriptor)
{
    char events[4096];
    return read(descriptor, events, sizeof events) > 0;
}

/* A file written in work/ must be noticed; the kernel queues the event before the write returns. */
struct probe_result look_notification(struct visit *visit)
{
    struct error err;
    char *folder = talloc_asprintf(visit->mem, "%s/work", visit->session->root);
    int descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

    if (descriptor < 0)
        return probe_lack(visit, "the kernel gives no inotify: %s", strerror(errno));
    struct probe_result result = probe_fine(visit, "inotify sees what is saved in work/");
    if (inotify_add_watch(descriptor, folder, IN_CLOSE_WRITE | IN_MOVED_TO) < 0)
        result = probe_lack(visit, "work/ cannot be watched: %s", strerror(errno));
    else if (try_folder(visit, "work", &err) != 0)
        result = probe_lack(visit, "not tried, for nothing can be saved in work/");
    else if (!has_event(descriptor))
        result = probe_lack(visit, "the file system of work/ does not tell of changes");
    close(descriptor);
    return result;
}
