/* depth_first.c - every schedule with at most `bound` preemptions, once.
 *
 * The choices of the schedule just run are the stack of the search: the last of them that has an option left
 * takes that one, and what follows it is open again. So the search needs no memory of its own.
 */
#include "explore/rt/inside.h"

/* Does taking another option than the default here cost a preemption? */
static int would_preempt(const struct explore_choice *choice)
{
    return choice->kind == CHOICE_THREAD && !choice->forced;
}

int depth_first_next(struct explore_arena *arena, struct explore_request *request)
{
    struct explore_choice *choice = arena->choice;
    uint32_t count = arena->last.choices, spent = 0;

    for (uint32_t i = 0; i < count; i++)
        spent += would_preempt(&choice[i]) && choice[i].option > 0;
    for (uint32_t i = count; i-- > 0;) {
        if (would_preempt(&choice[i]) && choice[i].option > 0)
            spent--;
        if (choice[i].option + 1 >= choice[i].arity || (would_preempt(&choice[i]) && spent >= request->bound))
            continue;
        choice[i].option++;
        request->replay_choices = i + 1;
        return 1;
    }
    return 0;
}
