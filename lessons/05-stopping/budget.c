/* budget.c - what a grace period leaves for the second phase. Arithmetic only: it waits for nothing.
 *
 * The clock of the grace period starts when the end is decided, and stops for nobody. First runs the pre-stop
 * delay, then the signal comes, then the drain begins.
 */
#include <stdio.h>

struct plan {
    int grace;    /* seconds from the decision to the kill */
    int pre_stop; /* seconds before the signal comes */
    int drain;    /* seconds that the drain may take */
};

static const struct plan plans[] = {{30, 0, 30},  {30, 0, 25},  {30, 5, 25},
                                    {30, 10, 25}, {30, 10, 15}, {45, 10, 30}};

static int spare(const struct plan *plan)
{
    return plan->grace - plan->pre_stop - plan->drain;
}

int main(void)
{
    printf("grace  pre-stop  drain   a stuck job, then\n");
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
        const struct plan *plan = &plans[i];
        printf("%3d s %7d s %4d s   ", plan->grace, plan->pre_stop, plan->drain);
        if (spare(plan) > 0)
            printf("%d s to give back, count and report\n", spare(plan));
        else if (spare(plan) == 0)
            printf("killed in the moment in which the drain gives up\n");
        else
            printf("killed %d s before the drain gives up\n", -spare(plan));
    }
    return 0;
}
