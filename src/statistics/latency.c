/* SPDX-License-Identifier: Apache-2.0 */
/* Buckets as floating point has them: the position of the highest bit, and the three bits behind it. */
#include "base/memory.h"
#include "statistics/counters.h"

enum {
    LOWEST_BIT = 6, /* below 64 us all is one bucket */
    FINE_BITS = 3,
    FINE = 1 << FINE_BITS,
};

unsigned statistics_bucket_of(int64_t us) {
    if (us < 1 << LOWEST_BIT)
        return 0;
    unsigned bit = 63U - (unsigned)__builtin_clzll((unsigned long long)us);
    unsigned fine = (unsigned)((us >> (bit - FINE_BITS)) & (FINE - 1));
    unsigned bucket = 1 + (bit - LOWEST_BIT) * FINE + fine;
    return bucket < STATISTICS_BUCKETS ? bucket : STATISTICS_BUCKETS - 1;
}

void statistics_count_latency(struct statistics_counters *counters, int64_t us) {
    if (counters == NULL)
        return;
    if (counters->latency == NULL)
        counters->latency = mem_alloc_zero(sizeof *counters->latency);
    unsigned bucket = statistics_bucket_of(us);
    counters->latency->counted[bucket]++;
    counters->latency->total[bucket] += us > 0 ? (uint64_t)us : 0;
}

void statistics_spread_add(struct statistics_spread *spread, const struct store_figure *figure) {
    uint64_t bucket;
    if (!str_equal(figure->name, STATISTICS_LATENCY) || str_to_uint64(figure->label, &bucket) != OK ||
        bucket >= STATISTICS_BUCKETS)
        return;
    spread->counted[bucket] += figure->counted;
    spread->total[bucket] += figure->total;
}

int64_t statistics_spread_count(const struct statistics_spread *spread) {
    int64_t count = 0;
    for (unsigned i = 0; i < STATISTICS_BUCKETS; i++)
        count += spread->counted[i];
    return count;
}

/* The mean of the bucket in which the one in question lies. */
double statistics_spread_percentile(const struct statistics_spread *spread, double percent) {
    double wanted = (double)statistics_spread_count(spread) * percent / 100.0;
    double seen = 0;
    for (unsigned i = 0; i < STATISTICS_BUCKETS; i++) {
        seen += (double)spread->counted[i];
        if (spread->counted[i] > 0 && seen >= wanted)
            return (double)spread->total[i] / (double)spread->counted[i] / 1000.0;
    }
    return -1;
}
