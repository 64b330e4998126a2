/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include "base/encode.h"

#include <openssl/sha.h>
#include <sodium.h>
#include <stdlib.h>

void digest_sha256_into(struct str bytes, unsigned char digest[DIGEST_SHA256_LEN]) {
    const unsigned char *at = (const unsigned char *)(bytes.len > 0 ? bytes.at : "");
    if (SHA256(at, bytes.len, digest) == NULL)
        abort(); /* only where the library itself is broken */
}

struct str digest_sha256(struct arena *arena, struct str bytes) {
    unsigned char *digest = arena_alloc(arena, DIGEST_SHA256_LEN);
    digest_sha256_into(bytes, digest);
    return str_of(digest, DIGEST_SHA256_LEN);
}

struct str digest_sha256_hex(struct arena *arena, struct str bytes) {
    return hex_encode(arena, digest_sha256(arena, bytes));
}

struct hash_value digest_keyed(const struct hash_key *key, struct str bytes) {
    struct hash_value hash;
    _Static_assert(sizeof hash == crypto_shorthash_siphashx24_BYTES, "128 bits");
    _Static_assert(sizeof key->bytes == crypto_shorthash_siphashx24_KEYBYTES, "and as many of the key");
    crypto_shorthash_siphashx24((unsigned char *)&hash, (const unsigned char *)bytes.at, bytes.len,
                                key->bytes);
    return hash;
}
