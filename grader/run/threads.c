/* threads.c - the census of a process's threads from /proc, see threads.h. x86-64 and arm64 system call
 * numbers by <sys/syscall.h>. */
#include "run/threads.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <talloc.h>
#include <unistd.h>

/* Read a small /proc file into TEXT. Returns its length, -1 when it is not to be had. */
static ssize_t proc_read(char *text, size_t room, pid_t pid, pid_t tid, const char *name)
{
    char path[96];

    if (tid)
        snprintf(path, sizeof path, "/proc/%d/task/%d/%s", (int)pid, (int)tid, name);
    else
        snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return -1;
    ssize_t got = read(descriptor, text, room - 1);
    close(descriptor);
    text[got > 0 ? got : 0] = '\0';
    return got;
}

/* The number behind "NAME:" in a status file; the last one on the line, since NSpid lists the namespaces from
 * the outside in. */
static unsigned long long status_number(const char *status, const char *name)
{
    const char *line = strstr(status, name);
    unsigned long long value = 0;

    if (!line)
        return 0;
    for (const char *p = line + strlen(name); *p && *p != '\n';) {
        if (isdigit((unsigned char)*p))
            value = strtoull(p, (char **)&p, 10);
        else
            p++;
    }
    return value;
}

/* The letter of "State:\tS (sleeping)", '?' when there is none. */
static char status_letter(const char *status)
{
    static const char label[] = "\nState:\t";
    const char *line = strstr(status, label);

    return line ? line[sizeof label - 1] : '?';
}

/* Sort out a system call that a sleeping thread is in. */
static enum thread_activity classify(const char *call, uintptr_t *futex)
{
    unsigned long number, argument[6] = {0};

    if (sscanf(call, "%lu %lx %lx %lx %lx %lx %lx", &number, &argument[0], &argument[1], &argument[2],
               &argument[3], &argument[4], &argument[5]) < 5)
        return THREAD_RUNNING;
    if (number == SYS_recvfrom && argument[0] >= 190)
        return THREAD_ASKING;
    if (number != SYS_futex)
        return THREAD_WAITING;
    unsigned long operation = argument[1] & FUTEX_CMD_MASK;
    *futex = argument[0];
    int waits = operation == FUTEX_WAIT || operation == FUTEX_WAIT_BITSET || operation == FUTEX_LOCK_PI;
    return waits && argument[3] == 0 ? THREAD_BLOCKED : waits ? THREAD_WAITING : THREAD_RUNNING;
}

/* Read one thread. -1: it has ended meanwhile. */
static int thread_read(pid_t pid, pid_t tid, struct thread_state *thread, int *readable)
{
    char status[4096], call[256];

    if (proc_read(status, sizeof status, pid, tid, "status") <= 0)
        return -1;
    thread->tid = tid;
    thread->inner = (pid_t)status_number(status, "\nNSpid:");
    if (!thread->inner)
        thread->inner = tid;
    thread->switches = status_number(status, "\nvoluntary_ctxt_switches:") +
                       status_number(status, "\nnonvoluntary_ctxt_switches:");
    thread->futex = 0;
    thread->activity = THREAD_RUNNING;
    char letter = status_letter(status);
    if (letter == 'Z' || letter == 'X')
        return -1;
    if (letter != 'S')
        return 0;
    if (proc_read(call, sizeof call, pid, tid, "syscall") <= 0) {
        *readable = 0;
        thread->activity = THREAD_WAITING;
    } else {
        thread->activity = classify(call, &thread->futex);
    }
    return 0;
}

static int by_inner(const void *left, const void *right)
{
    const struct thread_state *a = left, *b = right;
    return (a->inner > b->inner) - (a->inner < b->inner);
}

/* Take the tool's own thread out of the list: the oldest one beside the main thread. */
static void hide_tool_thread(struct census *census, pid_t main_thread)
{
    size_t i = census->count > 0 && census->threads[0].tid == main_thread ? 1 : 0;

    if (i >= census->count)
        return;
    memmove(&census->threads[i], &census->threads[i + 1],
            (census->count - i - 1) * sizeof census->threads[0]);
    census->count--;
}

int census_take(void *mem, pid_t pid, const struct tool_threads *tools, struct census *census)
{
    char path[64];
    struct dirent *entry;

    *census = (struct census){.readable = 1};
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *folder = opendir(path);
    if (!folder)
        return -1;
    census->threads = talloc_array(mem, struct thread_state, 0);
    while ((entry = readdir(folder)) != NULL) {
        struct thread_state thread;
        if (!isdigit((unsigned char)entry->d_name[0]) ||
            thread_read(pid, atoi(entry->d_name), &thread, &census->readable) != 0)
            continue;
        census->threads = talloc_realloc(mem, census->threads, struct thread_state, census->count + 1);
        census->threads[census->count++] = thread;
    }
    closedir(folder);
    qsort(census->threads, census->count, sizeof census->threads[0], by_inner);
    size_t alive = census->count;
    if (tools->hidden_first)
        hide_tool_thread(census, pid);
    return alive > 0 ? 0 : -1;
}

int census_settled(const struct census *first, const struct census *second, size_t *blocked)
{
    *blocked = 0;
    if (first->count != second->count || !first->readable || !second->readable)
        return 0;
    for (size_t i = 0; i < first->count; i++) {
        const struct thread_state *a = &first->threads[i], *b = &second->threads[i];
        if (a->inner != b->inner || a->activity != b->activity || a->switches != b->switches)
            return 0;
        if (a->activity == THREAD_ASKING)
            continue;
        if (a->activity != THREAD_BLOCKED || a->futex != b->futex)
            return 0;
        ++*blocked;
    }
    return 1;
}

int census_active(const struct census *census)
{
    for (size_t i = 0; i < census->count; i++)
        if (census->threads[i].activity == THREAD_RUNNING)
            return 1;
    return 0;
}

int process_usage(pid_t pid, double *cpu_seconds, long *resident_kb)
{
    char text[1024];
    unsigned long user, system;
    long pages;

    if (proc_read(text, sizeof text, pid, 0, "stat") <= 0)
        return -1;
    const char *behind_name = strrchr(text, ')');
    if (!behind_name ||
        sscanf(behind_name + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
        return -1;
    *cpu_seconds = (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
    if (proc_read(text, sizeof text, pid, 0, "statm") <= 0 || sscanf(text, "%*d %ld", &pages) != 1)
        return -1;
    *resident_kb = pages * (sysconf(_SC_PAGESIZE) / 1024);
    return 0;
}
