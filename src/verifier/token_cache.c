/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/token_cache.h"

#include "base/memory.h"
#include "base/random.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUCKETS = 16384,
    ENTRIES_MAX = 16384,
    WEIGHT_MAX =
        16 << 20, /* so that tokens of the largest kind, all from one issuer, do not take gigabytes */
    KEY_BYTES = 16,
};

struct entry {
    struct entry *next_in_bucket;
    struct entry *newer, *older;
    struct token_cache_key key;
    struct verified *verified;
    struct jose_key_set *keys;
    size_t weight;
};

struct token_cache {
    EVP_MAC_CTX *hash;
    struct entry *newest, *oldest;
    size_t count, weight;
    struct entry *buckets[BUCKETS];
};

struct token_cache *token_cache_new(void) {
    struct token_cache *cache = mem_alloc_zero(sizeof *cache);
    unsigned char key[KEY_BYTES];
    random_bytes(key, sizeof key);
    EVP_MAC *siphash = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
    cache->hash = EVP_MAC_CTX_new(siphash);
    EVP_MAC_free(siphash); /* the context holds on to it */
    unsigned size = sizeof(struct token_cache_key);
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_SIZE, &size),
                               OSSL_PARAM_construct_end()};
    if (cache->hash == NULL || EVP_MAC_init(cache->hash, key, sizeof key, parameters) != 1)
        abort(); /* OpenSSL without SipHash: nothing here is safe */
    mem_wipe(key, sizeof key);
    return cache;
}

struct token_cache_key token_cache_key_of(struct token_cache *cache, uint64_t environment_generation,
                                          struct str token) {
    struct token_cache_key key;
    size_t len = 0;
    /* A NULL key starts anew under the one that was set. */
    bool done = EVP_MAC_init(cache->hash, NULL, 0, NULL) == 1 &&
                EVP_MAC_update(cache->hash, (const unsigned char *)&environment_generation,
                               sizeof environment_generation) == 1 &&
                EVP_MAC_update(cache->hash, (const unsigned char *)token.at, token.len) == 1 &&
                EVP_MAC_final(cache->hash, (unsigned char *)&key, &len, sizeof key) == 1 && len == sizeof key;
    if (!done)
        abort();
    return key;
}

static struct entry **place_of(struct token_cache *cache, struct token_cache_key key) {
    struct entry **at = &cache->buckets[key.low % BUCKETS];
    while (*at != NULL && ((*at)->key.low != key.low || (*at)->key.high != key.high))
        at = &(*at)->next_in_bucket;
    return at;
}

static void unlink_use(struct token_cache *cache, struct entry *entry) {
    *(entry->newer != NULL ? &entry->newer->older : &cache->newest) = entry->older;
    *(entry->older != NULL ? &entry->older->newer : &cache->oldest) = entry->newer;
}

static void link_newest(struct token_cache *cache, struct entry *entry) {
    entry->newer = NULL;
    entry->older = cache->newest;
    *(cache->newest != NULL ? &cache->newest->newer : &cache->oldest) = entry;
    cache->newest = entry;
}

static void entry_drop(struct token_cache *cache, struct entry **place) {
    struct entry *entry = *place;
    *place = entry->next_in_bucket;
    unlink_use(cache, entry);
    cache->count--;
    cache->weight -= entry->weight;
    verified_unref(entry->verified);
    jose_key_set_release(entry->keys);
    mem_free(entry);
}

struct verified *token_cache_find(struct token_cache *cache, struct token_cache_key key,
                                  const struct jose_key_set **keys) {
    struct entry *entry = *place_of(cache, key);
    if (entry == NULL)
        return NULL;
    if (cache->newest != entry) {
        unlink_use(cache, entry);
        link_newest(cache, entry);
    }
    *keys = entry->keys;
    return entry->verified;
}

void token_cache_drop(struct token_cache *cache, struct token_cache_key key) {
    struct entry **place = place_of(cache, key);
    if (*place != NULL)
        entry_drop(cache, place);
}

void token_cache_put(struct token_cache *cache, struct token_cache_key key, struct verified *verified,
                     const struct jose_key_set *keys, size_t weight) {
    token_cache_drop(cache, key);
    while (cache->count >= ENTRIES_MAX || (cache->count > 0 && cache->weight + weight > WEIGHT_MAX))
        token_cache_drop(cache, cache->oldest->key);
    struct entry *entry = mem_alloc_zero(sizeof *entry);
    entry->key = key;
    entry->verified = verified;
    verified_ref(verified);
    entry->keys = jose_key_set_retain(keys);
    entry->weight = weight;
    cache->weight += weight;
    struct entry **bucket = &cache->buckets[key.low % BUCKETS];
    entry->next_in_bucket = *bucket;
    *bucket = entry;
    link_newest(cache, entry);
    cache->count++;
}

void token_cache_forget(struct token_cache *cache, struct str environment_id) {
    for (size_t i = 0; i < BUCKETS; i++) {
        for (struct entry **at = &cache->buckets[i]; *at != NULL;) {
            if (str_is_empty(environment_id) || str_equal((*at)->verified->environment_id, environment_id))
                entry_drop(cache, at);
            else
                at = &(*at)->next_in_bucket;
        }
    }
}

size_t token_cache_count(const struct token_cache *cache) {
    return cache->count;
}

void token_cache_free(struct token_cache *cache) {
    if (cache == NULL)
        return;
    token_cache_forget(cache, STR_NONE);
    EVP_MAC_CTX_free(cache->hash);
    mem_free(cache);
}
