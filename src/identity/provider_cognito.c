/* SPDX-License-Identifier: Apache-2.0 */
/* Amazon Cognito: the issuer is the user pool, which the two fields do not name. A token names it, an
 * administrator confirms it, and it is pinned: visitors' tokens never choose it. */
#include "identity/provider.h"

#include "base/json.h"

static const struct identity_provider_field fields[] = {
    {"domain", "Cognito domain", "User pools → your pool → Branding → Domain.",
     "acme.auth.eu-west-1.amazoncognito.com", "^(https://)?[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+/?$", true},
    {"clientId", "App client ID", "User pools → your pool → Applications → App clients → Client ID.",
     "4b8l1ptq0h7s9v2k3m5n6r8t0w", "^[A-Za-z0-9._~-]+$", true},
};

static const char *const notes[] = {
    "The two fields do not name the user pool: paste one token, and confirm the pool that it comes from.",
    "Access tokens have no `aud` and no e-mail: send ID tokens where tools need more than `sub` and groups.",
    NULL};
static const char *const rules[] = {
    "`token_use` is `id` or `access` (or only the one that the settings name).",
    "In an ID token `aud` is the app client ID; in an access token, which has no `aud`, `client_id` is.",
    NULL};
static const char *const options[] = {"tokenUse", NULL};
static const struct str permission_claims[] = {STR_STATIC("scope"), STR_STATIC("cognito:groups")};

static jose_algorithms algorithms(void) {
    return jose_algorithm_bit(jose_algorithm_find(STR("RS256")));
}

/* ---- the user pool ---- */

static bool is_made_of(struct str text, bool takes_hyphens) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool is_alphanumeric =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (!takes_hyphens && c >= 'A' && c <= 'Z');
        if (!is_alphanumeric && !(takes_hyphens && c == '-'))
            return false;
    }
    return text.len > 0;
}

/* Takes `prefix` off the front. */
static bool skip(struct str *text, struct str prefix) {
    if (!str_starts_with(*text, prefix))
        return false;
    *text = str_from_index(*text, prefix.len);
    return true;
}

bool identity_cognito_pool(struct str iss, struct str *region, struct str *pool) {
    enum { POOL_MAX = 55 };
    struct str rest = iss;
    if (!skip(&rest, STR("https://cognito-idp.")) && !skip(&rest, STR("https://issuer-cognito-idp.")))
        return false;
    size_t dot = str_find_byte(rest, '.');
    *region = str_slice(rest, 0, dot == STR_NOT_FOUND ? 0 : dot);
    rest = str_from_index(rest, region->len);
    if (!is_made_of(*region, true) ||
        (!skip(&rest, STR(".amazonaws.com/")) && !skip(&rest, STR(".amazonaws.com.cn/"))))
        return false;
    *pool = rest;
    return rest.len <= POOL_MAX && skip(&rest, *region) && skip(&rest, STR("_")) && is_made_of(rest, false);
}

/* The region of a domain that Amazon hosts; STR_NONE for one of the customer's own. */
static struct str domain_region(struct str domain) {
    struct str end = STR(".amazoncognito.com");
    if (!str_ends_with(domain, end))
        return STR_NONE;
    struct str rest = str_slice(domain, 0, domain.len - end.len);
    size_t dot = STR_NOT_FOUND;
    for (size_t i = 0; i < rest.len; i++) {
        if (rest.at[i] == '.')
            dot = i;
    }
    return dot == STR_NOT_FOUND ? STR_NONE : str_from_index(rest, dot + 1);
}

static enum status check_pool(const struct provider_reading *reading, struct str domain) {
    struct str region;
    struct str pool;
    struct settings_reader reader = reading->options; /* `issuer` stands beside `provider` */
    reader.base = str_slice(reader.base, 0, reader.base.len - STR("/provider").len);
    if (!identity_cognito_pool(reading->issuer->issuer, &region, &pool))
        return settings_refuse(
            &reader, "issuer",
            "This is a user pool's issuer: https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123.");
    struct str expected = domain_region(domain);
    if (expected.at != NULL && !str_equal(expected, region))
        return settings_refuse(&reader, "issuer", "The user pool is in another region than the domain.");
    return OK;
}

static enum status read_token_use(struct provider_reading *reading) {
    struct str *use = &reading->provided->token_use;
    TRY(settings_read_text(&reading->options, reading->option_values, "tokenUse", SETTINGS_TEXT_MAX, use));
    if (use->at == NULL || str_equal(*use, STR("id")) || str_equal(*use, STR("access")))
        return OK;
    return settings_refuse(&reading->options, "tokenUse",
                           "This must be \"id\" or \"access\"; without it both are taken.");
}

static enum status expand(struct provider_reading *reading) {
    struct identity_issuer *issuer = reading->issuer;
    struct identity_provided *provided = reading->provided;
    struct str domain = STR_NONE;
    TRY(provider_host_field(reading, "domain", &domain));
    TRY(provider_field(reading, "clientId", provider_is_word, "A client ID has letters and digits.",
                       &provided->client_id));
    TRY(read_token_use(reading));
    if (issuer->issuer.at == NULL) { /* to be confirmed; until then nothing is fetched either */
        issuer->key_set_url = STR_NONE;
        return OK;
    }
    TRY(check_pool(reading, domain));
    if (issuer->key_set_url.at == NULL && issuer->pasted_keys == NULL)
        issuer->key_set_url =
            arena_print(reading->fields.arena, "%.*s/.well-known/jwks.json", STR_ARG(issuer->issuer));
    provided->is_confirmed = true;
    return OK;
}

/* ---- rules ---- */

static enum status check_id_token(const struct claim_check *check) {
    const struct identity_issuer own = {.audiences = &check->issuer->provided->client_id,
                                        .audience_count = 1};
    struct claim_check by_client = *check;
    by_client.issuer = &own;
    return claims_check_audience(&by_client);
}

static enum status check_access_token(const struct claim_check *check) {
    if (json_item_member(check->claims, STR("client_id")) != NULL)
        return provider_check_client(check, STR("client_id"));
    identity_fail(check->failure, check->arena, IDENTITY_CLIENT_MISMATCH,
                  "The access token has no `client_id`, expected `%s`.",
                  claim_shown(check->arena, check->issuer->provided->client_id));
    return INVALID;
}

static enum status check_all(const struct claim_check *check) {
    struct str use = json_item_get_str(check->claims, STR("token_use"));
    struct str wanted = check->issuer->provided->token_use;
    bool is_id = str_equal(use, STR("id"));
    bool is_known = is_id || str_equal(use, STR("access"));
    if (!is_known || (wanted.at != NULL && !str_equal(use, wanted))) {
        identity_fail(check->failure, check->arena, IDENTITY_PROVIDER_RULE,
                      "`token_use` is `%s`, expected %s.", claim_shown(check->arena, use),
                      wanted.at == NULL ? "`id` or `access`"
                                        : arena_print(check->arena, "`%.*s`", STR_ARG(wanted)).at);
        return INVALID;
    }
    return is_id ? check_id_token(check) : check_access_token(check);
}

static bool is_meant(const struct identity_issuer *issuer, const struct json_item *claims) {
    const struct identity_issuer own = {.audiences = &issuer->provided->client_id, .audience_count = 1};
    return str_equal(json_item_get_str(claims, STR("client_id")), issuer->provided->client_id) ||
           claims_audience_matches(&own, claims);
}

const struct provider provider_cognito = {
    .facts = {.id = "cognito",
              .name = "Amazon Cognito",
              .fields = fields,
              .field_count = sizeof fields / sizeof *fields,
              .need = IDENTITY_NEEDS_CONFIRMATION,
              .offers_offline_access = true,
              .lifetime = "60 minutes, unless the app client says otherwise (5 minutes to a day).",
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
