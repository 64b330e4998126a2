/* SPDX-License-Identifier: Apache-2.0 */
/* Auth0: ID tokens for the application, access tokens for its API (old profile and RFC 9068). */
#include "identity/provider.h"

#include "base/json.h"

static const struct identity_provider_field fields[] = {
    {"tenantDomain", "Tenant domain",
     "Applications → your application → Settings → Domain. Your custom domain, where tokens are issued by "
     "that.",
     "acme.eu.auth0.com", "^(https://)?[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+/?$", true},
    {"clientId", "Application client ID", "Applications → your application → Settings → Client ID.",
     "k3Jf0aQpX7wUeYb2", "^[A-Za-z0-9._~-]+$", true},
    {"apiAudience", "API audience",
     "Applications → APIs → your API → Identifier. Leave it empty if your page sends ID tokens only.",
     "https://api.acme.example", "^[^\\u0000-\\u001f\\u007f]+$", false},
};

static const char *const notes[] = {
    ("Access tokens are taken where the API audience is set; one without an audience is opaque and cannot be "
     "verified."),
    ("Roles and permissions stand in `permissions` where RBAC is on for the API, and in custom claims under "
     "a "
     "URL name."),
    NULL};
static const char *const rules[] = {
    "`azp` or `client_id`, where the token has one, is the client ID; an access token has one of them.",
    "`org_id` is the organization, where the settings name one.",
    "A token from client credentials is refused: it is a program's.", NULL};
static const char *const options[] = {"organization", NULL};
static const struct str permission_claims[] = {STR_STATIC("scope"), STR_STATIC("permissions")};

static jose_algorithms algorithms(void) {
    return jose_algorithm_bit(jose_algorithm_find(STR("RS256"))) |
           jose_algorithm_bit(jose_algorithm_find(STR("PS256")));
}

static enum status expand(struct provider_reading *reading) {
    struct arena *arena = reading->fields.arena;
    struct identity_issuer *issuer = reading->issuer;
    struct identity_provided *provided = reading->provided;
    struct str domain = STR_NONE;
    struct str audience = STR_NONE;
    TRY(provider_host_field(reading, "tenantDomain", &domain));
    TRY(provider_field(reading, "clientId", provider_is_word, "A client ID has letters and digits.",
                       &provided->client_id));
    TRY(provider_field(reading, "apiAudience", provider_is_plain, "", &audience));
    TRY(settings_read_text(&reading->options, reading->option_values, "organization", SETTINGS_TEXT_MAX,
                           &provided->organization));
    issuer->issuer = arena_print(arena, "https://%.*s/", STR_ARG(domain));
    if (issuer->key_set_url.at == NULL && issuer->pasted_keys == NULL)
        issuer->key_set_url = arena_print(arena, "%.*s.well-known/jwks.json", STR_ARG(issuer->issuer));
    issuer->audiences = arena_alloc_array(arena, 2, sizeof *issuer->audiences);
    issuer->audiences[issuer->audience_count++] = provided->client_id;
    if (audience.at != NULL)
        issuer->audiences[issuer->audience_count++] = audience;
    provided->is_confirmed = true;
    return OK;
}

/* An ID token is for the client; an access token is for the API and says which client it was issued to. */
static enum status check_client(const struct claim_check *check) {
    const struct identity_issuer id_token = {.audiences = &check->issuer->provided->client_id,
                                             .audience_count = 1};
    bool names_client = json_item_member(check->claims, STR("azp")) != NULL ||
                        json_item_member(check->claims, STR("client_id")) != NULL;
    if (!names_client && !claims_audience_matches(&id_token, check->claims)) {
        identity_fail(check->failure, check->arena, IDENTITY_CLIENT_MISMATCH,
                      "The access token has neither `azp` nor `client_id`, expected `%s`.",
                      claim_shown(check->arena, check->issuer->provided->client_id));
        return INVALID;
    }
    TRY(provider_check_client(check, STR("azp")));
    return provider_check_client(check, STR("client_id"));
}

static enum status check_all(const struct claim_check *check) {
    TRY(check_client(check));
    return provider_check_organization(check);
}

const struct provider provider_auth0 = {
    .facts = {.id = "auth0",
              .name = "Auth0",
              .fields = fields,
              .field_count = sizeof fields / sizeof *fields,
              .need = IDENTITY_NEEDS_NOTHING,
              .offers_offline_access = true,
              .lifetime = "ID tokens 10 hours, access tokens 24 hours, unless they are set shorter: an hour "
                          "at most is wise.",
              .notes = notes,
              .rules = rules,
              .options = options},
    .permission_claims = permission_claims,
    .permission_claim_count = sizeof permission_claims / sizeof *permission_claims,
    .algorithms = algorithms,
    .expand = expand,
    .check = check_all,
};
