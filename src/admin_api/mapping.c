/* SPDX-License-Identifier: Apache-2.0 */
/* A claim mapping at work on sample claims. Nothing is verified, and nothing kept. */
#include "identity/identity.h"

#include "admin_api/routes.h"

static const struct identity_provider *provider_named(struct str id) {
    const struct identity_provider *provider;
    for (size_t i = 0; (provider = identity_provider_at(i)) != NULL; i++) {
        if (str_equal(str_from(provider->id), id))
            return provider;
    }
    return NULL;
}

/* An issuer of the provider, for the way it writes permissions: what its fields say does not matter. */
static json_t *sample_provider(const struct identity_provider *provider) {
    json_t *fields = json_object();
    for (size_t i = 0; i < provider->field_count; i++)
        json_object_set_new(fields, provider->fields[i].name, json_string(provider->fields[i].placeholder));
    return json_pack("{s:s, s:o}", "id", provider->id, "fields", fields);
}

/* False: it has answered. */
static bool read_rules(struct call *call, struct identity_sign_in *sign_in) {
    static const char *const taken_over[] = {"mapping", "permissionClaims", NULL};
    struct identity_config_error error = {STR_NONE, STR_NONE};
    struct str id = json_get_str(call->body, "provider");
    const struct identity_provider *provider = provider_named(id);
    json_t *issuer = json_pack("{s:s, s:s}", "name", "preview", "mode", "key-set");
    json_t *settings = json_keep(call->arena, json_pack("{s:[o]}", "issuers", issuer));
    for (const char *const *name = taken_over; *name != NULL; name++) {
        json_t *value = json_object_get(call->body, *name);
        if (value != NULL)
            json_object_set(issuer, *name, value);
    }
    if (id.at != NULL && provider == NULL)
        return call_problem_at(call, "invalid", STR("/provider"), "There is no such provider.");
    if (provider != NULL)
        json_object_set_new(issuer, "provider", sample_provider(provider));
    if (identity_sign_in_read(settings, call->arena, sign_in, &error) == OK)
        return true;
    struct str before = STR("/issuers/0");
    return call_problem_at(call, "invalid", str_from_index(error.pointer, before.len), "%.*s",
                           STR_ARG(error.message));
}

/* The claims as text, from either member; false: it has answered. */
static bool read_claims(struct call *call, struct str *claims) {
    enum { CLAIMS_MAX = 16384 };
    const json_t *given = json_get_object(call->body, "claims");
    struct str text = str_trim(json_get_str(call->body, "token"));
    struct identity_token token;
    struct identity_failure failure;
    if ((given == NULL) == (text.at == NULL))
        return call_problem_at(call, "invalid", STR(""), "Give either `claims` or a `token`.");
    if (given != NULL) {
        *claims = json_write(call->arena, given);
        return claims->len <= CLAIMS_MAX
                   ? true
                   : call_problem_at(call, "too-large", STR("/claims"), "Claims have at most 16 KiB.");
    }
    if (identity_token_read(text, call->arena, &token, &failure) != OK)
        return call_problem_at(call, "invalid", STR("/token"), "%s",
                               identity_words(failure.detail)->sentence);
    *claims = token.jws.payload;
    return true;
}

static json_t *preview_json(struct call *call, const struct identity_issuer *issuer,
                            struct identity *identity) {
    const json_t *claims = identity_claims(identity);
    json_t *permissions = json_array();
    for (size_t i = 0; i < identity->permission_count; i++)
        json_array_append_new(permissions, json_from_str(identity->permissions[i]));
    json_t *json = json_object();
    json_object_set(json, "identity", (json_t *)(uintptr_t)identity_user(identity));
    json_object_set_new(json, "permissions", permissions);
    json_object_set_new(json, "claims", identity_explain_claims(issuer, claims, call->arena));
    json_object_set_new(json, "missing", identity_explain_missing(issuer, claims));
    return json;
}

FIBER void mapping_preview(struct call *call) {
    enum { TOKEN_MAX = 16384, PERMISSION_CLAIMS_MAX = 16 };
    static const struct member members[] = {
        {"claims", MEMBER_OBJECT, false, true, 0},
        {"token", MEMBER_STRING, false, true, TOKEN_MAX},
        {"mapping", MEMBER_OBJECT, false, true, 0},
        {"permissionClaims", MEMBER_ARRAY, false, true, PERMISSION_CLAIMS_MAX},
        {"provider", MEMBER_STRING, false, true, 0},
        {.name = NULL}};
    struct identity_sign_in sign_in = {.issuer_count = 0};
    struct identity identity = {.subject = STR_NONE};
    struct identity_failure failure = {.explanation = STR_NONE};
    struct str claims = STR_NONE;
    if (!call_read_body(call, members) || !read_claims(call, &claims) || !read_rules(call, &sign_in))
        return;
    const struct identity_issuer *issuer = &sign_in.issuers[0];
    enum status status = identity_resolve_unproven(issuer, claims, call->arena, &identity, &failure);
    if (status == OK) {
        call_answer(call, 200, preview_json(call, issuer, &identity));
        identity_release(&identity);
    } else {
        bool is_token = json_is_string(json_object_get(call->body, "token"));
        call_problem_at(call, "invalid", is_token ? STR("/token") : STR("/claims"), "%s",
                        identity_words(failure.detail)->sentence);
    }
    identity_sign_in_release(&sign_in);
}
