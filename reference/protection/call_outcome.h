/* call_outcome.h - how a protected call went, as whoever made it tells its limiter or its breaker.
 *
 * FAILED is what speaks of an overloaded or sick other side: a timeout, a refusal, an error of its own. A
 * caller's mistake (a bad request, a cancelled one) says nothing about it either way: IGNORED.
 */
#ifndef DEEPEND_POOL_CALL_OUTCOME_H
#define DEEPEND_POOL_CALL_OUTCOME_H

#ifdef __cplusplus
extern "C" {
#endif

enum pool_call_outcome { POOL_CALL_GOOD, POOL_CALL_FAILED, POOL_CALL_IGNORED };

#ifdef __cplusplus
}
#endif

#endif
