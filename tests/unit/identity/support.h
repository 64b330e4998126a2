/* SPDX-License-Identifier: Apache-2.0 */
/* One token against one issuer's settings: what comes of it. */
#pragma once

#include "identity/identity.h"
#include "jose/support.h"

enum { NOW = 1800000000 };

#define SECRET       "a-secret-of-more-than-sixty-four-bytes-so-that-it-serves-all-three-HMACs"
#define HMAC_ISSUER  "'name':'acme','mode':'hmac'"
#define OTHER_SECRET "b-secret-of-more-than-sixty-four-bytes-so-that-it-serves-all-three-HMACs"

static inline json_t *json_of(struct arena *arena, const char *text) {
    json_t *json = NULL;
    assert_int_equal(json_read(json_text(arena, text), JSON_DEPTH_DOCUMENT, &json, NULL), OK);
    return json;
}

/* The settings of one issuer, or of several: what stands in the list `issuers`. */
static inline struct identity_sign_in settings(struct arena *arena, const char *issuers) {
    struct identity_sign_in sign_in;
    struct identity_config_error error = {STR_NONE, STR_NONE};
    json_auto_t *json = json_of(arena, arena_print(arena, "{'issuers':[%s]}", issuers).at);
    if (identity_sign_in_read(json, arena, &sign_in, &error) != OK)
        fail_msg("%.*s: %.*s", STR_ARG(error.pointer), STR_ARG(error.message));
    return sign_in;
}

static inline struct jose_key_set *secret_keys(const char *secret) {
    struct jose_key_set *keys = NULL;
    struct str bytes = str_from(secret);
    assert_int_equal(jose_key_set_from_secrets(&bytes, 1, &keys), OK);
    return keys;
}

struct outcome {
    struct arena *arena;
    enum status status;
    struct identity identity;
    struct identity_failure failure;
    struct identity_sign_in sign_in;
};

/* Verifies `text` by the first issuer of `issuers`. */
static inline struct outcome verify_text(const char *issuers, const struct jose_key_set *keys,
                                         struct str text) {
    struct outcome outcome = {.arena = arena_new()};
    struct identity_token token = {.text = STR_NONE};
    outcome.sign_in = settings(outcome.arena, issuers);
    struct str copy = arena_copy(outcome.arena, text);
    outcome.status = identity_token_read(copy, outcome.arena, &token, &outcome.failure);
    if (outcome.status == OK)
        outcome.status = identity_verify(&outcome.sign_in.issuers[0], keys, &token, NOW, outcome.arena,
                                         &outcome.identity, &outcome.failure);
    return outcome;
}

static inline void outcome_free(struct outcome *outcome) {
    identity_release(&outcome->identity);
    identity_release(&outcome->identity); /* twice is fine */
    identity_sign_in_release(&outcome->sign_in);
    arena_free(outcome->arena);
}

/* A token signed with SECRET, header and claims as they are given. */
static inline struct outcome verify_claims(const char *issuer, const char *header, const char *claims) {
    AUTO_ARENA arena = arena_new();
    struct jose_key_set *keys = secret_keys(SECRET);
    struct str text = token_signed(arena, jose_key_set_at(keys, 0), "HS256", header, claims);
    struct outcome outcome = verify_text(issuer, keys, text);
    jose_key_set_release(keys);
    return outcome;
}

#define HEADER "{'alg':'HS256','typ':'JWT'}"
#define SOON   "'exp':1800000300"

static inline void assert_verified_at(const char *issuer, const char *header, const char *claims,
                                      const char *file, int line) {
    struct outcome outcome = verify_claims(issuer, header, claims);
    if (outcome.status != OK)
        print_error("%s: %.*s\n", identity_words(outcome.failure.detail)->detail,
                    STR_ARG(outcome.failure.explanation));
    _assert_true(outcome.status == OK, "verified", file, line);
    outcome_free(&outcome);
}

static inline void assert_refused_at(const char *issuer, const char *header, const char *claims,
                                     enum identity_detail detail, const char *file, int line) {
    struct outcome outcome = verify_claims(issuer, header, claims);
    _assert_int_equal((unsigned long long)outcome.status, INVALID, file, line);
    if (outcome.failure.detail != detail)
        print_error("%s, expected %s\n", identity_words(outcome.failure.detail)->detail,
                    identity_words(detail)->detail);
    _assert_int_equal((unsigned long long)outcome.failure.detail, (unsigned long long)detail, file, line);
    assert_null(outcome.identity.user_text.at);
    assert_null(outcome.identity.subject.at);
    assert_true(str_is_utf8(outcome.failure.explanation));
    outcome_free(&outcome);
}

#define assert_verified(issuer, claims)                                                                      \
    assert_verified_at("{" issuer "}", HEADER, (claims), __FILE__, __LINE__)
#define assert_refused(issuer, claims, detail)                                                               \
    assert_refused_at("{" issuer "}", HEADER, (claims), (detail), __FILE__, __LINE__)
