/* SPDX-License-Identifier: Apache-2.0 */
/* Private to statistics/: counters with their owner, and what of them is to be written. */
#pragma once

#include "statistics/statistics.h"
#include "store/figures.h"

struct statistics_latency {
    uint32_t counted[STATISTICS_BUCKETS];
    uint64_t total[STATISTICS_BUCKETS];
};

/* A figure, and where it is put back when it could not be written. */
struct pending_figure {
    struct store_figure figure;
    uint32_t *counted;
    uint64_t *total; /* NULL: has none */
};
struct pending {
    struct arena *arena;
    struct pending_figure *at;
    size_t count, capacity;
    int64_t now_ms;
};

/* Takes a number out of its counter. Zero: nothing. */
void pending_take(struct pending *pending, struct str environment, struct str name, struct str label,
                  uint32_t *counted, uint64_t *total);
void pending_take_counters(struct pending *pending, struct str environment,
                           struct statistics_counters *counters);

/* fetches.c: counts by environment, until they are written. */
void fetches_take(struct statistics_fetches *fetches, struct pending *pending);
void fetches_put_back(struct statistics_fetches *fetches, const struct pending_figure *figure);
