/* SPDX-License-Identifier: Apache-2.0 */
/* What an issuer that is not saved yet comes to: its provider's fields expanded, and what is still missing.
 */
#include "identity/identity.h"

#include "admin_api/discovery.h"
#include "admin_api/routes.h"

struct preview {
    struct call *call;
    json_t *draft; /* the arena's; what is found out goes into it */
    struct identity_sign_in sign_in;
    bool is_read; /* sign_in has the draft as its only issuer */
    json_t *problems, *discovery, *confirmation;
};

static void add_problem(struct preview *preview, const char *code, struct str pointer, struct str detail,
                        const char *fix) {
    json_t *problem = json_object();
    set_text(problem, "code", str_from(code));
    set_text(problem, "pointer", pointer);
    set_text(problem, "detail", detail);
    set_optional(problem, "fix", str_from(fix));
    json_array_append_new(preview->problems, problem);
}

/* Errors point into {"issuers": [draft]}. */
static struct str place_in_body(struct arena *arena, struct str pointer) {
    struct str before = STR("/issuers/0");
    struct str rest = str_starts_with(pointer, before) ? str_from_index(pointer, before.len) : pointer;
    return arena_join(arena, 2, (struct str[]){STR("/issuer"), rest});
}

static bool read_draft(struct preview *preview) {
    struct arena *arena = preview->call->arena;
    struct identity_config_error error = {STR_NONE, STR_NONE};
    json_t *settings = json_keep(arena, json_pack("{s:[O]}", "issuers", preview->draft));
    if (preview->is_read)
        identity_sign_in_release(&preview->sign_in);
    preview->is_read = identity_sign_in_read(settings, arena, &preview->sign_in, &error) == OK;
    if (!preview->is_read)
        add_problem(preview, "invalid", place_in_body(arena, error.pointer), error.message, NULL);
    return preview->is_read;
}

/* ---- discovery ---- */

static json_t *discovery_json(const struct discovery *found) {
    json_t *json = json_object();
    set_text(json, "url", found->url);
    set_text(json, "issuer", found->issuer);
    set_text(json, "keySetUrl", found->key_set_url);
    json_object_set(json, "signingAlgorithms", (json_t *)(uintptr_t)found->signing_algorithms);
    set_bool(json, "offersPkceS256", found->offers_pkce_s256);
    set_bool(json, "offersOfflineAccess", found->offers_offline_access);
    set_optional(json, "authorizationEndpoint", found->authorization_endpoint);
    set_optional(json, "tokenEndpoint", found->token_endpoint);
    return json;
}

/* False: it has answered. */
static FIBER bool discover_wait(struct preview *preview) {
    struct call *call = preview->call;
    struct discovery found;
    struct discovery_problem problem = {NULL, STR_NONE};
    if (call->api->egress == NULL)
        return call_not_here(call);
    struct str issuer = preview->sign_in.issuers[0].provided->issuer_to_be_found;
    enum status status = discovery_fetch_wait(call->api, call->arena, issuer, &found, &problem);
    if (status == CANCELED)
        return call_refuse(call, status, STR(""));
    if (status != OK) {
        add_problem(preview, problem.code, STR("/issuer/provider/fields/issuer"), problem.sentence,
                    "Correct the issuer, or enter the key-set URL by hand.");
        return true;
    }
    preview->discovery = discovery_json(&found);
    json_object_set_new(preview->draft, "keySetUrl", json_from_str(found.key_set_url));
    (void)read_draft(preview); /* what is wrong now stands among the problems */
    return true;
}

/* ---- confirmation: which user pool it is, as one token names it ---- */

static bool is_for_client(const json_t *claims, struct str client) {
    return str_equal(json_get_str(claims, "aud"), client) ||
           str_equal(json_get_str(claims, "client_id"), client);
}

static json_t *confirmation_json(struct arena *arena, struct str iss, struct str region, struct str pool) {
    json_t *json = json_object();
    set_text(json, "issuer", iss);
    set_text(json, "region", region);
    set_text(json, "userPoolId", pool);
    set_text(json, "keySetUrl", arena_print(arena, "%.*s/.well-known/jwks.json", STR_ARG(iss)));
    return json;
}

/* The claims of a token that nothing proves yet: an administrator's own, pasted. */
static json_t *read_token(struct preview *preview, struct str text) {
    struct arena *arena = preview->call->arena;
    struct identity_token token;
    struct identity_failure failure;
    json_t *claims = NULL;
    if (identity_token_read(text, arena, &token, &failure) != OK ||
        json_read(token.jws.payload, JSON_DEPTH_TOKEN, &claims, NULL) != OK) {
        add_problem(preview, "token-unreadable", STR("/token"), STR("This is not a signed JWT."),
                    "Paste the token as it was issued: three parts with dots.");
        return NULL;
    }
    return json_keep(arena, claims);
}

/* Whether the draft would do with that issuer: its region may be another than the domain's. */
static bool fits(struct preview *preview, struct str iss) {
    struct arena *arena = preview->call->arena;
    struct identity_sign_in sign_in;
    struct identity_config_error error = {STR_NONE, STR_NONE};
    json_t *confirmed = json_keep(arena, json_deep_copy(preview->draft));
    json_object_set_new(confirmed, "issuer", json_from_str(iss));
    json_t *settings = json_keep(arena, json_pack("{s:[O]}", "issuers", confirmed));
    if (identity_sign_in_read(settings, arena, &sign_in, &error) == OK) {
        identity_sign_in_release(&sign_in);
        return true;
    }
    add_problem(preview, "token-unfit", STR("/token"), error.message,
                "Paste a token of the user pool that the domain belongs to.");
    return false;
}

static void confirm(struct preview *preview, struct str text) {
    struct str region;
    struct str pool;
    const json_t *claims = read_token(preview, text);
    if (claims == NULL)
        return;
    struct str iss = json_get_str(claims, "iss");
    if (!identity_cognito_pool(iss, &region, &pool)) {
        add_problem(preview, "token-unfit", STR("/token"), STR("The token's `iss` is no Cognito user pool."),
                    "Paste an ID token or an access token from your user pool.");
        return;
    }
    if (!is_for_client(claims, preview->sign_in.issuers[0].provided->client_id)) {
        add_problem(preview, "token-unfit", STR("/token"), STR("The token was issued to another app client."),
                    "Paste a token of this app client, or correct the app client ID.");
        return;
    }
    if (!fits(preview, iss))
        return;
    preview->confirmation = confirmation_json(preview->call->arena, iss, region, pool);
    add_problem(preview, "issuer-unconfirmed", STR("/issuer/issuer"),
                arena_print(preview->call->arena, "The token comes from the user pool `%.*s`. Is that yours?",
                            STR_ARG(pool)),
                "Confirm it.");
}

/* ---- the answer ---- */

static json_t *texts(const struct str *list, size_t count) {
    json_t *json = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(json, json_from_str(list[i]));
    return json;
}

static json_t *algorithms_json(jose_algorithms allowed) {
    json_t *json = json_array();
    const struct jose_algorithm *algorithm;
    for (size_t i = 0; (algorithm = jose_algorithm_at(i)) != NULL; i++) {
        if (allowed & jose_algorithm_bit(algorithm))
            json_array_append_new(json, json_from_str(jose_algorithm_name(algorithm)));
    }
    return json;
}

static json_t *rules_json(const struct identity_provided *provided) {
    json_t *json = json_array();
    const char *const *rule = provided != NULL ? provided->provider->rules : NULL;
    for (; rule != NULL && *rule != NULL; rule++)
        json_array_append_new(json, json_string(*rule));
    return json;
}

static json_t *expanded_json(const struct identity_issuer *issuer) {
    static const struct str usual_types[] = {STR_STATIC("JWT"), STR_STATIC("at+jwt")};
    const struct identity_provided *provided = issuer->provided;
    bool has_types = issuer->type_count > 0;
    json_t *json = json_object();
    set_text(json, "mode", issuer->mode == IDENTITY_HMAC ? STR("hmac") : STR("key-set"));
    set_optional(json, "issuer", issuer->issuer);
    json_object_set_new(json, "otherIssuers",
                        provided != NULL ? texts(provided->other_issuers, provided->other_issuer_count)
                                         : json_array());
    set_optional(json, "keySetUrl", issuer->key_set_url);
    set_bool(json, "hasPastedKeys", issuer->pasted_keys != NULL);
    json_object_set_new(json, "audiences", texts(issuer->audiences, issuer->audience_count));
    set_optional(json, "clientId", provided != NULL ? provided->client_id : STR_NONE);
    json_object_set_new(json, "types",
                        has_types ? texts(issuer->types, issuer->type_count) : texts(usual_types, 2));
    json_object_set_new(json, "algorithms", algorithms_json(issuer->algorithms));
    set_number(json, "leewaySeconds", issuer->leeway_s);
    json_object_set_new(json, "permissionClaims",
                        texts(issuer->permission_claims, issuer->permission_claim_count));
    json_object_set_new(json, "rules", rules_json(provided));
    return json;
}

static bool has_keys(const struct identity_issuer *issuer) {
    return issuer->mode == IDENTITY_HMAC || issuer->pasted_keys != NULL || !str_is_empty(issuer->key_set_url);
}

/* What is missing, step by step. False: it has answered. */
static FIBER bool complete_wait(struct preview *preview) {
    const struct identity_issuer *issuer = &preview->sign_in.issuers[0];
    const struct identity_provided *provided = issuer->provided;
    if (provided == NULL || provided->is_confirmed) {
        if (!has_keys(issuer))
            add_problem(preview, "key-set-missing", STR("/issuer/keySetUrl"),
                        str_from(identity_words(IDENTITY_KEY_SET_MISSING)->sentence),
                        identity_words(IDENTITY_KEY_SET_MISSING)->fix);
        return true;
    }
    if (provided->provider->need == IDENTITY_NEEDS_DISCOVERY)
        return discover_wait(preview);
    struct str token = str_trim(json_get_str(preview->call->body, "token"));
    if (str_is_empty(token))
        add_problem(preview, "issuer-unconfirmed", STR("/issuer/issuer"),
                    STR("The fields do not say which user pool it is."),
                    "Paste one token of it, and confirm the user pool that it names.");
    else
        confirm(preview, token);
    return true;
}

static json_t *preview_json(const struct preview *preview) {
    json_t *json = json_object();
    set_bool(json, "isUsable", preview->is_read && json_array_size(preview->problems) == 0);
    json_object_set(json, "issuer", preview->is_read ? preview->draft : json_null());
    json_object_set_new(json, "expanded",
                        preview->is_read ? expanded_json(&preview->sign_in.issuers[0]) : json_null());
    json_object_set_new(json, "discovery", preview->discovery != NULL ? preview->discovery : json_null());
    json_object_set_new(json, "confirmation",
                        preview->confirmation != NULL ? preview->confirmation : json_null());
    json_object_set(json, "problems", preview->problems);
    return json;
}

FIBER void issuer_preview(struct call *call) {
    enum { TOKEN_MAX = 16384 };
    static const struct member members[] = {{"issuer", MEMBER_OBJECT, true, false, 0},
                                            {"token", MEMBER_STRING, false, true, TOKEN_MAX},
                                            {.name = NULL}};
    if (!call_read_body(call, members))
        return;
    struct preview preview = {
        .call = call,
        .draft = json_keep(call->arena, json_deep_copy(json_object_get(call->body, "issuer"))),
        .problems = json_keep(call->arena, json_array()),
    };
    if (!read_draft(&preview) || complete_wait(&preview))
        call_answer(call, 200, preview_json(&preview));
    if (preview.is_read)
        identity_sign_in_release(&preview.sign_in);
}
