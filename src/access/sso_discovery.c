/* SPDX-License-Identifier: Apache-2.0 */
/* The provider's discovery document (OpenID Connect Discovery 1.0 section 4): read when single sign-on is set
 * up, and again now and then. */
#include "access/single_sign_on.h"
#include "egress/egress.h"
#include "keyset/keyset.h"
#include "store/setting.h"

enum { DISCOVERY_MAX_BYTES = 256 * 1024, DISCOVERY_TIMEOUT_MS = 8000 };

bool sso_url_is_allowed(const struct access *access, struct str url) {
    if (str_starts_with(url, STR("https://")))
        return url.len > 8;
    return access->options.is_private_egress_allowed && str_starts_with(url, STR("http://")) && url.len > 7;
}

static bool list_has(const json_t *list, const char *word) {
    for (size_t i = 0; i < json_array_size(list); i++)
        if (str_equal(json_str(json_array_get(list, i)), str_from(word)))
            return true;
    return false;
}

/* "…" and "…/" are different issuers, but one discovery address. */
static struct str discovery_url(struct arena *arena, struct str issuer) {
    struct str base = str_ends_with(issuer, STR("/")) ? str_slice(issuer, 0, issuer.len - 1) : issuer;
    return arena_join(arena, 2, (struct str[]){base, STR("/.well-known/openid-configuration")});
}

static enum status check_discovered(const struct access *access, struct arena *arena, const json_t *found,
                                    struct str issuer, struct access_refusal *refusal) {
    static const char *const endpoints[] = {"authorization_endpoint", "token_endpoint", "jwks_uri"};
    if (!str_equal(json_get_str(found, "issuer"), issuer))
        return access_refuse_at(refusal, arena, "discovery-failed", "/issuer",
                                "The provider calls itself otherwise than this, letter for letter (often a "
                                "slash at the end makes the difference).");
    for (size_t i = 0; i < sizeof endpoints / sizeof endpoints[0]; i++)
        if (!sso_url_is_allowed(access, json_get_str(found, endpoints[i])))
            return access_refuse_at(refusal, arena, "discovery-failed", "/issuer",
                                    "The provider's discovery document has no %s that may be asked.",
                                    endpoints[i]);
    const json_t *methods = json_object_get(found, "code_challenge_methods_supported");
    if (methods != NULL && !list_has(methods, "S256"))
        return access_refuse_at(refusal, arena, "discovery-failed", "/issuer",
                                "The provider does not take PKCE with S256.");
    return OK;
}

FIBER enum status sso_discover_wait(struct access *access, struct arena *arena, struct str issuer,
                                    json_t **found, struct access_refusal *refusal) {
    static const char *const types[] = {"application/json", "+json", NULL};
    if (access->options.egress == NULL)
        return access_refuse(refusal, arena, 501, "not-here",
                             "This takes a running server: ask it with --server, or in the dashboard.");
    if (!sso_url_is_allowed(access, issuer) || str_find_byte(issuer, '?') != STR_NOT_FOUND ||
        str_find_byte(issuer, '#') != STR_NOT_FOUND)
        return access_refuse_at(refusal, arena, "invalid", "/issuer",
                                "The issuer is an https:// address without query.");
    const struct egress_request request = {.url = discovery_url(arena, issuer),
                                           .content_types = types,
                                           .max_bytes = DISCOVERY_MAX_BYTES,
                                           .timeout_ms = DISCOVERY_TIMEOUT_MS};
    struct egress_answer answer;
    enum status status = egress_fetch_wait(access->options.egress, &request, arena, &answer);
    if (status == CANCELED)
        return CANCELED;
    if (status != OK || answer.status_code != 200)
        return access_refuse_at(refusal, arena, "discovery-failed", "/issuer",
                                "The provider's discovery document cannot be read: %s",
                                status != OK ? egress_problem_sentence(answer.problem)
                                             : "the answer is not 200.");
    if (json_read(answer.body, JSON_DEPTH_DOCUMENT, found, NULL) != OK)
        *found = NULL;
    json_keep(arena, *found); /* by itself: jansson's tests are macros that look twice */
    if (!json_is_object(*found))
        return access_refuse_at(refusal, arena, "discovery-failed", "/issuer",
                                "The provider's discovery document is not JSON.");
    return check_discovered(access, arena, *found, issuer, refusal);
}

static void set(json_t *document, const char *name, const json_t *found, const char *its_name) {
    json_object_set_new(document, name, json_from_str(json_get_str(found, its_name)));
}

void sso_set_discovered(json_t *document, const json_t *found) {
    const json_t *methods = json_object_get(found, "token_endpoint_auth_methods_supported");
    bool wants_post = methods != NULL && !list_has(methods, "client_secret_basic") &&
                      list_has(methods, "client_secret_post");
    set(document, "authorizationEndpoint", found, "authorization_endpoint");
    set(document, "tokenEndpoint", found, "token_endpoint");
    set(document, "jwksUri", found, "jwks_uri");
    json_object_set_new(document, "wantsSecretPost", json_boolean(wants_post));
    json_object_set_new(
        document, "sendsIssuer",
        json_boolean(json_get_bool(found, "authorization_response_iss_parameter_supported", false)));
}

/* ---- when the provider moves ---- */

static enum status check_keys_wait(struct arena *arena, struct keyset_cache *key_sets, struct str url,
                                   struct access_refusal *refusal) {
    struct jose_key_set *keys = NULL;
    struct keyset_error error = {KEYSET_FINE, STR_NONE};
    enum status status = keyset_get_wait(key_sets, url, arena, &keys, &error);
    bool has_keys = status == OK && jose_key_set_count(keys) > 0;
    jose_key_set_release(keys);
    if (has_keys || status == CANCELED)
        return status;
    return access_refuse(refusal, arena, 422, "discovery-keys-unusable",
                         "The discovery document names another key set, without keys that can be used.");
}

enum status access_sso_follow_wait(struct access *access, struct arena *arena, struct str actor,
                                   struct keyset_cache *key_sets, struct access_sso_followed *followed,
                                   struct access_refusal *refusal) {
    struct store_setting setting;
    json_t *before = NULL;
    json_t *found = NULL;
    TRY(store_setting_find_wait(access->options.store, arena, SSO_SETTING, &setting));
    if (json_read(setting.document, JSON_DEPTH_DOCUMENT, &before, NULL) != OK)
        return FAILED;
    json_keep(arena, before);
    struct str issuer = json_get_str(before, "issuer");
    TRY(sso_discover_wait(access, arena, issuer, &found, refusal));
    *followed =
        (struct access_sso_followed){.issuer = issuer, .key_set_url = json_get_str(found, "jwks_uri")};
    json_t *after = json_keep(arena, json_deep_copy(before));
    sso_set_discovered(after, found);
    if (json_equal(before, after))
        return OK;
    if (!str_equal(json_get_str(before, "jwksUri"), followed->key_set_url))
        TRY(check_keys_wait(arena, key_sets, followed->key_set_url, refusal));
    struct store_audit event = trail(actor, "single-sign-on.replace", STR("single-sign-on"));
    event.before = setting.document;
    event.after = json_write(arena, after);
    followed->is_changed = true;
    return store_setting_change_wait(access->options.store, SSO_SETTING, setting.version, event.after,
                                     STR(""), false, &event);
}
