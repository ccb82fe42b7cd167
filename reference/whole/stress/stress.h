/* stress.h - what the scenes of the stress run share: seeded chance, crews of threads, and the claim that
 * ends the run.
 *
 *     static void play_semaphore(struct chance *chance)
 *     {
 *         struct crew crew = {0};
 *         unsigned actors = 2 + chance_of(chance, 3);
 *         for (unsigned i = 0; i < actors; i++)
 *             crew_add(&crew, actor_main, &actors[i]);
 *         crew_join(&crew);
 *         claim(pool_semaphore_counts(semaphore).held == 0);
 *     }
 *
 * A scene makes something of the library, lets several threads do to it what they like, and claims what must
 * hold when they have gone. It joins every thread that it made and frees everything. New scenes go into the
 * table in stress.c, new things to do to a pool into the one in pool_acts.c.
 */
#ifndef DEEPEND_STRESS_H
#define DEEPEND_STRESS_H

#include "pool.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* --- chance ------------------------------------------------------------------------------------------- */

/* A sequence of numbers that its seed determines. One thread each. */
struct chance {
    uint64_t state;
};
uint64_t chance_next(struct chance *chance);

/* From 0 to BELOW - 1. */
unsigned chance_of(struct chance *chance, unsigned below);

/* True one time in N. */
bool chance_in(struct chance *chance, unsigned n);

/* The index of one of COUNT weights, chosen in proportion; STRIDE bytes lie between two weights. */
unsigned chance_weighted(struct chance *chance, const unsigned *first, unsigned count, size_t stride);

/* Give the processor away up to BELOW - 1 times. */
void chance_yield(struct chance *chance, unsigned below);

/* Up to two milliseconds from now, or just past. */
struct timespec chance_deadline(struct chance *chance);

/* --- threads ------------------------------------------------------------------------------------------ */

enum { CREW_MOST = 8 };
struct crew {
    pthread_t thread[CREW_MOST];
    unsigned count;
};
void crew_add(struct crew *crew, void *(*run)(void *), void *arg);
void crew_join(struct crew *crew);

/* --- claims ------------------------------------------------------------------------------------------- */

/* What must hold. When it does not, the place, the scene and the seed are printed and the process ends
 * with 1. */
#define claim(what) ((what) ? (void)0 : claim_failed(__FILE__, __LINE__, #what))
_Noreturn void claim_failed(const char *file, int line, const char *what);

/* --- things that must meet exactly one fate ------------------------------------------------------------ */

struct parcel {
    atomic_int fates; /* how often it ran, was thrown out, refused or taken */
    unsigned yields;
    bool fails;
    void *whole; /* the scene's */
};
enum { PARCELS = 96 };

/* All of COUNT with random properties and no fate yet. */
void parcels_make(struct parcel *parcels, unsigned count, void *whole, struct chance *chance);
void parcel_settle(struct parcel *parcel);
void parcels_claim_one_fate(const struct parcel *parcels, unsigned count);

/* --- the scenes --------------------------------------------------------------------------------------- */

void play_pool(struct chance *chance);
void play_group(struct chance *chance);
void play_semaphore(struct chance *chance);
void play_pipeline(struct chance *chance);
void play_batcher(struct chance *chance);
void play_flight(struct chance *chance);
void play_cancel(struct chance *chance);

#endif
