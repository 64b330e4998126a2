/* SPDX-License-Identifier: Apache-2.0 */
/* One key: what is taken in, and what can be asked of it. */
#include "jose/key.h"

#include "base/encode.h"
#include "base/json.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <sodium.h>
#include <string.h>

bool jose_key_suits(const struct jose_key *key, const struct jose_algorithm *algorithm) {
    return key->type == algorithm->key_type && (algorithm->curve == NULL || algorithm->curve == key->curve);
}

bool jose_key_fits(const struct jose_key *key, const struct jose_algorithm *algorithm) {
    return jose_key_suits(key, algorithm) && (key->only == NULL || key->only == algorithm);
}

struct str jose_key_kid(const struct jose_key *key) {
    return key->kid;
}

struct str jose_key_alg(const struct jose_key *key) {
    return key->only != NULL ? key->only->name : STR_NONE;
}

enum jose_key_type jose_key_type(const struct jose_key *key) {
    return key->type;
}

struct str jose_key_curve(const struct jose_key *key) {
    return key->curve != NULL ? key->curve->name : STR_NONE;
}

unsigned jose_key_bits(const struct jose_key *key) {
    return key->bits;
}

bool jose_key_is_private(const struct jose_key *key) {
    return key->is_private;
}

int64_t jose_key_not_after(const struct jose_key *key) {
    return key->not_after;
}

/* ---- taking a public or private key in ---- */

static enum status check_rsa(struct jose_key *key, const char **why) {
    BIGNUM *n = NULL;
    BIGNUM *e = NULL;
    enum status status = INVALID;
    *why = "The RSA key is incomplete.";
    if (EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_RSA_N, &n) != 1 ||
        EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_RSA_E, &e) != 1)
        goto out;
    key->bits = (unsigned)BN_num_bits(n);
    if (key->bits < JOSE_RSA_MIN_BITS || key->bits > JOSE_RSA_MAX_BITS) {
        *why = "The RSA modulus has fewer than 2048 or more than 8192 bits.";
    } else if (!BN_is_odd(n)) {
        *why = "The RSA modulus is even.";
    } else if (!BN_is_odd(e) || BN_is_one(e) || BN_num_bits(e) > 64) {
        *why = "The RSA exponent is not an odd number from 3 to 64 bits.";
    } else if (jose_rsa_is_roca(n)) {
        *why = "The RSA key comes from a flawed generator (ROCA, CVE-2017-15361).";
    } else {
        status = OK;
    }
out:
    BN_free(n);
    BN_free(e);
    return status;
}

static enum status check_ec(struct jose_key *key, const char **why) {
    char group[32];
    char encoding[32];
    size_t len;
    *why = "The elliptic curve is none of P-256, P-384 and P-521.";
    if (EVP_PKEY_get_utf8_string_param(key->pkey, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, &len) != 1)
        return INVALID;
    key->curve = jose_curve_find_openssl(JOSE_EC, group);
    /* A curve spelled out by its parameters can look like a known one and hide a generator of one's own
     * (CVE-2020-0601). */
    if (key->curve == NULL ||
        EVP_PKEY_get_utf8_string_param(key->pkey, OSSL_PKEY_PARAM_EC_ENCODING, encoding, sizeof encoding,
                                       &len) != 1 ||
        strcmp(encoding, OSSL_PKEY_EC_ENCODING_GROUP) != 0)
        return INVALID;
    key->bits = key->curve->bits;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    bool is_point = context != NULL && EVP_PKEY_public_check(context) == 1;
    EVP_PKEY_CTX_free(context);
    *why = "The point is not on its curve.";
    return is_point ? OK : INVALID;
}

/* For a point of small order anybody finds signatures, of zeros say: a key that was never filled in is one.
 * libsodium tells for Ed25519. OpenSSL takes any point of Ed448; the four of small order have a y of 0, 1 or
 * -1, which two encodings share that differ in the sign of x alone (RFC 8032 section 5.2.2). */
static bool has_small_order_448(const unsigned char *point) {
    enum { Y_LEN = 56, MIDDLE = 28 };
    unsigned char low = point[0], middle = point[MIDDLE];
    bool is_zeros = true, is_minus_one = true; /* but for the lowest byte; p = 2^448 - 2^224 - 1 */
    for (unsigned i = 1; i < Y_LEN; i++) {
        is_zeros = is_zeros && point[i] == 0;
        is_minus_one = is_minus_one && point[i] == (i == MIDDLE ? middle : 0xFF);
    }
    return (is_zeros && low <= 1) || (is_minus_one && middle == 0xFE && low >= 0xFE);
}

static bool is_safe_point(const struct jose_key *key) {
    unsigned char point[JOSE_FIELD_MAX];
    size_t len = sizeof point;
    if (key->curve->by_sodium)
        return crypto_core_ed25519_is_valid_point(key->ed25519) == 1;
    return EVP_PKEY_get_raw_public_key(key->pkey, point, &len) == 1 && !has_small_order_448(point);
}

static enum status check_okp(struct jose_key *key, const char *type, const char **why) {
    key->curve = type != NULL ? jose_curve_find_openssl(JOSE_OKP, type) : NULL;
    *why = "The key is for no signature algorithm that is known here.";
    if (key->curve == NULL)
        return INVALID;
    key->bits = key->curve->bits;
    if (key->curve->by_sodium && sodium_init() < 0)
        return FAILED;
    size_t len = sizeof key->ed25519;
    if (key->curve->by_sodium &&
        (EVP_PKEY_get_raw_public_key(key->pkey, key->ed25519, &len) != 1 || len != sizeof key->ed25519))
        return INVALID;
    *why = "The key is no point of its curve, or one for which anybody could sign.";
    return is_safe_point(key) ? OK : INVALID;
}

/* A private key whose public half is another's would sign what nobody can verify. So it signs once, and the
 * public half must agree; OpenSSL's own check wants the primes of an RSA key, which a JWK may leave out. */
static bool halves_match(const struct jose_key *key) {
    static const unsigned char text[] = "do the halves belong together?";
    const char *hash = key->type == JOSE_OKP ? NULL : jose_hash_name(JOSE_SHA256);
    unsigned char signature[JOSE_RSA_MAX_BITS / 8];
    size_t len = sizeof signature;
    EVP_MD_CTX *signer = EVP_MD_CTX_new();
    EVP_MD_CTX *verifier = EVP_MD_CTX_new();
    bool match = signer != NULL && verifier != NULL &&
                 EVP_DigestSignInit_ex(signer, NULL, hash, NULL, NULL, key->pkey, NULL) == 1 &&
                 EVP_DigestSign(signer, signature, &len, text, sizeof text) == 1 &&
                 EVP_DigestVerifyInit_ex(verifier, NULL, hash, NULL, NULL, key->pkey, NULL) == 1 &&
                 EVP_DigestVerify(verifier, signature, len, text, sizeof text) == 1;
    EVP_MD_CTX_free(signer);
    EVP_MD_CTX_free(verifier);
    return match;
}

enum status jose_key_adopt(struct jose_key *key, EVP_PKEY *pkey, bool is_private, const char **why) {
    enum status status;
    ERR_set_mark();
    key->pkey = pkey;
    key->is_private = is_private;
    if (EVP_PKEY_is_a(pkey, "RSA")) {
        key->type = JOSE_RSA;
        status = check_rsa(key, why);
    } else if (EVP_PKEY_is_a(pkey, "EC")) {
        key->type = JOSE_EC;
        status = check_ec(key, why);
    } else {
        key->type = JOSE_OKP;
        status = check_okp(key, EVP_PKEY_get0_type_name(pkey), why);
    }
    if (status == OK && is_private && !halves_match(key)) {
        *why = "The private and the public half of the key do not belong together.";
        status = INVALID;
    }
    ERR_pop_to_mark();
    return status;
}

/* ---- giving the public half out ---- */

/* As long as the field (RFC 7518 section 6.2.1.2); `len` 0: as short as it can be (section 6.3.1). */
static void set_number(json_t *jwk, struct arena *arena, const char *name, const struct jose_key *key,
                       const char *parameter, size_t len) {
    BIGNUM *number = NULL;
    if (EVP_PKEY_get_bn_param(key->pkey, parameter, &number) != 1)
        return;
    len = len > 0 ? len : (size_t)BN_num_bytes(number);
    unsigned char *bytes = arena_alloc(arena, len);
    if (BN_bn2binpad(number, bytes, (int)len) >= 0)
        json_object_set_new(jwk, name, json_from_str(base64url_encode(arena, str_of(bytes, len))));
    BN_free(number);
}

static void set_okp(json_t *jwk, struct arena *arena, const struct jose_key *key) {
    size_t len = key->curve->bytes;
    unsigned char *bytes = arena_alloc(arena, len);
    if (EVP_PKEY_get_raw_public_key(key->pkey, bytes, &len) == 1)
        json_object_set_new(jwk, "x", json_from_str(base64url_encode(arena, str_of(bytes, len))));
}

json_t *jose_key_public_jwk(const struct jose_key *key) {
    if (key->type == JOSE_OCT)
        return NULL;
    AUTO_ARENA arena = arena_new();
    json_t *jwk = json_object();
    json_object_set_new(jwk, "kty",
                        json_string(key->type == JOSE_RSA ? "RSA" : (key->type == JOSE_EC ? "EC" : "OKP")));
    switch (key->type) {
    case JOSE_RSA:
        set_number(jwk, arena, "n", key, OSSL_PKEY_PARAM_RSA_N, 0);
        set_number(jwk, arena, "e", key, OSSL_PKEY_PARAM_RSA_E, 0);
        break;
    case JOSE_EC:
        json_object_set_new(jwk, "crv", json_from_str(key->curve->name));
        set_number(jwk, arena, "x", key, OSSL_PKEY_PARAM_EC_PUB_X, key->curve->bytes);
        set_number(jwk, arena, "y", key, OSSL_PKEY_PARAM_EC_PUB_Y, key->curve->bytes);
        break;
    case JOSE_OKP:
        json_object_set_new(jwk, "crv", json_from_str(key->curve->name));
        set_okp(jwk, arena, key);
        break;
    case JOSE_OCT:
        break;
    }
    if (key->kid.at != NULL)
        json_object_set_new(jwk, "kid", json_from_str(key->kid));
    if (key->only != NULL)
        json_object_set_new(jwk, "alg", json_from_str(key->only->name));
    json_object_set_new(jwk, "use", json_string("sig"));
    return jwk;
}
