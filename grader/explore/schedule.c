/* schedule.c - schedules taken from an arena and played again, see schedule.h. */
#include "explore/schedule.h"

#include <string.h>
#include <talloc.h>

void schedule_take(void *mem, const struct explore_arena *arena, struct schedule *schedule)
{
    uint32_t count = arena->last.choices < EXPLORE_CHOICES ? arena->last.choices : EXPLORE_CHOICES;
    size_t taken = 0;

    for (uint32_t i = 0; i < count; i++)
        taken += arena->choice[i].option != 0;
    schedule->picks = talloc_array(mem, struct pick, (unsigned)taken + 1);
    schedule->pick_count = 0;
    for (uint32_t i = 0; i < count; i++)
        if (arena->choice[i].option != 0)
            schedule->picks[schedule->pick_count++] = (struct pick){i, arena->choice[i].option};
}

void schedule_copy(void *mem, const struct schedule *from, struct schedule *to)
{
    *to = *from;
    to->picks = talloc_array(mem, struct pick, (unsigned)from->pick_count + 1);
    memcpy(to->picks, from->picks, from->pick_count * sizeof from->picks[0]);
}

/* The arena is left as it is until the child writes: arity 0 says that any number of options will do. */
static uint32_t lay_out(struct explore_arena *arena, const struct schedule *schedule)
{
    uint32_t length = 0;

    for (size_t i = 0; i < schedule->pick_count && schedule->picks[i].at < EXPLORE_CHOICES; i++) {
        uint32_t at = schedule->picks[i].at;
        memset(&arena->choice[length], 0, (at - length) * sizeof arena->choice[0]);
        arena->choice[at] = (struct explore_choice){.option = schedule->picks[i].option};
        length = at + 1;
    }
    return length;
}

int schedule_play(struct explore_session *session, const struct schedule *schedule, int trace,
                  struct error *err)
{
    struct explore_arena *arena = session_arena(session, 0);
    struct explore_request request = schedule->request;

    request.version = EXPLORE_VERSION;
    request.count = 1;
    request.stride = 1;
    request.nanoseconds = 0;
    request.stop_at_first = 1;
    request.keep_outputs = (uint32_t)trace;
    request.trace = (uint32_t)trace;
    request.replay_choices = request.strategy == EXPLORE_REPLAY ? lay_out(arena, schedule) : 0;
    return session_ask(session, 0, &request, err) != 0 ? -1 : session_wait(session, err);
}

int outcome_same(const struct explore_outcome *a, const struct explore_outcome *b)
{
    int straight = a->pc[0] == b->pc[0] && a->pc[1] == b->pc[1];
    int crossed = a->pc[0] == b->pc[1] && a->pc[1] == b->pc[0];

    return a->class == b->class && a->unsupported == b->unsupported && (straight || crossed);
}
