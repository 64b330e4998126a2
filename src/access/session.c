/* SPDX-License-Identifier: Apache-2.0 */
#include "access/access_internal.h"
#include "base/clock.h"
#include "base/encode.h"
#include "base/memory.h"
#include "base/random.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

enum { RECENT_MINUTES = 10, USER_AGENT_MAX = 300 };

struct str access_hash(struct arena *arena, struct str token) {
    return digest_sha256_hex(arena, token);
}

/* Bound to the session by being made from it: no other session's fits, and the token of the session cannot be
 * told from it. */
struct str access_csrf_token(struct arena *arena, struct str session_token) {
    static const char label[] = "chatelaine administrator csrf 1";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (HMAC(EVP_sha256(), session_token.at, (int)session_token.len, (const unsigned char *)label,
             sizeof label - 1, digest, &len) == NULL)
        mem_exhausted();
    return base64url_encode(arena, str_of(digest, len));
}

bool access_is_recent(const struct access_principal *principal) {
    return principal->may_all ||
           (principal->kind == ACCESS_ADMINISTRATOR &&
            clock_now_ms() - principal->signed_in_at < RECENT_MINUTES * ACCESS_MINUTE_MS);
}

enum status access_demand_recent(const struct access_principal *principal, struct arena *arena,
                                 struct access_refusal *refusal) {
    if (principal->kind == ACCESS_TOKEN)
        return access_refuse(refusal, arena, 403, "session-required",
                             "This is done signed in, in the dashboard: no API token may do it.");
    if (access_is_recent(principal))
        return OK;
    return access_refuse(
        refusal, arena, 403, "recent-sign-in-required",
        "This needs a sign-in of the last ten minutes: show your password or passkey again.");
}

int64_t access_session_expires_at(const struct store_admin_session *session) {
    int64_t idle = session->used_at + ACCESS_IDLE_MS;
    int64_t absolute = session->created_at + ACCESS_SESSION_MS;
    return idle < absolute ? idle : absolute;
}

struct str session_token_of(const struct access_credentials *from) {
    struct str token = access_cookie_find(from->cookie, access_cookie_session(from->is_secure));
    return access_token_is_formed(token, STR("")) ? token : STR_NONE;
}

/* What a browser calls itself, for people to tell their sessions apart: bounded, and text. */
static struct str user_agent_of(struct arena *arena, const struct access_credentials *from) {
    struct str text = str_slice(from->user_agent, 0, USER_AGENT_MAX);
    return str_is_utf8(text) && str_find_byte(text, '\0') == STR_NOT_FOUND ? arena_copy(arena, text)
                                                                           : STR_NONE;
}

enum status session_prepare_wait(struct access *access, struct arena *arena,
                                 const struct access_credentials *from, struct str email_key,
                                 struct str method, struct new_session *session) {
    bool is_known = false;
    TRY(attempt_device_wait(access, arena, from, email_key, &is_known));
    struct str before = session_token_of(from);
    *session = (struct new_session){.token = random_secret(arena, STR(""))};
    session->row.session = (struct store_admin_session){.id = id_new(arena, STR("ses")),
                                                        .hash = access_hash(arena, session->token),
                                                        .method = method,
                                                        .created_at = clock_now_ms(),
                                                        .address = from->peer,
                                                        .user_agent = user_agent_of(arena, from)};
    session->row.session.signed_in_at = session->row.session.used_at = session->row.session.created_at;
    if (!str_is_empty(before))
        session->row.replaces = access_hash(arena, before);
    session->cookie = session_cookie(arena, from, session->token);
    if (is_known)
        return OK;
    struct str device = random_secret(arena, STR(""));
    session->row.device = access_hash(arena, device);
    session->device_cookie = access_cookie_write(arena, access_cookie_device(from->is_secure), device,
                                                 from->is_secure, ACCESS_DEVICE_MS / 1000);
    return OK;
}

struct str session_cookie(struct arena *arena, const struct access_credentials *from, struct str token) {
    return access_cookie_write(arena, access_cookie_session(from->is_secure), token, from->is_secure,
                               ACCESS_SESSION_MS / 1000);
}

struct access_principal session_principal(struct arena *arena,
                                          const struct store_administrator *administrator,
                                          const struct store_admin_session *session, struct str token) {
    struct access_principal principal = {
        .kind = ACCESS_ADMINISTRATOR,
        .actor = arena_join(arena, 2, (struct str[]){STR("admin:"), administrator->id}),
        .administrator = administrator->id,
        .email = administrator->email,
        .name = administrator->name,
        .roles = administrator->roles,
        .session = session->id,
        .csrf_token = access_csrf_token(arena, token),
        .signed_in_at = session->signed_in_at,
        .is_by_sso = str_equal(session->method, STR("single-sign-on")),
        .is_by_cookie = true,
    };
    if (access_grants_read(arena, administrator->roles, &principal.grants, &principal.grant_count) != OK)
        principal.grant_count = 0;
    return principal;
}

void session_finish(struct arena *arena, const struct store_administrator *administrator,
                    const struct new_session *session, struct access_signed_in *signed_in) {
    *signed_in = (struct access_signed_in){
        .administrator = *administrator,
        .principal = session_principal(arena, administrator, &session->row.session, session->token),
        .cookies = {session->cookie, session->device_cookie},
        .cookie_count = str_is_empty(session->device_cookie) ? 1 : 2,
    };
}

/* The same session under another value: whoever had seen the old one has nothing. */
enum status session_rotate_wait(struct access *access, struct arena *arena,
                                const struct access_credentials *from,
                                const struct access_principal *principal, bool is_fresh,
                                const struct store_audit *audit, struct access_signed_in *signed_in) {
    int64_t now = clock_now_ms();
    struct str old = session_token_of(from);
    struct str token = random_secret(arena, STR(""));
    TRY(store_admin_session_replace_wait(access->options.store, access_hash(arena, old),
                                         access_hash(arena, token), now, is_fresh ? now : 0, audit));
    struct store_administrator administrator;
    TRY(store_administrator_find_wait(access->options.store, arena, principal->administrator,
                                      &administrator));
    const struct store_admin_session session = {.id = principal->session,
                                                .method = principal->is_by_sso ? STR("single-sign-on")
                                                                               : STR("password"),
                                                .signed_in_at = is_fresh ? now : principal->signed_in_at};
    *signed_in = (struct access_signed_in){
        .administrator = administrator,
        .principal = session_principal(arena, &administrator, &session, token),
        .cookies = {session_cookie(arena, from, token)},
        .cookie_count = 1,
    };
    return OK;
}
