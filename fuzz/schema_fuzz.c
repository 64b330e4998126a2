/* SPDX-License-Identifier: Apache-2.0 */
/* A schema, a line feed, a value: compiling and checking come to an end, say why they say no, and say the
 * same twice. */
#include "base/json.h"
#include "schema/schema.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct schema *schema, const json_t *value) {
    AUTO_ARENA arena = arena_new();
    struct schema_violation first;
    struct schema_violation second;
    enum status status = schema_check(schema, value, arena, &first);
    if (schema_check(schema, value, arena, &second) != status || !str_equal(first.sentence, second.sentence))
        abort();
    if (status != OK &&
        (first.sentence.len == 0 || !str_is_utf8(first.sentence) || !str_is_utf8(first.pointer)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str rest = str_of(data, size);
    struct str schema_text = STR("");
    json_t *schema_json = NULL;
    if (!str_cut(&rest, '\n', &schema_text) ||
        json_read(schema_text, JSON_DEPTH_DOCUMENT, &schema_json, NULL) != OK)
        return 0;
    AUTO_ARENA arena = arena_new();
    struct schema *schema = NULL;
    struct schema_error error = {STR_NONE, STR_NONE};
    if (schema_compile(arena, schema_json, &schema, &error) == OK) {
        json_t *value = NULL;
        if (json_read(rest, JSON_DEPTH_DOCUMENT, &value, NULL) == OK)
            check(schema, value);
        json_decref(value);
        check(schema, schema_json);
        schema_free(schema);
    } else if (error.sentence.len == 0) {
        abort();
    }
    json_decref(schema_json);
    return 0;
}
