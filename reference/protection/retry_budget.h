/* retry_budget.h - how many retries all operations together may make: a share of their requests.
 *
 *     struct pool_retry_budget *budget;   // a retry for each ten requests of the last 10 s, and 3 anyway
 *     pool_retry_budget_create(&budget, &(struct pool_retry_budget_options){
 *         .percent = 10, .spare = 3, .window = 10 * POOL_SECOND});
 *
 * Give it to pool_retry_begin (retry.h), which counts the request, and pool_retry_next, which spends.
 *
 * Attempts alone bound nothing: three each make a load of three when everything fails, and nine across two
 * layers. A budget bounds the sum: with 10 % an outage adds a tenth (I03). The idea stands in "Site
 * Reliability Engineering" (Beyer and others, 2016), chapter 21, and in Finagle's RetryBudget, which lets
 * credits expire like the window here.
 *
 * Any thread may call any function; each holds the budget's one lock for a moment and never sleeps.
 * POOL_INVALID answers NULL.
 */
#ifndef DEEPEND_POOL_RETRY_BUDGET_H
#define DEEPEND_POOL_RETRY_BUDGET_H

#include "clock.h"
#include "status.h"
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pool_retry_budget;

struct pool_retry_budget_options {
    unsigned percent;               /* retries for a hundred requests, 0 to 1000 */
    unsigned spare;                 /* and so many in the window however few requests there are; 0 is fine */
    uint64_t window;                /* what counts is the last so many ns, by tenths; at least 1 */
    const struct pool_clock *clock; /* copied; NULL: the system's */
};

/* POOL_INVALID also for percent and spare both 0, a budget for nothing. */
POOL_MUST_LOOK enum pool_status pool_retry_budget_create(struct pool_retry_budget **budget,
                                                         const struct pool_retry_budget_options *options);

/* A first attempt was made. */
enum pool_status pool_retry_budget_request(struct pool_retry_budget *budget);

/* May one retry be made? POOL_OK, and it is spent; POOL_REJECTED. */
POOL_MUST_LOOK enum pool_status pool_retry_budget_spend(struct pool_retry_budget *budget);

/* A snapshot: the first two within the window, the others of all time. */
struct pool_retry_budget_view {
    unsigned long long requests, retries, all_requests, all_retries, refused;
};
struct pool_retry_budget_view pool_retry_budget_view(struct pool_retry_budget *budget);

/* Free it. NULL is fine. Nobody may be calling, or call later. */
void pool_retry_budget_destroy(struct pool_retry_budget *budget);

#ifdef __cplusplus
}
#endif

#endif
