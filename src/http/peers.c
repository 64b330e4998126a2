/* SPDX-License-Identifier: Apache-2.0 */
#include "http/peers.h"

#include "base/memory.h"
#include "base/random.h"

#include <string.h>

enum { LEAST_CAPACITY = 16 };

void peers_init(struct peers *peers) {
    *peers = (struct peers){0};
    random_bytes(&peers->seed, sizeof peers->seed);
}

void peers_free(struct peers *peers) {
    mem_free(peers->rows);
    *peers = (struct peers){0};
}

static uint64_t mix(uint64_t a, uint64_t b) {
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static size_t place(const struct peers *peers, const uint8_t key[16]) {
    uint64_t halves[2];
    memcpy(halves, key, 16);
    uint64_t hash = mix(halves[0] ^ peers->seed, 0x9E3779B97F4A7C15U);
    return (size_t)(mix(hash ^ halves[1], peers->seed | 1U) & (peers->capacity - 1));
}

/* The row of `key`, or the free one where it would stand. */
static size_t find(const struct peers *peers, const uint8_t key[16]) {
    size_t at = place(peers, key);
    while (peers->rows[at].count > 0 && memcmp(peers->rows[at].key, key, 16) != 0)
        at = (at + 1) & (peers->capacity - 1);
    return at;
}

uint32_t peers_count(const struct peers *peers, const uint8_t key[16]) {
    return peers->used == 0 ? 0 : peers->rows[find(peers, key)].count;
}

static void resize(struct peers *peers, size_t capacity) {
    struct peers old = *peers;
    peers->rows = mem_alloc_array(capacity, sizeof *peers->rows);
    peers->capacity = capacity;
    for (size_t i = 0; i < old.capacity; i++) {
        if (old.rows[i].count > 0)
            peers->rows[find(peers, old.rows[i].key)] = old.rows[i];
    }
    mem_free(old.rows);
}

void peers_add(struct peers *peers, const uint8_t key[16]) {
    if ((peers->used + 1) * 2 > peers->capacity)
        resize(peers, peers->capacity == 0 ? LEAST_CAPACITY : peers->capacity * 2);
    struct peers_row *row = &peers->rows[find(peers, key)];
    if (row->count == 0) {
        memcpy(row->key, key, 16);
        peers->used++;
    }
    row->count++;
}

/* Rows behind a hole move into it where they may stand there, so that no search ends too early. */
static void close_gap(struct peers *peers, size_t hole) {
    size_t mask = peers->capacity - 1;
    for (size_t at = (hole + 1) & mask; peers->rows[at].count > 0; at = (at + 1) & mask) {
        size_t home = place(peers, peers->rows[at].key);
        if (((at - home) & mask) < ((at - hole) & mask))
            continue;
        peers->rows[hole] = peers->rows[at];
        peers->rows[at].count = 0;
        hole = at;
    }
}

void peers_remove(struct peers *peers, const uint8_t key[16]) {
    if (peers->used == 0)
        return;
    size_t at = find(peers, key);
    if (peers->rows[at].count == 0 || --peers->rows[at].count > 0)
        return;
    peers->used--;
    close_gap(peers, at);
    if (peers->capacity > LEAST_CAPACITY && peers->used * 8 < peers->capacity)
        resize(peers, peers->capacity / 2);
}
