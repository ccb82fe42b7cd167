/* wait.c - how long a task waits, by pool size and by how much the pool is used.
 *
 * Poisson arrivals, exponential service times, first come first served (M/M/c): the mean wait is C / (c (1 -
 * u)) service times, with Erlang's C (A. K. Erlang, 1917) computed from the recursion of his B.
 */
#include <stdio.h>

/* The probability that a task has to wait: C workers, used to the share U. */
static double erlang_c(unsigned c, double u)
{
    double load = c * u, b = 1;

    for (unsigned k = 1; k <= c; k++)
        b = load * b / (k + load * b);
    return b / (1 - u * (1 - b));
}

int main(void)
{
    static const unsigned sizes[] = {1, 4, 16, 64};
    static const double used[] = {0.70, 0.80, 0.95};

    printf("mean wait in service times   used to 70 %%   80 %%   95 %%\n");
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        printf("%17u worker%s", sizes[i], sizes[i] == 1 ? " " : "s");
        for (unsigned k = 0; k < sizeof used / sizeof used[0]; k++)
            printf("%*.3f", k == 0 ? 16 : 7, erlang_c(sizes[i], used[k]) / (sizes[i] * (1 - used[k])));
        printf("\n");
    }
    return 0;
}
