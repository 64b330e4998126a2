/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/verifier.h"

#include "audit/audit.h"
#include "base/clock.h"
#include "base/encode.h"
#include "base/memory.h"
#include "verifier/token_cache.h"

#include <stdalign.h>
#include <string.h>

struct verifier {
    struct keyset_cache *key_sets;
    struct token_cache *tokens;
    struct verifier_metrics metrics;
};

struct verifier *verifier_new(struct keyset_cache *key_sets) {
    struct verifier *verifier = mem_alloc_zero(sizeof *verifier);
    verifier->key_sets = key_sets;
    verifier->tokens = token_cache_new();
    return verifier;
}

void verifier_free(struct verifier *verifier) {
    if (verifier == NULL)
        return;
    token_cache_free(verifier->tokens);
    mem_free(verifier);
}

/* ---- a verified identity ---- */

/* All that is kept of a token is one block of memory: this, and behind it the text. */
struct shared_verified {
    struct verified public; /* first: what others see */
    unsigned references;
    struct arena *arena; /* for what was asked for later; mostly NULL */
    alignas(max_align_t) char text[];
};

void verified_ref(struct verified *verified) {
    ((struct shared_verified *)verified)->references++;
}

void verified_unref(struct verified *verified) {
    struct shared_verified *shared = (struct shared_verified *)verified;
    if (shared == NULL || --shared->references > 0)
        return;
    identity_release(&verified->identity);
    arena_free(shared->arena);
    mem_free(shared);
}

static size_t round_up(size_t size) {
    enum { STEP = 256 }; /* so that a block that goes fits the one that comes */
    return (size + STEP - 1) / STEP * STEP;
}

static struct verified *verified_new(const struct environment *environment, const struct identity *identity) {
    struct str user = identity_user_json(identity);
    size_t identity_size = identity_copy_size(identity);
    size_t header_size = base64url_len(user.len);
    struct shared_verified *shared =
        mem_alloc(round_up(sizeof *shared + identity_size + header_size + environment->id.len));
    char *room = shared->text;
    struct verified *verified = &shared->public;
    *shared = (struct shared_verified){.references = 1};
    identity_copy(identity, room, &verified->identity);
    room += identity_size;
    verified->header = base64url_encode_into(room, user);
    room += header_size;
    memcpy(room, environment->id.at, environment->id.len);
    verified->environment_id = str_of(room, environment->id.len);
    verified->issuer = verified->identity.issuer_name;
    return verified;
}

void verified_name_token(struct verified *verified, struct str token) {
    struct shared_verified *shared = (struct shared_verified *)verified;
    if (!str_is_empty(verified->token_id))
        return;
    shared->arena = arena_new();
    verified->token_id = audit_token_id(shared->arena, verified->identity.token_id, token);
}

/* ---- keys ---- */

/* The index of an issuer in its settings: the local keys stand in the same order. */
static size_t index_of(const struct environment *environment, const struct identity_issuer *issuer) {
    return (size_t)(issuer - environment->config.sign_in->issuers);
}

static bool has_remote_keys(const struct environment *environment, const struct identity_issuer *issuer) {
    return issuer->mode == IDENTITY_KEY_SET &&
           environment->local_keys[index_of(environment, issuer)] == NULL &&
           !str_is_empty(issuer->key_set_url);
}

/* The keys at hand, borrowed until the next wait: the environment's own, or those fetched before.
 * UNAVAILABLE: to be fetched. */
static enum status keys_at_hand(struct verifier *verifier, const struct environment *environment,
                                const struct identity_issuer *issuer, const struct jose_key_set **keys) {
    if (!has_remote_keys(environment, issuer)) {
        *keys = environment->local_keys[index_of(environment, issuer)];
        return OK; /* perhaps NULL: identity_verify says what is missing */
    }
    return keyset_peek(verifier->key_sets, issuer->key_set_url, keys);
}

/* ---- verifying ---- */

/* A token being verified: read once, whatever must be fetched. */
struct attempt {
    struct verifier *verifier;
    const struct environment *environment;
    struct arena *arena;
    struct identity_token token;
    const struct identity_issuer *issuer;
    struct token_cache_key key;
    struct identity_failure *failure;
    bool may_wait; /* in a fiber, and whoever asked waits */
};

static enum status refused(struct attempt *attempt) {
    enum identity_reason reason = identity_words(attempt->failure->detail)->reason;
    attempt->verifier->metrics.refused[reason]++;
    statistics_count_refused(attempt->environment->counters, attempt->failure->detail);
    return DENIED;
}

static enum status attempt_begin(struct attempt *attempt, struct str text) {
    const struct identity_sign_in *sign_in = attempt->environment->config.sign_in;
    if (identity_token_read(text, attempt->arena, &attempt->token, attempt->failure) != OK)
        return DENIED;
    if (sign_in->enforcement == IDENTITY_OFF) { /* whatever issuers stand there */
        identity_fail(attempt->failure, attempt->arena, IDENTITY_SIGN_IN_OFF, NULL);
        return DENIED;
    }
    if (identity_choose_issuer(sign_in, &attempt->token, attempt->arena, &attempt->issuer,
                               attempt->failure) != OK)
        return DENIED;
    return OK;
}

/* Which of its secrets a customer still signs with: the old one of a rotation may go when it is not used any
 * more. */
static void note_secret(const struct attempt *attempt, size_t secret_index) {
    const struct environment *environment = attempt->environment;
    if (attempt->issuer->mode != IDENTITY_HMAC || environment->signing_uses == NULL)
        return;
    struct environment_use *uses = environment->signing_uses[index_of(environment, attempt->issuer)];
    environment_note_use(environment, uses != NULL ? &uses[secret_index] : NULL, clock_now_ms());
}

/* Only what is not remembered comes here: a revocation gives the environment another generation, and so ends
 * what is. */
static enum status check_revoked(const struct attempt *attempt, const struct identity *identity) {
    enum status status =
        attempt->may_wait
            ? environment_admits_wait(attempt->environment, attempt->arena, identity, attempt->token.text)
            : environment_admits(attempt->environment, attempt->arena, identity, attempt->token.text);
    if (status == DENIED)
        identity_fail(attempt->failure, attempt->arena, IDENTITY_REVOKED, NULL);
    return status;
}

/* By these keys: OK remembers the identity and gives a reference. DENIED with the failure. */
static enum status attempt_verify(struct attempt *attempt, const struct jose_key_set *keys,
                                  struct verified **verified) {
    struct identity identity = {.subject = STR_NONE};
    enum status status = identity_verify(attempt->issuer, keys, &attempt->token, clock_now_s(),
                                         attempt->arena, &identity, attempt->failure);
    if (status != OK)
        return DENIED;
    status = check_revoked(attempt, &identity);
    if (status != OK) {
        identity_release(&identity);
        return status;
    }
    note_secret(attempt, identity.secret_index);
    *verified = verified_new(attempt->environment, &identity);
    identity_release(&identity);
    token_cache_put(attempt->verifier->tokens, attempt->key, *verified,
                    has_remote_keys(attempt->environment, attempt->issuer) ? keys : NULL,
                    attempt->token.text.len);
    attempt->verifier->metrics.verified++;
    return OK;
}

/* The index of the issuer that a remembered identity came from; the generation of the environment is part of
 * the cache's key, so the settings are the same that it was verified by. */
static const struct identity_issuer *issuer_named(const struct environment *environment, struct str name) {
    const struct identity_sign_in *sign_in = environment->config.sign_in;
    for (size_t i = 0; i < sign_in->issuer_count; i++) {
        if (str_equal(sign_in->issuers[i].name, name))
            return &sign_in->issuers[i];
    }
    return NULL;
}

/* A remembered identity still holds while the token has not ended and the key set it was verified by is the
 * current one: a key that its provider has pulled must not live on here. */
static struct verified *recall(struct verifier *verifier, const struct environment *environment,
                               struct token_cache_key key) {
    const struct jose_key_set *keys = NULL;
    struct verified *verified = token_cache_find(verifier->tokens, key, &keys);
    if (verified == NULL)
        return NULL;
    bool holds = clock_now_s() < verified->identity.usable_until;
    if (holds && keys != NULL) {
        const struct jose_key_set *current = NULL;
        const struct identity_issuer *issuer = issuer_named(environment, verified->issuer);
        holds =
            issuer != NULL && keys_at_hand(verifier, environment, issuer, &current) == OK && current == keys;
    }
    if (!holds) {
        token_cache_drop(verifier->tokens, key);
        return NULL;
    }
    verifier->metrics.remembered++;
    return verified;
}

static bool is_worth_hashing(struct str token) {
    return token.len > 0 && token.len <= JOSE_TOKEN_MAX;
}

bool verifier_remembers(struct verifier *verifier, const struct environment *environment, struct str token) {
    if (!is_worth_hashing(token))
        return false;
    struct token_cache_key key = token_cache_key_of(verifier->tokens, environment->generation, token);
    return recall(verifier, environment, key) != NULL;
}

enum status verifier_try(struct verifier *verifier, const struct environment *environment, struct str token,
                         struct arena *arena, struct verified **verified, struct identity_failure *failure) {
    struct attempt attempt = {
        .verifier = verifier, .environment = environment, .arena = arena, .failure = failure};
    if (is_worth_hashing(token)) {
        attempt.key = token_cache_key_of(verifier->tokens, environment->generation, token);
        *verified = recall(verifier, environment, attempt.key);
        if (*verified != NULL) {
            statistics_count_verified(environment->counters);
            return OK;
        }
    }
    const struct jose_key_set *keys = NULL;
    enum status status = attempt_begin(&attempt, token);
    if (status == OK)
        status = keys_at_hand(verifier, environment, attempt.issuer, &keys);
    if (status == OK)
        status = attempt_verify(&attempt, keys, verified);
    if (status == OK) {
        verified_unref(*verified); /* the cache holds it: borrowed from there */
        statistics_count_verified(environment->counters);
    } else if (status == DENIED && failure->keys_may_be_stale &&
               has_remote_keys(environment, attempt.issuer)) {
        return UNAVAILABLE; /* fresher keys may know it */
    }
    return status == DENIED ? refused(&attempt) : status;
}

/* With keys fetched where they are not at hand, and once more where the key in question is newer than those
 * we have. */
static enum status verify_with_fetched(struct attempt *attempt, struct verified **verified) {
    struct keyset_cache *key_sets = attempt->verifier->key_sets;
    struct str url = attempt->issuer->key_set_url;
    struct jose_key_set *keys = NULL;
    struct keyset_error error = {0};
    enum status status = keyset_get_wait(key_sets, url, attempt->arena, &keys, &error);
    if (status == CANCELED)
        return CANCELED;
    if (status != OK) {
        identity_fail(attempt->failure, attempt->arena, verifier_fetch_detail(error.problem), "%.*s",
                      STR_ARG(error.sentence));
        return DENIED;
    }
    status = attempt_verify(attempt, keys, verified);
    if (status == DENIED && attempt->failure->keys_may_be_stale) {
        struct jose_key_set *fresh = NULL;
        status = keyset_refresh_for_unknown_kid_wait(key_sets, url, keys, &fresh);
        if (status == OK && fresh != keys)
            status = attempt_verify(attempt, fresh, verified);
        else if (status != CANCELED)
            status = DENIED; /* no newer keys: the failure stands */
        jose_key_set_release(fresh);
    }
    jose_key_set_release(keys);
    return status;
}

/* A reference to what is remembered, or else verified now. */
static enum status remember_or_verify(struct attempt *attempt, struct str token, struct verified **verified) {
    struct verifier *verifier = attempt->verifier;
    const struct environment *environment = attempt->environment;
    if (is_worth_hashing(token)) {
        attempt->key = token_cache_key_of(verifier->tokens, environment->generation, token);
        *verified = recall(verifier, environment, attempt->key);
        if (*verified != NULL) {
            verified_ref(*verified);
            return OK;
        }
    }
    TRY(attempt_begin(attempt, token));
    if (has_remote_keys(environment, attempt->issuer))
        return verify_with_fetched(attempt, verified);
    return attempt_verify(attempt, environment->local_keys[index_of(environment, attempt->issuer)], verified);
}

enum status verifier_verify_wait(struct verifier *verifier, const struct environment *environment,
                                 struct str token, struct arena *arena, struct verified **verified,
                                 struct identity_failure *failure) {
    struct attempt attempt = {.verifier = verifier,
                              .environment = environment,
                              .arena = arena,
                              .failure = failure,
                              .may_wait = true};
    enum status status = remember_or_verify(&attempt, token, verified);
    if (status == OK) {
        verified_name_token(*verified, token);
        statistics_count_verified(environment->counters);
    }
    return status == DENIED ? refused(&attempt) : status;
}

void verifier_read_metrics(const struct verifier *verifier, struct verifier_metrics *metrics) {
    *metrics = verifier->metrics;
    metrics->entries = token_cache_count(verifier->tokens);
}
