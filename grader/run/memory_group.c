/* memory_group.c - see memory_group.h.
 *
 * A group is made beside our own, or below it, wherever the folder above already hands the memory controller
 * down: switching that on is not ours to do, and is refused anyway for a folder with processes in it.
 * Source: the kernel's Documentation/admin-guide/cgroup-v2.rst.
 */
#include "run/memory_group.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

enum { TEXT_BYTES = 4096 };

struct memory_group {
    char *folder;
};

/* FOLDER/NAME as text, "" when it cannot be read. */
static char *read_setting(void *mem, const char *folder, const char *name)
{
    char *path = talloc_asprintf(mem, "%s/%s", folder, name);
    char *text = talloc_zero_array(mem, char, TEXT_BYTES);
    int file = open(path, O_RDONLY | O_CLOEXEC);

    if (file >= 0 && read(file, text, TEXT_BYTES - 1) < 0)
        text[0] = '\0';
    if (file >= 0)
        close(file);
    return text;
}

static int write_setting(void *mem, const char *folder, const char *name, const char *value)
{
    char *path = talloc_asprintf(mem, "%s/%s", folder, name);
    int file = open(path, O_WRONLY | O_CLOEXEC); /* it is there, or this is no such group */
    ssize_t length = (ssize_t)strlen(value);
    int result = file >= 0 && write(file, value, (size_t)length) == length ? 0 : -1;

    if (file >= 0)
        close(file);
    return result;
}

/* Where cgroup v2 is mounted, NULL: nowhere. */
static char *mounted_at(void *mem)
{
    FILE *mounts = fopen("/proc/self/mounts", "re");
    char line[TEXT_BYTES], place[TEXT_BYTES], kind[64];
    char *found = NULL;

    while (mounts && !found && fgets(line, sizeof line, mounts))
        if (sscanf(line, "%*s %4095s %63s", place, kind) == 2 && strcmp(kind, "cgroup2") == 0)
            found = talloc_strdup(mem, place);
    if (mounts)
        fclose(mounts);
    return found;
}

/* Our own group's path below that, "/user.slice/...". NULL: none. */
static char *own_path(void *mem)
{
    char *text = read_setting(mem, "/proc/self", "cgroup");
    char *line = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");

    if (!line)
        return NULL;
    line = strchr(line, '/');
    return line ? talloc_strndup(mem, line, strcspn(line, "\n")) : NULL;
}

static int remove_group(struct memory_group *group)
{
    rmdir(group->folder);
    return 0;
}

/* Below FOLDER. NULL: not there. */
static struct memory_group *make_below(void *mem, const char *folder, pid_t pid, size_t bytes)
{
    struct memory_group *group = talloc_zero(mem, struct memory_group);

    group->folder = talloc_asprintf(group, "%s/deepend-%d", folder, (int)pid);
    if (!strstr(read_setting(group, folder, "cgroup.subtree_control"), "memory") ||
        mkdir(group->folder, 0755) != 0) {
        talloc_free(group);
        return NULL;
    }
    talloc_set_destructor(group, remove_group);
    write_setting(group, group->folder, "memory.swap.max", "0"); /* where there is swap */
    if (write_setting(group, group->folder, "memory.max", talloc_asprintf(group, "%zu", bytes)) == 0 &&
        write_setting(group, group->folder, "cgroup.procs", talloc_asprintf(group, "%d", (int)pid)) == 0)
        return group;
    talloc_free(group);
    return NULL;
}

struct memory_group *memory_group_of(void *mem, pid_t pid, size_t bytes)
{
    void *scratch = talloc_new(mem);
    char *mount = mounted_at(scratch), *own = own_path(scratch);
    struct memory_group *group = NULL;

    if (mount && own) {
        char *mine = talloc_asprintf(scratch, "%s%s", mount, own);
        if (own[1]) /* not the root, above which there is nothing */
            group = make_below(mem, talloc_strndup(scratch, mine, (size_t)(strrchr(mine, '/') - mine)), pid,
                               bytes);
        if (!group)
            group = make_below(mem, mine, pid, bytes);
    }
    talloc_free(scratch);
    return group;
}

int memory_group_has_killed(const struct memory_group *group)
{
    void *scratch = talloc_new(NULL);
    const char *at = strstr(read_setting(scratch, group->folder, "memory.events"), "oom_kill ");
    unsigned long kills = 0;
    int killed = at && sscanf(at, "oom_kill %lu", &kills) == 1 && kills > 0;

    talloc_free(scratch);
    return killed;
}
