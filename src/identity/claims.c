/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/claims.h"

#include <math.h>
#include <time.h>

enum { SHOWN_MAX = 120 };
static const int64_t last_second = 253402300799; /* of the year 9999 */

const char *claim_shown(struct arena *arena, struct str text) {
    if (text.at == NULL)
        return "(none)";
    bool is_cut = text.len > SHOWN_MAX;
    size_t len = is_cut ? SHOWN_MAX : text.len;
    while (is_cut && len > 0 && ((unsigned char)text.at[len] & 0xC0U) == 0x80U)
        len--; /* not through a character */
    struct str shown =
        arena_join(arena, 2, (struct str[]){str_slice(text, 0, len), is_cut ? STR("…") : STR("")});
    for (char *at = (char *)shown.at; at < shown.at + len; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7F)
            *at = '?';
    }
    return shown.at;
}

static const char *shown_time(struct arena *arena, int64_t seconds) {
    char text[32];
    time_t time = (time_t)seconds;
    struct tm parts;
    if (gmtime_r(&time, &parts) == NULL || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        return "?";
    return arena_copy(arena, str_from(text)).at;
}

/* ---- times: RFC 7519 sections 4.1.4 to 4.1.6 ---- */

enum status claim_time(const struct json_item *value, int64_t *seconds) {
    if (json_item_is(value, JSON_IS_INTEGER)) {
        *seconds = json_item_integer(value);
    } else if (json_item_is(value, JSON_IS_REAL)) {
        double real = json_item_real(value);
        if (!isfinite(real) || real < 0 || real > (double)last_second)
            return INVALID;
        *seconds = (int64_t)real;
    } else {
        return INVALID;
    }
    return *seconds >= 0 && *seconds <= last_second ? OK : INVALID;
}

static enum status check_end(const struct claim_check *check, int64_t *expires_at) {
    const struct json_item *exp = json_item_member(check->claims, STR("exp"));
    if (exp == NULL) {
        identity_fail(check->failure, check->arena, IDENTITY_EXP_MISSING, NULL);
        return INVALID;
    }
    if (claim_time(exp, expires_at) != OK) {
        identity_fail(check->failure, check->arena, IDENTITY_EXP_INVALID,
                      "`exp` is not a number of seconds since 1970 (up to the year 9999)%s.",
                      json_item_is(exp, JSON_IS_STRING) ? ": it is a text" : "");
        return INVALID;
    }
    if (check->now_s < *expires_at + (int64_t)check->issuer->leeway_s)
        return OK;
    identity_fail(check->failure, check->arena, IDENTITY_EXP_PASSED,
                  "The token ended at %s; it is now %s (leeway %u s).", shown_time(check->arena, *expires_at),
                  shown_time(check->arena, check->now_s), check->issuer->leeway_s);
    return INVALID;
}

/* `nbf` and `iat`: neither may lie ahead by more than the leeway. Absent gives 0. */
static enum status check_not_ahead(const struct claim_check *check, struct str name,
                                   enum identity_detail invalid, enum identity_detail ahead,
                                   int64_t *seconds) {
    const struct json_item *claim = json_item_member(check->claims, name);
    *seconds = 0;
    if (claim == NULL)
        return OK;
    if (claim_time(claim, seconds) != OK) {
        identity_fail(check->failure, check->arena, invalid,
                      "`%.*s` is not a number of seconds since 1970 (up to the year 9999).", STR_ARG(name));
        return INVALID;
    }
    if (*seconds <= check->now_s + (int64_t)check->issuer->leeway_s)
        return OK;
    identity_fail(check->failure, check->arena, ahead, "`%.*s` is %s; it is now %s (leeway %u s).",
                  STR_ARG(name), shown_time(check->arena, *seconds), shown_time(check->arena, check->now_s),
                  check->issuer->leeway_s);
    return INVALID;
}

enum status claims_check_times(const struct claim_check *check, struct claim_times *times) {
    int64_t not_before;
    TRY(check_end(check, &times->expires_at));
    TRY(check_not_ahead(check, STR("nbf"), IDENTITY_NBF_INVALID, IDENTITY_NOT_YET_VALID, &not_before));
    TRY(check_not_ahead(check, STR("iat"), IDENTITY_IAT_INVALID, IDENTITY_IAT_IN_FUTURE, &times->issued_at));
    if (claim_time(json_item_member(check->claims, STR("auth_time")), &times->auth_time) != OK)
        times->auth_time = 0; /* asked for by step-up alone: there a time that is none counts as not said */
    return OK;
}

/* ---- iss: section 4.1.1, compared byte for byte ---- */

bool claims_issuer_matches(const struct identity_issuer *issuer, struct str iss) {
    const struct identity_provided *provided = issuer->provided;
    if (str_equal(iss, issuer->issuer))
        return true;
    for (size_t i = 0; provided != NULL && i < provided->other_issuer_count; i++) {
        if (str_equal(iss, provided->other_issuers[i]))
            return true;
    }
    return false;
}

enum status claims_check_issuer(const struct claim_check *check) {
    const struct json_item *iss = json_item_member(check->claims, STR("iss"));
    struct str expected = check->issuer->issuer;
    if (expected.at == NULL && (iss == NULL || json_item_is(iss, JSON_IS_STRING)))
        return OK;
    if (iss == NULL) {
        identity_fail(check->failure, check->arena, IDENTITY_ISS_MISSING,
                      "The token has no `iss`, expected `%s`.", claim_shown(check->arena, expected));
        return INVALID;
    }
    if (json_item_is(iss, JSON_IS_STRING) && claims_issuer_matches(check->issuer, json_item_str(iss)))
        return OK;
    identity_fail(check->failure, check->arena, IDENTITY_ISS_MISMATCH, "`iss` is `%s`, expected `%s`.",
                  json_item_is(iss, JSON_IS_STRING) ? claim_shown(check->arena, json_item_str(iss))
                                                    : "(not a text)",
                  claim_shown(check->arena, expected));
    return INVALID;
}

/* ---- aud: section 4.1.3, a text or a list of texts ---- */

static bool is_wanted(const struct identity_issuer *issuer, const struct json_item *audience) {
    for (size_t i = 0; i < issuer->audience_count; i++) {
        if (json_item_is(audience, JSON_IS_STRING) &&
            str_equal(json_item_str(audience), issuer->audiences[i]))
            return true;
    }
    return false;
}

static bool is_audience(const struct json_item *aud) {
    if (!json_item_is(aud, JSON_IS_ARRAY))
        return json_item_is(aud, JSON_IS_STRING);
    struct json_items list = json_items(aud);
    while (json_items_next(&list)) {
        if (!json_item_is(list.value, JSON_IS_STRING))
            return false;
    }
    return true;
}

bool claims_audience_matches(const struct identity_issuer *issuer, const struct json_item *claims) {
    const struct json_item *aud = json_item_member(claims, STR("aud"));
    if (!is_audience(aud))
        return false;
    if (json_item_is(aud, JSON_IS_STRING))
        return is_wanted(issuer, aud);
    struct json_items list = json_items(aud);
    while (json_items_next(&list)) {
        if (is_wanted(issuer, list.value))
            return true;
    }
    return false;
}

static const char *shown_list(struct arena *arena, const struct str *list, size_t count) {
    struct str shown = STR("");
    for (size_t i = 0; i < count; i++)
        shown = arena_print(arena, "%.*s%s`%s`", STR_ARG(shown), i == 0 ? "" : " or ",
                            claim_shown(arena, list[i]));
    return shown.at;
}

static const char *shown_audience(struct arena *arena, const struct json_item *aud) {
    if (!is_audience(aud))
        return "neither a text nor a list of texts";
    struct str text = json_item_is(aud, JSON_IS_STRING) ? json_item_str(aud) : json_item_compact(arena, aud);
    return arena_print(arena, "`%s`", claim_shown(arena, text)).at;
}

enum status claims_check_audience(const struct claim_check *check) {
    const struct json_item *aud = json_item_member(check->claims, STR("aud"));
    const struct identity_issuer *issuer = check->issuer;
    if (issuer->audience_count == 0 ? (aud == NULL || is_audience(aud))
                                    : claims_audience_matches(issuer, check->claims))
        return OK;
    const char *expected = issuer->audience_count == 0
                               ? "a text"
                               : shown_list(check->arena, issuer->audiences, issuer->audience_count);
    if (aud == NULL)
        identity_fail(check->failure, check->arena, IDENTITY_AUD_MISSING,
                      "The token has no `aud`, expected %s.", expected);
    else
        identity_fail(check->failure, check->arena, IDENTITY_AUD_MISMATCH, "`aud` is %s, expected %s.",
                      shown_audience(check->arena, aud), expected);
    return INVALID;
}

/* ---- sub: section 4.1.2 ---- */

static bool has_control(struct str text) {
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7F)
            return true;
    }
    return false;
}

enum status claims_check_subject(const struct claim_check *check, struct str *subject) {
    const struct json_item *sub = json_item_member(check->claims, STR("sub"));
    if (sub == NULL) {
        identity_fail(check->failure, check->arena, IDENTITY_SUB_MISSING, NULL);
        return INVALID;
    }
    *subject = json_item_str(sub);
    if (json_item_is(sub, JSON_IS_STRING) && subject->len > 0 && subject->len <= SUBJECT_MAX &&
        !has_control(*subject))
        return OK;
    const char *what = !json_item_is(sub, JSON_IS_STRING)
                           ? "not a text"
                           : (subject->len == 0 ? "empty" : "too long, or has control characters");
    identity_fail(check->failure, check->arena, IDENTITY_SUB_INVALID, "`sub` is %s.", what);
    return INVALID;
}

/* ---- what the token was made for ---- */

struct str claim_short_type(struct str type) {
    struct str prefix = STR("application/");
    bool is_long = str_equal_ignore_case(str_slice(type, 0, prefix.len), prefix);
    return is_long ? str_from_index(type, prefix.len) : type;
}

/* Explicit types keep tokens of one kind from being taken for another (RFC 8725 section 3.11). Media types
 * are compared without regard to case. */
static enum status check_typ(const struct claim_check *check) {
    static const struct str usual[] = {STR_STATIC("JWT"), STR_STATIC("at+jwt")};
    const struct identity_issuer *issuer = check->issuer;
    bool is_free = issuer->type_count == 0;
    const struct str *allowed = is_free ? usual : issuer->types;
    size_t count = is_free ? sizeof usual / sizeof *usual : issuer->type_count;
    struct str typ = claim_short_type(check->jws->typ);
    for (size_t i = 0; typ.at != NULL && i < count; i++) {
        if (str_equal_ignore_case(typ, allowed[i]))
            return OK;
    }
    if (typ.at == NULL && is_free)
        return OK;
    identity_fail(check->failure, check->arena, IDENTITY_TYP_NOT_ALLOWED, "`typ` is `%s`, expected %s.",
                  claim_shown(check->arena, check->jws->typ),
                  is_free ? "JWT, at+jwt or none" : shown_list(check->arena, allowed, count));
    return INVALID;
}

/* A logout token may come without `typ` (OpenID Connect Back-Channel Logout 1.0 section 2.4); its event gives
 * it away. */
static enum status check_no_logout(const struct claim_check *check) {
    const struct json_item *events = json_item_member(check->claims, STR("events"));
    if (json_item_member(events, STR("http://schemas.openid.net/event/backchannel-logout")) == NULL)
        return OK;
    identity_fail(check->failure, check->arena, IDENTITY_TYP_NOT_ALLOWED,
                  "This is a back-channel logout token.");
    return INVALID;
}

/* A program that speaks for itself is no visitor: its subject is the client. */
static enum status check_no_machine(const struct claim_check *check) {
    struct str subject = json_item_get_str(check->claims, STR("sub"));
    static const struct str client_claims[] = {STR_STATIC("client_id"), STR_STATIC("azp"), {NULL, 0}};
    const char *why = NULL;
    for (const struct str *at = client_claims; at->at != NULL; at++) {
        struct str client = json_item_get_str(check->claims, *at);
        if (client.len > 0 && str_equal(client, subject))
            why = "`sub` is the client itself";
    }
    if (str_equal(json_item_get_str(check->claims, STR("gty")), STR("client-credentials")))
        why = "`gty` is client-credentials";
    if (str_ends_with(subject, STR("@clients")))
        why = "`sub` ends in @clients";
    if (why == NULL)
        return OK;
    identity_fail(check->failure, check->arena, IDENTITY_MACHINE_TOKEN, "A program's token: %s.", why);
    return INVALID;
}

enum status claims_check_purpose(const struct claim_check *check) {
    TRY(check_typ(check));
    TRY(check_no_logout(check));
    return check_no_machine(check);
}
