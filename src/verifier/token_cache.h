/* SPDX-License-Identifier: Apache-2.0 */
/* Private to verifier/: the tokens that were found good, by a keyed hash of environment and token. */
#pragma once

#include "base/digest.h"
#include "verifier/verifier.h"

struct token_cache;

/* 128 bits of SipHash under a random key of the process: without it nobody can make two tokens meet, and
 * nothing of the token is kept. And what the token was verified for. */
struct token_cache_key {
    struct hash_value hash;
    uint64_t generation; /* of the environment */
};

struct token_cache *token_cache_new(void);
void token_cache_free(struct token_cache *cache);

struct token_cache_key token_cache_key_of(const struct token_cache *cache, uint64_t environment_generation,
                                          struct str token);

/* The identity, and the key set that verified it (NULL: the environment's own keys); NULL where it is not
 * remembered. Borrowed. */
struct verified *token_cache_find(struct token_cache *cache, struct token_cache_key key,
                                  const struct jose_key_set **keys);

/* Remembers; takes a reference on `verified` and on `keys`. `weight` is the token's length: its claims take
 * many times that. Whatever was asked for least recently goes when there are too many, or they weigh too
 * much. */
void token_cache_put(struct token_cache *cache, struct token_cache_key key, struct verified *verified,
                     const struct jose_key_set *keys, size_t weight);
void token_cache_drop(struct token_cache *cache, struct token_cache_key key);
size_t token_cache_count(const struct token_cache *cache);
