/* SPDX-License-Identifier: Apache-2.0 */
/* JSON: what is accepted can be written and read again, and is then the same. */
#include "base/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
    struct str text = json_write_sorted(arena, value);
    json_t *again;
    if (json_read(text, JSON_DEPTH_TOKEN, &again, NULL) != OK || json_equal(value, again) != 1)
        abort();
    if (!str_equal(json_write_sorted(arena, again), text))
        abort();
    json_decref(again);
    json_decref(value);
    return 0;
}
