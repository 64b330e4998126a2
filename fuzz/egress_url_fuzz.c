/* SPDX-License-Identifier: Apache-2.0 */
/* URLs that we may go to: what is accepted reads the same again, has a host and never a user. The input is a
 * URL or, behind a line feed, where a redirect leads from it. */
#include "egress/url.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct arena *arena, const struct url *url) {
    struct url again;
    if (url_read(arena, str_from(url->text), &again) != OK || strcmp(url->text, again.text) != 0 ||
        !str_equal(url->origin, again.origin) || url->is_https != again.is_https)
        abort();
    struct str rest = str_from(url->text);
    struct str scheme;
    struct str authority;
    rest = str_cut(&rest, ':', &scheme) ? str_from_index(rest, 2) : STR_NONE;
    if (!str_cut(&rest, '/', &authority) || authority.len == 0 ||
        str_find_byte(authority, '@') != STR_NOT_FOUND)
        abort();
    if (!str_equal(scheme, STR("http")) && !str_equal(scheme, STR("https")))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO_ARENA arena = arena_new();
    struct str rest = str_of(data, size);
    struct str first;
    struct url url;
    struct url next;
    if (size == 0 || !str_cut(&rest, '\n', &first) || url_read(arena, first, &url) != OK)
        return 0;
    check(arena, &url);
    if (url_follow(arena, &url, rest, &next) == OK)
        check(arena, &next);
    return 0;
}
