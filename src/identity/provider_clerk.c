/* SPDX-License-Identifier: Apache-2.0 */
/* Clerk: session tokens of version 1 and 2, which have no `aud` and name the page in `azp`; and the tokens of
 * its OAuth applications. */
#include "identity/provider.h"

#include "base/json.h"

enum { ORIGINS_MAX = 64, FEATURES_MAX = 64 };

static const struct identity_provider_field fields[] = {
    {"instanceUrl", "Instance URL", "Configure → API keys → Frontend API URL.",
     "https://acme-12.clerk.accounts.dev", "^(https://)?[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+/?$", true},
    {"clientId", "Client ID",
     "Configure → OAuth applications → your application → Client ID. Session tokens do not name it; tokens "
     "of "
     "an OAuth application must.",
     "a1B2c3D4e5F6", "^[A-Za-z0-9._~-]+$", true},
};

static const char *const notes[] = {
    ("Session tokens live for 60 seconds: give the widget a token provider (getToken), it asks when it needs "
     "one."),
    "A session token names the page's origin in `azp`: the page must be among the environment's origins.",
    ("E-mail and name are in the token only where you add them to it: Configure → Sessions → Customize "
     "session token."),
    NULL};
static const char *const rules[] = {("`azp`, where the token has one, is one of the environment's origins "
                                     "(or the client ID, in a token of an OAuth application)."),
                                    "`client_id` and `aud`, where the token has them, name the client ID.",
                                    "`sts` is not `pending`: such a session has not finished signing in.",
                                    "`v`, where the token has one, is 1 or 2.", NULL};
static const char *const options[] = {"origins", NULL};
/* Version 1; what version 2 says is in `o`. */
static const struct str permission_claims[] = {STR_STATIC("org_role"), STR_STATIC("org_permissions"),
                                               STR_STATIC("scope")};

static jose_algorithms algorithms(void) {
    return jose_algorithm_bit(jose_algorithm_find(STR("RS256")));
}

static enum status expand(struct provider_reading *reading) {
    struct arena *arena = reading->fields.arena;
    struct identity_issuer *issuer = reading->issuer;
    struct identity_provided *provided = reading->provided;
    struct str host = STR_NONE;
    struct str *origins = NULL;
    TRY(provider_host_field(reading, "instanceUrl", &host));
    TRY(provider_field(reading, "clientId", provider_is_word, "A client ID has letters and digits.",
                       &provided->client_id));
    TRY(settings_read_list(&reading->options, reading->option_values, "origins", ORIGINS_MAX, &origins,
                           &provided->origin_count));
    provided->origins = origins;
    provided->has_own_origins = origins != NULL;
    issuer->issuer = arena_print(arena, "https://%.*s", STR_ARG(host));
    if (issuer->key_set_url.at == NULL && issuer->pasted_keys == NULL)
        issuer->key_set_url = arena_print(arena, "%.*s/.well-known/jwks.json", STR_ARG(issuer->issuer));
    provided->is_confirmed = true;
    return OK;
}

/* ---- rules ---- */

static bool is_own_page(const struct identity_provided *provided, struct str origin) {
    for (size_t i = 0; i < provided->origin_count; i++) {
        if (str_equal(provided->origins[i], origin) || str_equal(provided->origins[i], STR("*")))
            return true;
    }
    return false;
}

static enum status check_page(const struct claim_check *check) {
    const struct json_item *azp = json_item_member(check->claims, STR("azp"));
    const struct identity_provided *provided = check->issuer->provided;
    if (azp == NULL)
        return OK; /* the browser sent no Origin when the token was asked for */
    struct str page = json_item_str(azp);
    bool is_fine = json_item_is(azp, JSON_IS_STRING) &&
                   (is_own_page(provided, page) || str_equal(page, provided->client_id));
    if (is_fine)
        return OK;
    identity_fail(check->failure, check->arena, IDENTITY_CLIENT_MISMATCH,
                  "`azp` is `%s`, which is none of the environment's %zu origins.",
                  claim_shown(check->arena, page), provided->origin_count);
    return INVALID;
}

static enum status check_audience(const struct claim_check *check) {
    const struct identity_issuer own = {.audiences = &check->issuer->provided->client_id,
                                        .audience_count = 1};
    struct claim_check by_client = *check;
    by_client.issuer = &own;
    return json_item_member(check->claims, STR("aud")) == NULL ? OK : claims_check_audience(&by_client);
}

static enum status check_session(const struct claim_check *check) {
    const struct json_item *version = json_item_member(check->claims, STR("v"));
    if (str_equal(json_item_get_str(check->claims, STR("sts")), STR("pending"))) {
        identity_fail(check->failure, check->arena, IDENTITY_PROVIDER_RULE,
                      "`sts` is `pending`: the session has tasks left and is not signed in yet.");
        return INVALID;
    }
    if (version == NULL || (json_item_is(version, JSON_IS_INTEGER) &&
                            (json_item_integer(version) == 1 || json_item_integer(version) == 2)))
        return OK;
    identity_fail(check->failure, check->arena, IDENTITY_PROVIDER_RULE,
                  "`v` is neither 1 nor 2: a session token of a version that is not known here.");
    return INVALID;
}

static enum status check_all(const struct claim_check *check) {
    TRY(check_session(check));
    TRY(check_page(check));
    TRY(provider_check_client(check, STR("client_id")));
    return check_audience(check);
}

/* ---- permissions of version 2: the role in `o.rol`; features in `fea`, permissions in `o.per`, and for each
 * of the organization's features a number in `o.fpm`, whose bits say which of the permissions it has ---- */

/* "o:teams" gives "teams"; "u:…" is the user's own plan, and "uo:…" both's. */
static bool is_organization_feature(struct str feature, struct str *name) {
    size_t colon = str_find_byte(feature, ':');
    if (colon == STR_NOT_FOUND || str_find_byte(str_slice(feature, 0, colon), 'o') == STR_NOT_FOUND)
        return false;
    *name = str_from_index(feature, colon + 1);
    return name->len > 0;
}

static enum status add_feature(struct arena *arena, struct permission_list *list, struct str feature,
                               struct str permissions, uint64_t bits) {
    struct str permission;
    for (unsigned bit = 0; bit < 64 && str_cut(&permissions, ',', &permission); bit++) {
        if ((bits >> bit & 1U) == 0 || str_is_empty(permission))
            continue;
        TRY(permission_add(list,
                           arena_join(arena, 4, (struct str[]){STR("org:"), feature, STR(":"), permission})));
    }
    return OK;
}

static enum status add_features(const struct claim_check *check, const struct json_item *organization,
                                struct permission_list *list) {
    struct str features = json_item_get_str(check->claims, STR("fea"));
    struct str maps = json_item_get_str(organization, STR("fpm"));
    struct str permissions = json_item_get_str(organization, STR("per"));
    struct str feature;
    size_t count = 0;
    while (str_cut(&features, ',', &feature)) {
        struct str name;
        struct str map;
        uint64_t bits = 0;
        if (!is_organization_feature(feature, &name))
            continue;
        if (count++ == FEATURES_MAX || !str_cut(&maps, ',', &map) || str_to_uint64(map, &bits) != OK)
            return OK; /* what cannot be read grants nothing */
        TRY(add_feature(check->arena, list, name, permissions, bits));
    }
    return OK;
}

static enum status add_permissions(const struct claim_check *check, struct permission_list *list) {
    const struct json_item *organization = json_item_member(check->claims, STR("o"));
    struct str role = json_item_get_str(organization, STR("rol"));
    if (role.len > 0)
        TRY(permission_add(list, arena_join(check->arena, 2, (struct str[]){STR("org:"), role})));
    return add_features(check, organization, list);
}

const struct provider provider_clerk = {
    .facts = {.id = "clerk",
              .name = "Clerk",
              .fields = fields,
              .field_count = sizeof fields / sizeof *fields,
              .need = IDENTITY_NEEDS_NOTHING,
              .offers_offline_access = true,
              .lifetime = "60 seconds.",
              .notes = notes,
              .rules = rules,
              .options = options},
    .permission_claims = permission_claims,
    .permission_claim_count = sizeof permission_claims / sizeof *permission_claims,
    .algorithms = algorithms,
    .expand = expand,
    .check = check_all,
    .permissions = add_permissions,
};
