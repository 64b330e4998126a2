/* SPDX-License-Identifier: Apache-2.0 */
/* Sign-in settings and claims from anywhere: two JSON documents, a newline between them. What a provider's
 * rules let through keeps them; and what administrators are told of the claims is what tools would see. */
#include "base/json.h"
#include "identity/claims.h"
#include "identity/provider.h"
#include "identity/read_claims.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOW = 1800000000 };

static void require(bool condition) {
    if (!condition)
        abort();
}

static bool is(const struct identity_issuer *issuer, const char *id) {
    return strcmp(issuer->provided->provider->id, id) == 0;
}

/* The rules again, in other words. */
static void check_kept(const struct identity_issuer *issuer, const json_t *claims) {
    const struct identity_provided *provided = issuer->provided;
    if (is(issuer, "workos"))
        require(str_equal(json_get_str(claims, "org_id"), provided->organization));
    if (is(issuer, "auth0") && provided->organization.at != NULL)
        require(str_equal(json_get_str(claims, "org_id"), provided->organization));
    if (is(issuer, "clerk"))
        require(!str_equal(json_get_str(claims, "sts"), STR("pending")));
    if (is(issuer, "cognito")) {
        bool is_id = str_equal(json_get_str(claims, "token_use"), STR("id"));
        require(is_id ? json_object_get(claims, "aud") != NULL
                      : str_equal(json_get_str(claims, "client_id"), provided->client_id));
        require(provided->token_use.at == NULL ||
                str_equal(json_get_str(claims, "token_use"), provided->token_use));
    }
    if (is(issuer, "firebase"))
        require(json_is_number(json_object_get(claims, "auth_time")));
    if (is(issuer, "auth0") || is(issuer, "oidc")) {
        const json_t *azp = json_object_get(claims, "azp");
        require(azp == NULL || str_equal(json_str(azp), provided->client_id));
    }
}

static void check_rules(const struct identity_issuer *issuer, struct str text, const json_t *claims,
                        struct arena *arena) {
    const struct provider *provider = provider_of(issuer->provided);
    struct identity_failure failure = {.explanation = STR_NONE};
    struct identity_token token = {.jws = {.payload = text}};
    struct claim_check check = {issuer, &token.jws, NULL, NOW, arena, &failure};
    if (provider == NULL || token_read_claims(&token, arena, &failure) != OK)
        return;
    check.claims = token.claims;
    if (provider->check(&check) == OK)
        check_kept(issuer, claims);
    else
        require(failure.explanation.len > 0 && str_is_utf8(failure.explanation));
}

/* Every claim is told once, and every name that it is said to be passed on under is there. */
static void check_explained(const struct identity_issuer *issuer, struct identity *identity,
                            const json_t *claims, struct arena *arena) {
    json_t *told = json_keep(arena, identity_explain_claims(issuer, claims, arena));
    const json_t *user = identity_user(identity);
    size_t names = 0;
    require(json_array_size(told) == json_object_size(claims));
    for (size_t i = 0; i < json_array_size(told); i++) {
        const json_t *as = json_object_get(json_array_get(told, i), "as");
        for (size_t k = 0; k < json_array_size(as); k++)
            require(json_member(user, json_str(json_array_get(as, k))) != NULL);
        names += json_array_size(as);
    }
    require(names == json_object_size(user));
}

static void check_issuer(const struct identity_issuer *issuer, struct str text, const json_t *claims,
                         struct arena *arena) {
    struct identity identity;
    struct identity_failure failure;
    check_rules(issuer, text, claims, arena);
    if (identity_resolve_unproven(issuer, text, arena, &identity, &failure) != OK)
        return;
    check_explained(issuer, &identity, claims, arena);
    require(identity.permission_count <= PERMISSIONS_MAX);
    for (size_t i = 0; i < identity.permission_count; i++)
        require(identity.permissions[i].len > 0 && identity.permissions[i].len <= PERMISSION_LEN_MAX);
    json_decref(identity_explain_missing(issuer, claims));
    identity_release(&identity);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO_ARENA arena = arena_new();
    struct str rest = str_of(data, size);
    struct str first;
    json_auto_t *settings = NULL;
    json_auto_t *claims = NULL;
    struct identity_sign_in sign_in;
    struct str origin = STR("https://shop.example");
    if (!str_cut(&rest, '\n', &first) || json_read(first, JSON_DEPTH_DOCUMENT, &settings, NULL) != OK ||
        json_read(rest, JSON_DEPTH_TOKEN, &claims, NULL) != OK || !json_is_object(claims) ||
        identity_sign_in_read(settings, arena, &sign_in, NULL) != OK)
        return 0;
    identity_sign_in_set_origins(&sign_in, &origin, 1);
    for (size_t i = 0; i < sign_in.issuer_count; i++)
        check_issuer(&sign_in.issuers[i], rest, claims, arena);
    identity_sign_in_release(&sign_in);
    return 0;
}
