/* SPDX-License-Identifier: Apache-2.0 */
/* JSON read in place against jansson: both take or both refuse, and what they take is the same. */
#include "base/json.h"
#include "base/json_item.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition) {
    if (!condition)
        abort();
}

static void require_same(const struct json_item *item, const json_t *value);

static void require_same_members(const struct json_item *item, const json_t *value) {
    struct json_items list = json_items(item);
    struct json_walk walk = {.name = STR_NONE};
    while (json_walk_next(value, &walk)) { /* jansson keeps their order */
        require(json_items_next(&list) && str_equal(json_item_str(list.name), walk.name));
        require(json_item_member(item, walk.name) == list.value);
        require_same(list.value, walk.value);
    }
    require(!json_items_next(&list));
}

static void require_same_elements(const struct json_item *item, const json_t *value) {
    struct json_items list = json_items(item);
    for (size_t i = 0; i < json_array_size(value); i++) {
        require(json_items_next(&list) && list.name == NULL);
        require_same(list.value, json_array_get(value, i));
    }
    require(!json_items_next(&list));
}

static void require_same(const struct json_item *item, const json_t *value) {
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        require(json_item_is(item, JSON_IS_OBJECT));
        require_same_members(item, value);
        break;
    case JSON_ARRAY:
        require(json_item_is(item, JSON_IS_ARRAY));
        require_same_elements(item, value);
        break;
    case JSON_STRING:
        require(json_item_is(item, JSON_IS_STRING) && str_equal(json_item_str(item), json_str(value)));
        break;
    case JSON_INTEGER:
        require(json_item_is(item, JSON_IS_INTEGER) && json_item_integer(item) == json_integer_value(value));
        break;
    case JSON_REAL:
        require(json_item_is(item, JSON_IS_REAL));
        require(json_item_real(item) == json_real_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        require(json_item_is(item, JSON_IS_BOOLEAN) &&
                str_equal(json_item_raw(item), json_is_true(value) ? STR("true") : STR("false")));
        break;
    case JSON_NULL:
        require(json_item_is(item, JSON_IS_NULL));
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO_ARENA arena = arena_new();
    json_auto_t *value = NULL;
    json_auto_t *again = NULL;
    const struct json_item *item;
    const char *why = NULL;
    struct str text = str_of(data, size);
    enum status expected = json_read(text, JSON_DEPTH_TOKEN, &value, NULL);
    enum status status = json_item_read(text, JSON_DEPTH_TOKEN, arena, &item, &why);
    require((status == OK) == (expected == OK));
    if (status != OK) {
        require(item == NULL && why != NULL && (status == INVALID || status == TOO_LARGE));
        return 0;
    }
    require_same(item, value);
    require(json_read(json_item_compact(arena, item), JSON_DEPTH_TOKEN, &again, NULL) == OK);
    require(json_equal(again, value));
    return 0;
}
