/* SPDX-License-Identifier: Apache-2.0 */
#include "access/access_internal.h"

enum { COOKIES_MAX = 100 };

struct str access_cookie_find(struct str header, struct str name) {
    struct str found = STR_NONE;
    struct str rest = header;
    struct str pair;
    bool is_found = false;
    for (unsigned seen = 0; str_cut(&rest, ';', &pair); seen++) {
        if (seen == COOKIES_MAX)
            return STR_NONE;
        pair = str_trim(pair);
        size_t equals = str_find_byte(pair, '=');
        if (equals == STR_NOT_FOUND || !str_equal(str_slice(pair, 0, equals), name))
            continue;
        if (is_found)
            return STR_NONE;
        is_found = true;
        found = str_from_index(pair, equals + 1);
    }
    return found;
}

struct str access_cookie_session(bool is_secure) {
    return is_secure ? STR("__Host-chatelaine") : STR("chatelaine");
}

struct str access_cookie_device(bool is_secure) {
    return is_secure ? STR("__Host-chatelaine-device") : STR("chatelaine-device");
}

struct str access_cookie_sso(bool is_secure) {
    return is_secure ? STR("__Host-chatelaine-sso") : STR("chatelaine-sso");
}

/* Lax: a link to the dashboard from elsewhere opens it signed in, a form from elsewhere does not. */
struct str access_cookie_write(struct arena *arena, struct str name, struct str value, bool is_secure,
                               int64_t max_age_s) {
    return arena_print(arena, "%.*s=%.*s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Lax%s", STR_ARG(name),
                       STR_ARG(value), (long long)max_age_s, is_secure ? "; Secure" : "");
}

static bool is_digit(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool access_token_is_formed(struct str token, struct str prefix) {
    if (!str_starts_with(token, prefix) || token.len != prefix.len + ACCESS_TOKEN_DIGITS)
        return false;
    for (size_t i = prefix.len; i < token.len; i++)
        if (!is_digit(token.at[i]))
            return false;
    return true;
}
