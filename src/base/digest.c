/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include "base/encode.h"

#include <openssl/sha.h>
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
