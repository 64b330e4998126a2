/* SPDX-License-Identifier: Apache-2.0 */
/* The providers that are known, and how their fields are read. */
#include "identity/provider.h"

#include "base/json.h"
#include "identity/mapping.h"

static const struct provider *const providers[] = {
    &provider_auth0, &provider_clerk, &provider_cognito, &provider_workos, &provider_firebase, &provider_oidc,
};
enum { PROVIDERS = sizeof providers / sizeof *providers, FIELDS_MAX = 8 };

const struct identity_provider *identity_provider_at(size_t index) {
    return index < PROVIDERS ? &providers[index]->facts : NULL;
}

static const struct provider *find(struct str id) {
    for (size_t i = 0; i < PROVIDERS; i++) {
        if (str_equal(str_from(providers[i]->facts.id), id))
            return providers[i];
    }
    return NULL;
}

/* ---- fields ---- */

bool provider_is_word(struct str text) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool is_allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '-' || c == '.' || c == '_' || c == '~';
        if (!is_allowed)
            return false;
    }
    return text.len > 0;
}

bool provider_is_plain(struct str text) {
    return text.len > 0; /* what is read has no control characters */
}

static bool is_required(const struct identity_provider *provider, const char *name) {
    for (size_t i = 0; i < provider->field_count; i++) {
        if (str_equal(str_from(provider->fields[i].name), str_from(name)))
            return provider->fields[i].is_required;
    }
    return false;
}

enum status provider_field(const struct provider_reading *reading, const char *name,
                           bool (*is_fine)(struct str text), const char *message, struct str *text) {
    const json_t *value = json_object_get(reading->field_values, name);
    bool is_left_empty = json_is_string(value) && json_string_length(value) == 0;
    if (!is_left_empty)
        TRY(settings_read_text(&reading->fields, reading->field_values, name, SETTINGS_TEXT_MAX, text));
    if (text->at == NULL)
        return is_required(reading->provided->provider, name)
                   ? settings_refuse(&reading->fields, name, "This is needed.")
                   : OK;
    return is_fine(*text) ? OK : settings_refuse(&reading->fields, name, message);
}

/* Letters, digits, hyphens and dots between them; RFC 1123 section 2.1. */
static bool is_host(struct str host) {
    bool has_dot = false;
    for (size_t i = 0; i < host.len; i++) {
        char c = host.at[i];
        bool is_inside = i > 0 && i + 1 < host.len && host.at[i - 1] != '.' && (c == '-' || c == '.');
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && !is_inside)
            return false;
        has_dot = has_dot || c == '.';
    }
    return has_dot;
}

enum status provider_host_field(const struct provider_reading *reading, const char *name, struct str *host) {
    struct str text = STR_NONE;
    TRY(provider_field(reading, name, provider_is_plain, "", &text));
    if (text.at == NULL)
        return OK;
    if (str_equal_ignore_case(str_slice(text, 0, 8), STR("https://")))
        text = str_from_index(text, 8);
    if (str_ends_with(text, STR("/")))
        text = str_slice(text, 0, text.len - 1);
    char *lower = arena_alloc(reading->fields.arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++)
        lower[i] = (char)(text.at[i] >= 'A' && text.at[i] <= 'Z' ? text.at[i] | 0x20 : text.at[i]);
    *host = str_of(lower, text.len);
    return is_host(*host)
               ? OK
               : settings_refuse(&reading->fields, name,
                                 "This must be the name of a host, such as acme.example, without a path.");
}

/* ---- the member `provider` ---- */

static bool is_given(const json_t *object, const char *name) {
    const json_t *value = json_object_get(object, name);
    return value != NULL && !json_is_null(value);
}

/* What the provider decides must not stand beside it: one of the two would be believed in vain. */
static enum status refuse_settings(const struct settings_reader *reader, const struct provider *provider,
                                   const json_t *json) {
    static const char message[] = "The provider's fields say that already: remove this, or set the issuer up "
                                  "without `provider`.";
    if (is_given(json, "audiences"))
        return settings_refuse(reader, "audiences", message);
    if (is_given(json, "types"))
        return settings_refuse(reader, "types", message);
    if (is_given(json, "algorithms") && !provider->takes_algorithms)
        return settings_refuse(reader, "algorithms", message);
    if (is_given(json, "issuer") && !provider->takes_issuer)
        return settings_refuse(reader, "issuer", message);
    return OK;
}

static enum status check_field_names(const struct provider_reading *reading) {
    const struct identity_provider *provider = reading->provided->provider;
    const char *known[FIELDS_MAX + 1] = {NULL};
    for (size_t i = 0; i < provider->field_count && i < FIELDS_MAX; i++)
        known[i] = provider->fields[i].name;
    if (!json_is_object(reading->field_values))
        return settings_refuse(&reading->options, "fields", "The provider's fields are an object.");
    return settings_check_members(&reading->fields, reading->field_values, known);
}

static enum status check_option_names(const struct provider_reading *reading) {
    const struct identity_provider *provider = reading->provided->provider;
    const char *known[FIELDS_MAX + 4] = {"id", "fields", "offlineAccess"};
    for (size_t i = 0; i < FIELDS_MAX && provider->options[i] != NULL; i++)
        known[3 + i] = provider->options[i];
    return settings_check_members(&reading->options, reading->option_values, known);
}

static enum status read_offline_access(const struct provider_reading *reading) {
    TRY(settings_read_flag(&reading->options, reading->option_values, "offlineAccess",
                           &reading->provided->has_offline_access));
    if (reading->provided->has_offline_access && !reading->provided->provider->offers_offline_access)
        return settings_refuse(&reading->options, "offlineAccess", "This provider has no offline access.");
    return OK;
}

static void set_usual(const struct provider *provider, const json_t *json, struct identity_issuer *issuer) {
    if (!is_given(json, "permissionClaims") && provider->permission_claims != NULL) {
        issuer->permission_claims = (struct str *)provider->permission_claims;
        issuer->permission_claim_count = provider->permission_claim_count;
    }
    if (provider->algorithms != NULL && !is_given(json, "algorithms"))
        issuer->algorithms = provider->algorithms();
}

enum status provider_read(const struct settings_reader *reader, const json_t *issuer_json,
                          struct identity_issuer *issuer) {
    const json_t *json = json_object_get(issuer_json, "provider");
    if (json == NULL || json_is_null(json))
        return OK;
    if (!json_is_object(json))
        return settings_refuse(reader, "provider", "A provider is an object: its id and its fields.");
    struct provider_reading reading = {.options = *reader, .issuer = issuer, .option_values = json};
    reading.options.base = arena_print(reader->arena, "%.*s/provider", STR_ARG(reader->base));
    const struct provider *provider = find(json_get_str(json, "id"));
    if (provider == NULL)
        return settings_refuse(&reading.options, "id",
                               "The providers are auth0, clerk, cognito, workos, firebase and oidc.");
    if (issuer->mode != IDENTITY_KEY_SET)
        return settings_refuse(reader, "mode", "An identity provider's mode is \"key-set\".");
    TRY(refuse_settings(reader, provider, issuer_json));
    reading.provided = ARENA_NEW(reader->arena, struct identity_provided);
    reading.provided->provider = &provider->facts;
    reading.field_values = json_object_get(json, "fields");
    reading.fields = reading.options;
    reading.fields.base = arena_print(reader->arena, "%.*s/fields", STR_ARG(reading.options.base));
    issuer->provided = reading.provided;
    TRY(check_option_names(&reading));
    TRY(check_field_names(&reading));
    TRY(read_offline_access(&reading));
    set_usual(provider, issuer_json, issuer);
    return provider->expand(&reading);
}

/* ---- rules that several share ---- */

enum status provider_check_client(const struct claim_check *check, struct str claim) {
    const struct json_item *client = json_item_member(check->claims, claim);
    struct str expected = check->issuer->provided->client_id;
    if (client == NULL ||
        (json_item_is(client, JSON_IS_STRING) && str_equal(json_item_str(client), expected)))
        return OK;
    identity_fail(check->failure, check->arena, IDENTITY_CLIENT_MISMATCH, "`%.*s` is `%s`, expected `%s`.",
                  STR_ARG(claim),
                  json_item_is(client, JSON_IS_STRING) ? claim_shown(check->arena, json_item_str(client))
                                                       : "(not a text)",
                  claim_shown(check->arena, expected));
    return INVALID;
}

enum status provider_check_organization(const struct claim_check *check) {
    struct str expected = check->issuer->provided->organization;
    struct str organization = json_item_get_str(check->claims, STR("org_id"));
    if (expected.at == NULL || str_equal(organization, expected))
        return OK;
    identity_fail(check->failure, check->arena, IDENTITY_ORGANIZATION_MISMATCH,
                  "`org_id` is `%s`, expected `%s`.", claim_shown(check->arena, organization),
                  claim_shown(check->arena, expected));
    return INVALID;
}
