/* SPDX-License-Identifier: Apache-2.0 */
/* Which key, and whether the signature is its own: RFC 7515 section 5.2, RFC 8725 sections 3.1 to 3.4. */
#include "base/memory.h"
#include "jose/context.h"
#include "jose/ecdsa.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <sodium.h>

static bool verify_mac(const struct jose_key *key, const struct jose_algorithm *algorithm, struct str input,
                       struct str signature) {
    unsigned char expected[JOSE_HASH_MAX];
    size_t len = 0;
    if (key->secret.len < jose_algorithm_min_secret(algorithm) || signature.len != algorithm->hash_len)
        return false;
    EVP_MAC_CTX *mac = jose_context_mac(key, algorithm);
    bool made = mac != NULL && EVP_MAC_update(mac, (const unsigned char *)input.at, input.len) == 1 &&
                EVP_MAC_final(mac, expected, &len, sizeof expected) == 1;
    bool valid = made && str_equal_secret(signature, str_of(expected, len));
    mem_wipe(expected, sizeof expected);
    return valid;
}

static bool verify_hashed(const struct jose_key *key, const struct jose_algorithm *algorithm,
                          struct str input, struct str signature) {
    unsigned char digest[JOSE_HASH_MAX];
    EVP_PKEY_CTX *context = jose_context_verify(key, algorithm);
    return context != NULL && jose_context_hash(algorithm->hash, input, digest) &&
           EVP_PKEY_verify(context, (const unsigned char *)signature.at, signature.len, digest,
                           algorithm->hash_len) == 1;
}

static bool verify_rsa(const struct jose_key *key, const struct jose_algorithm *algorithm, struct str input,
                       struct str signature) {
    /* Exactly as long as the modulus (RFC 8017 sections 8.1.2 and 8.2.2). */
    return signature.len == (key->bits + 7) / 8 && verify_hashed(key, algorithm, input, signature);
}

static bool verify_ec(const struct jose_key *key, const struct jose_algorithm *algorithm, struct str input,
                      struct str signature) {
    unsigned char der[JOSE_DER_MAX];
    if (signature.len != algorithm->curve->signature_len)
        return false;
    size_t len =
        jose_ecdsa_to_der(signature, der); /* refuses zeros; OpenSSL refuses what is not below the order */
    return len > 0 && verify_hashed(key, algorithm, input, str_of(der, len));
}

static bool verify_okp(const struct jose_key *key, struct str input, struct str signature) {
    const unsigned char *bytes = (const unsigned char *)signature.at;
    const unsigned char *message = (const unsigned char *)input.at;
    if (signature.len != key->curve->signature_len)
        return false;
    if (key->curve->by_sodium)
        return crypto_sign_verify_detached(bytes, message, input.len, key->ed25519) == 0;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool valid = context != NULL &&
                 EVP_DigestVerifyInit_ex(context, NULL, NULL, NULL, NULL, key->pkey, NULL) == 1 &&
                 EVP_DigestVerify(context, bytes, signature.len, message, input.len) == 1;
    EVP_MD_CTX_free(context);
    return valid;
}

static bool verify_by_type(const struct jose_key *key, const struct jose_algorithm *algorithm,
                           struct str input, struct str signature) {
    switch (key->type) {
    case JOSE_OCT:
        return verify_mac(key, algorithm, input, signature);
    case JOSE_RSA:
        return verify_rsa(key, algorithm, input, signature);
    case JOSE_EC:
        return verify_ec(key, algorithm, input, signature);
    case JOSE_OKP:
        return verify_okp(key, input, signature);
    }
    return false;
}

bool jose_key_verify(const struct jose_key *key, const struct jose_algorithm *algorithm, struct str input,
                     struct str signature) {
    if (!jose_key_suits(key, algorithm))
        return false;
    ERR_set_mark();
    bool valid = verify_by_type(key, algorithm, input, signature);
    ERR_pop_to_mark();
    return valid;
}

/* ---- which key ---- */

static enum jose_verdict choose(const struct jose_jws *jws, const struct jose_key_set *keys,
                                const struct jose_key **chosen) {
    const struct jose_key *found = NULL;
    size_t named = 0;
    size_t fitting = 0;
    for (size_t i = 0; i < keys->count; i++) {
        const struct jose_key *key = keys->keys[i];
        if (jws->kid.at != NULL && (key->kid.at == NULL || !str_equal(jws->kid, key->kid)))
            continue;
        named++;
        if (key->may_verify && jose_key_fits(key, jws->algorithm)) {
            fitting++;
            found = key;
        }
    }
    if (named == 0 && jws->kid.at != NULL)
        return JOSE_UNKNOWN_KID;
    if (fitting == 0)
        return JOSE_NO_FITTING_KEY;
    if (fitting > 1 || (jws->kid.at != NULL && found->shares_kid))
        return JOSE_SEVERAL_KEYS;
    *chosen = found;
    return JOSE_VALID;
}

/* Shared secrets have no ids: the old and the new one of a rotation are both tried. */
static enum jose_verdict try_each(const struct jose_jws *jws, const struct jose_key_set *keys,
                                  const struct jose_key **used) {
    bool any_fits = false;
    bool any_long_enough = false;
    for (size_t i = 0; i < keys->count; i++) {
        const struct jose_key *key = keys->keys[i];
        if (!jose_key_fits(key, jws->algorithm))
            continue;
        any_fits = true;
        any_long_enough = any_long_enough || key->secret.len >= jose_algorithm_min_secret(jws->algorithm);
        if (jose_key_verify(key, jws->algorithm, jws->signing_input, jws->signature)) {
            *used = key;
            return JOSE_VALID;
        }
    }
    if (!any_fits)
        return JOSE_NO_FITTING_KEY;
    return any_long_enough ? JOSE_BAD_SIGNATURE : JOSE_SECRET_TOO_SHORT;
}

enum jose_verdict jose_verify(const struct jose_jws *jws, const struct jose_key_set *keys, int64_t now_s,
                              const struct jose_key **used) {
    const struct jose_key *chosen = NULL;
    const struct jose_key **result = used != NULL ? used : &chosen;
    *result = NULL;
    if (jws->algorithm == NULL)
        return JOSE_UNKNOWN_ALGORITHM;
    if (keys->ignores_kid)
        return try_each(jws, keys, result);
    enum jose_verdict verdict = choose(jws, keys, &chosen);
    if (verdict != JOSE_VALID)
        return verdict;
    *result = chosen;
    if (now_s < chosen->not_before || now_s > chosen->not_after)
        return JOSE_KEY_NOT_IN_TIME;
    if (chosen->type == JOSE_OCT && chosen->secret.len < jose_algorithm_min_secret(jws->algorithm))
        return JOSE_SECRET_TOO_SHORT;
    return jose_key_verify(chosen, jws->algorithm, jws->signing_input, jws->signature) ? JOSE_VALID
                                                                                       : JOSE_BAD_SIGNATURE;
}
