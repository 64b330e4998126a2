/* SPDX-License-Identifier: Apache-2.0 */
/* A query, or a form: a name, a line feed, what stands behind the '?'. What is found is
 * well-formed text without a NUL, and where a name stands twice nobody guesses which is meant. */
#include "base/encode.h"
#include "http/http.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str rest = str_of(data, size);
    struct str name;
    struct str value = STR_NONE;
    struct str again = STR_NONE;
    if (size == 0 || !str_cut(&rest, '\n', &name))
        return 0;
    AUTO_ARENA arena = arena_new();
    enum status status = http_query_get(arena, rest, name, &value);
    if (status == OK && (!str_is_utf8(value) || value.len > rest.len))
        abort();
    if (http_query_get(arena, rest, name, &again) != status || (status == OK && !str_equal(value, again)))
        abort();
    /* What is encoded decodes to itself. */
    if (status == OK && (http_percent_decode(arena, percent_encode(arena, value), false, &again) != OK ||
                         !str_equal(value, again)))
        abort();
    return 0;
}
