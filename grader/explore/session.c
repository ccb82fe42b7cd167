/* session.c - starts the servers, speaks with them and ends them, see session.h.
 *
 * A server gets an anonymous file for the arena and a socket of packets, at the descriptors that wire.h
 * names. Addresses are not randomised, so that equal schedules are equal to the byte. Each server leads a
 * process group, which is killed as a whole; should the explorer itself be killed, the kernel sees to it.
 */
#include "explore/session.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

enum { SERVERS = 16, FILTER_MOST = 4096, OPEN_FILES = 256, WATCH_MILLISECONDS = 100 };

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

struct server {
    pid_t pid;
    int socket;
    int asked;
    struct explore_arena *arena;
};

struct explore_session {
    const struct explore_confinement *confinement; /* or NULL */
    uint64_t secret;
    int (*watch)(void *context, uint64_t run);
    void *context;
    int stopped;
    unsigned count;
    struct server server[SERVERS];
};

/* --- the child ---------------------------------------------------------------------------------------- */

static const char **command_line(void *mem, const struct explore_target *target)
{
    const char **argv = talloc_zero_array(mem, const char *, 1);
    size_t count = 0;
    const char *const program[] = {target->binary, NULL};
    const char *const *command = target->confinement ? target->confinement->command : NULL;
    const char *const *parts[] = {command, program, target->arguments};

    for (size_t i = 0; i < 3; i++)
        for (const char *const *word = parts[i]; word && *word; word++) {
            argv = talloc_realloc(mem, argv, const char *, count + 2);
            argv[count++] = *word;
        }
    argv[count] = NULL;
    return argv;
}

/* The same for everybody, so that a schedule does not depend on who runs it. One arena and no caches of the
 * threads' own for malloc: a thread that ends would give them back at a moment that no schedule decides. */
static const char **environment(void *mem, const struct explore_target *target)
{
    const char **list = talloc_zero_array(mem, const char *, 4);
    size_t count = 0;

    list[count++] = "GLIBC_TUNABLES=glibc.malloc.arena_max=1:glibc.malloc.tcache_count=0";
    list[count++] = "PATH=/usr/local/bin:/usr/bin:/bin";
    list[count++] = "LANG=C.UTF-8";
    for (const char *const *one = target->environment; one && *one; one++) {
        list = talloc_realloc(mem, list, const char *, count + 2);
        list[count++] = *one;
    }
    list[count] = NULL;
    return list;
}

/* Each server stays on the processor where it is started; so they are started on different ones. */
static void go_to_processor(unsigned index)
{
    cpu_set_t all, one;

    if (sched_getaffinity(0, sizeof all, &all) != 0)
        return;
    index %= (unsigned)CPU_COUNT(&all);
    CPU_ZERO(&one);
    for (size_t i = 0; i < CPU_SETSIZE; i++)
        if (CPU_ISSET(i, &all) && index-- == 0)
            CPU_SET(i, &one);
    sched_setaffinity(0, sizeof one, &one);
}

/* Apply the filter of system calls in the file FILTER to this process and what it becomes. */
static void apply_filter(int filter)
{
    struct sock_filter code[FILTER_MOST];
    ssize_t length = pread(filter, code, sizeof code, 0);
    struct sock_fprog program = {(unsigned short)(length / (ssize_t)sizeof code[0]), code};

    if (length <= 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        _exit(126);
}

/* The file FILTER under a high number, opened anew for a place in it of our own: several servers read it. */
static int filter_again(int filter)
{
    char path[32];

    snprintf(path, sizeof path, "/proc/self/fd/%d", filter);
    return fcntl(open(path, O_RDONLY | O_CLOEXEC), F_DUPFD_CLOEXEC, 10);
}

/* What the program is not to have: more descriptors, and more system calls than FILTER lets through. */
static void confine(const struct explore_confinement *confinement, int filter)
{
    setrlimit(RLIMIT_NOFILE, &(struct rlimit){OPEN_FILES, OPEN_FILES});
    if (confinement->command)
        dup2(filter, EXPLORE_FILTER_FD);
    syscall(SYS_close_range, 3, EXPLORE_FILTER_FD - 1, CLOSE_RANGE_CLOEXEC);
    syscall(SYS_close_range, EXPLORE_ARENA_FD + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    if (!confinement->command)
        apply_filter(filter);
}

/* Become the program. Only calls that are safe behind fork. */
static void become(const struct explore_session *session, const char **argv, const char **envp, int arena,
                   int channel, pid_t explorer)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != explorer)
        _exit(127); /* it ended before it could be heard */
    personality(ADDR_NO_RANDOMIZE);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    /* out of the way of the numbers they are to get */
    arena = fcntl(arena, F_DUPFD_CLOEXEC, 10);
    channel = fcntl(channel, F_DUPFD_CLOEXEC, 10);
    int filter = session->confinement ? filter_again(session->confinement->filter) : -1;
    int nothing = fcntl(open("/dev/null", O_RDWR | O_CLOEXEC), F_DUPFD_CLOEXEC, 10);
    for (int i = 0; i < 3; i++)
        dup2(nothing, i);
    dup2(channel, EXPLORE_SOCKET_FD);
    dup2(arena, EXPLORE_ARENA_FD);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    if (session->confinement)
        confine(session->confinement, filter);
    execvpe(argv[0], (char *const *)argv, (char *const *)envp);
    _exit(127);
}

/* --- starting and ending ------------------------------------------------------------------------------ */

static int session_end(struct explore_session *session)
{
    for (unsigned i = 0; i < session->count; i++) {
        struct server *server = &session->server[i];
        if (server->pid > 0) {
            kill(-server->pid, SIGKILL);
            kill(server->pid, SIGKILL); /* when it did not come to lead its group */
            while (waitpid(server->pid, NULL, 0) < 0 && errno == EINTR)
                ;
        }
        if (server->socket >= 0)
            close(server->socket);
        if (server->arena)
            munmap(server->arena, sizeof *server->arena);
    }
    return 0;
}

/* PROCESSOR: -1: any. */
static int start_server(const struct explore_session *session, struct server *server, const char **argv,
                        const char **envp, int processor, struct error *err)
{
    int pair[2] = {-1, -1};
    pid_t explorer = getpid();
    int arena = memfd_create("arena", MFD_CLOEXEC);

    *server = (struct server){.socket = -1};
    if (arena < 0 || ftruncate(arena, sizeof *server->arena) != 0 ||
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        goto failed;
    server->socket = pair[0];
    void *shared = mmap(NULL, sizeof *server->arena, PROT_READ | PROT_WRITE, MAP_SHARED, arena, 0);
    if (shared == MAP_FAILED)
        goto failed;
    server->arena = shared;
    server->pid = fork();
    if (server->pid == 0) {
        if (processor >= 0)
            go_to_processor((unsigned)processor);
        become(session, argv, envp, arena, pair[1], explorer);
    }
    if (server->pid < 0)
        goto failed;
    close(arena);
    close(pair[1]);
    return 0;
failed:
    error_grader(err, "cannot start %s: %s", argv[0], strerror(errno));
    if (arena >= 0)
        close(arena);
    if (pair[1] >= 0)
        close(pair[1]);
    return -1;
}

static unsigned processors(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
}

struct explore_session *session_start(void *mem, const struct explore_target *target, unsigned count,
                                      struct error *err)
{
    struct explore_session *session = talloc_zero(mem, struct explore_session);
    const char **argv = command_line(session, target), **envp = environment(session, target);

    if (count == 0)
        count = processors();
    session->confinement = target->confinement;
    if (getrandom(&session->secret, sizeof session->secret, 0) != sizeof session->secret)
        session->secret = 1; /* cannot happen for so few bytes */
    talloc_set_destructor(session, session_end);
    for (unsigned i = 0; i < count && i < SERVERS; i++) {
        session->count = i + 1;
        if (start_server(session, &session->server[i], argv, envp, count > 1 ? (int)i : -1, err) != 0) {
            talloc_free(session);
            return NULL;
        }
    }
    return session;
}

/* --- speaking ----------------------------------------------------------------------------------------- */

unsigned session_servers(const struct explore_session *session)
{
    return session->count;
}

struct explore_arena *session_arena(struct explore_session *session, unsigned index)
{
    return session->server[index].arena;
}

/* Why the server does not answer: it has ended, and how. */
static int died(struct server *server, struct error *err)
{
    int status = 0;

    kill(server->pid, SIGKILL);
    while (waitpid(server->pid, &status, 0) < 0 && errno == EINTR)
        ;
    server->pid = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return error_grader(err, "the program cannot be started");
    if (WIFEXITED(status))
        return error_grader(err, "the program ended before main, with status %d", WEXITSTATUS(status));
    return error_grader(err, "the program's server was ended by signal %d (%s)", WTERMSIG(status),
                        strsignal(WTERMSIG(status)));
}

int session_ask(struct explore_session *session, unsigned index, const struct explore_request *request,
                struct error *err)
{
    struct server *server = &session->server[index];
    struct explore_request whole = *request;

    if (session->confinement) {
        whole.confined = 1;
        whole.secret = session->secret;
        if (!whole.loop_seconds)
            whole.loop_seconds = session->confinement->loop_seconds;
        whole.memory_bytes = session->confinement->memory_bytes;
    }
    if (send(server->socket, &whole, sizeof whole, MSG_NOSIGNAL) != sizeof whole)
        return died(server, err);
    server->asked = 1;
    return 0;
}

/* The program's process could write to the arena as well, and one with a wild pointer may have. So no number
 * in it is beyond its limits when others read it. */
static void check_arena(struct explore_arena *arena)
{
    struct explore_outcome *last = &arena->last;

    last->class = last->class < CLASS_COUNT ? last->class : CLASS_TAMPERED;
    last->events = last->events < EXPLORE_EVENTS ? last->events : EXPLORE_EVENTS;
    last->threads = last->threads < EXPLORE_THREADS ? last->threads : EXPLORE_THREADS;
    last->thread = last->thread < last->threads ? last->thread : 0;
    last->message[sizeof last->message - 1] = '\0';
    for (uint32_t i = 0; i < last->events; i++) {
        arena->event[i].thread %= EXPLORE_THREADS;
        if (arena->event[i].operation > OPERATION_OTHER)
            arena->event[i].operation = OPERATION_OTHER;
    }
    if (arena->batch.output_count > EXPLORE_OUTPUTS)
        arena->batch.output_count = EXPLORE_OUTPUTS;
    for (uint32_t i = 0; i < arena->batch.output_count; i++) {
        struct explore_output *output = &arena->output[i];
        if (output->length > EXPLORE_OUTPUT_BYTES)
            output->length = EXPLORE_OUTPUT_BYTES;
        if (output->choices > EXPLORE_OUTPUT_OPTIONS ||
            output->first_choice > EXPLORE_OUTPUT_OPTIONS - output->choices)
            output->choices = UINT32_MAX;
    }
}

static int hear(struct server *server, struct error *err)
{
    char done;

    if (recv(server->socket, &done, 1, 0) != 1)
        return died(server, err);
    server->asked = 0;
    check_arena(server->arena);
    return 0;
}

void session_watch(struct explore_session *session, int (*watch)(void *context, uint64_t run), void *context)
{
    session->watch = watch;
    session->context = context;
}

int session_stopped(const struct explore_session *session)
{
    return session->stopped;
}

static void look_on(struct explore_session *session)
{
    uint64_t run = 0;

    if (!session->watch)
        return;
    for (unsigned i = 0; i < session->count; i++)
        run += session->server[i].asked ? session->server[i].arena->batch.run : 0;
    session->stopped |= session->watch(session->context, run) != 0;
    for (unsigned i = 0; i < session->count && session->stopped; i++)
        session->server[i].arena->batch.stop = 1; /* each time: a server that begins clears it */
}

int session_wait(struct explore_session *session, struct error *err)
{
    struct pollfd polls[SERVERS];

    for (;;) {
        unsigned waiting = 0;
        look_on(session);
        for (unsigned i = 0; i < session->count; i++) {
            struct server *server = &session->server[i];
            polls[i] = (struct pollfd){.fd = server->asked ? server->socket : -1, .events = POLLIN};
            waiting += server->asked != 0;
        }
        if (waiting == 0)
            return 0;
        if (poll(polls, session->count, session->watch ? WATCH_MILLISECONDS : -1) < 0 && errno != EINTR)
            return error_grader(err, "waiting for the program: %s", strerror(errno));
        for (unsigned i = 0; i < session->count; i++)
            if (polls[i].revents && hear(&session->server[i], err) != 0)
                return -1;
    }
}
