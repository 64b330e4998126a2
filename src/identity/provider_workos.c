/* SPDX-License-Identifier: Apache-2.0 */
/* WorkOS AuthKit: access tokens of one client, which the key-set URL binds, and of one organization. */
#include "identity/provider.h"

#include "base/json.h"

static const struct identity_provider_field fields[] = {
    {"clientId", "Client ID", "API keys → Client ID.", "client_01HXYZ", "^[A-Za-z0-9._~-]+$", true},
    {"organizationId", "Organization ID", "Organizations → the organization → its ID.", "org_01HXYZ",
     "^[A-Za-z0-9._~-]+$", true},
};

static const char *const notes[] = {
    ("Access tokens hold no e-mail and no name unless a JWT template adds them: Authentication → Sessions → "
     "JWT "
     "template."),
    "With an authentication domain of your own, enter it as the issuer (https://auth.acme.example).", NULL};
static const char *const rules[] = {
    "`org_id` is the organization ID.",
    "`client_id`, where the token has one, is the client ID; the key set is that client's own.", NULL};
static const char *const options[] = {NULL};
static const struct str permission_claims[] = {STR_STATIC("role"), STR_STATIC("roles"),
                                               STR_STATIC("permissions"), STR_STATIC("scope")};

static jose_algorithms algorithms(void) {
    return jose_algorithm_bit(jose_algorithm_find(STR("RS256")));
}

/* Three forms of `iss` are about: the client's, the older one that all clients share, and a domain of the
 * customer's own. The one that is set, or else the first, is what an administrator is shown. */
static void name_issuers(struct provider_reading *reading) {
    struct arena *arena = reading->fields.arena;
    struct identity_provided *provided = reading->provided;
    struct identity_issuer *issuer = reading->issuer;
    struct str of_client =
        arena_print(arena, "https://api.workos.com/user_management/%.*s", STR_ARG(provided->client_id));
    struct str *others = arena_alloc_array(arena, 2, sizeof *others);
    others[provided->other_issuer_count++] = STR("https://api.workos.com");
    if (issuer->issuer.at == NULL)
        issuer->issuer = of_client;
    else
        others[provided->other_issuer_count++] = of_client;
    provided->other_issuers = others;
}

static enum status expand(struct provider_reading *reading) {
    struct identity_issuer *issuer = reading->issuer;
    struct identity_provided *provided = reading->provided;
    TRY(provider_field(reading, "clientId", provider_is_word,
                       "A client ID has letters, digits and underscores.", &provided->client_id));
    TRY(provider_field(reading, "organizationId", provider_is_word,
                       "An organization ID has letters, digits and underscores.", &provided->organization));
    name_issuers(reading);
    if (issuer->key_set_url.at == NULL && issuer->pasted_keys == NULL)
        issuer->key_set_url = arena_print(reading->fields.arena, "https://api.workos.com/sso/jwks/%.*s",
                                          STR_ARG(provided->client_id));
    provided->is_confirmed = true;
    return OK;
}

static enum status check_all(const struct claim_check *check) {
    TRY(provider_check_client(check, STR("client_id")));
    return provider_check_organization(check);
}

static bool is_meant(const struct identity_issuer *issuer, const struct json_item *claims) {
    const struct json_item *client = json_item_member(claims, STR("client_id"));
    return str_equal(json_item_get_str(claims, STR("org_id")), issuer->provided->organization) &&
           (client == NULL || str_equal(json_item_str(client), issuer->provided->client_id));
}

const struct provider provider_workos = {
    .facts = {.id = "workos",
              .name = "WorkOS",
              .fields = fields,
              .field_count = sizeof fields / sizeof *fields,
              .need = IDENTITY_NEEDS_NOTHING,
              .offers_offline_access = false,
              .lifetime = "5 minutes.",
              .notes = notes,
              .rules = rules,
              .options = options},
    .takes_issuer = true,
    .permission_claims = permission_claims,
    .permission_claim_count = sizeof permission_claims / sizeof *permission_claims,
    .algorithms = algorithms,
    .expand = expand,
    .check = check_all,
    .is_meant = is_meant,
};
