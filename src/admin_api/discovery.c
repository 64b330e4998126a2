/* SPDX-License-Identifier: Apache-2.0 */
#include "admin_api/discovery.h"

#include "egress/egress.h"

enum { METADATA_MAX = 256 * 1024, URL_MAX = 2048, TIMEOUT_MS = 5000 };

static enum status refuse(struct discovery_problem *problem, const char *code, struct str sentence) {
    *problem = (struct discovery_problem){code, sentence};
    return INVALID;
}

/* ---- what the metadata say ---- */

static bool is_url(struct str url, bool is_plain_allowed) {
    bool is_plain = str_starts_with(url, STR("http://"));
    for (size_t i = 0; i < url.len; i++) {
        if ((unsigned char)url.at[i] <= 0x20 || (unsigned char)url.at[i] >= 0x7F)
            return false;
    }
    return url.len <= URL_MAX && (str_starts_with(url, STR("https://")) || (is_plain && is_plain_allowed));
}

static struct str endpoint(struct arena *arena, const json_t *metadata, const char *name) {
    struct str url = json_get_str(metadata, name);
    return is_url(url, true) ? arena_copy(arena, url) : STR_NONE;
}

static bool has_word(const json_t *list, struct str word) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (str_equal(json_str(json_array_get(list, i)), word))
            return true;
    }
    return false;
}

static json_t *texts_of(const json_t *list) {
    enum { WORDS_MAX = 64 };
    json_t *texts = json_array();
    for (size_t i = 0; i < json_array_size(list) && i < WORDS_MAX; i++) {
        if (json_is_string(json_array_get(list, i)))
            json_array_append(texts, json_array_get(list, i));
    }
    return texts;
}

/* The beginning of what somebody else wrote, not cut through a character. */
static struct str shown(struct str text) {
    enum { SHOWN_MAX = 200 };
    size_t len = text.len < SHOWN_MAX ? text.len : SHOWN_MAX;
    while (len > 0 && len < text.len && ((unsigned char)text.at[len] & 0xC0U) == 0x80U)
        len--;
    return text.at == NULL ? STR("") : str_slice(text, 0, len);
}

enum status discovery_read(struct arena *arena, struct str body, struct str issuer, bool is_plain_allowed,
                           struct discovery *found, struct discovery_problem *problem) {
    json_t *metadata = NULL;
    if (json_read(body, JSON_DEPTH_DOCUMENT, &metadata, NULL) != OK)
        return refuse(problem, "discovery-not-json", STR("What it serves there is not JSON."));
    json_keep(arena, metadata);
    struct str named = json_get_str(metadata, "issuer");
    struct str keys = json_get_str(metadata, "jwks_uri");
    if (!str_equal(named, issuer)) /* OpenID Connect Discovery 1.0 section 4.3 */
        return refuse(
            problem, "discovery-issuer-mismatch",
            arena_print(arena,
                        "The metadata there are those of the issuer `%.*s`. Enter the issuer letter "
                        "for letter; a slash at the end counts.",
                        STR_ARG(shown(named))));
    if (!is_url(keys, is_plain_allowed))
        return refuse(problem, "discovery-no-keys",
                      STR("The metadata name no key-set URL (jwks_uri) that begins with https://."));
    *found = (struct discovery){
        .issuer = issuer,
        .key_set_url = arena_copy(arena, keys),
        .authorization_endpoint = endpoint(arena, metadata, "authorization_endpoint"),
        .token_endpoint = endpoint(arena, metadata, "token_endpoint"),
        .signing_algorithms =
            json_keep(arena, texts_of(json_object_get(metadata, "id_token_signing_alg_values_supported"))),
        .offers_pkce_s256 =
            has_word(json_object_get(metadata, "code_challenge_methods_supported"), STR("S256")),
        .offers_offline_access =
            has_word(json_object_get(metadata, "scopes_supported"), STR("offline_access")),
    };
    return OK;
}

/* ---- fetching them ---- */

static struct str openid_url(struct arena *arena, struct str issuer) {
    bool has_slash = str_ends_with(issuer, STR("/"));
    return arena_print(arena, "%.*s/.well-known/openid-configuration",
                       (int)(issuer.len - (has_slash ? 1 : 0)), issuer.at);
}

/* RFC 8414 section 3.1: between host and path. */
static struct str oauth_url(struct arena *arena, struct str issuer) {
    size_t host = str_find(issuer, STR("://")) + 3;
    size_t slash = str_find_byte(str_from_index(issuer, host), '/');
    size_t end = slash == STR_NOT_FOUND ? issuer.len : host + slash;
    struct str path = str_from_index(issuer, end);
    if (str_ends_with(path, STR("/")))
        path = str_slice(path, 0, path.len - 1);
    return arena_join(
        arena, 3,
        (struct str[]){str_slice(issuer, 0, end), STR("/.well-known/oauth-authorization-server"), path});
}

static FIBER enum status get_wait(const struct admin_api *api, struct arena *arena, struct str url,
                                  struct egress_answer *answer, struct discovery_problem *problem) {
    const struct egress_request request = {
        .url = url, .timeout_ms = TIMEOUT_MS, .max_bytes = METADATA_MAX, .max_redirects = 3};
    enum status status = egress_fetch_wait(api->egress, &request, arena, answer);
    if (status == OK || status == CANCELED)
        return status;
    *problem = (struct discovery_problem){
        "discovery-unreachable",
        arena_print(arena, "%s (%.*s)", egress_problem_sentence(answer->problem), STR_ARG(url))};
    return UNAVAILABLE;
}

enum status discovery_fetch_wait(const struct admin_api *api, struct arena *arena, struct str issuer,
                                 struct discovery *found, struct discovery_problem *problem) {
    bool is_plain_allowed = api->is_private_egress_allowed && str_starts_with(issuer, STR("http://"));
    struct egress_answer answer = {.status_code = 0};
    if (str_starts_with(issuer, STR("http://")) && !is_plain_allowed)
        return refuse(
            problem, "discovery-not-secure",
            STR("An issuer's URL begins with https://; http is for trying things out on a server that "
                "runs with --allow-private-egress."));
    struct str url = openid_url(arena, issuer);
    TRY(get_wait(api, arena, url, &answer, problem));
    if (answer.status_code == 404) {
        url = oauth_url(arena, issuer);
        TRY(get_wait(api, arena, url, &answer, problem));
    }
    if (answer.status_code != 200)
        return refuse(problem, "discovery-status",
                      arena_print(arena,
                                  "The provider's metadata are not there: %.*s answered with %u. Check the "
                                  "issuer, or enter the key-set URL by hand.",
                                  STR_ARG(url), answer.status_code));
    TRY(discovery_read(arena, answer.body, issuer, is_plain_allowed, found, problem));
    found->url = url;
    return OK;
}

/* ---- before saving ---- */

static bool is_given(const json_t *object, const char *name) {
    const json_t *value = json_object_get(object, name);
    return value != NULL && !json_is_null(value);
}

/* Of an issuer that is set up by OpenID Connect's fields; else STR_NONE. */
static struct str issuer_of(const json_t *issuer) {
    const json_t *provider = json_get_object(issuer, "provider");
    bool is_oidc = str_equal(json_get_str(provider, "id"), STR("oidc"));
    return is_oidc ? json_get_str(json_get_object(provider, "fields"), "issuer") : STR_NONE;
}

struct str discovery_provider(const json_t *issuer) {
    struct str wanted = issuer_of(issuer);
    if (is_given(issuer, "keys"))
        return STR_NONE;
    bool is_http = str_starts_with(wanted, STR("https://")) || str_starts_with(wanted, STR("http://"));
    return is_http && wanted.len <= URL_MAX ? wanted : STR_NONE;
}

/* Whose metadata are wanted; STR_NONE where none are, or where the settings are refused anyway. */
static struct str issuer_wanted(const json_t *issuer) {
    return is_given(issuer, "keySetUrl") ? STR_NONE : discovery_provider(issuer);
}

/* What was looked up before for the same provider stays, so that the same settings again change nothing.
 * True: it was there. */
static bool keep_pinned(const json_t *saved, json_t *issuer) {
    const json_t *issuers = json_get_array(json_get_object(saved, "signIn"), "issuers");
    for (size_t i = 0; i < json_array_size(issuers); i++) {
        const json_t *other = json_array_get(issuers, i);
        bool is_same = str_equal(json_get_str(other, "name"), json_get_str(issuer, "name")) &&
                       str_equal(issuer_of(other), issuer_of(issuer));
        if (!is_same || !is_given(other, "keySetUrl"))
            continue;
        json_object_set(issuer, "keySetUrl", json_object_get(other, "keySetUrl"));
        return true;
    }
    return false;
}

/* False: it has answered. */
static FIBER bool pin_one_wait(struct call *call, const json_t *saved, json_t *issuer, bool is_asked_for) {
    struct discovery found;
    struct discovery_problem problem;
    struct str wanted = issuer_wanted(issuer);
    if (wanted.at == NULL || keep_pinned(saved, issuer) || call->api->egress == NULL)
        return true;
    enum status status = discovery_fetch_wait(call->api, call->arena, wanted, &found, &problem);
    if (status == CANCELED)
        return call_refuse(call, status, STR(""));
    if (status == OK)
        json_object_set_new(issuer, "keySetUrl", json_from_str(found.key_set_url));
    if (status == OK || !is_asked_for)
        return true;
    return call_problem_at(call, problem.code, STR("/provider/fields/issuer"), "%.*s",
                           STR_ARG(problem.sentence));
}

FIBER bool discovery_pin_wait(struct call *call, struct str saved, const json_t *config,
                              struct str asked_for) {
    enum { ISSUERS_MAX = 16 };
    json_auto_t *before = NULL;
    if (json_read(saved, JSON_DEPTH_DOCUMENT, &before, NULL) != OK)
        before = NULL; /* there was none */
    const json_t *issuers = json_get_array(json_get_object(config, "signIn"), "issuers");
    for (size_t i = 0; i < json_array_size(issuers) && i < ISSUERS_MAX; i++) {
        struct str place = arena_print(call->arena, "/signIn/issuers/%zu", i);
        if (!pin_one_wait(call, before, json_array_get(issuers, i), str_equal(place, asked_for)))
            return false;
    }
    return true;
}
