/* check.c - does every thread print its own ticket, at the same time as the others, and leave nothing behind?
 */
#include "check.h"
#include "tasks.h"

enum { COUNT = 6 };

static struct tally printed[COUNT];
static struct tally strays; /* numbers that no ticket has */
static struct tally inside;
static void (*hook)(void); /* what a ticket does while it is being printed; set before the threads exist */

void print_ticket(int number)
{
    tally_add(number >= 0 && number < COUNT ? &printed[number] : &strays, 1);
    if (hook)
        hook();
}

/* In the schedule where the loop always wins, whatever the threads share with it has changed before they
 * look. */
static void own_number(void)
{
    check_start_late();
    print_all(COUNT);
    CHECK_THAT(tally_read(&strays) == 0, CLASS_WRONG_RESULT,
               "%d of %d threads printed a number that no ticket has", tally_read(&strays), COUNT);
    for (int i = 0; i < COUNT; i++)
        CHECK_INT(tally_read(&printed[i]), 1, "ticket %d was not printed exactly once", i);
}

/* A printer that waits until nothing else can move sees who else has come. */
static void count_company(void)
{
    tally_add(&inside, 1);
    check_settle();
    CHECK_THAT(tally_read(&inside) == COUNT, CLASS_WRONG_ORDER,
               "only %d of %d tickets were being printed when everything else had come to rest: the threads "
               "take turns",
               tally_read(&inside), COUNT);
}

static void together(void)
{
    hook = count_company;
    print_all(COUNT);
}

/* Arguments that are freed, or that die with a block, are seen by the memory variant. */
static void tidy(void)
{
    check_start_late();
    print_all(COUNT);
}

CHECKS({"own-number", own_number}, {"together", together}, {"tidy", tidy});
