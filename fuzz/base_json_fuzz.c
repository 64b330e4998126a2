/* SPDX-License-Identifier: Apache-2.0 */
/* JSON: what is accepted can be written and read again, and is then the same. */
#include "base/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Read again it is the same value, and written again the same text. */
static void check_text(struct str text, const json_t *value,
                       struct str (*write)(struct arena *arena, const json_t *value)) {
    AUTO_ARENA arena = arena_new();
    json_auto_t *again = NULL;
    if (json_read(text, JSON_DEPTH_TOKEN, &again, NULL) != OK || json_equal((json_t *)value, again) != 1 ||
        !str_equal(write(arena, again), text))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    json_t *value;
    struct json_error error = {0};
    enum status status = json_read(str_of(data, size), JSON_DEPTH_TOKEN, &value, &error);
    if (status != OK) {
        if (value != NULL || error.what == NULL || error.line == 0)
            abort();
        return 0;
    }
    AUTO_ARENA arena = arena_new();
    check_text(json_write(arena, value), value, json_write);
    check_text(json_write_sorted(arena, value), value, json_write_sorted);
    check_text(json_write_pretty(arena, value), value, json_write_pretty);
    json_decref(value);
    return 0;
}
