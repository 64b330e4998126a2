/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of jose and identity share: JSON written with single quotes, keys, and tokens made by hand.
 */
#pragma once

#include "base/encode.h"
#include "base/json.h"
#include "jose/jose.h"
#include "unit/unit.h"

#include <openssl/err.h>
#include <string.h>

/* {'a': 1} is easier to read in C than with quotes escaped. */
static inline struct str json_text(struct arena *arena, const char *text) {
    char *copy = arena_terminated(arena, str_from(text));
    for (char *at = copy; *at != '\0'; at++) {
        if (*at == '\'')
            *at = '"';
    }
    return str_from(copy);
}

static inline struct jose_key_set *keys_read(struct arena *arena, const char *text,
                                             enum jose_key_choice choice) {
    struct jose_key_set *keys = NULL;
    assert_int_equal(jose_key_set_read(json_text(arena, text), choice, &keys, NULL), OK);
    return keys;
}

static inline const struct jose_key *key_only(const struct jose_key_set *keys) {
    assert_int_equal(jose_key_set_count(keys), 1);
    return jose_key_set_at(keys, 0);
}

static inline const struct jose_algorithm *algorithm_named(const char *name) {
    const struct jose_algorithm *algorithm = jose_algorithm_find(str_from(name));
    assert_non_null(algorithm);
    return algorithm;
}

/* header.payload, encoded; with anything for a signature. */
static inline struct str token_of(struct arena *arena, struct str header, struct str payload,
                                  struct str signature) {
    return arena_join(arena, 5,
                      (struct str[]){base64url_encode(arena, header), STR("."),
                                     base64url_encode(arena, payload), STR("."),
                                     base64url_encode(arena, signature)});
}

/* Signed whatever its header says: for headers that jose_sign would refuse to make. */
static inline struct str token_signed(struct arena *arena, const struct jose_key *key, const char *alg,
                                      const char *header, const char *payload) {
    struct str input = arena_join(arena, 3,
                                  (struct str[]){base64url_encode(arena, json_text(arena, header)), STR("."),
                                                 base64url_encode(arena, json_text(arena, payload))});
    struct str signature;
    assert_int_equal(jose_key_sign(key, algorithm_named(alg), input, arena, &signature), OK);
    return arena_join(arena, 3, (struct str[]){input, STR("."), base64url_encode(arena, signature)});
}

/* ---- keys of the RFCs' appendices ---- */

#define SECRET_A1 "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
#define OCT_A1    "{'kty':'oct','k':'" SECRET_A1 "'}"

#define RSA_A2_N                                                                                             \
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-" \
    "SFd2lZ"                                                                                                 \
    "S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-"      \
    "UTo7WTBEMa2"                                                                                            \
    "R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_"                       \
    "h9iaGNj8q2ethFkMLs91kzk2PAcD"                                                                           \
    "TW9gb54h4FRWyuXpoQ"
#define RSA_A2_D                                                                                             \
    "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-"                     \
    "7YwVol2NXOoAJe46sui395IW_G"                                                                             \
    "O-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_"  \
    "0ZHHzQl"                                                                                                \
    "BjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_"         \
    "RQyGWSeWjnczT0"                                                                                         \
    "QU91p1DhOVRuOopznQ"
#define RSA_A2_MEMBERS "'kty':'RSA','n':'" RSA_A2_N "','e':'AQAB'"
#define RSA_A2         "{" RSA_A2_MEMBERS "}"
#define RSA_A2_PRIVATE "{" RSA_A2_MEMBERS ",'d':'" RSA_A2_D "'}"

#define EC_A3_MEMBERS                                                                                        \
    "'kty':'EC','crv':'P-256','x':'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU','y':'x_FEzRu9m36HLN_"        \
    "tue659LNpXW6pCyStikYjKIWI5a0'"
#define EC_A3         "{" EC_A3_MEMBERS "}"
#define EC_A3_PRIVATE "{" EC_A3_MEMBERS ",'d':'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI'}"

#define OKP_MEMBERS "'kty':'OKP','crv':'Ed25519','x':'11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'"
#define OKP         "{" OKP_MEMBERS "}"
#define OKP_PRIVATE "{" OKP_MEMBERS ",'d':'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A'}"

/* Payload of RFC 7515 appendix A.1 to A.3 and RFC 7519 section 3.1. */
#define PAYLOAD_A1                                                                                           \
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
