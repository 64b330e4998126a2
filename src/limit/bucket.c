/* SPDX-License-Identifier: Apache-2.0 */
#include "limit/bucket.h"

#include "base/memory.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { WAYS = 8, UNIT_US = 4, TIME_BITS = 45 };

static const uint64_t time_mask = (1ULL << TIME_BITS) - 1;

struct set {
    _Atomic uint64_t words[WAYS]; /* a cache line: tag and moment each */
};

struct bucket_table {
    struct set *sets; /* aligned to cache lines; zeroed: free. A page that no key led to takes no memory */
    void *memory;
    uint64_t mask;
    int64_t began_us;
};

struct bucket_table *bucket_table_new(size_t places, int64_t now_us) {
    struct bucket_table *table = mem_alloc_zero(sizeof *table);
    table->memory = mem_alloc_array(places / WAYS + 1, sizeof *table->sets);
    uintptr_t start = (uintptr_t)table->memory;
    size_t to_line = (sizeof *table->sets - start % sizeof *table->sets) % sizeof *table->sets;
    table->sets = (struct set *)(void *)((char *)table->memory + to_line);
    table->mask = places / WAYS - 1;
    table->began_us = now_us - UNIT_US; /* so that no moment is 0 */
    return table;
}

void bucket_table_free(struct bucket_table *table) {
    if (table == NULL)
        return;
    mem_free(table->memory);
    mem_free(table);
}

struct bucket_rate bucket_rate_of(uint64_t count, uint64_t per_s, uint64_t burst) {
    uint64_t interval = per_s * (1000000 / UNIT_US) / (count > 0 ? count : 1);
    interval = interval > 0 ? interval : 1;
    return (struct bucket_rate){interval, interval * (burst > 0 ? burst : 1)};
}

static uint64_t now_of(const struct bucket_table *table, int64_t now_us) {
    int64_t passed = now_us - table->began_us;
    return passed < 0 ? 0 : (uint64_t)passed / UNIT_US;
}

static uint64_t time_of(uint64_t word) {
    return word & time_mask;
}

/* A key's place as it is now: its own, or the one that would give way to it. */
struct place {
    _Atomic uint64_t *at;
    uint64_t seen; /* the word that stood there */
    uint64_t full_at;
};

/* What is owed is never more than another bucket full: also where the rate was a slower one before. */
static uint64_t bounded(uint64_t full_at, const struct bucket_rate *rate, uint64_t now) {
    uint64_t latest = now + 2 * rate->capacity;
    return full_at < now ? now : full_at > latest ? latest : full_at;
}

static struct place find(const struct bucket_table *table, uint64_t key, const struct bucket_rate *rate,
                         uint64_t now) {
    struct set *set = &table->sets[key & table->mask];
    struct place place = {NULL, 0, 0};
    for (size_t i = 0; i < WAYS; i++) {
        uint64_t word = atomic_load_explicit(&set->words[i], memory_order_relaxed);
        if ((word ^ key) >> TIME_BITS == 0 && word != 0) {
            return (struct place){&set->words[i], word, bounded(time_of(word), rate, now)};
        }
        if (place.at == NULL || time_of(word) < time_of(place.seen))
            place = (struct place){&set->words[i], word, now};
    }
    return place;
}

static bool store(const struct place *place, uint64_t key, uint64_t full_at) {
    uint64_t expected = place->seen;
    uint64_t word = (key & ~time_mask) | (full_at & time_mask);
    return atomic_compare_exchange_weak_explicit(place->at, &expected, word, memory_order_relaxed,
                                                 memory_order_relaxed);
}

static uint64_t worth(const struct bucket_rate *rate, unsigned cost) {
    uint64_t wanted = rate->interval * cost;
    return wanted < rate->capacity ? wanted : rate->capacity;
}

/* Whether `full_at` can be; else how long until it can. */
static bool fits(const struct bucket_rate *rate, uint64_t full_at, uint64_t now, int64_t *wait_us) {
    uint64_t latest = now + rate->capacity;
    if (full_at <= latest)
        return true;
    if (wait_us != NULL)
        *wait_us = (int64_t)((full_at - latest) * UNIT_US);
    return false;
}

bool bucket_take(struct bucket_table *table, uint64_t key, const struct bucket_rate *rate, unsigned cost,
                 int64_t now_us, int64_t *wait_us) {
    uint64_t now = now_of(table, now_us);
    for (;;) {
        struct place place = find(table, key, rate, now);
        uint64_t full_at = place.full_at + worth(rate, cost);
        if (!fits(rate, full_at, now, wait_us))
            return false;
        if (store(&place, key, full_at))
            return true;
    }
}

bool bucket_has(const struct bucket_table *table, uint64_t key, const struct bucket_rate *rate, unsigned cost,
                int64_t now_us, int64_t *wait_us) {
    uint64_t now = now_of(table, now_us);
    struct place place = find(table, key, rate, now);
    return fits(rate, place.full_at + worth(rate, cost), now, wait_us);
}

void bucket_charge(struct bucket_table *table, uint64_t key, const struct bucket_rate *rate, unsigned cost,
                   int64_t now_us) {
    uint64_t now = now_of(table, now_us);
    struct place place;
    do {
        place = find(table, key, rate, now);
    } while (!store(&place, key, bounded(place.full_at + rate->interval * cost, rate, now)));
}

void bucket_return(struct bucket_table *table, uint64_t key, const struct bucket_rate *rate, unsigned cost,
                   int64_t now_us) {
    uint64_t now = now_of(table, now_us);
    struct place place;
    uint64_t full_at;
    do {
        place = find(table, key, rate, now);
        uint64_t back = worth(rate, cost);
        full_at = place.full_at > now + back ? place.full_at - back : now;
    } while (!store(&place, key, full_at));
}
