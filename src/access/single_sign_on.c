/* SPDX-License-Identifier: Apache-2.0 */
/* The way to the provider and back: authorization code with PKCE (RFC 7636), state and nonce bound to the
 * browser by a cookie, `iss` checked (RFC 9207), each answer taken once. */
#include "access/single_sign_on.h"
#include "base/clock.h"
#include "base/encode.h"
#include "base/random.h"
#include "store/setting.h"

enum { WAY_MINUTES = 10, RETURN_TO_MAX = 500 };

static enum status refuse(struct access_refusal *refusal, struct arena *arena, const char *code,
                          const char *sentence) {
    return access_refuse(refusal, arena, 401, code, "%s", sentence);
}

/* A page of our own, or the first one: whatever a browser would take for another site is none. */
struct str sso_return_path(struct str path) {
    if (path.len > RETURN_TO_MAX || !str_starts_with(path, STR("/")) || !str_is_utf8(path))
        return STR("/");
    if (path.len > 1 && (path.at[1] == '/' || path.at[1] == '\\'))
        return STR("/");
    for (size_t i = 0; i < path.len; i++)
        if ((unsigned char)path.at[i] <= ' ' || path.at[i] == '\\' || (unsigned char)path.at[i] >= 0x7F)
            return STR("/");
    return path;
}

static struct str authorization_url(struct arena *arena, const struct sso_settings *settings,
                                    struct str redirect_uri, struct str state, struct str nonce,
                                    struct str verifier) {
    unsigned char digest[DIGEST_SHA256_LEN];
    digest_sha256_into(verifier, digest);
    bool has_query = str_find_byte(settings->authorization_endpoint, '?') != STR_NOT_FOUND;
    struct str pieces[] = {settings->authorization_endpoint,
                           has_query ? STR("&") : STR("?"),
                           STR("response_type=code&scope=openid%20email%20profile&code_challenge_method=S256"
                               "&client_id="),
                           percent_encode(arena, settings->shown.client_id),
                           STR("&redirect_uri="),
                           percent_encode(arena, redirect_uri),
                           STR("&state="),
                           state,
                           STR("&nonce="),
                           nonce,
                           STR("&code_challenge="),
                           base64url_encode(arena, str_of(digest, sizeof digest))};
    return arena_join(arena, sizeof pieces / sizeof pieces[0], pieces);
}

enum status access_sso_start_wait(struct access *access, struct arena *arena,
                                  const struct access_credentials *from,
                                  const struct access_principal *principal, struct str return_to,
                                  bool is_link, struct str *location, struct str *cookie,
                                  struct access_refusal *refusal) {
    struct sso_settings settings;
    if (access->options.vault == NULL || access->options.egress == NULL)
        return access_refuse_no_vault(refusal, arena);
    enum status status = sso_settings_wait(access, arena, &settings);
    if (status == NOT_FOUND)
        return refuse(refusal, arena, "single-sign-on-off", "Single sign-on is not set up.");
    TRY(status);
    if (is_link && (principal == NULL || principal->kind != ACCESS_ADMINISTRATOR))
        return refuse(refusal, arena, "sign-in-required", "Sign in first.");
    if (is_link)
        TRY(access_demand_recent(principal, arena, refusal));
    struct str state = random_secret(arena, STR(""));
    struct str nonce = random_secret(arena, STR(""));
    struct str verifier = random_secret(arena, STR(""));
    json_auto_t *way = json_object();
    json_object_set_new(way, "state", json_from_str(state));
    json_object_set_new(way, "nonce", json_from_str(nonce));
    json_object_set_new(way, "verifier", json_from_str(verifier));
    json_object_set_new(way, "returnTo", json_from_str(sso_return_path(return_to)));
    json_object_set_new(way, "session", json_from_str(is_link ? principal->session : STR("")));
    json_object_set_new(way, "version", json_integer(settings.shown.version));
    struct str sealed;
    TRY(challenge_make(access, arena, SSO_SETTING, json_write(arena, way), WAY_MINUTES * ACCESS_MINUTE_MS,
                       &sealed));
    *cookie = access_cookie_write(arena, access_cookie_sso(from->is_secure), sealed, from->is_secure,
                                  WAY_MINUTES * ACCESS_MINUTE_MS / 1000);
    *location =
        authorization_url(arena, &settings, sso_redirect_uri(access, arena, from), state, nonce, verifier);
    return OK;
}

/* ---- and back ---- */

struct way {
    struct str state, nonce, verifier, return_to, session;
    int64_t version, until;
    bool is_first; /* it was begun in this browser, and this is the first answer to it */
};

static enum status open_way(const struct access *access, struct arena *arena,
                            const struct access_credentials *from, struct way *way) {
    struct str sealed = access_cookie_find(from->cookie, access_cookie_sso(from->is_secure));
    struct str content;
    json_t *json = NULL;
    TRY(challenge_open(access, arena, SSO_SETTING, sealed, &content, &way->until));
    TRY(json_read(content, JSON_DEPTH_TOKEN, &json, NULL));
    json_keep(arena, json);
    way->state = json_get_str(json, "state");
    way->nonce = json_get_str(json, "nonce");
    way->verifier = json_get_str(json, "verifier");
    way->return_to = json_get_str(json, "returnTo");
    way->session = json_get_str(json, "session");
    way->version = json_get_int(json, "version", 0);
    return str_is_empty(way->state) || str_is_empty(way->nonce) ? DENIED : OK;
}

/* RFC 9207 section 2.4: who answers must be who was asked. */
static bool is_right_issuer(const struct sso_settings *settings, struct str issuer) {
    if (str_is_empty(issuer))
        return !settings->sends_issuer;
    return str_equal(issuer, settings->shown.issuer);
}

static enum status check_answer_wait(struct access *access, struct arena *arena,
                                     const struct access_credentials *from,
                                     const struct access_sso_answer *answer, struct way *way,
                                     struct sso_settings *settings, struct access_refusal *refusal) {
    if (open_way(access, arena, from, way) != OK || !str_equal_secret(answer->state, way->state))
        return refuse(
            refusal, arena, "single-sign-on-expired",
            "This sign-in was not begun in this browser, or more than ten minutes ago. Begin again.");
    enum status status = sso_settings_wait(access, arena, settings);
    if (status == NOT_FOUND || (status == OK && settings->shown.version != way->version))
        return refuse(refusal, arena, "single-sign-on-expired",
                      "The settings have changed meanwhile. Begin again.");
    TRY(status);
    status = store_spend_wait(access->options.store, access_hash(arena, way->state), way->until);
    if (status == CONFLICT)
        return refuse(refusal, arena, "single-sign-on-expired", "This answer was used already. Begin again.");
    TRY(status);
    way->is_first = true;
    if (!is_right_issuer(settings, answer->issuer))
        return refuse(refusal, arena, "single-sign-on-failed", "The answer is another provider's.");
    if (!str_is_empty(answer->error) || str_is_empty(answer->code))
        return refuse(refusal, arena, "single-sign-on-refused", "The provider did not let you in.");
    return OK;
}

static enum status begin_session_wait(struct access *access, struct arena *arena,
                                      const struct access_credentials *from,
                                      struct store_administrator *administrator,
                                      struct access_signed_in *signed_in) {
    struct new_session session;
    struct str email, key;
    TRY(access_email_read(arena, administrator->email, &email, &key));
    TRY(session_prepare_wait(access, arena, from, key, STR("single-sign-on"), &session));
    struct store_audit event = trail(arena_join(arena, 2, (struct str[]){STR("admin:"), administrator->id}),
                                     "administrator.sign-in", trail_target(arena, administrator->id));
    event.reason = STR("single-sign-on");
    event.detail = from->peer;
    session.row.administrator = administrator->id;
    session.row.audit = &event;
    TRY(store_admin_sign_in_wait(access->options.store, &session.row));
    session_finish(arena, administrator, &session, signed_in);
    return OK;
}

static enum status finish_wait(struct access *access, struct arena *arena,
                               const struct access_credentials *from,
                               const struct access_principal *principal, struct keyset_cache *key_sets,
                               const struct access_sso_answer *answer, struct way *way,
                               struct access_signed_in *signed_in, struct str *return_to,
                               struct access_refusal *refusal) {
    struct sso_settings settings;
    struct sso_person person;
    struct store_administrator administrator;
    TRY(check_answer_wait(access, arena, from, answer, way, &settings, refusal));
    bool is_link = !str_is_empty(way->session);
    if (is_link && (principal == NULL || !str_equal(principal->session, way->session)))
        return refuse(refusal, arena, "single-sign-on-expired",
                      "You have signed out meanwhile. Begin again.");
    TRY(sso_redeem_wait(access, arena, &settings, key_sets, answer->code,
                        sso_redirect_uri(access, arena, from), way->verifier, way->nonce, &person, refusal));
    TRY(sso_administrator_wait(access, arena, &settings, &person, is_link ? principal : NULL, &administrator,
                               refusal));
    *return_to = sso_return_path(way->return_to);
    return begin_session_wait(access, arena, from, &administrator, signed_in);
}

enum status access_sso_finish_wait(struct access *access, struct arena *arena,
                                   const struct access_credentials *from,
                                   const struct access_principal *principal, struct keyset_cache *key_sets,
                                   const struct access_sso_answer *answer, struct access_signed_in *signed_in,
                                   struct str *return_to, struct str *cookie,
                                   struct access_refusal *refusal) {
    *cookie = access_cookie_write(arena, access_cookie_sso(from->is_secure), STR(""), from->is_secure, 0);
    if (access->options.vault == NULL || access->options.egress == NULL || key_sets == NULL)
        return access_refuse_no_vault(refusal, arena);
    struct way way = {.is_first = false};
    enum status status =
        finish_wait(access, arena, from, principal, key_sets, answer, &way, signed_in, return_to, refusal);
    if (status != DENIED || !way.is_first) /* nobody fills the log who has begun nothing */
        return status;
    struct store_audit event = trail_refused(arena, from, STR_NONE, "administrator.sign-in", refusal->code);
    trail_write_wait(access, arena, &event);
    return DENIED;
}
