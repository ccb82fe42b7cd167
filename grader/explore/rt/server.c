/* server.c - the program as a server of schedules: it takes over in main, and forks a child for each.
 *
 * The server itself never runs the program's code, so that every child starts from the same image: same
 * addresses, same memory, no threads. One batch of schedules is one request; what it came to is left in the
 * arena, see wire.h.
 *
 * Without an arena at its descriptor (the program was started by hand) main just runs.
 */
#include "explore/rt/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int __real_pthread_kill(pthread_t thread, int number);
int __real_main(int argc, char **argv, char **envp);
pid_t __real_fork(void);
ssize_t __real_recv(int socket, void *text, size_t room, int flags);
int __real_clock_gettime(clockid_t clock, struct timespec *now);

/* Backstops for what has no scheduling point in it. Processor time tells a loop; real time a call that blocks
 * outside the model. */
enum { LOOP_SECONDS = 5, LOOP_SECONDS_AGAIN = 1, BLOCKED_SECONDS = 60, PRINTED_BYTES = 16 << 20 };

/* The strategies of the portfolio, one after the other. */
static const enum explore_strategy portfolio[] = {EXPLORE_SURW, EXPLORE_RANDOM, EXPLORE_PCT, EXPLORE_POS};
enum { PORTFOLIO = sizeof portfolio / sizeof portfolio[0] };

struct server {
    struct explore_arena *arena;
    struct explore_request request; /* of the batch, adapted for each schedule */
    int output;                     /* anonymous file that takes the program's output */
    int profiled;
    int argc;
    char **argv, **envp;
    struct explore_choice *kept; /* choices of the first failing schedule */
    uint32_t kept_count;
    uint32_t options_kept; /* of outputs, in this batch */
    int loops;             /* a schedule has used up its processor time: others get less */
};

/* --- the child ---------------------------------------------------------------------------------------- */

/* The processor time is used up, and PC is where. The thread that has the turn has used it, but the kernel
 * asks any. Places lie behind a call. */
static void loops(const void *pc)
{
    if (rt_self() != rt.last) {
        __real_pthread_kill(rt.thread[rt.last].handle, SIGXCPU);
        return;
    }
    rt.thread[rt.last].pc = (const char *)pc + 1;
    rt_fail(CLASS_LIVELOCK, (const char *)pc + 1, NULL, NULL,
            "a loop goes round for ever without synchronising");
}

static void crashed(int number, siginfo_t *info, void *context)
{
    const ucontext_t *state = context;
#ifdef __x86_64__
    const void *pc = (const void *)state->uc_mcontext.gregs[REG_RIP];
#else
    const void *pc = (const void *)state->uc_mcontext.pc;
#endif
    rt.arena->last.signal = number;
    if (number == SIGXCPU)
        return loops(pc);
    rt_fail(CLASS_CRASH, pc, NULL, info->si_addr, "the program was killed by signal %d (%s)", number,
            strsignal(number));
}

static void catch_crashes(void)
{
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGXCPU};
    static char stack[65536];
    struct sigaction action = {.sa_sigaction = crashed, .sa_flags = SA_SIGINFO | SA_ONSTACK};

    sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        sigaction(numbers[i], &action, NULL);
}

static void run_program(struct server *server, enum explore_strategy strategy, uint64_t seed, uint64_t order)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGALRM, SIG_DFL);
    dup2(server->output, 1);
    if (server->request.trace) /* what it has printed when it fails is to be shown */
        setvbuf(stdout, NULL, _IOLBF, 0);
    rlim_t seconds = server->request.loop_seconds ? server->request.loop_seconds : LOOP_SECONDS;
    if (server->loops)
        seconds = LOOP_SECONDS_AGAIN;
    rlim_t most = server->request.run_seconds;
    setrlimit(RLIMIT_CPU, &(struct rlimit){seconds, most > seconds ? most : seconds + 1});
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){PRINTED_BYTES, PRINTED_BYTES});
    catch_crashes();
    if (server->request.confined)
        confine(server->arena, &server->request);
    schedule_begin(server->arena, &server->request, seed, strategy, order);
    int status = __real_main(server->argc, server->argv, server->envp);
    rt_point(OPERATION_END, NULL, NULL, 0); /* others may go on for a while before the program ends */
    schedule_main_ends(status);
}

/* --- one schedule --------------------------------------------------------------------------------------- */

/* What the child left counts as good, or as not to be judged, only with the proof that the runtime wrote it.
 */
static void check_proof(const struct explore_request *request, struct explore_outcome *outcome)
{
    if (!request->confined || outcome->proof == request->secret ||
        (outcome->class != CLASS_NONE && outcome->class < CLASS_COUNT && !outcome->unsupported))
        return;
    *outcome = (struct explore_outcome){.class = CLASS_TAMPERED};
    strcpy(outcome->message, "the program ended before the check could finish");
}

/* For the alarm: the child under way, and whether it was given up. */
static _Atomic pid_t watched;
static atomic_int given_up;

/* The ways in which a child ends that did not get to conclude. */
static const struct ending {
    int signal;
    enum verdict_class class;
    const char *message;
} endings[] = {
    {SIGXCPU, CLASS_LIVELOCK, "a loop goes round for ever without synchronising"},
    {SIGXFSZ, CLASS_OVERLOAD, "the program prints without end"},
    {SIGSYS, CLASS_FORBIDDEN, "the program made a system call that no exercise needs"},
    {SIGALRM, CLASS_NONE, "a call that blocks outside of what the explorer models"},
    {0, CLASS_CRASH, "the program was killed"},
};

/* What a child has left that did not get to conclude. */
static void conclude_for(const struct explore_request *request, struct explore_outcome *outcome, int status)
{
    const struct ending *ending = endings;

    if (WIFSIGNALED(status)) {
        outcome->signal = given_up ? SIGALRM : WTERMSIG(status);
        while (ending->signal && ending->signal != outcome->signal)
            ending++;
        outcome->class = ending->class;
        outcome->unsupported = ending->signal == SIGALRM;
        strcpy(outcome->message, ending->message);
        return;
    }
    outcome->exit_status = WEXITSTATUS(status);
    outcome->class = WEXITSTATUS(status) ? CLASS_WRONG_RESULT : CLASS_NONE;
    strcpy(outcome->message, "the program ended without returning from main");
    check_proof(request, outcome);
}

static void give_up(int number)
{
    (void)number;
    given_up = 1;
    kill(watched, SIGKILL);
}

static void run_one(struct server *server, enum explore_strategy strategy, uint64_t seed, uint64_t order)
{
    struct explore_outcome *outcome = &server->arena->last;
    int status = 0;

    *outcome = (struct explore_outcome){.class = CLASS_COUNT};
    server->arena->record_length = 0;
    given_up = 0;
    if (ftruncate(server->output, 0) != 0 || lseek(server->output, 0, SEEK_SET) != 0)
        return;
    pid_t child = __real_fork();
    if (child == 0)
        run_program(server, strategy, seed, order);
    watched = child;
    alarm(server->request.real_seconds ? server->request.real_seconds : BLOCKED_SECONDS);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    alarm(0);
    if (outcome->class == CLASS_COUNT || (WIFSIGNALED(status) && outcome->class == CLASS_NONE))
        conclude_for(&server->request, outcome, status);
    else
        check_proof(&server->request, outcome);
    server->loops |= outcome->signal == SIGXCPU;
    server->arena->batch.nondeterministic |= outcome->nondeterministic;
}

/* --- what is kept of it -----------------------------------------------------------------------------------
 */

/* The options of the schedule just run go to the end of those that are kept. */
static void keep_options(struct server *server, struct explore_output *output)
{
    struct explore_arena *arena = server->arena;
    uint32_t count = arena->last.choices;

    output->choices = UINT32_MAX;
    if (count > EXPLORE_CHOICES || count > EXPLORE_OUTPUT_OPTIONS - server->options_kept)
        return;
    output->choices = count;
    output->first_choice = server->options_kept;
    for (uint32_t i = 0; i < count; i++)
        arena->output_option[server->options_kept++] = arena->choice[i].option;
}

/* The beginning of what was printed; of a schedule that is not well the end. */
static void keep_output(struct server *server, uint64_t seed)
{
    char text[EXPLORE_OUTPUT_BYTES];
    struct explore_arena *arena = server->arena;
    off_t from =
        arena->last.class == CLASS_NONE ? 0 : lseek(server->output, 0, SEEK_END) - (off_t)sizeof text;
    ssize_t length = pread(server->output, text, sizeof text, from > 0 ? from : 0);

    if (length < 0)
        return;
    for (uint32_t i = 0; i < arena->batch.output_count; i++) {
        struct explore_output *output = &arena->output[i];
        if (output->length == (uint32_t)length && memcmp(output->text, text, (size_t)length) == 0) {
            output->count++;
            return;
        }
    }
    if (arena->batch.output_count == EXPLORE_OUTPUTS)
        return;
    struct explore_output *output = &arena->output[arena->batch.output_count++];
    *output = (struct explore_output){.count = 1, .first_seed = seed, .length = (uint32_t)length};
    memcpy(output->text, text, (size_t)length);
    keep_options(server, output);
}

static void keep_choices(struct server *server)
{
    uint32_t count = server->arena->last.choices;

    if (count > EXPLORE_CHOICES)
        count = EXPLORE_CHOICES;
    free(server->kept);
    server->kept = malloc((count + 1) * sizeof server->kept[0]);
    memcpy(server->kept, server->arena->choice, count * sizeof server->kept[0]);
    server->kept_count = count;
}

static void count_schedule(struct server *server, enum explore_strategy strategy, uint64_t seed)
{
    struct explore_arena *arena = server->arena;

    arena->batch.run++;
    if (server->request.keep_outputs && (arena->last.class == CLASS_NONE || server->request.trace))
        keep_output(server, seed);
    if (arena->last.class == CLASS_NONE && !arena->last.unsupported)
        return;
    arena->batch.failed++;
    if (arena->batch.first)
        return;
    arena->batch.first = arena->batch.run;
    arena->batch.first_seed = seed;
    arena->batch.first_strategy = strategy;
    keep_choices(server);
}

/* --- a batch
 * --------------------------------------------------------------------------------------------------- */

/* Learn what the program does before schedules are planned: how many steps each thread makes, and what they
 * share. */
static void profile(struct server *server)
{
    struct explore_arena *arena = server->arena;
    struct rt_profile *found = &rt.profile;
    uint32_t trace = server->request.trace;

    server->request.trace = 1;
    run_one(server, EXPLORE_RANDOM, 1, 0);
    server->request.trace = trace;
    found->steps = arena->last.steps;
    for (unsigned i = 0; i < arena->last.threads && i < EXPLORE_THREADS; i++)
        found->thread_steps[i] = arena->thread[i].steps;
    for (uint32_t i = 0; i < arena->last.events && found->objects < 256; i++) {
        const void *object = (const void *)(uintptr_t)arena->event[i].object;
        unsigned shared = 0, known = object < (const void *)4096; /* numbers of threads, not addresses */
        for (unsigned k = 0; k < found->objects && !known; k++)
            known = found->object[k] == object;
        for (uint32_t k = i + 1; k < arena->last.events && !known && !shared; k++)
            shared = arena->event[k].object == arena->event[i].object &&
                     arena->event[k].thread != arena->event[i].thread;
        if (shared)
            found->object[found->objects++] = object;
    }
    server->profiled = 1;
}

static uint64_t real_nanoseconds(void)
{
    struct timespec now;
    __real_clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Leave the first failing schedule in the arena, if another one has been run since. */
static void restore_first(struct server *server)
{
    struct explore_arena *arena = server->arena;

    if (!arena->batch.first || arena->batch.first == arena->batch.run)
        return;
    memcpy(arena->choice, server->kept, server->kept_count * sizeof server->kept[0]);
    server->request.replay_choices = server->kept_count;
    run_one(server, EXPLORE_REPLAY, arena->batch.first_seed, 0);
}

static enum explore_strategy strategy_for(const struct explore_request *request, uint64_t index)
{
    return request->strategy == EXPLORE_PORTFOLIO ? portfolio[index % PORTFOLIO]
                                                  : (enum explore_strategy)request->strategy;
}

static void run_batch(struct server *server)
{
    const struct explore_request *request = &server->request;
    uint64_t until = request->nanoseconds ? real_nanoseconds() + request->nanoseconds : UINT64_MAX;
    int planned = request->strategy != EXPLORE_DFS && request->strategy != EXPLORE_REPLAY;

    memset(&server->arena->batch, 0, sizeof server->arena->batch);
    server->options_kept = 0;
    if (planned && !server->profiled)
        profile(server);
    if (request->strategy == EXPLORE_DFS)
        depth_first_begin(&server->request);
    for (uint64_t i = 0; i < request->count && real_nanoseconds() < until; i++) {
        if (i > 0 && server->arena->batch.stop)
            break;
        uint64_t index = request->seed + i * request->stride;
        enum explore_strategy strategy = strategy_for(request, index);
        run_one(server, strategy, index, strategy);
        if (!depth_first_skipped(request))
            count_schedule(server, strategy, index);
        if (server->arena->last.unsupported || (request->stop_at_first && server->arena->batch.first))
            break;
        if (planned && server->arena->last.choices == 0) { /* nothing is open: there is no other schedule */
            server->arena->batch.exhausted = 1;
            break;
        }
        if (request->strategy == EXPLORE_DFS && !depth_first_next(server->arena, &server->request)) {
            server->arena->batch.exhausted = server->arena->last.choices <= EXPLORE_CHOICES;
            break;
        }
    }
    restore_first(server);
}

/* --- taking over
 * -------------------------------------------------------------------------------------------------- */

/* One processor for the whole family: threads run one at a time, and waking one on the same processor costs a
 * tenth. */
static void stay_on_one_processor(void)
{
    cpu_set_t one;
    int here = sched_getcpu();

    CPU_ZERO(&one);
    CPU_SET((size_t)(here < 0 ? 0 : here), &one);
    sched_setaffinity(0, sizeof one, &one);
}

static int serve_requests(struct server *server)
{
    char done = 'd';

    while (__real_recv(EXPLORE_SOCKET_FD, &server->request, sizeof server->request, 0) ==
           sizeof server->request) {
        run_batch(server);
        if (send(EXPLORE_SOCKET_FD, &done, 1, MSG_NOSIGNAL) != 1)
            break;
    }
    return 0;
}

int __wrap_main(int argc, char **argv, char **envp)
{
    struct server server = {.argc = argc, .argv = argv, .envp = envp};

    server.arena = mmap(NULL, sizeof *server.arena, PROT_READ | PROT_WRITE, MAP_SHARED, EXPLORE_ARENA_FD, 0);
    if (server.arena == MAP_FAILED)
        return __real_main(argc, argv, envp);
    server.output = memfd_create("output", MFD_CLOEXEC);
    signal(SIGALRM, give_up);
    stay_on_one_processor();
    return serve_requests(&server);
}
