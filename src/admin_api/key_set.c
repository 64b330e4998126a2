/* SPDX-License-Identifier: Apache-2.0 */
/* The key sets of an environment's issuers: how they are, and "Refresh JWKS + verify". */
#include "admin_api/discovery.h"
#include "admin_api/routes.h"
#include "admin_api/token_verdict.h"

/* ---- one issuer's ---- */

static const char *type_word(enum jose_key_type type) {
    switch (type) {
    case JOSE_RSA:
        return "RSA";
    case JOSE_EC:
        return "EC";
    default:
        return "OKP";
    }
}

static json_t *key_json(const struct jose_key *key) {
    json_t *json = json_object();
    json_auto_t *jwk = jose_key_public_jwk(key);
    int64_t not_after = jose_key_not_after(key);
    set_optional(json, "kid", jose_key_kid(key));
    set_text(json, "type", str_from(type_word(jose_key_type(key))));
    set_optional(json, "curve", jose_key_curve(key));
    set_number(json, "bits", jose_key_bits(key));
    set_optional(json, "alg", jose_key_alg(key));
    set_optional(json, "use", json_get_str(jwk, "use"));
    set_time(json, "notAfter", not_after == INT64_MAX ? 0 : not_after * 1000);
    return json;
}

static void set_keys(json_t *json, const struct jose_key_set *keys) {
    json_t *usable = json_array();
    json_t *skipped = json_array();
    for (size_t i = 0; keys != NULL && i < jose_key_set_count(keys); i++)
        json_array_append_new(usable, key_json(jose_key_set_at(keys, i)));
    const struct jose_skipped_key *one;
    for (size_t i = 0; keys != NULL && (one = jose_key_set_skipped_at(keys, i)) != NULL; i++) {
        json_t *entry = json_object();
        set_optional(entry, "kid", str_is_utf8(one->kid) ? one->kid : STR_NONE);
        set_text(entry, "why", str_from(one->why));
        json_array_append_new(skipped, entry);
    }
    json_object_set_new(json, "keys", usable);
    json_object_set_new(json, "skipped", skipped);
    set_bool(json, "showsPrivateKeys", keys != NULL && jose_key_set_leaked_private(keys));
}

static void set_health(json_t *json, const struct keyset_health *health) {
    bool is_fine = health->problem == KEYSET_FINE;
    set_time(json, "fetchedAt", health->fetched_at_s * 1000);
    set_time(json, "triedAt", health->tried_at_s * 1000);
    set_time(json, "nextFetchAt", health->next_try_at_s * 1000);
    set_number(json, "failures", health->failures);
    set_optional(json, "problem", is_fine ? STR_NONE : str_from(keyset_problem_word(health->problem)));
    set_optional(json, "sentence", is_fine ? STR_NONE : health->sentence);
    set_optional(json, "fix",
                 is_fine ? STR_NONE : str_from(identity_words(verifier_fetch_detail(health->problem))->fix));
}

static const char *state_of(const struct keyset_health *health, const struct jose_key_set *keys) {
    if (health->problem != KEYSET_FINE && health->problem != KEYSET_NO_KEYS)
        return keys != NULL ? "stale" : "failing";
    if (keys == NULL && health->fetched_at_s == 0)
        return "not-fetched";
    return keys == NULL || jose_key_set_count(keys) == 0 ? "empty" : "fresh";
}

/* A reference to the keys in use, also to those that another thread has fetched; NULL where there are none.
 * As long as what was fetched may be used, nothing is fetched for being looked at. */
static FIBER struct jose_key_set *keys_in_use_wait(struct call *call, struct str url,
                                                   const struct keyset_health *health) {
    struct jose_key_set *keys;
    struct keyset_error error;
    bool is_there = health->fetched_at_s != 0 &&
                    keyset_get_wait(call->api->key_sets, url, call->arena, &keys, &error) == OK;
    return is_there ? keys : NULL;
}

/* Where its metadata say where its keys are. */
static json_t *discovery_of(const struct identity_issuer *issuer, const struct store_discoveries *read) {
    const struct identity_provided *provided = issuer->provided;
    bool is_read = provided != NULL && provided->provider->need == IDENTITY_NEEDS_DISCOVERY &&
                   issuer->pasted_keys == NULL;
    return is_read ? discovery_state_json(read, issuer->name, provided->issuer_to_be_found) : json_null();
}

static FIBER json_t *key_set_json_wait(struct call *call, const struct identity_issuer *issuer,
                                       const struct store_discoveries *read) {
    const struct identity_provided *provided = issuer->provided;
    bool is_complete = provided == NULL || provided->is_confirmed;
    bool is_fetched = issuer->pasted_keys == NULL && !str_is_empty(issuer->key_set_url);
    struct keyset_health health = {.problem = KEYSET_FINE};
    struct jose_key_set *fetched = NULL;
    const struct jose_key_set *keys = issuer->pasted_keys;
    const char *state = keys != NULL ? "pasted" : "incomplete";
    if (is_fetched && is_complete) {
        enum status status =
            keyset_read_health(call->api->key_set_registry, issuer->key_set_url, call->arena, &health);
        if (status == OK)
            keys = fetched = keys_in_use_wait(call, issuer->key_set_url, &health);
        state = status == OK ? state_of(&health, keys) : "not-fetched";
    }
    json_t *json = json_object();
    set_text(json, "issuer", issuer->name);
    set_optional(json, "provider", provided != NULL ? str_from(provided->provider->id) : STR_NONE);
    set_text(json, "source",
             issuer->pasted_keys != NULL ? STR("pasted")
             : is_fetched                ? STR("fetched")
                                         : STR("none"));
    set_optional(json, "url", issuer->key_set_url);
    set_text(json, "state", str_from(state));
    set_health(json, &health);
    set_keys(json, keys);
    json_object_set_new(json, "discovery", discovery_of(issuer, read));
    jose_key_set_release(fetched);
    return json;
}

static FIBER json_t *key_sets_json_wait(struct call *call, const struct identity_sign_in *sign_in,
                                        struct str issuer) {
    json_t *items = json_array();
    struct store_discoveries read = {.count = 0};
    /* Without them the rest is told all the same. */
    if (store_discovery_list_wait(call->api->store, call->arena, call->environment.id, &read) != OK)
        read.count = 0;
    for (size_t i = 0; i < sign_in->issuer_count; i++) {
        const struct identity_issuer *one = &sign_in->issuers[i];
        if (one->mode == IDENTITY_KEY_SET && (str_is_empty(issuer) || str_equal(issuer, one->name)))
            json_array_append_new(items, key_set_json_wait(call, one, &read));
    }
    return items;
}

FIBER void key_set_list(struct call *call) {
    struct sign_in_draft opened = {.environment = NULL};
    if (call->api->key_sets == NULL || call->api->key_set_registry == NULL) {
        call_not_here(call);
        return;
    }
    if (!sign_in_draft_open_wait(call, NULL, STR(""), &opened))
        return;
    json_t *json = json_object();
    json_object_set_new(json, "items", key_sets_json_wait(call, opened.sign_in, STR_NONE));
    call_answer(call, 200, json);
    sign_in_draft_close(&opened);
}

/* ---- refresh ---- */

/* Now here, and at once on the other servers of the installation. What fails is told by the set's health. */
static FIBER bool refresh_one_wait(struct call *call, const struct identity_issuer *issuer) {
    struct admin_key_set key_set = {issuer->name, issuer->key_set_url};
    struct jose_key_set *keys = NULL;
    struct keyset_error error;
    enum status status =
        keyset_refresh_now_wait(call->api->key_sets, issuer->key_set_url, call->arena, &keys, &error);
    jose_key_set_release(keys);
    if (status != CANCELED)
        status =
            admin_key_set_refresh_wait(&call->admin, call->arena, &call->environment, &key_set, &call->error);
    return status == OK ? true : call_refuse(call, status, STR(""));
}

static bool is_remote(const struct identity_issuer *issuer) {
    return issuer->mode == IDENTITY_KEY_SET && issuer->pasted_keys == NULL &&
           !str_is_empty(issuer->key_set_url) && (issuer->provided == NULL || issuer->provided->is_confirmed);
}

static FIBER bool refresh_wait(struct call *call, const struct identity_sign_in *sign_in, struct str issuer) {
    bool is_there = str_is_empty(issuer);
    for (size_t i = 0; i < sign_in->issuer_count; i++) {
        const struct identity_issuer *one = &sign_in->issuers[i];
        bool is_meant = str_is_empty(issuer) || str_equal(issuer, one->name);
        is_there = is_there || is_meant;
        if (is_meant && is_remote(one) && !refresh_one_wait(call, one))
            return false;
    }
    return is_there ? true
                    : call_problem_at(call, "invalid", STR("/issuer"), "There is no issuer of this name.");
}

/* The verdict on the token by the refreshed keys; null where none was given. False: it has answered. */
static FIBER bool test_wait(struct call *call, const struct sign_in_draft *opened, struct str issuer,
                            json_t **verdict) {
    struct verifier_inspection inspection = {.is_verified = false};
    struct str token = str_trim(json_get_str(call->body, "token"));
    *verdict = json_null();
    if (!json_is_string(json_object_get(call->body, "token")))
        return true;
    if (!token_inspect_wait(call, opened, token, issuer, false, &inspection))
        return false;
    *verdict = json_keep(call->arena, token_verdict_json(call, opened, &inspection));
    identity_release(&inspection.identity);
    return token_audit_wait(call, &inspection);
}

FIBER void key_set_refresh(struct call *call) {
    enum { TOKEN_MAX = 65536, NAME_MAX = 64 };
    static const struct member members[] = {{"issuer", MEMBER_STRING, false, true, NAME_MAX},
                                            {"token", MEMBER_STRING, false, true, TOKEN_MAX},
                                            {.name = NULL}};
    struct sign_in_draft opened = {.environment = NULL};
    json_t *verdict = NULL;
    if (!call_read_optional_body(call, members))
        return;
    if (call->api->key_sets == NULL || call->api->key_set_registry == NULL) {
        call_not_here(call);
        return;
    }
    struct str issuer = json_get_str(call->body, "issuer");
    /* A provider may have moved them: that is looked up first. */
    if (!discovery_follow_wait(call, issuer) || !sign_in_draft_open_wait(call, NULL, STR(""), &opened))
        return;
    if (refresh_wait(call, opened.sign_in, issuer) && test_wait(call, &opened, issuer, &verdict)) {
        json_t *json = json_object();
        json_object_set_new(json, "items", key_sets_json_wait(call, opened.sign_in, issuer));
        json_object_set(json, "test", verdict);
        call_answer(call, 200, json);
    }
    sign_in_draft_close(&opened);
}
