/* SPDX-License-Identifier: Apache-2.0 */
#include "egress/url.h"

#include <curl/curl.h>
#include <string.h>

enum { LONGEST_URL = 8192 };

static void curlu_free_at(CURLU **parts) {
    curl_url_cleanup(*parts);
}
#define AUTO_CURLU __attribute__((cleanup(curlu_free_at))) CURLU *

static bool part(struct arena *arena, CURLU *parts, CURLUPart which, unsigned flags, struct str *value) {
    char *text = NULL;
    if (curl_url_get(parts, which, &text, flags) != CURLUE_OK)
        return false;
    *value = arena_copy(arena, str_from(text));
    curl_free(text);
    return true;
}

/* A name in letters, digits, dots, hyphens and underscores, or an IPv6 address in brackets. libcurl would
 * also decode percent signs in a host, and translate international names: one spelling is enough. */
static bool is_host(struct str host) {
    bool is_v6 = host.len > 2 && host.at[0] == '[' && host.at[host.len - 1] == ']';
    if (is_v6)
        host = str_slice(host, 1, host.len - 1);
    const char *marks = is_v6 ? ":." : ".-_";
    for (size_t i = 0; i < host.len; i++) {
        char c = host.at[i];
        bool is_letter_or_digit = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!is_letter_or_digit && (c == '\0' || strchr(marks, c) == NULL))
            return false;
    }
    return host.len > 0;
}

static enum status check(struct arena *arena, CURLU *parts, struct url *url) {
    struct str scheme;
    struct str host;
    struct str port;
    struct str text;
    if (!part(arena, parts, CURLUPART_SCHEME, 0, &scheme) || !part(arena, parts, CURLUPART_HOST, 0, &host) ||
        !part(arena, parts, CURLUPART_PORT, CURLU_DEFAULT_PORT, &port))
        return INVALID;
    bool is_https = str_equal(scheme, STR("https"));
    if ((!is_https && !str_equal(scheme, STR("http"))) || !is_host(host))
        return INVALID;
    if (curl_url_set(parts, CURLUPART_FRAGMENT, NULL, 0) != CURLUE_OK ||
        !part(arena, parts, CURLUPART_URL, 0, &text))
        return INVALID;
    url->text = arena_terminated(arena, text);
    url->origin = arena_join(arena, 5, (struct str[]){scheme, STR("://"), host, STR(":"), port});
    url->is_https = is_https;
    return OK;
}

static size_t index_of_any(struct str text, const char *bytes) {
    size_t i = 0;
    while (i < text.len && strchr(bytes, text.at[i]) == NULL)
        i++;
    return i;
}

static bool starts_with_scheme(struct str text, struct str scheme) {
    return str_equal_ignore_case(str_slice(text, 0, scheme.len), scheme);
}

/* libcurl, like browsers, takes "https:/host", "https:///host" and "https://%68ost" for what was meant. Here
 * a URL has one spelling. A reference without a scheme may stand only where a redirect names it. */
static bool is_well_spelled(struct str text, bool is_reference) {
    struct str rest;
    if (starts_with_scheme(text, STR("https://")))
        rest = str_from_index(text, 8);
    else if (starts_with_scheme(text, STR("http://")))
        rest = str_from_index(text, 7);
    else if (is_reference && str_starts_with(text, STR("//")))
        rest = str_from_index(text, 2);
    else
        return is_reference &&
               str_find_byte(str_slice(text, 0, index_of_any(text, "/?#")), ':') == STR_NOT_FOUND;
    struct str authority = str_slice(rest, 0, index_of_any(rest, "/?#\\"));
    return authority.len > 0 && str_find_byte(authority, '%') == STR_NOT_FOUND;
}

static enum status set(struct arena *arena, CURLU *parts, struct str text, bool is_reference) {
    if (text.len == 0 || text.len > LONGEST_URL || memchr(text.at, '\0', text.len) != NULL)
        return INVALID;
    if (!is_well_spelled(text, is_reference))
        return INVALID;
    return curl_url_set(parts, CURLUPART_URL, arena_terminated(arena, text), CURLU_DISALLOW_USER) == CURLUE_OK
               ? OK
               : INVALID;
}

enum status url_read(struct arena *arena, struct str text, struct url *url) {
    AUTO_CURLU parts = curl_url();
    TRY(set(arena, parts, text, false));
    return check(arena, parts, url);
}

enum status url_follow(struct arena *arena, const struct url *base, struct str location, struct url *url) {
    AUTO_CURLU parts = curl_url();
    TRY(set(arena, parts, str_from(base->text), false));
    TRY(set(arena, parts, location, true));
    return check(arena, parts, url);
}
