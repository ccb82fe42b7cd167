/* test_stress.c - random calls from several threads, and an end at a random moment: the books must balance.
 *
 *     test_stress [SEED [ROUNDS]]       the seed is printed; the same seed makes the same calls (not the same
 * schedule)
 *
 * In every round a pool of random size, with random switches, gets tokens from submitters that choose among
 * all submits, and from tasks that submit further ones, fail or leave their thread, while an auditor compares
 * the counts, a fiddler pauses and resizes the pool, and up to three threads end it each in its own way. In
 * the end each token has had exactly one fate, and the pool's counts agree with the tokens.
 */
#include "options_test.h"
#include <stdlib.h>

enum { SUBMITTERS = 3, TOKENS = 60 /* a submitter's */, ENDERS = 3 };

/* --- chance -----------------------------------------------------------------------------------------------
 */

struct chance {
    uint64_t state;
};

/* SplitMix64 (Steele, Lea, Flood 2014): small, and any seed will do. */
static uint64_t chance_next(struct chance *chance)
{
    uint64_t z = chance->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* From 0 to BELOW - 1. */
static unsigned chance_of(struct chance *chance, unsigned below)
{
    return (unsigned)(chance_next(chance) % below);
}

/* --- one round --------------------------------------------------------------------------------------------
 */

struct round {
    struct pool *pool;
    size_t capacity; /* what may ever be queued */
    atomic_int lies; /* things that must never be seen */
    atomic_bool over;
};

/* An argument: its fate, and perhaps a further token that its task submits. */
struct errand {
    struct token token; /* first, so that a discard may take either for the other */
    struct round *round;
    struct errand *next;
    unsigned yields;
    unsigned manner; /* 0: it fails; 1: it leaves its thread, if that is a worker's; else it does its work */
};

struct submitter {
    struct round *round;
    struct chance chance;
    struct errand errands[TOKENS];
    int offered;
};

static void lie_if(struct round *round, bool seen)
{
    if (seen)
        atomic_fetch_add(&round->lies, 1);
}

static void run_errand(void *arg)
{
    struct errand *errand = arg;
    for (unsigned i = 0; i < errand->yields; i++)
        sched_yield();
    token_run(&errand->token);
    if (errand->next && pool_submit(errand->round->pool, run_errand, errand->next) != POOL_OK)
        atomic_fetch_add(&errand->next->token.refused, 1);
    if (errand->manner == 0)
        (void)pool_task_fail(1);
    if (errand->manner == 1 && pool_task_worker() >= 0)
        pthread_exit(NULL);
}

static enum pool_status submit_somehow(struct pool *pool, struct errand *errand, struct chance *chance)
{
    struct timespec deadline = pool_deadline_after((long)chance_of(chance, 4) - 1);
    switch (chance_of(chance, 4)) {
    case 0:
        return pool_try_submit(pool, run_errand, errand);
    case 1:
        return pool_submit(pool, run_errand, errand);
    case 2:
        return pool_submit_until(pool, run_errand, errand, &deadline);
    default:
        return pool_submit_wait(pool, run_errand, errand);
    }
}

static bool is_refusal(enum pool_status status)
{
    return status == POOL_FULL || status == POOL_STOPPED || status == POOL_TIMED_OUT;
}

static void *submitter_main(void *arg)
{
    struct submitter *me = arg;
    enum pool_status status = POOL_OK;
    while (status != POOL_STOPPED && me->offered < TOKENS) {
        struct errand *errand = &me->errands[me->offered++];
        if (me->offered < TOKENS && chance_of(&me->chance, 5) == 0)
            errand->next = &me->errands[me->offered++];
        errand->yields = chance_of(&me->chance, 4);
        errand->manner = chance_of(&me->chance, 12);
        status = submit_somehow(me->round->pool, errand, &me->chance);
        if (is_refusal(status)) {
            lie_if(me->round, errand->token.ran || errand->token.discarded);
            atomic_fetch_add(&errand->token.refused, 1);
        } else {
            lie_if(me->round, status == POOL_DISCARDED && errand->token.discarded != 1);
            lie_if(me->round, status != POOL_OK && status != POOL_DISCARDED && status != POOL_FAILED);
        }
    }
    return NULL;
}

static void *auditor_main(void *arg)
{
    struct round *round = arg;
    while (!atomic_load(&round->over)) {
        struct pool_counts now = pool_counts(round->pool);
        lie_if(round, now.submitted != now.completed + now.failed + now.discarded + now.queued + now.running);
        lie_if(round, now.queued > round->capacity);
        sched_yield();
    }
    return NULL;
}

static void *fiddler_main(void *arg)
{
    struct round *round = arg;
    for (unsigned i = 0; !atomic_load(&round->over); i++) {
        lie_if(round, pool_resize(round->pool, 1 + i % 4) == POOL_INVALID);
        (void)pool_pause(round->pool);
        sched_yield();
        (void)pool_resume(round->pool);
        sched_yield();
    }
    return NULL;
}

/* A bounded pool holds what its capacity says, and a batch less one for each worker. */
static void make_somehow(struct round *round, struct chance *chance)
{
    struct pool_options options = {.workers = 1 + chance_of(chance, 4),
                                   .ceiling = 4,
                                   .discard = token_discard,
                                   .queue = (enum pool_queue_kind)chance_of(chance, 2),
                                   .wake = (enum pool_wake)chance_of(chance, 2),
                                   .start = (enum pool_start)chance_of(chance, 2),
                                   .notes = (enum pool_notes)chance_of(chance, 2),
                                   .batch = chance_of(chance, 2) * 8,
                                   .spin_us = chance_of(chance, 2) * 20,
                                   .idle_ms = chance_of(chance, 2)};
    if (options.queue == POOL_BOUNDED) {
        static const enum pool_overflow kinds[] = {POOL_BLOCK, POOL_DROP_OLDEST, POOL_KEEP_LATEST,
                                                   POOL_BLOCK};
        options.capacity = 1 + chance_of(chance, 6);
        options.overflow = kinds[chance_of(chance, 4)];
    } else {
        options.inner = (enum pool_inner)chance_of(chance, 2);
    }
    round->capacity =
        options.queue == POOL_BOUNDED ? options.capacity + 4 * (options.batch ? 7 : 0) : SIZE_MAX;
    round->pool = pool_with(&options);
}

static enum pool_status drain_a_moment(struct pool *pool)
{
    struct timespec deadline = pool_deadline_after(1);
    return pool_drain_until(pool, &deadline, NULL);
}

/* Ends the pool in up to ENDERS threads, each in one of three ways. */
static void end_somehow(struct round *round, struct chance *chance)
{
    static end_call *const ways[] = {pool_stop, pool_drain, drain_a_moment};
    struct call calls[ENDERS];
    unsigned count = 1 + chance_of(chance, ENDERS);
    for (unsigned i = 0; i < count; i++)
        call_end(&calls[i], ways[chance_of(chance, 3)], round->pool);
    for (unsigned i = 0; i < count; i++) {
        enum pool_status status = call_join(&calls[i]);
        lie_if(round, status != POOL_OK && !(status == POOL_TIMED_OUT && calls[i].end == drain_a_moment));
    }
}

/* A token whose errand was never reached (its parent did not run, or its submitter had left) has no fate. */
static void assert_books(const struct submitter *submitters, struct pool_counts counts)
{
    unsigned long long ran = 0, discarded = 0;
    for (int s = 0; s < SUBMITTERS; s++) {
        bool child = false, parent_ran = false;
        for (int i = 0; i < submitters[s].offered; i++) {
            const struct errand *errand = &submitters[s].errands[i];
            int fates = errand->token.ran + errand->token.discarded + errand->token.refused;
            assert_int_equal(fates, !child || parent_ran);
            ran += (unsigned)errand->token.ran;
            discarded += (unsigned)errand->token.discarded;
            child = errand->next != NULL;
            parent_ran = errand->token.ran;
        }
    }
    assert_int_equal(counts.completed + counts.failed, ran);
    assert_int_equal(counts.discarded, discarded);
    assert_int_equal(counts.submitted, ran + discarded);
    assert_int_equal(counts.queued + counts.running, 0);
}

static void play(uint64_t seed)
{
    struct chance chance = {seed};
    struct round round = {.lies = 0};
    struct submitter submitters[SUBMITTERS];
    pthread_t threads[SUBMITTERS], auditor, fiddler;
    unsigned moment = chance_of(&chance, SUBMITTERS * TOKENS);

    make_somehow(&round, &chance);
    for (int s = 0; s < SUBMITTERS; s++) {
        submitters[s] = (struct submitter){.round = &round, .chance = {chance_next(&chance)}};
        for (int i = 0; i < TOKENS; i++)
            submitters[s].errands[i].round = &round;
        assert_int_equal(pthread_create(&threads[s], NULL, submitter_main, &submitters[s]), 0);
    }
    assert_int_equal(pthread_create(&auditor, NULL, auditor_main, &round), 0);
    assert_int_equal(pthread_create(&fiddler, NULL, fiddler_main, &round), 0);
    for (struct pool_counts now = {0}; now.submitted + now.refused < moment / 2;
         now = pool_counts(round.pool))
        sched_yield();
    end_somehow(&round, &chance);
    for (int s = 0; s < SUBMITTERS; s++)
        pthread_join(threads[s], NULL);
    assert_int_equal(pool_stop(round.pool), POOL_OK);
    atomic_store(&round.over, true);
    pthread_join(auditor, NULL);
    pthread_join(fiddler, NULL);
    assert_int_equal(round.lies, 0);
    assert_books(submitters, pool_counts(round.pool));
    pool_destroy(round.pool);
}

struct plan {
    uint64_t seed;
    int rounds;
};

static void the_books_balance(void **state)
{
    const struct plan *plan = *state;
    for (int i = 0; i < plan->rounds; i++) {
        alarm(CASE_LIMIT); /* a round is the step of progress here */
        play(plan->seed + (uint64_t)i);
    }
}

int main(int argc, char **argv)
{
    struct timespec now = pool_deadline_after(0);
    struct plan plan = {.seed = (uint64_t)now.tv_nsec ^ (uint64_t)now.tv_sec << 30, .rounds = 60};
    if (argc > 1)
        plan.seed = strtoull(argv[1], NULL, 10);
    if (argc > 2)
        plan.rounds = atoi(argv[2]);
    printf("# seed %llu, %d rounds\n", (unsigned long long)plan.seed, plan.rounds);
    fflush(stdout);
    const struct CMUnitTest cases[] = {cmocka_unit_test_prestate(the_books_balance, &plan)};
    return cmocka_run_group_tests_name("core: stress", cases, NULL, NULL);
}
