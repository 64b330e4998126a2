/* SPDX-License-Identifier: Apache-2.0 */
/* The entries stand in one array and take each other's places; what finds them is a table of 8 bytes an entry
 * (open addressing, linear probing). So that a token which is not remembered touches one line of that table
 * and nothing else, and in a flood of new ones the memory of the oldest is the next that is written. */
#include "verifier/token_cache.h"

#include "base/memory.h"
#include "base/random.h"

enum {
    ENTRIES_MAX = 16384,
    PLACES = 2 * ENTRIES_MAX, /* a power of two; never more than half of them taken */
    WEIGHT_MAX =
        16 << 20, /* so that tokens of the largest kind, all from one issuer, do not take gigabytes */
    NONE = UINT16_MAX,
};
_Static_assert(ENTRIES_MAX < NONE, "an entry is named by 16 bits");

struct entry {
    struct token_cache_key key;
    struct verified *verified; /* NULL: the entry is free */
    struct jose_key_set *keys;
    uint32_t weight;
    uint16_t newer, older; /* by last use; a free one's `older` is the next free */
};

struct place {
    uint32_t tag;   /* of the entry's key; its lower bits say where the search for it begins */
    uint16_t entry; /* its number and one; 0: nobody's */
};

struct token_cache {
    struct hash_key secret;
    uint16_t newest, oldest, first_free;
    uint16_t begun; /* entries that were ever used */
    size_t count, weight;
    struct place places[PLACES];
    struct entry entries[ENTRIES_MAX];
};

struct token_cache *token_cache_new(void) {
    struct token_cache *cache = mem_alloc_zero(sizeof *cache);
    cache->newest = cache->oldest = cache->first_free = NONE;
    random_bytes(cache->secret.bytes, sizeof cache->secret.bytes);
    return cache;
}

struct token_cache_key token_cache_key_of(const struct token_cache *cache, uint64_t environment_generation,
                                          struct str token) {
    return (struct token_cache_key){.hash = digest_keyed(&cache->secret, token),
                                    .generation = environment_generation};
}

/* ---- places ---- */

static uint32_t tag_of(struct token_cache_key key) {
    return (uint32_t)(key.hash.low ^ key.generation);
}

static bool are_same(struct token_cache_key a, struct token_cache_key b) {
    return a.hash.low == b.hash.low && a.hash.high == b.hash.high && a.generation == b.generation;
}

/* Where the entry of this key is named, or else where it would be. */
static uint32_t find_place(const struct token_cache *cache, struct token_cache_key key) {
    uint32_t at = tag_of(key) % PLACES;
    for (;; at = (at + 1) % PLACES) {
        const struct place *place = &cache->places[at];
        if (place->entry == 0)
            return at;
        if (place->tag == tag_of(key) && are_same(cache->entries[place->entry - 1].key, key))
            return at;
    }
}

/* Empties a place. Those behind it that were passed on by it move up, so that no search ends too early. */
static void empty_place(struct token_cache *cache, uint32_t hole) {
    for (uint32_t at = (hole + 1) % PLACES; cache->places[at].entry != 0; at = (at + 1) % PLACES) {
        uint32_t home = cache->places[at].tag % PLACES;
        if ((at - home) % PLACES >= (at - hole) % PLACES) {
            cache->places[hole] = cache->places[at];
            hole = at;
        }
    }
    cache->places[hole].entry = 0;
}

/* ---- entries ---- */

static void unlink_use(struct token_cache *cache, const struct entry *entry) {
    *(entry->newer != NONE ? &cache->entries[entry->newer].older : &cache->newest) = entry->older;
    *(entry->older != NONE ? &cache->entries[entry->older].newer : &cache->oldest) = entry->newer;
}

static void link_newest(struct token_cache *cache, struct entry *entry) {
    uint16_t number = (uint16_t)(entry - cache->entries);
    entry->newer = NONE;
    entry->older = cache->newest;
    *(cache->newest != NONE ? &cache->entries[cache->newest].newer : &cache->oldest) = number;
    cache->newest = number;
}

static void entry_drop(struct token_cache *cache, struct entry *entry) {
    empty_place(cache, find_place(cache, entry->key));
    unlink_use(cache, entry);
    cache->count--;
    cache->weight -= entry->weight;
    verified_unref(entry->verified);
    jose_key_set_release(entry->keys);
    entry->verified = NULL;
    entry->older = cache->first_free;
    cache->first_free = (uint16_t)(entry - cache->entries);
}

/* There is one: the caller has seen to that. */
static struct entry *entry_take(struct token_cache *cache) {
    if (cache->first_free == NONE)
        return &cache->entries[cache->begun++];
    struct entry *entry = &cache->entries[cache->first_free];
    cache->first_free = entry->older;
    return entry;
}

static struct entry *find(struct token_cache *cache, struct token_cache_key key) {
    uint16_t number = cache->places[find_place(cache, key)].entry;
    return number == 0 ? NULL : &cache->entries[number - 1];
}

/* Where the cache is full, the oldest goes for the one that is about to be verified: what must be touched for
 * that is sent for now, and comes while the signature is looked at. */
static void expect_one_more(const struct token_cache *cache) {
    if (cache->count < ENTRIES_MAX)
        return;
    const struct entry *oldest = &cache->entries[cache->oldest];
    __builtin_prefetch(&cache->places[tag_of(oldest->key) % PLACES], 1);
    __builtin_prefetch(oldest->verified, 1);
    __builtin_prefetch(&cache->entries[oldest->newer], 1);
}

struct verified *token_cache_find(struct token_cache *cache, struct token_cache_key key,
                                  const struct jose_key_set **keys) {
    struct entry *entry = find(cache, key);
    if (entry == NULL) {
        expect_one_more(cache);
        return NULL;
    }
    if (entry != &cache->entries[cache->newest]) {
        unlink_use(cache, entry);
        link_newest(cache, entry);
    }
    *keys = entry->keys;
    return entry->verified;
}

void token_cache_drop(struct token_cache *cache, struct token_cache_key key) {
    struct entry *entry = find(cache, key);
    if (entry != NULL)
        entry_drop(cache, entry);
}

void token_cache_put(struct token_cache *cache, struct token_cache_key key, struct verified *verified,
                     const struct jose_key_set *keys, size_t weight) {
    token_cache_drop(cache, key);
    while (cache->count >= ENTRIES_MAX || (cache->count > 0 && cache->weight + weight > WEIGHT_MAX))
        entry_drop(cache, &cache->entries[cache->oldest]);
    struct entry *entry = entry_take(cache);
    verified_ref(verified);
    entry->key = key;
    entry->verified = verified;
    entry->keys = jose_key_set_retain(keys);
    entry->weight = (uint32_t)weight; /* a token's length */
    cache->weight += weight;
    cache->count++;
    link_newest(cache, entry);
    cache->places[find_place(cache, key)] =
        (struct place){tag_of(key), (uint16_t)(entry - cache->entries + 1)};
}

size_t token_cache_count(const struct token_cache *cache) {
    return cache->count;
}

void token_cache_free(struct token_cache *cache) {
    if (cache == NULL)
        return;
    for (size_t i = 0; i < cache->begun; i++) {
        if (cache->entries[i].verified != NULL)
            entry_drop(cache, &cache->entries[i]);
    }
    mem_wipe(&cache->secret, sizeof cache->secret);
    mem_free(cache);
}
