/* SPDX-License-Identifier: Apache-2.0 */
/* A Cookie header, a line feed, then text that serves as token, e-mail address, password, path and address of
 * a peer: what strangers type. */
#include "access/single_sign_on.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned count_named(struct str header, struct str name) {
    unsigned count = 0;
    struct str pair;
    while (str_cut(&header, ';', &pair)) {
        pair = str_trim(pair);
        size_t equals = str_find_byte(pair, '=');
        count += equals != STR_NOT_FOUND && str_equal(str_slice(pair, 0, equals), name) ? 1 : 0;
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str rest = str_of(data, size);
    struct str header, email, key, name, normal;
    const char *why = NULL;
    if (size == 0 || !str_cut(&rest, '\n', &header))
        return 0;
    AUTO_ARENA arena = arena_new();
    struct str wanted = access_cookie_session(true);
    struct str found = access_cookie_find(header, wanted);
    if (!str_is_empty(found) && count_named(header, wanted) != 1)
        abort();
    if (access_token_is_formed(found, STR("")) && found.len != ACCESS_TOKEN_DIGITS)
        abort();
    if (access_email_read(arena, rest, &email, &key) == OK) {
        struct str again, again_key;
        if (!str_is_utf8(key) || access_email_read(arena, email, &again, &again_key) != OK ||
            !str_equal(key, again_key))
            abort();
    }
    if (access_name_read(arena, rest, &name) == OK && (!str_is_utf8(name) || str_is_empty(name)))
        abort();
    if (access_password_check(arena, rest, STR("ada@acme.example"), STR("Ada"), &normal, &why) == OK) {
        struct str once_more;
        if (normal.len < PASSWORD_MIN_CHARACTERS || access_password_normal(arena, normal, &once_more) !=
                                                        (normal.len > PASSWORD_MAX_BYTES ? INVALID : OK))
            abort();
    } else if (why == NULL) {
        abort();
    }
    struct str path = sso_return_path(rest);
    if (!str_starts_with(path, STR("/")) || str_starts_with(path, STR("//")) ||
        str_find_byte(path, '\\') != STR_NOT_FOUND)
        abort();
    (void)access_address_network(arena, str_slice(rest, 0, 64));
    const struct access_grant *grants;
    size_t count;
    if (access_grants_read(arena, rest, &grants, &count) == OK &&
        !str_equal(access_grants_write(arena, grants, count), access_grants_write(arena, grants, count)))
        abort();
    return 0;
}
