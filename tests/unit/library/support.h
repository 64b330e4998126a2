/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens and verifiers for the tests of libchatelaine: made by jose/, judged through the public header alone.
 */
#pragma once

#include "base/json.h"
#include "jose/jose.h"
#include "unit/unit.h"

#include <chatelaine/chatelaine.h>
#include <string.h>

enum { NOW = 1800000000 };

static const char secret_a[] = "a-secret-of-more-than-thirty-two-bytes";
static const char secret_b[] = "another-secret-of-more-than-thirty-two";

/* RFC 8037 appendix A.1 and RFC 7515 appendix A.3, with ids. */
static const char ed_private[] = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"ed\","
                                 "\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\","
                                 "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}";
static const char ed_public[] = "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"ed\","
                                "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}";
static const char ec_private[] = "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"ec\","
                                 "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                                 "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\","
                                 "\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}";
static const char ec_public[] = "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"ec\","
                                "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                                "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";

static const char claims[] =
    "{\"iss\":\"https://acme.example\",\"aud\":[\"chat\",\"mail\"],\"sub\":\"ada\",\"exp\":1800000600,"
    "\"iat\":1799999990,\"auth_time\":1799999000,\"jti\":\"t-1\",\"sid\":\"s-1\",\"email\":\"ada@acme."
    "example\","
    "\"name\":\"Ada L\\u00f6velace\",\"scope\":\"balance:read card:freeze\",\"age\":42,"
    "\"metadata\":{\"plan\":\"gold\",\"since\":2019},\"https://acme.example/tier\":\"platinum\"}";

/* A NUL-terminated token in the arena. */
static inline const char *sign(struct arena *arena, const struct jose_key_set *keys, const char *alg,
                               const char *payload) {
    struct str token;
    assert_int_equal(jose_sign(jose_key_set_at(keys, 0), jose_algorithm_find(str_from(alg)), NULL,
                               str_from(payload), arena, &token),
                     OK);
    return arena_terminated(arena, token);
}

static inline const char *sign_with_secret(struct arena *arena, const char *secret, const char *payload) {
    struct jose_key_set *keys;
    struct str bytes = str_from(secret);
    assert_int_equal(jose_key_set_from_secrets(&bytes, 1, &keys), OK);
    const char *token = sign(arena, keys, "HS256", payload);
    jose_key_set_release(keys);
    return token;
}

static inline const char *sign_with_jwk(struct arena *arena, const char *jwk, const char *alg,
                                        const char *payload) {
    struct jose_key_set *keys;
    assert_int_equal(jose_key_set_read(str_from(jwk), JOSE_ALL_KEYS, &keys, NULL), OK);
    const char *token = sign(arena, keys, alg, payload);
    jose_key_set_release(keys);
    return token;
}

static inline struct chatelaine_verifier *make_verifier(struct chatelaine_issuer *issuer) {
    struct chatelaine_verifier *verifier;
    struct chatelaine_error *error;
    const struct chatelaine_issuer *const issuers[] = {issuer};
    enum chatelaine_status status = chatelaine_verifier_new(issuers, 1, &verifier, &error);
    if (status != CHATELAINE_OK)
        fail_msg("%s: %s", chatelaine_error_place(error), chatelaine_error_message(error));
    assert_null(error);
    chatelaine_issuer_free(issuer);
    return verifier;
}

static inline struct chatelaine_issuer *hmac_issuer(const char *secret) {
    struct chatelaine_issuer *issuer = chatelaine_issuer_new("acme", CHATELAINE_HMAC);
    chatelaine_issuer_add_secret(issuer, secret, strlen(secret));
    return issuer;
}
