/* SPDX-License-Identifier: Apache-2.0 */
/* A token under test: verified by the same steps as any other, and looked at on the way. */
#include "verifier/verifier.h"

#include "base/clock.h"

enum identity_detail verifier_fetch_detail(enum keyset_problem problem) {
    switch (problem) {
    case KEYSET_ADDRESS_REFUSED:
        return IDENTITY_FETCH_REFUSED;
    case KEYSET_BAD_STATUS:
        return IDENTITY_FETCH_STATUS;
    case KEYSET_NOT_A_KEY_SET:
        return IDENTITY_FETCH_INVALID;
    default:
        return IDENTITY_FETCH_UNREACHABLE;
    }
}

static const struct identity_issuer *issuer_named(const struct identity_sign_in *sign_in, struct str name) {
    for (size_t i = 0; i < sign_in->issuer_count; i++) {
        if (str_equal(sign_in->issuers[i].name, name))
            return &sign_in->issuers[i];
    }
    return NULL;
}

static enum status begin(const struct verifier_question *question, struct arena *arena,
                         struct verifier_inspection *result) {
    TRY(identity_token_read(question->token, arena, &result->token, &result->failure));
    result->is_read = true;
    if (!str_is_empty(question->issuer_name)) {
        result->issuer = issuer_named(question->sign_in, question->issuer_name);
        return result->issuer != NULL ? OK : NOT_FOUND;
    }
    const struct identity_issuer *issuer = NULL;
    enum status status =
        identity_choose_issuer(question->sign_in, &result->token, arena, &issuer, &result->failure);
    result->issuer = status == OK ? issuer : NULL;
    return status;
}

static enum status verify(struct arena *arena, struct verifier_inspection *result,
                          const struct jose_key_set *keys) {
    enum status status = identity_verify(result->issuer, keys, &result->token, clock_now_s(), arena,
                                         &result->identity, &result->failure);
    result->is_verified = status == OK;
    return status;
}

static bool is_remote(const struct identity_issuer *issuer) {
    bool is_confirmed = issuer->provided == NULL || issuer->provided->is_confirmed;
    return issuer->mode == IDENTITY_KEY_SET && issuer->pasted_keys == NULL &&
           !str_is_empty(issuer->key_set_url) && is_confirmed;
}

/* As the verifier does it: with the keys at hand, and once more with newer ones where they might cure it. */
static FIBER enum status verify_with_fetched_wait(const struct verifier_question *question,
                                                  struct arena *arena, struct verifier_inspection *result) {
    struct str url = result->issuer->key_set_url;
    struct jose_key_set *keys = NULL;
    struct keyset_error error = {0};
    enum status status = question->refresh
                             ? keyset_refresh_now_wait(question->key_sets, url, arena, &keys, &error)
                             : keyset_get_wait(question->key_sets, url, arena, &keys, &error);
    result->is_refreshed = question->refresh && status == OK;
    if (status != OK && status != CANCELED)
        identity_fail(&result->failure, arena, verifier_fetch_detail(error.problem), "%.*s",
                      STR_ARG(error.sentence));
    if (status != OK)
        return status == CANCELED ? CANCELED : INVALID;
    status = verify(arena, result, keys);
    if (status != OK && result->failure.keys_may_be_stale && !question->refresh) {
        struct jose_key_set *fresh = NULL;
        enum status fetched = keyset_refresh_for_unknown_kid_wait(question->key_sets, url, keys, &fresh);
        if (fetched == OK && fresh != keys) {
            result->is_refreshed = true;
            status = verify(arena, result, fresh);
        }
        if (fetched == CANCELED)
            status = CANCELED;
        jose_key_set_release(fresh);
    }
    jose_key_set_release(keys);
    return status;
}

/* Good, but of somebody who was signed out. */
static FIBER enum status check_admitted_wait(const struct verifier_question *question, struct arena *arena,
                                             struct verifier_inspection *result) {
    enum status status =
        environment_admits_wait(question->environment, arena, &result->identity, question->token);
    if (status == OK)
        return OK;
    identity_release(&result->identity);
    result->identity = (struct identity){.subject = STR_NONE};
    result->is_verified = false;
    if (status == CANCELED)
        return CANCELED;
    if (status != DENIED)
        return FAILED; /* the store cannot say */
    identity_fail(&result->failure, arena, IDENTITY_REVOKED, NULL);
    return INVALID;
}

enum status verifier_inspect_wait(const struct verifier_question *question, struct arena *arena,
                                  struct verifier_inspection *result) {
    *result = (struct verifier_inspection){.is_verified = false};
    enum status status = begin(question, arena, result);
    if (status != OK)
        return status == NOT_FOUND ? NOT_FOUND : OK;
    size_t index = (size_t)(result->issuer - question->sign_in->issuers);
    if (is_remote(result->issuer)) {
        if (question->key_sets == NULL)
            return UNAVAILABLE;
        status = verify_with_fetched_wait(question, arena, result);
    } else {
        status = verify(arena, result, question->local_keys[index]);
    }
    if (status == OK)
        status = check_admitted_wait(question, arena, result);
    return status == CANCELED || status == FAILED ? status : OK;
}
