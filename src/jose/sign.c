/* SPDX-License-Identifier: Apache-2.0 */
#include "base/encode.h"
#include "base/json.h"
#include "base/memory.h"
#include "jose/context.h"
#include "jose/ecdsa.h"

#include <openssl/err.h>

enum { SIGNATURE_MAX = JOSE_RSA_MAX_BITS / 8 };

static enum status sign_mac(const struct jose_key *key, const struct jose_algorithm *algorithm,
                            struct str input, unsigned char *signature, size_t *len) {
    if (key->secret.len < jose_algorithm_min_secret(algorithm))
        return INVALID;
    EVP_MAC_CTX *mac = jose_context_mac(key, algorithm);
    if (mac == NULL || EVP_MAC_update(mac, (const unsigned char *)input.at, input.len) != 1 ||
        EVP_MAC_final(mac, signature, len, SIGNATURE_MAX) != 1)
        return FAILED;
    return OK;
}

static enum status sign_hashed(const struct jose_key *key, const struct jose_algorithm *algorithm,
                               struct str input, unsigned char *signature, size_t *len) {
    unsigned char digest[JOSE_HASH_MAX];
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    bool made = context != NULL && EVP_PKEY_sign_init(context) == 1 &&
                jose_context_set_scheme(context, algorithm) &&
                jose_context_hash(algorithm->hash, input, digest) &&
                EVP_PKEY_sign(context, signature, len, digest, algorithm->hash_len) == 1;
    EVP_PKEY_CTX_free(context);
    return made ? OK : FAILED;
}

static enum status sign_ec(const struct jose_key *key, const struct jose_algorithm *algorithm,
                           struct str input, unsigned char *signature, size_t *len) {
    unsigned char der[SIGNATURE_MAX];
    size_t der_len = sizeof der;
    TRY(sign_hashed(key, algorithm, input, der, &der_len));
    TRY(jose_ecdsa_from_der(str_of(der, der_len), key->curve->bytes, signature));
    *len = key->curve->signature_len;
    return OK;
}

static enum status sign_okp(const struct jose_key *key, struct str input, unsigned char *signature,
                            size_t *len) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool made = context != NULL &&
                EVP_DigestSignInit_ex(context, NULL, NULL, NULL, NULL, key->pkey, NULL) == 1 &&
                EVP_DigestSign(context, signature, len, (const unsigned char *)input.at, input.len) == 1;
    EVP_MD_CTX_free(context);
    return made ? OK : FAILED;
}

static enum status sign_by_type(const struct jose_key *key, const struct jose_algorithm *algorithm,
                                struct str input, unsigned char *signature, size_t *len) {
    switch (key->type) {
    case JOSE_OCT:
        return sign_mac(key, algorithm, input, signature, len);
    case JOSE_RSA:
        return sign_hashed(key, algorithm, input, signature, len);
    case JOSE_EC:
        return sign_ec(key, algorithm, input, signature, len);
    case JOSE_OKP:
        return sign_okp(key, input, signature, len);
    }
    return INVALID;
}

enum status jose_key_sign(const struct jose_key *key, const struct jose_algorithm *algorithm,
                          struct str input, struct arena *arena, struct str *signature) {
    unsigned char bytes[SIGNATURE_MAX];
    size_t len = sizeof bytes;
    if (!key->is_private || !key->may_sign || !jose_key_fits(key, algorithm))
        return INVALID;
    ERR_set_mark();
    enum status status = sign_by_type(key, algorithm, input, bytes, &len);
    ERR_pop_to_mark();
    if (status == OK)
        *signature = arena_copy(arena, str_of(bytes, len));
    return status;
}

/* Nothing that our own reader would refuse, and no other algorithm than the one it is signed with. */
static bool may_stand(const json_t *header, const struct jose_algorithm *algorithm) {
    const json_t *alg = json_object_get(header, "alg");
    return json_object_get(header, "crit") == NULL && json_object_get(header, "b64") == NULL &&
           json_object_get(header, "zip") == NULL &&
           (alg == NULL || str_equal(json_str(alg), algorithm->name));
}

enum status jose_sign(const struct jose_key *key, const struct jose_algorithm *algorithm,
                      const json_t *header, struct str payload, struct arena *arena, struct str *token) {
    if (header != NULL && (!json_is_object(header) || !may_stand(header, algorithm)))
        return INVALID;
    json_auto_t *full = json_object();
    json_object_set_new(full, "alg", json_from_str(algorithm->name));
    json_object_set_new(full, "typ", json_string("JWT"));
    if (key->kid.at != NULL)
        json_object_set_new(full, "kid", json_from_str(key->kid));
    if (header != NULL)
        json_object_update(full, (json_t *)header);
    struct str input = arena_join(arena, 3,
                                  (struct str[]){base64url_encode(arena, json_write(arena, full)), STR("."),
                                                 base64url_encode(arena, payload)});
    struct str signature;
    TRY(jose_key_sign(key, algorithm, input, arena, &signature));
    *token = arena_join(arena, 3, (struct str[]){input, STR("."), base64url_encode(arena, signature)});
    return OK;
}
