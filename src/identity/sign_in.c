/* SPDX-License-Identifier: Apache-2.0 */
/* An environment's `signIn` settings: read, and checked so that an error names its field. */
#include "base/json.h"
#include "identity/claims.h"
#include "identity/mapping.h"
#include "identity/provider.h"
#include "identity/settings.h"

#include <string.h>

enum {
    ISSUERS_MAX = 16,
    AUDIENCES_MAX = 16,
    TYPES_MAX = 16,
    PERMISSION_CLAIMS_MAX = 16,
    NAME_MAX = 64,
    LEEWAY_MAX_S = 60,
};

/* ---- one issuer ---- */

static enum status read_name(const struct settings_reader *reader, const json_t *json,
                             struct identity_issuer *issuer) {
    TRY(settings_read_text(reader, json, "name", NAME_MAX, &issuer->name));
    for (size_t i = 0; i < issuer->name.len; i++) {
        char c = issuer->name.at[i];
        bool is_allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '-' || c == '_' || c == '.';
        if (!is_allowed)
            return settings_refuse(reader, "name", "A name has letters, digits, '-', '_' and '.' only.");
    }
    return issuer->name.len > 0 ? OK
                                : settings_refuse(reader, "name", "Every issuer needs a name of its own.");
}

static enum status read_mode(const struct settings_reader *reader, const json_t *json,
                             struct identity_issuer *issuer) {
    struct str mode = json_get_str(json, "mode");
    if (str_equal(mode, STR("hmac")))
        issuer->mode = IDENTITY_HMAC;
    else if (str_equal(mode, STR("key-set")))
        issuer->mode = IDENTITY_KEY_SET;
    else
        return settings_refuse(
            reader, "mode",
            json_object_get(json, "provider") != NULL
                ? "A provider's tokens are signed with keys of its own: \"mode\": \"key-set\"."
                : "The mode is \"hmac\" (a secret that your backend shares with this server) or "
                  "\"key-set\" (public keys).");
    return OK;
}

/* A mode's wall: shared-secret algorithms in hmac mode, public-key ones in key-set mode, never both (RFC 8725
 * section 3.1). */
static enum status read_algorithms(const struct settings_reader *reader, const json_t *json,
                                   struct identity_issuer *issuer) {
    jose_algorithms possible =
        issuer->mode == IDENTITY_HMAC ? jose_algorithms_symmetric() : jose_algorithms_asymmetric();
    struct str *names = NULL;
    size_t count = 0;
    TRY(settings_read_list(reader, json, "algorithms", AUDIENCES_MAX, &names, &count));
    if (names == NULL) {
        issuer->algorithms = possible;
        return OK;
    }
    if (count == 0)
        return settings_refuse(
            reader, "algorithms",
            "The list is empty: no token could ever be accepted. Leave it out to allow all of the mode.");
    for (size_t i = 0; i < count; i++) {
        const struct jose_algorithm *algorithm = jose_algorithm_find(names[i]);
        if (algorithm == NULL || !(possible & jose_algorithm_bit(algorithm)))
            return settings_refuse_at(
                reader, arena_print(reader->arena, "%.*s/algorithms/%zu", STR_ARG(reader->base), i),
                issuer->mode == IDENTITY_HMAC
                    ? "The mode \"hmac\" takes HS256, HS384 and HS512."
                    : "The mode \"key-set\" takes RS, PS and ES with 256, 384 or 512, and EdDSA.");
        issuer->algorithms |= jose_algorithm_bit(algorithm);
    }
    return OK;
}

/* A media type as `typ` has it: "at+jwt", or "application/at+jwt" (RFC 7515 section 4.1.9), kept in the short
 * form. */
static bool is_type(struct str type) {
    for (size_t i = 0; i < type.len; i++) { /* RFC 6838 section 4.2 */
        char c = type.at[i];
        bool is_allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          (c != '\0' && strchr("!#$&-^_.+", c) != NULL);
        if (!is_allowed)
            return false;
    }
    return type.len > 0;
}

static enum status read_types(const struct settings_reader *reader, const json_t *json,
                              struct identity_issuer *issuer) {
    TRY(settings_read_list(reader, json, "types", TYPES_MAX, &issuer->types, &issuer->type_count));
    if (issuer->types == NULL)
        return OK;
    if (issuer->type_count == 0)
        return settings_refuse(
            reader, "types",
            "The list is empty: no token could ever be accepted. Leave it out to allow JWT, at+jwt "
            "and none.");
    for (size_t i = 0; i < issuer->type_count; i++) {
        issuer->types[i] = claim_short_type(issuer->types[i]);
        if (!is_type(issuer->types[i]))
            return settings_refuse_at(
                reader, arena_print(reader->arena, "%.*s/types/%zu", STR_ARG(reader->base), i),
                "A type is a word such as \"at+jwt\", as the token's header has it in `typ`.");
    }
    return OK;
}

static enum status read_keys(const struct settings_reader *reader, const json_t *json,
                             struct identity_issuer *issuer) {
    const json_t *keys = json_object_get(json, "keys");
    const char *why = NULL;
    TRY(settings_read_url(reader, json, "keySetUrl", &issuer->key_set_url));
    if (issuer->mode == IDENTITY_HMAC && issuer->key_set_url.at != NULL)
        return settings_refuse(reader, "keySetUrl",
                               "The mode \"hmac\" has no key set: its secrets are generated, not entered.");
    if (keys == NULL || json_is_null(keys))
        return OK;
    if (issuer->mode == IDENTITY_HMAC)
        return settings_refuse(reader, "keys",
                               "The mode \"hmac\" has no key set: its secrets are generated, not entered.");
    if (issuer->key_set_url.at != NULL)
        return settings_refuse(reader, "keys",
                               "Keys are pasted or fetched, not both: remove this or keySetUrl.");
    if (jose_key_set_from_json(keys, JOSE_PUBLIC_KEYS, &issuer->pasted_keys, &why) != OK)
        return settings_refuse(reader, "keys", why != NULL ? why : "This is no key set.");
    if (jose_key_set_leaked_private(issuer->pasted_keys))
        return settings_refuse(
            reader, "keys",
            "These keys hold a private or secret part. Paste the public ones, and replace that "
            "key: it has been shown.");
    if (jose_key_set_count(issuer->pasted_keys) == 0) {
        const struct jose_skipped_key *skipped = jose_key_set_skipped_at(issuer->pasted_keys, 0);
        return settings_refuse(reader, "keys", skipped != NULL ? skipped->why : "The key set has no keys.");
    }
    return OK;
}

static enum status read_leeway(const struct settings_reader *reader, const json_t *json,
                               struct identity_issuer *issuer) {
    const json_t *leeway = json_object_get(json, "leewaySeconds");
    issuer->leeway_s = LEEWAY_MAX_S;
    if (leeway == NULL || json_is_null(leeway))
        return OK;
    json_int_t seconds = json_is_integer(leeway) ? json_integer_value(leeway) : -1;
    if (seconds < 0 || seconds > LEEWAY_MAX_S)
        return settings_refuse(reader, "leewaySeconds", "The leeway for clocks is 0 to 60 seconds.");
    issuer->leeway_s = (unsigned)seconds;
    return OK;
}

static enum status read_permission_claims(const struct settings_reader *reader, const json_t *json,
                                          struct identity_issuer *issuer) {
    static const struct str usual[] = {{"scope", 5}, {"scp", 3}, {"permissions", 11}, {"roles", 5}};
    TRY(settings_read_list(reader, json, "permissionClaims", PERMISSION_CLAIMS_MAX,
                           &issuer->permission_claims, &issuer->permission_claim_count));
    if (issuer->permission_claims == NULL) {
        issuer->permission_claim_count = sizeof usual / sizeof *usual;
        issuer->permission_claims =
            arena_alloc_array(reader->arena, issuer->permission_claim_count, sizeof *usual);
        for (size_t i = 0; i < issuer->permission_claim_count; i++)
            issuer->permission_claims[i] = usual[i];
    }
    for (size_t i = 0; i < issuer->permission_claim_count; i++) {
        const char *problem = claim_path_problem(issuer->permission_claims[i]);
        if (problem != NULL)
            return settings_refuse_at(
                reader, arena_print(reader->arena, "%.*s/permissionClaims/%zu", STR_ARG(reader->base), i),
                problem);
    }
    return OK;
}

static enum status read_mapping(const struct settings_reader *reader, const json_t *json,
                                struct identity_issuer *issuer) {
    const json_t *mapping = json_object_get(json, "mapping");
    struct identity_config_error error = {STR_NONE, STR_NONE};
    if (mapping == NULL || json_is_null(mapping))
        return OK;
    if (identity_mapping_read(mapping, reader->arena, &issuer->mapping, &error) == OK)
        return OK;
    struct str pointer =
        arena_print(reader->arena, "%.*s/mapping%.*s", STR_ARG(reader->base), STR_ARG(error.pointer));
    if (reader->error != NULL)
        *reader->error = (struct identity_config_error){pointer, error.message};
    return INVALID;
}

static enum status read_issuer(const struct settings_reader *reader, const json_t *json,
                               struct identity_issuer *issuer) {
    static const char *const known[] = {
        "name",       "mode",          "keySetUrl",        "keys",    "issuer",   "audiences", "types",
        "algorithms", "leewaySeconds", "permissionClaims", "mapping", "provider", NULL};
    if (!json_is_object(json))
        return settings_refuse_at(reader, reader->base, "An issuer is an object.");
    TRY(settings_check_members(reader, json, known));
    TRY(read_name(reader, json, issuer));
    TRY(read_mode(reader, json, issuer));
    TRY(read_algorithms(reader, json, issuer));
    TRY(read_keys(reader, json, issuer));
    TRY(settings_read_text(reader, json, "issuer", SETTINGS_TEXT_MAX, &issuer->issuer));
    TRY(settings_read_list(reader, json, "audiences", AUDIENCES_MAX, &issuer->audiences,
                           &issuer->audience_count));
    TRY(read_types(reader, json, issuer));
    TRY(read_leeway(reader, json, issuer));
    TRY(read_permission_claims(reader, json, issuer));
    TRY(read_mapping(reader, json, issuer));
    return provider_read(reader, json, issuer);
}

/* ---- all of them ---- */

/* Two of one provider, whose tokens have no `aud`, are told apart by their client and organization. */
static bool share_client(const struct identity_provided *a, const struct identity_provided *b) {
    return str_equal(a->client_id, b->client_id) && str_equal(a->organization, b->organization);
}

static bool share_audience(const struct identity_issuer *a, const struct identity_issuer *b) {
    const struct provider *provider = provider_of(a->provided);
    if (provider != NULL && provider->is_meant != NULL && provider == provider_of(b->provided))
        return share_client(a->provided, b->provided);
    if (a->audience_count == 0 || b->audience_count == 0)
        return true;
    for (size_t i = 0; i < a->audience_count; i++) {
        for (size_t j = 0; j < b->audience_count; j++) {
            if (str_equal(a->audiences[i], b->audiences[j]))
                return true;
        }
    }
    return false;
}

static bool is_complete(const struct identity_issuer *issuer) {
    return issuer->provided == NULL || issuer->provided->is_confirmed;
}

/* Two of one provider may have other forms of `iss` in common. */
static bool share_issuer(const struct identity_issuer *a, const struct identity_issuer *b) {
    if ((a->issuer.at == NULL) != (b->issuer.at == NULL))
        return false;
    if (str_equal(a->issuer, b->issuer))
        return true;
    if (a->provided == NULL || provider_of(a->provided) != provider_of(b->provided))
        return false;
    for (size_t i = 0; i < a->provided->other_issuer_count; i++) {
        if (claims_issuer_matches(b, a->provided->other_issuers[i]))
            return true;
    }
    return claims_issuer_matches(b, a->issuer);
}

/* Could one token be meant for both? Then neither would ever be chosen, so it is said when they are saved. */
static bool collide(const struct identity_issuer *a, const struct identity_issuer *b) {
    if (!is_complete(a) || !is_complete(b))
        return false; /* no token of theirs passes anyway */
    return (a->algorithms & b->algorithms) != 0 && share_issuer(a, b) && share_audience(a, b);
}

static enum status check_together(const struct settings_reader *reader,
                                  const struct identity_sign_in *sign_in) {
    for (size_t i = 0; i < sign_in->issuer_count; i++) {
        for (size_t j = 0; j < i; j++) {
            const struct identity_issuer *a = &sign_in->issuers[i];
            const struct identity_issuer *b = &sign_in->issuers[j];
            if (str_equal(a->name, b->name))
                return settings_refuse_at(reader, arena_print(reader->arena, "/issuers/%zu/name", i),
                                          "Another issuer has this name already.");
            if (collide(a, b))
                return settings_refuse_at(
                    reader, arena_print(reader->arena, "/issuers/%zu/issuer", i),
                    "Another issuer takes the same tokens: give each its own issuer, or "
                    "audiences that differ.");
        }
    }
    return OK;
}

static enum status read_issuers(const struct settings_reader *reader, const json_t *json,
                                struct identity_sign_in *sign_in) {
    const json_t *issuers = json_object_get(json, "issuers");
    if (issuers == NULL || json_is_null(issuers))
        return OK;
    if (!json_is_array(issuers) || json_array_size(issuers) > ISSUERS_MAX)
        return settings_refuse(reader, "issuers", "This must be a list of at most 16 issuers.");
    sign_in->issuers = arena_alloc_array(reader->arena, json_array_size(issuers), sizeof *sign_in->issuers);
    for (size_t i = 0; i < json_array_size(issuers); i++) {
        struct settings_reader inner = *reader;
        inner.base = arena_print(reader->arena, "/issuers/%zu", i);
        sign_in->issuer_count++;
        TRY(read_issuer(&inner, json_array_get(issuers, i), &sign_in->issuers[i]));
    }
    return check_together(reader, sign_in);
}

static enum status read_enforcement(const struct settings_reader *reader, const json_t *json,
                                    struct identity_sign_in *sign_in) {
    const json_t *value = json_object_get(json, "enforcement");
    struct str enforcement = json_str(value);
    sign_in->enforcement = IDENTITY_OPTIONAL;
    if (value == NULL || json_is_null(value) || str_equal(enforcement, STR("optional")))
        return OK;
    if (str_equal(enforcement, STR("off")))
        sign_in->enforcement = IDENTITY_OFF;
    else if (str_equal(enforcement, STR("required")))
        sign_in->enforcement = IDENTITY_REQUIRED;
    else
        return settings_refuse(reader, "enforcement", "This must be \"off\", \"optional\" or \"required\".");
    return OK;
}

static enum status read_sign_in(const struct settings_reader *reader, const json_t *json,
                                struct identity_sign_in *sign_in) {
    static const char *const known[] = {"enforcement", "signInUrl", "carryAnonymousConversation", "issuers",
                                        NULL};
    if (!json_is_object(json))
        return settings_refuse_at(reader, STR(""), "The sign-in settings are an object.");
    TRY(settings_check_members(reader, json, known));
    TRY(read_enforcement(reader, json, sign_in));
    TRY(settings_read_url(reader, json, "signInUrl", &sign_in->sign_in_url));
    TRY(settings_read_flag(reader, json, "carryAnonymousConversation",
                           &sign_in->carry_anonymous_conversation));
    return read_issuers(reader, json, sign_in);
}

enum status identity_sign_in_read(const json_t *json, struct arena *arena, struct identity_sign_in *sign_in,
                                  struct identity_config_error *error) {
    struct settings_reader reader = {arena, error, STR("")};
    *sign_in = (struct identity_sign_in){.enforcement = IDENTITY_OFF, .carry_anonymous_conversation = true};
    if (json == NULL || json_is_null(json))
        return OK;
    enum status status = read_sign_in(&reader, json, sign_in);
    if (status != OK)
        identity_sign_in_release(sign_in);
    return status;
}

void identity_sign_in_release(struct identity_sign_in *sign_in) {
    for (size_t i = 0; i < sign_in->issuer_count; i++)
        jose_key_set_release(sign_in->issuers[i].pasted_keys);
    *sign_in = (struct identity_sign_in){.enforcement = IDENTITY_OFF};
}

void identity_sign_in_set_origins(struct identity_sign_in *sign_in, const struct str *origins, size_t count) {
    for (size_t i = 0; i < sign_in->issuer_count; i++) {
        struct identity_provided *provided = sign_in->issuers[i].provided;
        if (provided == NULL || provided->has_own_origins)
            continue;
        provided->origins = origins;
        provided->origin_count = count;
    }
}
