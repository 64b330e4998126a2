/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Web Keys: RFC 7517, with the members of RFC 7518 section 6 and RFC 8037 section 2. */
#include "base/encode.h"
#include "base/json.h"
#include "jose/key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <string.h>

static const char malformed[] = "A member of the key is missing or malformed.";

/* A member in base64url. NULL `at` in `bytes` where it is absent; INVALID where it is something else. */
static enum status read_bytes(const json_t *jwk, const char *name, struct arena *arena, struct str *bytes) {
    const json_t *member = json_object_get(jwk, name);
    *bytes = STR_NONE;
    if (member == NULL)
        return OK;
    if (!json_is_string(member))
        return INVALID;
    return base64url_decode(arena, json_str(member), bytes);
}

static enum status read_needed(const json_t *jwk, const char *name, struct arena *arena, struct str *bytes) {
    TRY(read_bytes(jwk, name, arena, bytes));
    return bytes->len > 0 ? OK : INVALID;
}

static EVP_PKEY *make(const char *type, int selection, OSSL_PARAM_BLD *builder) {
    EVP_PKEY *pkey = NULL;
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (parameters == NULL || context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &pkey, selection, parameters) != 1)
        pkey = NULL;
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    return pkey;
}

/* ---- RSA: RFC 7518 section 6.3 ---- */

struct number {
    const char *member;
    const char *parameter;
    bool is_private;
};

static const struct number rsa_numbers[] = {
    {"n", OSSL_PKEY_PARAM_RSA_N, false},         {"e", OSSL_PKEY_PARAM_RSA_E, false},
    {"d", OSSL_PKEY_PARAM_RSA_D, true},          {"p", OSSL_PKEY_PARAM_RSA_FACTOR1, true},
    {"q", OSSL_PKEY_PARAM_RSA_FACTOR2, true},    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1, true},
    {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2, true}, {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1, true},
};
enum { RSA_PUBLIC = 2, RSA_NUMBERS = sizeof rsa_numbers / sizeof *rsa_numbers };

static enum status push_number(OSSL_PARAM_BLD *builder, const char *parameter, struct str bytes,
                               BIGNUM **number) {
    if (bytes.len > JOSE_RSA_MAX_BITS / 8 + 1) /* a leading zero byte is wrong, common and harmless */
        return TOO_LARGE;
    *number = BN_bin2bn((const unsigned char *)bytes.at, (int)bytes.len, NULL);
    return *number != NULL && OSSL_PARAM_BLD_push_BN(builder, parameter, *number) == 1 ? OK : FAILED;
}

static enum status read_rsa(const json_t *jwk, struct arena *arena, bool is_private, EVP_PKEY **pkey) {
    BIGNUM *numbers[RSA_NUMBERS] = {NULL};
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    enum status status = builder != NULL ? OK : FAILED;
    if (json_object_get(jwk, "oth") != NULL && is_private)
        status = INVALID; /* more than two primes: nobody uses it, OpenSSL's door has no place for it */
    size_t count =
        !is_private ? RSA_PUBLIC : (json_object_get(jwk, "p") != NULL ? RSA_NUMBERS : RSA_PUBLIC + 1);
    for (size_t i = 0; status == OK && i < count; i++) {
        struct str bytes;
        TRY_OUT(read_needed(jwk, rsa_numbers[i].member, arena, &bytes));
        TRY_OUT(push_number(builder, rsa_numbers[i].parameter, bytes, &numbers[i]));
    }
    if (status == OK)
        *pkey = make("RSA", is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, builder);
out:
    OSSL_PARAM_BLD_free(builder);
    for (size_t i = 0; i < RSA_NUMBERS; i++)
        BN_clear_free(numbers[i]);
    return status;
}

/* ---- elliptic curves: RFC 7518 section 6.2 ---- */

static enum status read_ec(const json_t *jwk, struct arena *arena, const struct jose_curve *curve,
                           bool is_private, EVP_PKEY **pkey) {
    struct str x;
    struct str y;
    struct str d = STR_NONE;
    TRY(read_needed(jwk, "x", arena, &x));
    TRY(read_needed(jwk, "y", arena, &y));
    if (is_private)
        TRY(read_needed(jwk, "d", arena, &d));
    /* All of them have the field's full length (sections 6.2.1.2, 6.2.2.1). */
    if (x.len != curve->bytes || y.len != curve->bytes || (is_private && d.len != curve->bytes))
        return INVALID;
    struct str point = arena_join(arena, 3, (struct str[]){STR("\x04"), x, y}); /* uncompressed */
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    BIGNUM *secret = is_private ? BN_bin2bn((const unsigned char *)d.at, (int)d.len, NULL) : NULL;
    bool built =
        builder != NULL &&
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, curve->openssl, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.at, point.len) == 1 &&
        (!is_private ||
         (secret != NULL && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, secret) == 1));
    if (built)
        *pkey = make("EC", is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, builder);
    OSSL_PARAM_BLD_free(builder);
    BN_clear_free(secret);
    return built ? OK : FAILED;
}

/* ---- Edwards curves: RFC 8037 section 2 ---- */

static enum status read_okp(const json_t *jwk, struct arena *arena, const struct jose_curve *curve,
                            bool is_private, EVP_PKEY **pkey) {
    struct str x;
    struct str d;
    TRY(read_needed(jwk, "x", arena, &x));
    if (x.len != curve->bytes)
        return INVALID;
    if (!is_private) {
        *pkey =
            EVP_PKEY_new_raw_public_key_ex(NULL, curve->openssl, NULL, (const unsigned char *)x.at, x.len);
        return OK;
    }
    TRY(read_needed(jwk, "d", arena, &d));
    if (d.len != curve->bytes)
        return INVALID;
    *pkey = EVP_PKEY_new_raw_private_key_ex(NULL, curve->openssl, NULL, (const unsigned char *)d.at, d.len);
    unsigned char derived[JOSE_FIELD_MAX];
    size_t len = sizeof derived;
    if (*pkey != NULL &&
        (EVP_PKEY_get_raw_public_key(*pkey, derived, &len) != 1 || !str_equal(x, str_of(derived, len)))) {
        EVP_PKEY_free(*pkey);
        *pkey = NULL; /* the public half is computed from the private one: `x` was another's */
    }
    return OK;
}

/* ---- one JWK ---- */

/* What the key may do, by `use` and `key_ops` (RFC 7517 sections 4.2, 4.3), and `alg` (4.4). NULL, or why not
 * at all. */
static const char *read_purpose(const json_t *jwk, struct jose_key *key, bool *is_unreadable) {
    static const char not_for_signing[] = "The key is not for signatures.";
    const json_t *use = json_object_get(jwk, "use");
    const json_t *operations = json_object_get(jwk, "key_ops");
    const json_t *alg = json_object_get(jwk, "alg");
    *is_unreadable = (use != NULL && !json_is_string(use)) ||
                     (operations != NULL && !json_is_array(operations)) ||
                     (alg != NULL && !json_is_string(alg));
    if (*is_unreadable)
        return malformed;
    if (use != NULL && !str_equal(json_str(use), STR("sig")))
        return not_for_signing;
    if (operations != NULL) {
        key->may_verify = key->may_sign = false;
        for (size_t i = 0; i < json_array_size(operations); i++) {
            struct str operation = json_str(json_array_get(operations, i));
            *is_unreadable = *is_unreadable || operation.at == NULL;
            key->may_verify = key->may_verify || str_equal(operation, STR("verify"));
            key->may_sign = key->may_sign || str_equal(operation, STR("sign"));
        }
        if (*is_unreadable)
            return malformed;
        if (!key->may_verify && !key->may_sign)
            return not_for_signing;
    }
    if (alg != NULL) {
        key->only = jose_algorithm_find(json_str(alg));
        if (key->only == NULL)
            return "The key is for an algorithm that is no signature algorithm known here.";
    }
    return NULL;
}

static const char *read_secret(const json_t *jwk, struct jose_key *key, struct arena *arena) {
    if (read_needed(jwk, "k", arena, &key->secret) != OK)
        return malformed;
    if (key->secret.len < JOSE_SECRET_MIN || key->secret.len > JOSE_SECRET_MAX)
        return "The symmetric key has fewer than 32 or more than 4096 bytes.";
    key->type = JOSE_OCT;
    key->bits = (unsigned)key->secret.len * 8;
    key->is_private = true;
    return NULL;
}

static const char *read_pair(const json_t *jwk, struct str kty, bool is_private, struct jose_key *key,
                             struct arena *arena) {
    EVP_PKEY *pkey = NULL;
    enum status status;
    if (str_equal(kty, STR("RSA"))) {
        status = read_rsa(jwk, arena, is_private, &pkey);
    } else {
        const struct jose_curve *curve = jose_curve_find(json_get_str(jwk, "crv"));
        if (curve == NULL || curve->type != (str_equal(kty, STR("EC")) ? JOSE_EC : JOSE_OKP))
            return "The curve is not one that is known here.";
        status = curve->type == JOSE_EC ? read_ec(jwk, arena, curve, is_private, &pkey)
                                        : read_okp(jwk, arena, curve, is_private, &pkey);
    }
    if (status != OK)
        return malformed;
    if (pkey == NULL)
        return "The numbers of the key make no key: a point off its curve, or halves that do not match.";
    const char *why = NULL;
    return jose_key_adopt(key, pkey, is_private, &why) == OK ? NULL : why;
}

static const char *read_jwk(struct jose_key_set *set, const json_t *jwk, enum jose_key_choice choice,
                            struct jose_key *key, bool *is_unreadable) {
    struct str kty = json_get_str(jwk, "kty");
    bool is_symmetric = str_equal(kty, STR("oct"));
    bool has_private = json_object_get(jwk, "d") != NULL;
    const char *why = read_purpose(jwk, key, is_unreadable);
    set->leaked_private = set->leaked_private || has_private || is_symmetric;
    if (why != NULL)
        return why;
    if (choice == JOSE_PUBLIC_KEYS && is_symmetric)
        return "A symmetric key has no place in a public key set.";
    if (choice == JOSE_PUBLIC_KEYS && !key->may_verify)
        return "The key is not for verifying signatures.";
    if (is_symmetric) {
        why = read_secret(jwk, key, set->arena);
    } else if (str_equal(kty, STR("RSA")) || str_equal(kty, STR("EC")) || str_equal(kty, STR("OKP"))) {
        why = read_pair(jwk, kty, has_private && choice == JOSE_ALL_KEYS, key, set->arena);
    } else {
        return "The key type is not one that is known here.";
    }
    *is_unreadable = why != NULL;
    if (why == NULL && key->only != NULL && !jose_key_suits(key, key->only))
        why = "The key's `alg` is for keys of another kind.";
    return why;
}

void jose_jwk_add(struct jose_key_set *set, const json_t *jwk, enum jose_key_choice choice) {
    struct jose_key *key = jose_key_new(set);
    const json_t *kid = json_object_get(jwk, "kid");
    bool is_unreadable = true;
    const char *why = malformed;
    ERR_set_mark();
    if (json_is_object(jwk) &&
        (kid == NULL || (json_is_string(kid) && json_string_length(kid) <= JOSE_KID_MAX))) {
        if (kid != NULL)
            key->kid = arena_copy(set->arena, json_str(kid));
        why = read_jwk(set, jwk, choice, key, &is_unreadable);
    }
    ERR_pop_to_mark();
    if (why == NULL) {
        jose_key_set_keep(set, key);
        return;
    }
    jose_key_set_skip(set, key->kid, why, is_unreadable);
    EVP_PKEY_free(key->pkey);
}
