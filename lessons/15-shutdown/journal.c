/* journal.c - SIGKILL in the middle of a job, and what the next process finds.
 *
 * The journal is the library's dead-letter store with a file: put when a job is accepted, removed when it is
 * done. A child takes six jobs and is killed in the middle of the third; the parent is the next process.
 */
#include "deadletter.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { JOBS = 6, KILLED_IN = 3 };
enum order { NO_JOURNAL, STRUCK_OFF_FIRST, STRUCK_OFF_LAST };

static const struct policy {
    const char *name;
    enum order order;
    int keyed; /* the work looks whether it was done before */
} policies[] = {
    {"nothing is written down", NO_JOURNAL, 0},
    {"struck off, then done", STRUCK_OFF_FIRST, 0},
    {"done, then struck off", STRUCK_OFF_LAST, 0},
    {"done once per key, then struck off", STRUCK_OFF_LAST, 1},
};

/* What the jobs do to the world: it outlives the processes. */
struct world {
    int keyed, done[JOBS + 1]; /* how often, by the job's number */
};

static enum pool_status work(const struct pool_deadletter_item *item, void *context)
{
    struct world *world = context;

    if (!world->keyed || world->done[item->id] == 0)
        world->done[item->id]++;
    return POOL_OK;
}

static void first_process(const char *path, enum order order, struct world *world)
{
    struct pool_deadletter *journal = NULL;
    struct pool_deadletter_options options = {.items = JOBS, .path = path};

    if (order != NO_JOURNAL && pool_deadletter_create(&journal, &options) != POOL_OK)
        _exit(1);
    for (uint64_t id = 1; journal && id <= JOBS; id++) /* noted down first, accepted then */
        if (pool_deadletter_put(journal, &(struct pool_deadletter_item){.reason = "accepted"}, NULL) !=
            POOL_OK)
            _exit(1);
    for (uint64_t id = 1; id <= JOBS; id++) {
        if (order == STRUCK_OFF_FIRST)
            pool_deadletter_remove(journal, id);
        if (order == STRUCK_OFF_LAST || id < KILLED_IN)
            work(&(struct pool_deadletter_item){.id = id}, world);
        if (id == KILLED_IN)
            kill(getpid(), SIGKILL); /* between the two halves */
        if (order == STRUCK_OFF_LAST)
            pool_deadletter_remove(journal, id);
    }
}

static void second_process(const char *path, struct world *world)
{
    struct pool_deadletter *journal;
    struct pool_deadletter_options options = {.items = JOBS, .path = path};

    if (pool_deadletter_create(&journal, &options) != POOL_OK)
        exit(1);
    pool_deadletter_replay(journal, JOBS, work, world, NULL);
    pool_deadletter_destroy(journal);
}

static void run(const struct policy *policy, struct world *world, const char *path)
{
    int before = 0, lost = 0, twice = 0;

    *world = (struct world){.keyed = policy->keyed};
    pid_t child = fork();
    if (child == 0)
        first_process(path, policy->order, world);
    if (child < 0 || waitpid(child, NULL, 0) != child)
        exit(1);
    for (int id = 1; id <= JOBS; id++)
        before += world->done[id] > 0;
    second_process(path, world);
    for (int id = 1; id <= JOBS; id++) {
        lost += world->done[id] == 0;
        twice += world->done[id] > 1;
    }
    printf("%-36s %8d %8d %8d\n", policy->name, before, lost, twice);
    unlink(path);
}

int main(void)
{
    char folder[] = P_tmpdir "/journal-XXXXXX", path[sizeof folder + 8];
    struct world *world =
        mmap(NULL, sizeof *world, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (world == MAP_FAILED || !mkdtemp(folder))
        return 1;
    snprintf(path, sizeof path, "%s/log", folder);
    printf("%-36s %8s %8s %8s\n", "six jobs were accepted", "before", "lost", "twice");
    fflush(stdout);
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
        run(&policies[i], world, path);
        fflush(stdout);
    }
    return rmdir(folder);
}
