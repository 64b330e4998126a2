/* SPDX-License-Identifier: Apache-2.0 */
/* Any OpenID Connect provider. Its metadata is fetched when the issuer is saved, never at verification: what
 * it says of keys is saved as `keySetUrl`. */
#include "identity/provider.h"

#include "base/json.h"

static const struct identity_provider_field fields[] = {
    {"issuer", "Issuer", "The provider's issuer URL, letter for letter as in its tokens' `iss`.",
     "https://login.acme.example", "^https?://[^\\s?#]+$", true},
    {"clientId", "Client ID", "Your application's, as the provider shows it.", "chat",
     "^[^\\u0000-\\u001f\\u007f]+$", true},
    {"audience", "Audience", "Your API's, where the page sends access tokens.", "https://api.acme.example",
     "^[^\\u0000-\\u001f\\u007f]+$", false},
};

static const char *const notes[] = {
    "The key-set URL is looked up in the provider's metadata when you save, and kept; or enter it by hand.",
    NULL};
static const char *const rules[] = {("`azp` and `client_id`, where the token has them, are the client ID; a "
                                     "token for several audiences has one "
                                     "of them."),
                                    NULL};
static const char *const options[] = {NULL};

static bool is_issuer(struct str text) {
    struct str rest = str_starts_with(text, STR("https://"))  ? str_from_index(text, 8)
                      : str_starts_with(text, STR("http://")) ? str_from_index(text, 7)
                                                              : STR_NONE;
    for (size_t i = 0; i < rest.len;
         i++) { /* no query and no fragment: OpenID Connect Discovery, section 3 */
        unsigned char c = (unsigned char)rest.at[i];
        if (c <= 0x20 || c >= 0x7F || c == '?' || c == '#' || c == '@' || c == '\\' || c == '"' || c == '<' ||
            c == '>')
            return false;
    }
    return rest.len > 0 && rest.at[0] != '/' && rest.at[0] != ':';
}

static enum status expand(struct provider_reading *reading) {
    struct arena *arena = reading->fields.arena;
    struct identity_issuer *issuer = reading->issuer;
    struct identity_provided *provided = reading->provided;
    struct str audience = STR_NONE;
    TRY(provider_field(reading, "issuer", is_issuer,
                       "This is a URL that begins with https:// and has neither a query nor a fragment.",
                       &issuer->issuer));
    TRY(provider_field(reading, "clientId", provider_is_plain, "", &provided->client_id));
    TRY(provider_field(reading, "audience", provider_is_plain, "", &audience));
    provided->issuer_to_be_found = issuer->issuer;
    issuer->audiences = arena_alloc_array(arena, 2, sizeof *issuer->audiences);
    issuer->audiences[issuer->audience_count++] = provided->client_id;
    if (audience.at != NULL)
        issuer->audiences[issuer->audience_count++] = audience;
    provided->is_confirmed = issuer->key_set_url.at != NULL || issuer->pasted_keys != NULL;
    return OK;
}

/* OpenID Connect Core 1.0 section 3.1.3.7, steps 4 and 5; RFC 9068 section 2.2. */
static enum status check_all(const struct claim_check *check) {
    const struct json_item *aud = json_item_member(check->claims, STR("aud"));
    struct json_items list = json_items(json_item_is(aud, JSON_IS_ARRAY) ? aud : NULL);
    size_t count = 0;
    while (json_items_next(&list))
        count++;
    bool names_client = json_item_member(check->claims, STR("azp")) != NULL ||
                        json_item_member(check->claims, STR("client_id")) != NULL;
    if (count > 1 && !names_client) {
        identity_fail(check->failure, check->arena, IDENTITY_CLIENT_MISMATCH,
                      "The token is for %zu audiences and has no `azp`, expected `%s`.", count,
                      claim_shown(check->arena, check->issuer->provided->client_id));
        return INVALID;
    }
    TRY(provider_check_client(check, STR("azp")));
    return provider_check_client(check, STR("client_id"));
}

const struct provider provider_oidc = {
    .facts = {.id = "oidc",
              .name = "OpenID Connect",
              .fields = fields,
              .field_count = sizeof fields / sizeof *fields,
              .need = IDENTITY_NEEDS_DISCOVERY,
              .offers_offline_access = false,
              .lifetime = "As the provider sets it: an hour at most is wise.",
              .notes = notes,
              .rules = rules,
              .options = options},
    .takes_algorithms = true,
    .expand = expand,
    .check = check_all,
};
