/* SPDX-License-Identifier: Apache-2.0 */
/* Private to limit/: token buckets, many, in a fixed table without locks.
 *
 * A bucket is one moment in time: when it will be full again (the "theoretical arrival time" of the generic
 * cell rate algorithm, ITU-T I.371). Taking moves that moment on by one interval; there is nothing left when
 * it would be further away than it takes to fill the whole bucket. So a bucket whose moment has passed holds
 * nothing worth keeping, and its place is free: no sweep, no timer, no list.
 *
 * A key's hash names a set of eight places (a cache line) and a tag of 19 bits. Where all eight are taken by
 * others, the one that is full again soonest gives way, so whoever wants a limited address forgotten must
 * first have eight others of its set use up more, and cannot choose who shares a set: the hash is keyed. Who
 * is forgotten has a full bucket again; nobody is refused for what others do, but with the chance that a tag
 * leaves: one in 75,000 where every place is taken.
 *
 * Tag and moment are one 64-bit word, changed by compare-and-swap: what threads grant together is exact. */
#pragma once

#include "base/str.h"

struct bucket_table;

/* Places: a multiple of 8 whose eighth is a power of two. Moments count from `now_us`, for four years. */
struct bucket_table *bucket_table_new(size_t places, int64_t now_us);
void bucket_table_free(struct bucket_table *table);

/* `count` in `per_s` seconds, at most `burst` at once (1 or more); in units of 4 µs. */
struct bucket_rate {
    uint64_t interval;
    uint64_t capacity;
};
struct bucket_rate bucket_rate_of(uint64_t count, uint64_t per_s, uint64_t burst);

/* Takes `cost`, or as much as the bucket can hold. False: nothing is taken, `*wait_us` (may be NULL) says how
 * long until there is enough. */
NODISCARD bool bucket_take(struct bucket_table *table, uint64_t key, const struct bucket_rate *rate,
                           unsigned cost, int64_t now_us, int64_t *wait_us);
/* Whether it could be taken. */
NODISCARD bool bucket_has(const struct bucket_table *table, uint64_t key, const struct bucket_rate *rate,
                          unsigned cost, int64_t now_us, int64_t *wait_us);
/* Takes it though there be too little: what is owed is at most another bucket full. */
void bucket_charge(struct bucket_table *table, uint64_t key, const struct bucket_rate *rate, unsigned cost,
                   int64_t now_us);
/* Puts back what was taken just now. */
void bucket_return(struct bucket_table *table, uint64_t key, const struct bucket_rate *rate, unsigned cost,
                   int64_t now_us);
