/* SPDX-License-Identifier: Apache-2.0 */
/* The table of algorithms, and of the curves they stand on. No other file enumerates either. */
#pragma once

#include "jose/jose.h"

#include <openssl/evp.h>

enum jose_hash { JOSE_SHA256, JOSE_SHA384, JOSE_SHA512, JOSE_NO_HASH };
#define JOSE_HASHES JOSE_NO_HASH                  /* how many there are */
enum { JOSE_HASH_MAX = 64, JOSE_FIELD_MAX = 66 }; /* bytes */

enum jose_padding { JOSE_NO_PADDING, JOSE_PKCS1, JOSE_PSS };

struct jose_curve {
    struct str name; /* `crv` (RFC 7518 section 6.2.1.1, RFC 8037 section 2) */
    enum jose_key_type type;
    const char *openssl;  /* OpenSSL's name of the group, or of the key type */
    size_t bytes;         /* of a coordinate (EC), of a public key (OKP) */
    size_t signature_len; /* r and s side by side (RFC 7518 section 3.4), or EdDSA's */
    unsigned bits;
    bool by_sodium; /* verified by libsodium: twice as fast, and it refuses points of small order */
};

struct jose_algorithm {
    struct str name;
    enum jose_key_type key_type;
    const struct jose_curve *curve; /* NULL: any of the key type */
    enum jose_hash hash;            /* JOSE_NO_HASH: the scheme hashes by itself */
    enum jose_padding padding;
    int salt_len;      /* bytes, exactly: as long as the hash (RFC 7518 section 3.5) */
    size_t hash_len;   /* bytes */
    unsigned min_bits; /* of a modulus, or of a secret */
};

const struct jose_curve *jose_curve_find(struct str name);
const struct jose_curve *jose_curve_find_openssl(enum jose_key_type type, const char *openssl);

/* Fetched once: fetching by name at each use costs more than an HMAC. Never NULL, never freed. */
const EVP_MD *jose_hash_md(enum jose_hash hash);
const char *jose_hash_name(enum jose_hash hash);
EVP_MAC *jose_hmac(void);
