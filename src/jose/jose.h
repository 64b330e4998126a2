/* SPDX-License-Identifier: Apache-2.0 */
/* Signed tokens and their keys: JWS in its compact form (RFC 7515), JWK and JWK sets (RFC 7517, 7518, 8037),
 * maps of X.509 certificates. Pure: no I/O and no clock; keys and time are handed in. Everything that is read
 * here is hostile.
 *
 * What a header says about keys (`jku`, `x5u`, `jwk`, `x5c`) is never followed (RFC 8725 section 3.10),
 * `crit` is refused, `none` does not exist, and a key that is secret never verifies what a public key is
 * meant for: a set holds either kind, never both. */
#pragma once

#include "base/arena.h"

#include <jansson.h>

/* ---- algorithms: one table, in jose/algorithm.c ---- */

enum jose_key_type { JOSE_OCT, JOSE_RSA, JOSE_EC, JOSE_OKP };

struct jose_algorithm; /* one row; static, compare by pointer */

const struct jose_algorithm *
jose_algorithm_find(struct str name); /* exact, as in `alg`; NULL where unknown (so `none`) */
const struct jose_algorithm *jose_algorithm_at(size_t index); /* to walk the table; NULL past its end */
struct str jose_algorithm_name(const struct jose_algorithm *algorithm);
bool jose_algorithm_is_symmetric(const struct jose_algorithm *algorithm); /* HS256, HS384, HS512 */
size_t jose_algorithm_min_secret(
    const struct jose_algorithm *algorithm); /* bytes (RFC 7518 section 3.2); 0 for others */

/* A set of algorithms: one bit a row of the table. */
typedef uint32_t jose_algorithms;
jose_algorithms jose_algorithm_bit(const struct jose_algorithm *algorithm);
jose_algorithms jose_algorithms_symmetric(void);
jose_algorithms jose_algorithms_asymmetric(void);

/* ---- a compact JWS, taken apart; nothing in it is proven ---- */

enum { JOSE_TOKEN_MAX = 16384 }; /* bytes of a token, where the caller knows no better bound */

struct jose_jws {
    const struct jose_algorithm *algorithm; /* NULL where `alg` names none of the table */
    struct str alg;                         /* as the header spells it */
    struct str kid;                         /* `at` is NULL where the header has none */
    struct str typ;                         /* likewise */
    struct str header;                      /* decoded: a JSON object */
    struct str payload;                     /* decoded bytes */
    struct str signature;                   /* decoded bytes */
    struct str signing_input;               /* a slice of the token: header.payload as they came */
};

/* Slices live in the arena and in `token`. TOO_LARGE over `max_len` bytes; INVALID for everything that is not
 * exactly a compact JWS with a header that may be understood; `why` (may be NULL) is then a static sentence
 * without the input's content. */
NODISCARD enum status jose_jws_parse(struct str token, size_t max_len, struct arena *arena,
                                     struct jose_jws *jws, const char **why);

/* ---- keys ---- */

struct jose_key;     /* immutable, owned by its set */
struct jose_key_set; /* immutable, atomically reference-counted, safe from any thread */

/* Which keys of a document are wanted. Public: private members are dropped, symmetric keys skipped: what
 * key-set mode reads. All: private and symmetric keys too, for signing and for tools of the command line. */
enum jose_key_choice { JOSE_PUBLIC_KEYS, JOSE_ALL_KEYS };

/* Reads a JWK set, one JWK, or a JSON map of key id to X.509 certificate in PEM (Firebase's form); which of
 * them it is, its members tell. Keys that cannot be used are skipped and counted (RFC 7517 section 5), so a
 * set may come out empty. INVALID: not JSON, or none of the three forms. TOO_LARGE: over 1 MiB. `why` as
 * above. Release the set with jose_key_set_release. */
NODISCARD enum status jose_key_set_read(struct str text, enum jose_key_choice choice,
                                        struct jose_key_set **set, const char **why);
NODISCARD enum status jose_key_set_from_json(const json_t *json, enum jose_key_choice choice,
                                             struct jose_key_set **set, const char **why);

/* Shared secrets for the HS algorithms: the bytes as they are. All of them verify, whatever `kid` a token
 * names (a minting library of the customer may write any), so that an old and a new one overlap. The bytes
 * are copied, and wiped on release. At most 16; INVALID for an empty one or under 32 bytes (RFC 7518
 * section 3.2 for HS256, the shortest), and nothing is made. */
NODISCARD enum status jose_key_set_from_secrets(const struct str *secrets, size_t count,
                                                struct jose_key_set **set);

/* One key in PEM: a private key, a public key or a certificate. `kid` may be STR_NONE. */
NODISCARD enum status jose_key_set_from_pem(struct str pem, struct str kid, enum jose_key_choice choice,
                                            struct jose_key_set **set, const char **why);

struct jose_key_set *jose_key_set_retain(const struct jose_key_set *set); /* NULL is fine */
void jose_key_set_release(struct jose_key_set *set);                      /* NULL is fine */

size_t jose_key_set_count(const struct jose_key_set *set);
const struct jose_key *jose_key_set_at(const struct jose_key_set *set, size_t index);
struct str jose_key_kid(const struct jose_key *key); /* STR_NONE where it has none */
struct str
jose_key_alg(const struct jose_key *key); /* what it restricts itself to; STR_NONE for any that fits */
enum jose_key_type jose_key_type(const struct jose_key *key);
struct str jose_key_curve(const struct jose_key *key); /* "P-256", "Ed25519" …; STR_NONE for RSA and oct */
unsigned jose_key_bits(const struct jose_key *key);    /* of the modulus, field or secret */
bool jose_key_is_private(const struct jose_key *key);  /* it can sign */
int64_t
jose_key_not_after(const struct jose_key *key); /* its certificate's last second; INT64_MAX where none */
bool jose_key_fits(const struct jose_key *key, const struct jose_algorithm *algorithm);

/* What was skipped and why, for health displays. */
struct jose_skipped_key {
    struct str kid;  /* STR_NONE where none could be read; bounded */
    const char *why; /* a static sentence */
};
size_t jose_key_set_skipped_count(const struct jose_key_set *set);
const struct jose_skipped_key *jose_key_set_skipped_at(const struct jose_key_set *set,
                                                       size_t index); /* the first 32 only */
bool jose_key_set_leaked_private(
    const struct jose_key_set *set); /* the document showed private members: warn its owner */

/* The public half as a JWK object (kty, key members, kid, alg, use), to serve. NULL for a symmetric key. */
json_t *jose_key_public_jwk(const struct jose_key *key);

/* ---- verify and sign ---- */

enum jose_verdict {
    JOSE_VALID,
    JOSE_UNKNOWN_ALGORITHM, /* `alg` is not in the table */
    JOSE_UNKNOWN_KID,       /* no key of that id: a fresher set may have it */
    JOSE_NO_FITTING_KEY,    /* the key of that id (or, without `kid`, every key) is of another type, use or
                               algorithm */
    JOSE_SEVERAL_KEYS,      /* without `kid`: more than one fits; or a `kid` that stands for several */
    JOSE_KEY_NOT_IN_TIME,   /* its certificate is not yet, or no longer, valid at `now_s` */
    JOSE_SECRET_TOO_SHORT,  /* symmetric: shorter than the hash (RFC 7518 section 3.2) */
    JOSE_BAD_SIGNATURE,
};

/* Chooses the key by `kid`, `alg`, `use` and `key_ops` and verifies. `used` (may be NULL) is the key that was
 * chosen, or NULL. */
NODISCARD enum jose_verdict jose_verify(const struct jose_jws *jws, const struct jose_key_set *keys,
                                        int64_t now_s, const struct jose_key **used);

/* The signature alone, with this key, whatever its `kid`. */
NODISCARD bool jose_key_verify(const struct jose_key *key, const struct jose_algorithm *algorithm,
                               struct str input, struct str signature);

/* Signs `payload`. `header` (may be NULL) holds further members; `alg` is set, `kid` too where the key has
 * one and the header does not, `typ` is "JWT" unless given. INVALID: the key does not fit or cannot sign, or
 * the header may not be (RFC 7515 4.1.11). */
NODISCARD enum status jose_sign(const struct jose_key *key, const struct jose_algorithm *algorithm,
                                const json_t *header, struct str payload, struct arena *arena,
                                struct str *token);
NODISCARD enum status jose_key_sign(const struct jose_key *key, const struct jose_algorithm *algorithm,
                                    struct str input, struct arena *arena, struct str *signature);
