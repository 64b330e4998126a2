/* SPDX-License-Identifier: Apache-2.0 */
/* Keys from the inside. */
#pragma once

#include "jose/algorithm.h"

#include <openssl/bn.h>
#include <stdatomic.h>

enum {
    JOSE_KEYS_MAX = 128, /* of one set; providers publish two to twenty */
    JOSE_SKIPPED_SHOWN = 32,
    JOSE_KID_MAX = 512,       /* bytes */
    JOSE_RSA_MIN_BITS = 2048, /* RFC 7518 section 3.3 */
    JOSE_RSA_MAX_BITS = 8192, /* verification time grows with the square */
    JOSE_SECRET_MIN = 32,     /* RFC 7518 section 3.2, for the shortest hash */
    JOSE_SECRET_MAX = 4096,
    JOSE_ED25519_LEN = 32,
};

struct jose_key {
    uint64_t serial; /* of all keys that this process ever read: names it in the threads' contexts */
    enum jose_key_type type;
    const struct jose_curve *curve;
    unsigned bits;
    struct str kid;
    const struct jose_algorithm *only; /* its `alg`; NULL: any that fits */
    bool may_verify;                   /* by `use` and `key_ops` */
    bool may_sign;
    bool is_private;
    bool shares_kid; /* another key of the set has the same `kid` and could be meant as well */
    EVP_PKEY *pkey;  /* NULL for oct */
    unsigned char ed25519[JOSE_ED25519_LEN];
    struct str secret;  /* oct */
    int64_t not_before; /* a certificate's; INT64_MIN and INT64_MAX for others */
    int64_t not_after;
};

struct jose_key_set {
    _Atomic unsigned references;
    struct arena *arena; /* holds all of this but the EVP_PKEYs; wiped */
    struct jose_key *keys[JOSE_KEYS_MAX];
    size_t count;
    struct jose_skipped_key skipped[JOSE_SKIPPED_SHOWN];
    size_t skipped_count;                      /* also of those not shown */
    struct str unreadable_kids[JOSE_KEYS_MAX]; /* of keys that are broken rather than for another purpose */
    size_t unreadable_count;
    bool leaked_private;
    bool ignores_kid; /* shared secrets: each is tried */
};

/* ---- building a set (key_set.c) ---- */
struct jose_key_set *jose_key_set_new(void);
/* A key of the set, with everything allowed and no kid; it counts once jose_key_set_keep was called. */
struct jose_key *jose_key_new(struct jose_key_set *set);
void jose_key_set_keep(struct jose_key_set *set, struct jose_key *key);
void jose_key_set_skip(struct jose_key_set *set, struct str kid, const char *why, bool is_unreadable);
void jose_key_set_finish(struct jose_key_set *set); /* after the last key: settles ids that stand twice */

/* The key becomes `pkey`'s owner, even on failure. INVALID with `why`: a type, size, curve or exponent that
 * is refused. */
NODISCARD enum status jose_key_adopt(struct jose_key *key, EVP_PKEY *pkey, bool is_private, const char **why);

/* ---- forms (jwk.c, certificate.c) ---- */
void jose_jwk_add(struct jose_key_set *set, const json_t *jwk, enum jose_key_choice choice);
void jose_certificate_add(struct jose_key_set *set, struct str kid, struct str pem);

/* Its numbers and curve alone: whether key and algorithm belong together at all. */
bool jose_key_suits(const struct jose_key *key, const struct jose_algorithm *algorithm);

/* Has the shape that the ROCA flaw (CVE-2017-15361) gives to moduli: its private key can be computed. */
bool jose_rsa_is_roca(const BIGNUM *modulus);
