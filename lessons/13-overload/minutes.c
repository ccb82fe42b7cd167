/* minutes.c - how long a growing backlog takes to kill a process, beside how long people take to prevent it.
 * Arithmetic only.
 */
#include <stdio.h>

struct story {
    const char *name;
    double budget; /* bytes that are left when it begins */
    double each;   /* bytes of a waiting task */
    double growth; /* tasks a second: come, less done */
    double help;   /* seconds until an alarm has rung and somebody has acted */
};

static const struct story stories[] = {
    {"a store turns slow", 64 << 20, 16 << 10, 1300, 300},
    {"one customer fans out", 31.2e9, 2e3, 173e3, 840},
    {"a leak, one each second", 2.0e9, 16 << 10, 1, 300},
};

int main(void)
{
    printf("%-24s %9s %11s %11s   %s\n", "", "grows by", "dead after", "help after", "help can meet");
    for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++) {
        const struct story *story = &stories[i];
        double tasks = story->budget / story->each;

        printf("%-24s %7.0f/s %9.0f s %9.0f s   up to %.0f/s\n", story->name, story->growth,
               tasks / story->growth, story->help, tasks / story->help);
    }
    return 0;
}
