/* attack: makes the preprocessor write gigabytes
 * screened: build
 * unscreened: build
 */
#include "tasks.h"

#define E0 print_ticket(0);
#define E1 E0 E0 E0 E0 E0 E0 E0 E0 E0 E0 E0 E0
#define E2 E1 E1 E1 E1 E1 E1 E1 E1 E1 E1 E1 E1
#define E3 E2 E2 E2 E2 E2 E2 E2 E2 E2 E2 E2 E2
#define E4 E3 E3 E3 E3 E3 E3 E3 E3 E3 E3 E3 E3
#define E5 E4 E4 E4 E4 E4 E4 E4 E4 E4 E4 E4 E4
#define E6 E5 E5 E5 E5 E5 E5 E5 E5 E5 E5 E5 E5
#define E7 E6 E6 E6 E6 E6 E6 E6 E6 E6 E6 E6 E6
#define E8 E7 E7 E7 E7 E7 E7 E7 E7 E7 E7 E7 E7
#define E9 E8 E8 E8 E8 E8 E8 E8 E8 E8 E8 E8 E8

void print_all(int count)
{
    (void)count;
    E9;
}
