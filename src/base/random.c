/* SPDX-License-Identifier: Apache-2.0 */
#include "base/random.h"

#include "base/clock.h"
#include "base/encode.h"
#include "base/memory.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

void random_bytes(void *at, size_t len) {
    if (len > INT32_MAX || RAND_bytes(at, (int)len) != 1)
        abort();
}

uint64_t random_below(uint64_t bound) {
    uint64_t unfair = (UINT64_MAX - bound + 1) % bound; /* the tail that would favour small results */
    uint64_t value;
    do {
        random_bytes(&value, sizeof value);
    } while (value > UINT64_MAX - unfair);
    return value % bound;
}

/* The generator's own lock and bookkeeping cost more than its bytes, so a thread asks for those of many ids
 * at once. Ids are no secrets: whatever must not be guessed is made of random_bytes. */
static void id_bytes(unsigned char *at, size_t len) {
    enum { POOL = 512 };
    static _Thread_local unsigned char pool[POOL];
    static _Thread_local size_t left;
    if (left < len) {
        random_bytes(pool, sizeof pool);
        left = sizeof pool;
    }
    memcpy(at, pool + left - len, len);
    left -= len;
}

/* Milliseconds and the twelve bits behind them, which count on within a millisecond (RFC 9562 section 6.2,
 * method 1): what one thread makes in one go, such as the rows of a change in the audit log, keeps its order.
 * `chance` begins the count of a millisecond anew, with room above. A clock that was set back is followed. */
static uint64_t id_time(uint64_t ms, uint64_t chance) {
    enum { COUNT_BITS = 12, SET_BACK_MS = 10000 };
    static _Thread_local uint64_t last;
    const uint64_t last_ms = last >> COUNT_BITS;
    const bool goes_on = ms <= last_ms && last_ms - ms < SET_BACK_MS;
    last = goes_on ? last + 1 : ms << COUNT_BITS | (chance & ((1U << (COUNT_BITS - 1)) - 1));
    return last;
}

struct str id_new(struct arena *arena, struct str prefix) {
    unsigned char uuid[16] = {0};
    id_bytes(uuid + 6, sizeof uuid - 6);
    const uint64_t chance = (uint64_t)uuid[6] << 8 | uuid[7];
    const uint64_t time = id_time((uint64_t)clock_now_ms(), chance);
    for (int i = 0; i < 6; i++)
        uuid[i] = (unsigned char)(time >> (52 - 8 * i));
    uuid[6] = (unsigned char)(0x70U | (time >> 8 & 0x0FU)); /* version 7 */
    uuid[7] = (unsigned char)time;
    uuid[8] = (unsigned char)(0x80U | (uuid[8] & 0x3FU)); /* variant */
    struct str digits = hex_encode(arena, str_of(uuid, sizeof uuid));
    return arena_join(arena, 3, (struct str[]){prefix, STR("_"), digits});
}

struct str random_secret(struct arena *arena, struct str prefix) {
    unsigned char bytes[32];
    random_bytes(bytes, sizeof bytes);
    struct str text = base64url_encode(arena, str_of(bytes, sizeof bytes));
    mem_wipe(bytes, sizeof bytes);
    return arena_join(arena, 2, (struct str[]){prefix, text});
}
