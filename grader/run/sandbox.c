/* sandbox.c - confinement, see sandbox.h. The child's way into the sandbox is one linear list, in enter(). */
#include "run/sandbox.h"

#include "check/protocol.h"
#include "run/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

enum { FILTER_FD = 4, FILE_BYTES = 64 << 20, OPEN_FILES = 256, ARGUMENTS_MOST = 128, ENVIRONMENT_MOST = 16 };

/* A NULL-terminated list of words that grows. */
struct words {
    void *mem;
    const char *list[ARGUMENTS_MOST + 1];
    size_t count;
};

static void add(struct words *words, const char *word)
{
    if (words->count < ARGUMENTS_MOST)
        words->list[words->count++] = word;
}

static void add_all(struct words *words, const char *const *list)
{
    while (*list)
        add(words, *list++);
}

/* WORD with "%LOG" replaced by the log's path. */
static const char *with_log(void *mem, const char *word, const char *log)
{
    const char *mark = strstr(word, "%LOG");
    return mark ? talloc_asprintf(mem, "%.*s%s%s", (int)(mark - word), word, log, mark + 4) : word;
}

/* --- which kind ------------------------------------------------------------------------------------- */

/* Does bubblewrap work here? Containers and some kernels forbid namespaces, so it is tried, once. */
static int bubblewrap_works(void)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        int nothing = open("/dev/null", O_RDWR);
        dup2(nothing, 1);
        dup2(nothing, 2);
        execlp("bwrap", "bwrap", "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "true",
               (char *)NULL);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return 127;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

const char *sandbox_kind(const char **why)
{
    static int tried = 0, answer;

    if (!tried) {
        answer = bubblewrap_works();
        tried = 1;
    }
    if (why)
        *why = answer == 0     ? NULL
               : answer == 127 ? "bubblewrap (bwrap) is not installed"
                               : "bubblewrap cannot make namespaces here (a container, or unprivileged user "
                                 "namespaces are switched off)";
    return answer == 0 ? "bubblewrap" : "limits only";
}

/* --- the command line ------------------------------------------------------------------------------- */

/* What of the system the sandbox sees. A folder that is a link into /usr stays one. */
static void add_system(struct words *words)
{
    static const char *const folders[] = {"/lib", "/lib64", "/bin", "/sbin"};
    char target[64];

    add_all(words, (const char *const[]){"--ro-bind", "/usr", "/usr", "--ro-bind-try", "/etc/ld.so.cache",
                                         "/etc/ld.so.cache", "--ro-bind-try", "/etc/localtime",
                                         "/etc/localtime", NULL});
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        ssize_t length = readlink(folders[i], target, sizeof target - 1);
        if (length > 0)
            add_all(words,
                    (const char *const[]){"--symlink", talloc_strndup(words->mem, target, (size_t)length),
                                          folders[i], NULL});
        else
            add_all(words, (const char *const[]){"--ro-bind-try", folders[i], folders[i], NULL});
    }
}

/* LOGS may be NULL. */
static void add_bubblewrap(struct words *words, const char *binary, const char *logs, int filter)
{
    add_all(words, (const char *const[]){"bwrap", "--unshare-all", "--die-with-parent", "--cap-drop", "ALL",
                                         "--hostname", "deepend", NULL});
    add_system(words);
    add_all(words, (const char *const[]){"--proc", "/proc", "--dev", "/dev", "--size", "16777216", "--tmpfs",
                                         "/tmp", "--ro-bind", binary, binary, NULL});
    if (logs)
        add_all(words, (const char *const[]){"--bind", logs, "/log", NULL});
    add_all(words, (const char *const[]){"--chdir", "/tmp", "--seccomp",
                                         talloc_asprintf(words->mem, "%d", filter), NULL});
}

const char **sandbox_command(void *mem, const char *binary, int filter)
{
    struct words words = {.mem = mem};
    const char **list = NULL;

    if (sandbox_kind(NULL)[0] != 'b')
        return NULL;
    add_bubblewrap(&words, binary, NULL, filter);
    list = talloc_zero_array(mem, const char *, (unsigned)words.count + 1);
    memcpy(list, words.list, words.count * sizeof list[0]);
    return list;
}

/* The whole command line and environment of a run. */
static void compose(struct words *words, struct words *environment, const char *binary,
                    const struct variant *variant, const char *check, const char *logs, int bubblewrap)
{
    const char *log = bubblewrap ? "/log/tool" : talloc_asprintf(words->mem, "%s/tool", logs);

    if (bubblewrap)
        add_bubblewrap(words, binary, logs, FILTER_FD);
    for (size_t i = 0; variant->wrapper[i]; i++)
        add(words, with_log(words->mem, variant->wrapper[i], log));
    add_all(words, (const char *const[]){binary, check, variant->name, NULL});
    words->list[words->count] = NULL;
    add_all(environment, (const char *const[]){"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "HOME=/tmp", NULL});
    for (size_t i = 0; variant->environment[i]; i++)
        add(environment, with_log(words->mem, variant->environment[i], log));
    environment->list[environment->count] = NULL;
}

/* --- starting ---------------------------------------------------------------------------------------- */

static void limit(int resource, rlim_t value)
{
    setrlimit(resource, &(struct rlimit){value, value});
}

/* Processor seconds after which the kernel itself ends the process, should the watchdog ever miss it. */
static rlim_t cpu_backstop(const struct limits *limits, const struct variant *variant)
{
    return (rlim_t)limits->cpu_ms * variant->time_factor / 1000 * 4 + 10;
}

/* What the child needs, made ready before the fork. */
struct entrance {
    struct words *command, *environment;
    int socket, output, filter, bubblewrap;
    rlim_t cpu_seconds;
};

/* In the child: everything between fork and exec. */
static void enter(const struct entrance *entrance)
{
    setsid();                         /* a group of its own, no terminal */
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* dies with the grader, however that ends */
    personality(ADDR_NO_RANDOMIZE);   /* sanitizers need their address ranges free; runs are alike */
    dup2(open("/dev/null", O_RDONLY), 0);
    dup2(entrance->output, 1);
    dup2(entrance->output, 2);
    /* numbers below the wanted ones could be overwritten by dup2: move out of the way first */
    int socket = fcntl(entrance->socket, F_DUPFD, 32), filter = fcntl(entrance->filter, F_DUPFD, 32);
    dup2(socket, CHECK_FD);
    if (filter >= 0)
        dup2(filter, FILTER_FD);
    for (int fd = filter >= 0 ? FILTER_FD + 1 : CHECK_FD + 1; fd < OPEN_FILES; fd++)
        close(fd);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, FILE_BYTES);
    limit(RLIMIT_NOFILE, OPEN_FILES);
    limit(RLIMIT_CPU, entrance->cpu_seconds);
    if (!entrance->bubblewrap && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || seccomp_apply() != 0))
        _exit(126);
    execvpe(entrance->command->list[0], (char *const *)entrance->command->list,
            (char *const *)entrance->environment->list);
    _exit(127);
}

static void close_pair(const int pair[2])
{
    if (pair[0] >= 0)
        close(pair[0]);
    if (pair[1] >= 0)
        close(pair[1]);
}

int sandbox_start(void *mem, const char *binary, const struct variant *variant, const char *check,
                  const char *logs, const struct limits *limits, struct sandboxed *started, struct error *err)
{
    int sockets[2] = {-1, -1}, pipes[2] = {-1, -1}, yes = 1;
    int bubblewrap = sandbox_kind(NULL)[0] == 'b';
    struct words command = {.mem = mem}, environment = {.mem = mem};
    struct entrance entrance = {
        &command, &environment, -1, -1, -1, bubblewrap, cpu_backstop(limits, variant)};

    compose(&command, &environment, binary, variant, check, logs, bubblewrap);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0 || pipe2(pipes, O_CLOEXEC) != 0 ||
        setsockopt(sockets[0], SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) != 0 ||
        fcntl(pipes[0], F_SETFL, O_NONBLOCK) != 0 || fcntl(sockets[0], F_SETFL, O_NONBLOCK) != 0)
        goto fail;
    if (bubblewrap && (entrance.filter = seccomp_file(0)) < 0)
        goto fail;
    entrance.socket = sockets[1];
    entrance.output = pipes[1];
    pid_t pid = fork();
    if (pid == 0)
        enter(&entrance);
    if (pid < 0)
        goto fail;
    close(sockets[1]);
    close(pipes[1]);
    if (entrance.filter >= 0)
        close(entrance.filter);
    *started = (struct sandboxed){pid, sockets[0], pipes[0], talloc_strdup(mem, logs)};
    return 0;
fail:
    error_grader(err, "cannot start a sandboxed process: %s", strerror(errno));
    close_pair(sockets);
    close_pair(pipes);
    if (entrance.filter >= 0)
        close(entrance.filter);
    return -1;
}

int sandbox_end(struct sandboxed *started)
{
    int status = 0;

    kill(-started->pid,
         SIGKILL); /* the group, where there is no process namespace to go with its first process */
    kill(started->pid, SIGKILL);
    while (waitpid(started->pid, &status, 0) < 0 && errno == EINTR)
        ;
    close(started->socket);
    close(started->output);
    return status;
}
