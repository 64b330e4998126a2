/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256: what stands in for a secret key or a token wherever it is kept or named. And a hash under a key,
 * for tables. */
#pragma once

#include "base/arena.h"

enum { DIGEST_SHA256_LEN = 32 };

void digest_sha256_into(struct str bytes, unsigned char digest[DIGEST_SHA256_LEN]);
struct str digest_sha256(struct arena *arena, struct str bytes);     /* 32 bytes */
struct str digest_sha256_hex(struct arena *arena, struct str bytes); /* 64 lower-case digits */

/* SipHash-2-4 with 128 bits: who does not know the key can neither choose what meets in a table nor make two
 * texts that are taken for one. An order cheaper than SHA-256. */
struct hash_key {
    unsigned char bytes[16]; /* random ones */
};
struct hash_value {
    uint64_t low, high;
};
struct hash_value digest_keyed(const struct hash_key *key, struct str bytes);
