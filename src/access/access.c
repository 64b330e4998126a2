/* SPDX-License-Identifier: Apache-2.0 */
#include "access/access_internal.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "store/prune.h"

static const int64_t USED_ROUNDING_MS = 5 * 60 * 1000;
static const int64_t TOKEN_USED_ROUNDING_MS = 10 * 60 * 1000;

bool access_public_url_is_good(struct str url) {
    struct str rest = str_starts_with(url, STR("https://"))  ? str_from_index(url, 8)
                      : str_starts_with(url, STR("http://")) ? str_from_index(url, 7)
                                                             : STR_NONE;
    for (size_t i = 0; i < rest.len; i++) {
        char c = rest.at[i];
        bool is_good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':' ||
                       c == '[' || c == ']';
        if (!is_good)
            return false;
    }
    return !str_is_empty(rest);
}

struct access *access_new(const struct access_options *options) {
    struct access *access = mem_alloc_zero(sizeof *access);
    access->options = *options;
    access->hasher = hasher_new();
    return access;
}

void access_free(struct access *access) {
    if (access == NULL)
        return;
    hasher_free(access->hasher);
    mem_free(access);
}

enum status access_prune_wait(struct access *access) {
    int64_t now = clock_now_ms();
    return store_administrator_prune_wait(access->options.store, now - ACCESS_DEVICE_MS,
                                          now - 30 * ACCESS_DAY_MS);
}

/* ---- where a request comes from ---- */

struct str access_origin(const struct access *access, struct arena *arena,
                         const struct access_credentials *from) {
    if (!str_is_empty(access->options.public_url))
        return access->options.public_url;
    return arena_join(arena, 2,
                      (struct str[]){from->is_secure ? STR("https://") : STR("http://"), from->host});
}

static struct str authority_of(struct str origin) {
    size_t at = str_find(origin, STR("://"));
    return at == STR_NOT_FOUND ? STR_NONE : str_from_index(origin, at + 3);
}

/* A page of another site cannot choose its Origin. The scheme is left to the CSRF token and to the cookie's
 * name: behind a proxy that does not tell us of https, ours would be the wrong one. */
static bool is_own_origin(const struct access *access, const struct access_credentials *from) {
    if (str_is_empty(from->origin))
        return true;
    struct str authority = authority_of(from->origin);
    if (str_is_empty(authority))
        return false; /* "null" among others */
    return str_equal_ignore_case(authority, from->host) ||
           (!str_is_empty(access->options.public_url) &&
            str_equal_ignore_case(from->origin, access->options.public_url));
}

/* ---- API tokens ---- */

static unsigned read_scopes(struct str words) {
    unsigned scopes = 0;
    struct str word;
    enum access_right right;
    while (str_cut(&words, ' ', &word))
        if (access_right_read(word, &right))
            scopes |= 1U << (unsigned)right;
    return scopes;
}

static enum status refuse_token(struct access_refusal *refusal, struct arena *arena) {
    enum status status = access_refuse(refusal, arena, 401, "token-invalid",
                                       "The API token is unknown, revoked or expired. Tokens begin with ca_ "
                                       "and are made in the dashboard, below Account.");
    refusal->is_wrong_guess = true;
    return status;
}

static enum status by_token_wait(struct access *access, struct arena *arena, struct str authorization,
                                 struct access_principal *principal, struct access_refusal *refusal) {
    struct str scheme, rest = authorization;
    if (!str_cut(&rest, ' ', &scheme) || !str_equal_ignore_case(scheme, STR("Bearer")))
        return access_refuse(refusal, arena, 401, "token-invalid",
                             "Authorization must be \"Bearer \" and an API token (ca_…).");
    struct str token = str_trim(rest);
    if (!access_token_is_formed(token, STR("ca_")))
        return refuse_token(refusal, arena);
    int64_t now = clock_now_ms();
    struct str hash = access_hash(arena, token);
    struct store_api_token found;
    struct store_administrator administrator;
    enum status status =
        store_api_token_find_wait(access->options.store, arena, hash, now, &found, &administrator);
    if (status == NOT_FOUND)
        return refuse_token(refusal, arena);
    TRY(status);
    *principal = (struct access_principal){
        .kind = ACCESS_TOKEN,
        .actor = arena_join(arena, 2, (struct str[]){STR("token:"), found.id}),
        .administrator = administrator.id,
        .email = administrator.email,
        .name = administrator.name,
        .roles = administrator.roles,
        .is_scoped = true,
        .scopes = read_scopes(found.scopes),
        .scope_product = found.product,
    };
    if (access_grants_read(arena, administrator.roles, &principal->grants, &principal->grant_count) != OK)
        principal->grant_count = 0;
    if (found.last_used_at < now - TOKEN_USED_ROUNDING_MS)
        return store_api_token_used_wait(access->options.store, hash, now, now - TOKEN_USED_ROUNDING_MS);
    return OK;
}

/* ---- sessions ---- */

static enum status check_csrf(struct arena *arena, const struct access_credentials *from, struct str token,
                              struct access_refusal *refusal) {
    if (!from->is_unsafe || str_equal_secret(from->csrf, access_csrf_token(arena, token)))
        return OK;
    return access_refuse(refusal, arena, 403, "csrf-token-wrong",
                         "The header Chatelaine-CSRF must be the csrfToken of GET /session. It changes with "
                         "each sign-in: read it anew.");
}

static enum status by_cookie_wait(struct access *access, struct arena *arena,
                                  const struct access_credentials *from, struct access_principal *principal,
                                  struct access_refusal *refusal) {
    struct str token = session_token_of(from);
    if (str_is_empty(token))
        return NOT_FOUND;
    int64_t now = clock_now_ms();
    struct str hash = access_hash(arena, token);
    struct store_known known;
    TRY(store_admin_session_find_wait(access->options.store, arena, hash, now - ACCESS_SESSION_MS,
                                      now - ACCESS_IDLE_MS, &known));
    TRY(check_csrf(arena, from, token, refusal));
    if (known.session.used_at < now - USED_ROUNDING_MS)
        TRY(store_admin_session_used_wait(access->options.store, hash, now, from->peer));
    *principal = session_principal(arena, &known.administrator, &known.session, token);
    return OK;
}

enum status access_authenticate_wait(struct access *access, struct arena *arena,
                                     const struct access_credentials *credentials,
                                     const struct access_principal **principal,
                                     struct access_refusal *refusal) {
    *principal = NULL;
    struct access_principal *found = ARENA_NEW(arena, struct access_principal);
    if (!str_is_empty(credentials->authorization)) {
        TRY(by_token_wait(access, arena, credentials->authorization, found, refusal));
        *principal = found;
        return OK;
    }
    /* Before anything else: a stranger's page must not even sign somebody in. */
    if (credentials->is_unsafe && !is_own_origin(access, credentials))
        return access_refuse(refusal, arena, 403, "origin-wrong",
                             "The request comes from another site than this one. Behind a proxy, let it pass "
                             "on the Host header, or start the server with --public-url.");
    TRY(by_cookie_wait(access, arena, credentials, found, refusal));
    *principal = found;
    return OK;
}
