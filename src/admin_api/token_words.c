/* SPDX-License-Identifier: Apache-2.0 */
#include "admin_api/token_words.h"

#include "admin_api/call.h"

#include <math.h>

/* ---- times ---- */

struct str duration_words(struct arena *arena, int64_t seconds) {
    enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };
    static const struct {
        int64_t from, unit; /* from so many seconds on it is told in this unit */
        const char *name;
    } units[] = {{2 * DAY, DAY, "day"}, {HOUR, HOUR, "hour"}, {MINUTE, MINUTE, "minute"}, {0, 1, "second"}};
    size_t i = 0;
    while (seconds < units[i].from)
        i++;
    int64_t count = seconds / units[i].unit;
    return arena_print(arena, "%lld %s%s", (long long)count, units[i].name, count == 1 ? "" : "s");
}

struct time_phrase {
    struct str claim;
    const char *past, *ahead;
};

static const struct time_phrase phrases[] = {
    {STR_STATIC("exp"), "expired %.*s ago", "expires in %.*s"},
    {STR_STATIC("iat"), "issued %.*s ago", "issued in the future, in %.*s"},
    {STR_STATIC("nbf"), "valid since %.*s ago", "valid only in %.*s"},
    {STR_STATIC("auth_time"), "signed in %.*s ago", "signed in in the future, in %.*s"},
};

static bool time_of(const json_t *claims, struct str name, int64_t *seconds) {
    const double last = 253402300799.0; /* of the year 9999 */
    const json_t *value = json_member(claims, name);
    double number = json_number_value(value);
    if (!json_is_number(value) || !isfinite(number) || number < 0 || number > last)
        return false;
    *seconds = (int64_t)number;
    return true;
}

static struct str words_of(struct arena *arena, const struct time_phrase *phrase, int64_t at, int64_t now_s) {
    bool is_past = at <= now_s;
    struct str duration = duration_words(arena, is_past ? now_s - at : at - now_s);
    struct str form = str_from(is_past ? phrase->past : phrase->ahead);
    size_t gap = str_find(form, STR("%.*s"));
    return arena_join(arena, 3,
                      (struct str[]){str_slice(form, 0, gap), duration, str_from_index(form, gap + 4)});
}

json_t *token_times_json(struct arena *arena, const json_t *claims, int64_t now_s) {
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        int64_t at;
        if (!time_of(claims, phrases[i].claim, &at))
            continue;
        json_t *one = json_object();
        set_text(one, "name", phrases[i].claim);
        set_text(one, "at", time_text(arena, at * 1000));
        set_text(one, "words", words_of(arena, &phrases[i], at, now_s));
        json_array_append_new(list, one);
    }
    return list;
}

/* ---- fixes ---- */

/* What a fix is about: where in the issuer's settings, and what of the token would have to stand there. */
enum fix_subject { NOTHING, AUDIENCE, ISSUER, CLIENT, ORGANIZATION, TYPE, ALGORITHM, KEYS, MAPPING };

struct fix {
    enum identity_detail detail;
    const char *kind, *label;
    enum fix_subject subject;
};

static const struct fix fixes[] = {
    {IDENTITY_SIGN_IN_OFF, "open-sign-in", "Set up visitor sign-in", NOTHING},
    {IDENTITY_SECRET_MISSING, "generate-secret", "Generate a secret", NOTHING},
    {IDENTITY_SECRET_TOO_SHORT, "rotate-secret", "Generate a new secret", NOTHING},
    {IDENTITY_KEY_SET_MISSING, "set-key-set-url", "Enter the key-set URL", KEYS},
    {IDENTITY_ISSUER_UNCONFIRMED, "confirm-issuer", "Confirm the issuer", ISSUER},
    {IDENTITY_EXP_PASSED, "mint-token", "Mint a new token", NOTHING},
    {IDENTITY_ALG_NOT_ALLOWED, "set-algorithms", "Allow this algorithm", ALGORITHM},
    {IDENTITY_UNKNOWN_KID, "refresh-keys", "Refresh the keys and verify again", NOTHING},
    {IDENTITY_KEY_UNFIT, "refresh-keys", "Refresh the keys and verify again", NOTHING},
    {IDENTITY_KEY_AMBIGUOUS, "refresh-keys", "Refresh the keys and verify again", NOTHING},
    {IDENTITY_CERTIFICATE_EXPIRED, "refresh-keys", "Refresh the keys and verify again", NOTHING},
    {IDENTITY_SIGNATURE_MISMATCH, "refresh-keys", "Refresh the keys and verify again", NOTHING},
    {IDENTITY_TYP_NOT_ALLOWED, "set-types", "Take tokens of this type", TYPE},
    {IDENTITY_ISS_MISSING, "set-issuer", "Correct the issuer", ISSUER},
    {IDENTITY_ISS_MISMATCH, "set-issuer", "Take this issuer", ISSUER},
    {IDENTITY_ISSUER_AMBIGUOUS, "open-sign-in", "Tell the issuers apart", NOTHING},
    {IDENTITY_AUD_MISSING, "set-audience", "Correct the audience", AUDIENCE},
    {IDENTITY_AUD_MISMATCH, "set-audience", "Take this audience", AUDIENCE},
    {IDENTITY_CLIENT_MISMATCH, "set-client", "Take this client", CLIENT},
    {IDENTITY_ORGANIZATION_MISMATCH, "set-organization", "Take this organization", ORGANIZATION},
    {IDENTITY_IDENTITY_TOO_LARGE, "set-mapping", "Set a claim mapping", MAPPING},
    {IDENTITY_FETCH_UNREACHABLE, "refresh-keys", "Try again", NOTHING},
    {IDENTITY_FETCH_REFUSED, "set-key-set-url", "Correct the key-set URL", KEYS},
    {IDENTITY_FETCH_STATUS, "set-key-set-url", "Correct the key-set URL", KEYS},
    {IDENTITY_FETCH_INVALID, "set-key-set-url", "Correct the key-set URL", KEYS},
};

/* Of other details: what is wrong is in the token, and so the remedy is where it is minted. */
static const struct fix mint = {IDENTITY_MALFORMED, "mint-token", "Mint a new token", NOTHING};

static const struct fix *fix_for(enum identity_detail detail) {
    for (size_t i = 0; i < sizeof fixes / sizeof *fixes; i++) {
        if (fixes[i].detail == detail)
            return &fixes[i];
    }
    return &mint;
}

/* Which of a provider's fields it stands in; NULL: in none, or beside the fields. */
static const char *provider_place(const struct identity_provided *provided, enum fix_subject subject) {
    static const struct {
        const char *provider;
        enum fix_subject subject;
        const char *place;
    } places[] = {
        {"auth0", AUDIENCE, "provider/fields/apiAudience"},
        {"auth0", ISSUER, "provider/fields/tenantDomain"},
        {"auth0", CLIENT, "provider/fields/clientId"},
        {"auth0", ORGANIZATION, "provider/organization"},
        {"clerk", AUDIENCE, "provider/fields/clientId"},
        {"clerk", ISSUER, "provider/fields/instanceUrl"},
        {"clerk", CLIENT, "provider/fields/clientId"},
        {"cognito", AUDIENCE, "provider/fields/clientId"},
        {"cognito", ISSUER, "issuer"},
        {"cognito", CLIENT, "provider/fields/clientId"},
        {"workos", ISSUER, "issuer"},
        {"workos", CLIENT, "provider/fields/clientId"},
        {"workos", ORGANIZATION, "provider/fields/organizationId"},
        {"firebase", AUDIENCE, "provider/fields/projectId"},
        {"firebase", ISSUER, "provider/fields/projectId"},
        {"oidc", AUDIENCE, "provider/fields/audience"},
        {"oidc", ISSUER, "provider/fields/issuer"},
        {"oidc", CLIENT, "provider/fields/clientId"},
        {"oidc", ALGORITHM, "algorithms"},
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (places[i].subject == subject &&
            str_equal(str_from(places[i].provider), str_from(provided->provider->id)))
            return places[i].place;
    }
    return NULL;
}

static const char *place_of(const struct identity_issuer *issuer, enum fix_subject subject) {
    switch (subject) {
    case KEYS:
        return "keySetUrl";
    case MAPPING:
        return "mapping";
    default:
        break;
    }
    if (issuer->provided != NULL)
        return provider_place(issuer->provided, subject);
    switch (subject) {
    case AUDIENCE:
        return "audiences";
    case ISSUER:
        return "issuer";
    case TYPE:
        return "types";
    case ALGORITHM:
        return "algorithms";
    default:
        return NULL;
    }
}

/* The text, or the first of a list of texts. */
static struct str first_text(const json_t *value) {
    return json_is_array(value) ? json_str(json_array_get(value, 0)) : json_str(value);
}

/* A provider's field is not always what the token has: Auth0's domain is the host of `iss`. */
static struct str issuer_value(const struct identity_issuer *issuer, struct str iss) {
    if (issuer == NULL || issuer->provided == NULL)
        return iss;
    struct str id = str_from(issuer->provided->provider->id);
    struct str firebase = STR("https://securetoken.google.com/");
    struct str region;
    struct str pool;
    if (str_equal(id, STR("auth0")))
        return str_starts_with(iss, STR("https://")) && str_ends_with(iss, STR("/"))
                   ? str_slice(iss, 8, iss.len - 1)
                   : STR_NONE;
    if (str_equal(id, STR("firebase")))
        return str_starts_with(iss, firebase) ? str_from_index(iss, firebase.len) : STR_NONE;
    if (str_equal(id, STR("cognito")))
        return identity_cognito_pool(iss, &region, &pool) ? iss : STR_NONE;
    return iss;
}

static struct str value_of(const struct identity_issuer *issuer, enum fix_subject subject,
                           const json_t *header, const json_t *claims) {
    switch (subject) {
    case AUDIENCE:
        return first_text(json_object_get(claims, "aud"));
    case ISSUER:
        return issuer_value(issuer, json_get_str(claims, "iss"));
    case CLIENT:
        return json_object_get(claims, "azp") != NULL ? json_get_str(claims, "azp")
                                                      : json_get_str(claims, "client_id");
    case ORGANIZATION:
        return json_get_str(claims, "org_id");
    case TYPE:
        return json_get_str(header, "typ");
    case ALGORITHM:
        return json_get_str(header, "alg");
    default:
        return STR_NONE;
    }
}

static struct str pointer_to(struct arena *arena, const struct identity_sign_in *sign_in,
                             const struct identity_issuer *issuer, enum fix_subject subject) {
    const char *place = issuer != NULL ? place_of(issuer, subject) : NULL;
    if (place == NULL)
        return STR_NONE;
    return arena_print(arena, "/issuers/%zu/%s", (size_t)(issuer - sign_in->issuers), place);
}

/* Clerk's `azp` is a page, which is let in by the environment's origins. */
static bool is_about_a_page(const struct identity_issuer *issuer, const struct fix *fix) {
    return fix->subject == CLIENT && issuer != NULL && issuer->provided != NULL &&
           str_equal(str_from(issuer->provided->provider->id), STR("clerk"));
}

/* No fresher set is to be had where keys are pasted, and a wrong signature with a shared secret is a matter
 * of that secret. */
static const struct fix *fix_for_keys(const struct fix *fix, const struct identity_issuer *issuer) {
    static const struct fix secret = {IDENTITY_SIGNATURE_MISMATCH, "rotate-secret", "Generate a new secret",
                                      NOTHING};
    static const struct fix pasted = {IDENTITY_SIGNATURE_MISMATCH, "open-sign-in", "Paste the keys anew",
                                      KEYS};
    if (!str_equal(str_from(fix->kind), STR("refresh-keys")) || issuer == NULL)
        return fix;
    if (issuer->mode == IDENTITY_HMAC)
        return &secret;
    return issuer->pasted_keys != NULL ? &pasted : fix;
}

json_t *token_fix_json(struct arena *arena, const struct identity_sign_in *sign_in,
                       const struct identity_issuer *issuer, const struct identity_failure *failure,
                       const json_t *header, const json_t *claims) {
    const struct fix *fix = fix_for_keys(fix_for(failure->detail), issuer);
    struct str pointer = pointer_to(arena, sign_in, issuer, fix->subject);
    struct str value = value_of(issuer, fix->subject, header, claims);
    struct str kind = str_from(fix->kind);
    struct str label = str_from(fix->label);
    if (failure->detail == IDENTITY_TOKEN_ABSENT)
        return json_null();
    json_t *json = json_object();
    if (is_about_a_page(issuer, fix) && str_starts_with(value, STR("http"))) {
        kind = STR("add-origin");
        label = STR("Add this page's origin");
        pointer = STR("/origins");
    } else if (fix->subject != NOTHING && str_is_empty(pointer)) {
        kind = STR("open-sign-in"); /* nothing that could be set would mend it by itself */
        label = STR("Open visitor sign-in");
    }
    set_text(json, "kind", kind);
    set_text(json, "label", label);
    set_optional(json, "issuer", issuer != NULL ? issuer->name : STR_NONE);
    set_optional(json, "pointer", pointer);
    set_optional(json, "value", str_is_utf8(value) ? value : STR_NONE);
    return json;
}
