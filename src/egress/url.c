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

static enum status check(struct arena *arena, CURLU *parts, struct url *url) {
    struct str scheme;
    struct str host;
    struct str port;
    struct str text;
    if (!part(arena, parts, CURLUPART_SCHEME, 0, &scheme) || !part(arena, parts, CURLUPART_HOST, 0, &host) ||
        !part(arena, parts, CURLUPART_PORT, CURLU_DEFAULT_PORT, &port))
        return INVALID;
    bool is_https = str_equal(scheme, STR("https"));
    if ((!is_https && !str_equal(scheme, STR("http"))) || host.len == 0)
        return INVALID;
    if (curl_url_set(parts, CURLUPART_FRAGMENT, NULL, 0) != CURLUE_OK ||
        !part(arena, parts, CURLUPART_URL, 0, &text))
        return INVALID;
    url->text = arena_terminated(arena, text);
    url->origin = arena_join(arena, 5, (struct str[]){scheme, STR("://"), host, STR(":"), port});
    url->is_https = is_https;
    return OK;
}

static enum status set(struct arena *arena, CURLU *parts, struct str text) {
    if (text.len == 0 || text.len > LONGEST_URL || memchr(text.at, '\0', text.len) != NULL)
        return INVALID;
    /* libcurl, like browsers, would take "https:///path" for the host "path". */
    size_t scheme_end = str_find(text, STR("://"));
    if (scheme_end != STR_NOT_FOUND && scheme_end == str_find(text, STR(":///")))
        return INVALID;
    return curl_url_set(parts, CURLUPART_URL, arena_terminated(arena, text), CURLU_DISALLOW_USER) == CURLUE_OK
               ? OK
               : INVALID;
}

enum status url_read(struct arena *arena, struct str text, struct url *url) {
    AUTO_CURLU parts = curl_url();
    TRY(set(arena, parts, text));
    return check(arena, parts, url);
}

enum status url_follow(struct arena *arena, const struct url *base, struct str location, struct url *url) {
    AUTO_CURLU parts = curl_url();
    TRY(set(arena, parts, str_from(base->text)));
    TRY(set(arena, parts, location));
    return check(arena, parts, url);
}
