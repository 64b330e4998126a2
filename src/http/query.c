/* SPDX-License-Identifier: Apache-2.0 */
/* Percent encoding (RFC 3986 section 2.1) and forms (the URL standard's application/x-www-form-urlencoded).
 * Pure. */
#include "http/syntax.h"

/* A decoded text is used as a name or a value: NUL and broken UTF-8 could be read in two ways further in. */
enum status http_percent_decode(struct arena *arena, struct str text, bool plus_is_space,
                                struct str *decoded) {
    char *at = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == '%') {
            int high = i + 2 < text.len ? syntax_hex_digit(text.at[i + 1]) : -1;
            int low = i + 2 < text.len ? syntax_hex_digit(text.at[i + 2]) : -1;
            if (high < 0 || low < 0)
                return INVALID;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        if (c == '\0')
            return INVALID;
        at[len++] = c;
    }
    *decoded = (struct str){at, len};
    return str_is_utf8(*decoded) ? OK : INVALID;
}

enum status http_query_get(struct arena *arena, struct str query, struct str name, struct str *value) {
    bool is_found = false;
    struct str pair;
    while (str_cut(&query, '&', &pair)) {
        size_t equals = str_find_byte(pair, '=');
        struct str raw_name = str_slice(pair, 0, equals == STR_NOT_FOUND ? pair.len : equals);
        struct str decoded;
        if (http_percent_decode(arena, raw_name, true, &decoded) != OK)
            return INVALID;
        if (!str_equal(decoded, name))
            continue;
        if (is_found)
            return INVALID; /* which of the two is meant, nobody can say */
        is_found = true;
        struct str raw_value = equals == STR_NOT_FOUND ? STR_NONE : str_from_index(pair, equals + 1);
        TRY(http_percent_decode(arena, raw_value, true, value));
    }
    return is_found ? OK : NOT_FOUND;
}
