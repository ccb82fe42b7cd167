/* growth.c - ten minutes in which orders come faster than they are baked, and where the difference ends up.
 *
 * Arithmetic, no threads and no clock: in each twentieth of a second 6 orders come (120/s) and 5 are baked
 * (100/s). Four ways to meet a full queue; none of them bakes one cake more.
 */
#include <stdio.h>

enum { TICKS_A_SECOND = 20, COME = 6, BAKED = 5, TICKS = 600 * TICKS_A_SECOND, NO_BOUND = 1 << 30 };

struct policy {
    const char *name;
    int capacity; /* of the queue */
    int waiters;  /* how many may wait in a put; whoever comes then is refused */
    int patient;  /* 1: a caller asks for his next order only when the last one is in the queue */
};

static const struct policy policies[] = {
    {"no bound", NO_BOUND, 0, 0},
    {"64, full: refuse", 64, 0, 0},
    {"64, full: wait, 8 callers", 64, 8, 1},
    {"64, full: wait, a thread for each order", 64, NO_BOUND, 0},
};

struct state {
    int queued, waiting, refused;
    int held_back; /* not even asked for, because every caller was waiting */
};

static void come(struct state *state, const struct policy *policy)
{
    if (state->queued < policy->capacity)
        state->queued++;
    else if (state->waiting < policy->waiters)
        state->waiting++;
    else if (policy->patient)
        state->held_back++;
    else
        state->refused++;
}

static void bake(struct state *state)
{
    if (state->queued == 0)
        return;
    state->queued--;
    if (state->waiting > 0) { /* room: the put that waited longest goes on */
        state->waiting--;
        state->queued++;
    }
}

static void run(const struct policy *policy)
{
    struct state state = {0};

    for (int tick = 0; tick < TICKS; tick++)
        for (int i = 0; i < COME; i++) {
            come(&state, policy);
            if (i < BAKED)
                bake(&state);
        }
    printf("%-40s %6d %8d %8d %9d %9.1f s\n", policy->name, state.queued, state.waiting, state.refused,
           state.held_back, (double)(state.queued + state.waiting) / (BAKED * TICKS_A_SECOND));
}

int main(void)
{
    printf("%-40s %6s %8s %8s %9s %11s\n", "the queue", "in it", "waiting", "refused", "held back",
           "last waits");
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++)
        run(&policies[i]);
    return 0;
}
