/* shards_test.h - a pool with shards, for its tests.
 */
#ifndef DEEPEND_SHARDS_TEST_H
#define DEEPEND_SHARDS_TEST_H

#include "options_test.h"

static const struct pool_options sharded = {
    .workers = 2, .queue = POOL_UNBOUNDED, .shards = 3, .batch = 8, .discard = token_discard};

static inline struct pool *sharded_with(unsigned workers)
{
    struct pool_options options = sharded;
    options.workers = workers;
    return pool_with(&options);
}

#endif
