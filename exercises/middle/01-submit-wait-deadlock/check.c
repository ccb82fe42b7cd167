/* check.c - does the walk come to its end with any number of workers, do they work side by side, and what
 * does it cost?
 *
 * In every check the last folder is measured only when nothing else can move: whoever does not wait for it
 * has returned by then, and is caught. The shapes of the trees decide the rest.
 */
#include "check.h"
#include "tree.h"

#include <limits.h>
#include <pthread.h>
#include <unistd.h>

enum { NODES = 64 };

/* One call of tree_bytes. */
struct round {
    struct folder nodes[NODES]; /* the root first; fixed before the crew exists */
    int count;
    struct crew *crew;
    void (*hook)(const struct folder *folder, int nth); /* what measuring the NTH folder is held up by */
    const char *early; /* what it means if tree_bytes returns too early here; may be NULL */
    struct tally seen[NODES];
    struct tally measured; /* calls that have begun */
    struct tally reported; /* calls that have returned */
    struct tally answered; /* 1: tree_bytes has returned */
};

static struct round *now; /* changed only while there is no crew */

static unsigned long bytes_of(int node)
{
    return 1000 + (unsigned long)node;
}

/* What the exercise gives. */
unsigned long folder_bytes(const struct folder *folder)
{
    int node = (int)(folder - now->nodes);

    tally_add(&now->seen[node], 1);
    now->hook(folder, tally_add(&now->measured, 1));
    tally_add(&now->reported, 1);
    return bytes_of(node);
}

/* Wait until nothing else can move, in the middle of a measurement. Should tree_bytes have returned all the
 * same, then for good: its caller is about to fail, and nothing that was left behind shall meddle with that.
 */
static void settle(void)
{
    static struct gate never;

    check_settle();
    if (tally_read(&now->answered) > 0)
        gate_wait(&never);
}

/* --- trees -------------------------------------------------------------------------------------------- */

static struct folder *add(struct round *round, struct folder *parent)
{
    struct folder *folder = &round->nodes[round->count++];

    if (parent)
        parent->folders[parent->count++] = folder;
    return folder;
}

/* Every folder of the upper levels has WIDTH folders. */
static void grow_bush(struct round *round, struct folder *parent, int levels, int width)
{
    struct folder *folder = add(round, parent);

    for (int i = 0; i < width && levels > 1; i++)
        grow_bush(round, folder, levels - 1, width);
}

/* A folder with one empty folder and one that goes on in the same way. */
static void grow_chain(struct round *round, struct folder *parent, int levels)
{
    struct folder *folder = add(round, parent);

    if (levels > 1) {
        add(round, folder);
        grow_chain(round, folder, levels - 1);
    }
}

enum { DEEP_LEVELS = 8 };

/* Three chains side by side. */
static void grow_deep(struct round *round)
{
    struct folder *root = add(round, NULL);

    for (int i = 0; i < 3; i++)
        grow_chain(round, root, DEEP_LEVELS - 1);
}

/* --- one round --------------------------------------------------------------------------------------- */

static void start(struct round *round, unsigned workers)
{
    now = round;
    round->crew = crew_create(workers);
    CHECK_THAT(round->crew != NULL, CLASS_CRASH, "the check could not create a crew of %u", workers);
}

/* Have the tree measured and compare. */
static void measure(struct round *round)
{
    unsigned long want = 0, got = tree_bytes(round->crew, &round->nodes[0]);

    tally_add(&round->answered, 1);
    CHECK_THAT(tally_read(&round->reported) >= round->count, CLASS_WRONG_RESULT,
               "tree_bytes returned before all %d folders had been measured%s", round->count,
               round->early ? round->early : "");
    for (int i = 0; i < round->count; i++)
        want += bytes_of(i);
    CHECK_THAT(got == want, CLASS_WRONG_RESULT, "tree_bytes answered %lu instead of %lu bytes", got, want);
    for (int i = 0; i < round->count; i++)
        CHECK_INT(tally_read(&round->seen[i]), 1, "a folder was not measured exactly once");
}

/* --- deep trees -------------------------------------------------------------------------------------- */

/* One check, several rounds: the last line is the one where it ended. */
static void tell_round(const struct round *round, unsigned workers)
{
    check_note("tried: a crew of %u on %d folders", workers, round->count);
}

static void last_is_late(const struct folder *folder, int nth)
{
    (void)folder;
    if (nth == now->count)
        settle();
}

static void measure_deep(unsigned workers)
{
    struct round round = {.hook = last_is_late};

    grow_deep(&round);
    tell_round(&round, workers);
    start(&round, workers);
    measure(&round);
    crew_destroy(round.crew);
}

/* --- a deadlock in words ----------------------------------------------------------------------------- */

static struct tally last_begun;
static struct gate last_ends;

static void hold_last(const struct folder *folder, int nth)
{
    (void)folder;
    if (nth == now->count) {
        tally_add(&last_begun, 1);
        gate_wait(&last_ends);
    }
}

static void tell_deadlock(struct crew *crew)
{
    struct crew_state state = crew_state(crew);

    if (state.busy < crew_workers(crew) || state.queued == 0)
        return;
    check_note("the crew's only worker is inside a task, waiting for tasks further down;");
    check_note("%u of those are still in the queue, and only a worker takes them out:", state.queued);
    check_note("the worker waits for itself");
}

/* A thread that looks on. When all else has come to rest it lets the last folder go. If there is no last
 * folder and no answer either, it says what it sees, and leaves; the watchdog proves the deadlock and shows
 * the stacks. */
static void *look_on(void *arg)
{
    struct round *round = arg;

    check_settle();
    if (tally_read(&round->answered) > 0)
        return NULL;
    if (tally_read(&last_begun) == 0)
        tell_deadlock(round->crew);
    else
        gate_open(&last_ends);
    return NULL;
}

static void measure_with_one(void)
{
    pthread_t onlooker;
    struct round round = {.hook = hold_last};

    grow_deep(&round);
    tell_round(&round, 1);
    start(&round, 1);
    pthread_create(&onlooker, NULL, look_on, &round);
    measure(&round);
    pthread_join(onlooker, NULL);
    crew_destroy(round.crew);
}

/* --- several children that end one by one ------------------------------------------------------------- */

/* Three folders side by side, on several threads. The one on the deepest stack is let go first: if the parent
 * measures a folder itself, it is that one. The others end after it, one by one, and each only when everybody
 * else has come to rest: a parent that waits for them is asleep then, and woken by each of them. */
enum { SIDE_BY_SIDE = 3 };

static struct tally arrived, let_go;
static struct tally stack[SIDE_BY_SIDE]; /* bytes in use, by order of arrival */

static int stack_used(void)
{
    pthread_attr_t attributes;
    void *lowest;
    size_t size;

    if (gettid() == getpid())
        return INT_MAX; /* the main thread, which is no worker */
    pthread_getattr_np(pthread_self(), &attributes);
    pthread_attr_getstack(&attributes, &lowest, &size);
    pthread_attr_destroy(&attributes);
    return (int)((char *)lowest + size - (char *)__builtin_frame_address(0));
}

/* How many go before ME. */
static int turn_of(int me)
{
    int before = 0;

    for (int other = 0; other < tally_read(&arrived); other++) {
        int deeper = tally_read(&stack[other]) - tally_read(&stack[me]);
        before += deeper > 0 || (deeper == 0 && other < me);
    }
    return before;
}

static void one_by_one(const struct folder *folder, int nth)
{
    (void)nth;
    if (folder == &now->nodes[0])
        return;
    int me = tally_add(&arrived, 1) - 1;
    CHECK_THAT(me < SIDE_BY_SIDE, CLASS_WRONG_RESULT, "a folder was measured more than once");
    tally_add(&stack[me], stack_used());
    settle(); /* whoever can come is there now */
    tally_await(&let_go, turn_of(me));
    settle(); /* whoever went before is done with it */
    tally_add(&let_go, 1);
}

static void measure_one_by_one(void)
{
    struct round round = {.hook = one_by_one, .early = ": it went on when the first of two others had ended"};

    grow_bush(&round, NULL, 2, SIDE_BY_SIDE);
    tell_round(&round, 4);
    start(&round, 4);
    measure(&round);
    crew_destroy(round.crew);
}

/* --- the checks -------------------------------------------------------------------------------------- */

static void finishes(void)
{
    measure_with_one();
    measure_one_by_one();
    measure_deep(2);
    measure_deep(4);
}

static struct tally inside;

/* A folder that waits until nothing else can move sees whether the other one has been begun. */
static void count_company(const struct folder *folder, int nth)
{
    (void)nth;
    if (folder == &now->nodes[0])
        return;
    tally_add(&inside, 1);
    settle();
    CHECK_THAT(
        tally_read(&inside) == 2, CLASS_WRONG_ORDER,
        "a crew of 2, two folders side by side, and only one of them was being measured when everything "
        "else had come to rest");
}

static void together(void)
{
    struct round round = {.hook = count_company};

    grow_bush(&round, NULL, 2, 2);
    start(&round, 2);
    measure(&round);
    crew_destroy(round.crew);
}

enum { FRUGAL_LEVELS = 4 };

static struct tally bottom, threads;
static struct gate counted;

/* When the first folder without folders is reached, everything above it waits. Others that have come so far
 * stay until the threads have been counted. */
static void count_threads(const struct folder *folder, int nth)
{
    if (folder->count == 0) {
        if (tally_add(&bottom, 1) == 1) {
            settle();
            tally_add(&threads, check_threads());
            gate_open(&counted);
        }
        gate_wait(&counted);
    }
    if (nth == now->count)
        settle();
}

static void frugal(void)
{
    struct round round = {.hook = count_threads};

    grow_bush(&round, NULL, FRUGAL_LEVELS, 3);
    start(&round, 1);
    measure(&round);
    unsigned deepest = crew_state(round.crew).deepest;
    CHECK_THAT(
        tally_read(&threads) <= 2, CLASS_OVERLOAD,
        "%d threads were at work for a crew of 1 worker: each wait costs one, so a larger tree costs more",
        tally_read(&threads) - 1);
    CHECK_THAT(deepest <= FRUGAL_LEVELS, CLASS_OVERLOAD,
               "one thread was inside %u tasks at once, one on top of the other, though the tree has only %d "
               "levels: "
               "its stack grows with the number of folders",
               deepest, FRUGAL_LEVELS);
    crew_destroy(round.crew);
}

CHECKS({"finishes", finishes}, {"together", together}, {"frugal", frugal});
