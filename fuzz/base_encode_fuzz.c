/* SPDX-License-Identifier: Apache-2.0 */
/* base64url, base64, hexadecimal: every value comes back, and has one spelling. */
#include "base/encode.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_fine) {
    if (!is_fine)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO_ARENA arena = arena_new();
    struct str given = str_of(data, size);
    struct str bytes;
    if (base64url_decode(arena, given, &bytes) == OK)
        check(str_equal(base64url_encode(arena, bytes), given));
    if (base64_decode(arena, given, &bytes) == OK)
        check(str_equal(base64_encode(arena, bytes), given));
    if (hex_decode(arena, given, &bytes) == OK)
        check(str_equal_ignore_case(hex_encode(arena, bytes), given));
    check(base64url_decode(arena, base64url_encode(arena, given), &bytes) == OK && str_equal(bytes, given));
    check(base64_decode(arena, base64_encode(arena, given), &bytes) == OK && str_equal(bytes, given));
    check(hex_decode(arena, hex_encode(arena, given), &bytes) == OK && str_equal(bytes, given));
    return 0;
}
