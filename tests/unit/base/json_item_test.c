/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_item.h"

#include "base/buffer.h"
#include "base/encode.h"
#include "base/json.h"
#include "unit/unit.h"

#include <string.h>

static enum status read_text(struct arena *arena, const char *text, const struct json_item **value,
                             const char **why) {
    return json_item_read(str_from(text), JSON_DEPTH_DOCUMENT, arena, value, why);
}

static const struct json_item *item_of(struct arena *arena, const char *text) {
    const struct json_item *value;
    assert_int_equal(read_text(arena, text, &value, NULL), OK);
    return value;
}

/* What jansson reads, this reads, and as the same; what jansson refuses, this refuses. */
static bool agrees(struct arena *arena, struct str text) {
    const struct json_item *item;
    json_auto_t *value = NULL;
    json_auto_t *again = NULL;
    enum status expected = json_read(text, JSON_DEPTH_DOCUMENT, &value, NULL);
    enum status status = json_item_read(text, JSON_DEPTH_DOCUMENT, arena, &item, NULL);
    if (status != OK)
        return expected != OK && item == NULL;
    return expected == OK &&
           json_read(json_item_compact(arena, item), JSON_DEPTH_DOCUMENT, &again, NULL) == OK &&
           json_equal(value, again) == 1;
}

static void test_json_test_suite(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    json_auto_t *suite = NULL;
    struct str text = read_whole_file(arena, TEST_VECTORS "/json/parsing.json");
    assert_int_equal(json_read(text, JSON_DEPTH_DOCUMENT, &suite, NULL), OK);
    size_t i;
    json_t *one;
    size_t wrong = 0;
    json_array_foreach(suite, i, one) {
        struct str content;
        assert_int_equal(base64_decode(arena, json_get_str(one, "base64"), &content), OK);
        if (!agrees(arena, content)) {
            print_error("%s\n", json_string_value(json_object_get(one, "name")));
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
    assert_int_equal(i, 237);
}

static void test_what_is_refused_and_why(void **state) {
    (void)state;
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"", "The text ends too early."},
        {"[1, 2", "The text ends too early."},
        {"\"abc", "The text ends too early."},
        {"\"abc\\", "The text ends too early."},
        {"{\"a\"", "The text ends too early."},
        {"{\"a\":1,\n \"a\":2}", "A member stands twice in one object."},
        {"{\"a\":1,\"\\u0061\":2}", "A member stands twice in one object."},
        {"[{\"x\":{\"a\":1,\"b\":[],\"a\":2}}]", "A member stands twice in one object."},
        {"{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,\"l\":1,"
         "\"m\":1,\"n\":1,\"o\":1,\"p\":1,\"q\":1,\"h\":{}}",
         "A member stands twice in one object."},
        {"1 2", "Something stands behind the end of the value."},
        {"01", "Something stands behind the end of the value."},
        {"\"\\u0000\"", "A string holds the character NUL."},
        {"{\"a\\u0000b\":1}", "A string holds the character NUL."},
        {"1e400", "A number is out of range."},
        {"-1e400", "A number is out of range."},
        {"9223372036854775808", "A number is out of range."},
        {"-9223372036854775809", "A number is out of range."},
        {"\"\xC0\x80\"", "The text is not valid UTF-8."},
        {"\"\xED\xA0\x80\"", "The text is not valid UTF-8."},
        {"\"\\ud800\"", "The text is not JSON."},
        {"\"\\udc00\"", "The text is not JSON."},
        {"\"\\ud800\\u0041\"", "The text is not JSON."},
        {"\"a long text with a tab \t in it\"", "The text is not JSON."},
        {"\"\\x\"", "The text is not JSON."},
        {"{1:2}", "The text is not JSON."},
        {"[1,]", "The text is not JSON."},
        {"nul", "The text is not JSON."},
        {"+1", "The text is not JSON."},
        {".5", "The text is not JSON."},
        {"1.", "The text ends too early."},
        {"[1.]", "The text is not JSON."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_ARENA arena = arena_new();
        const struct json_item *value;
        const char *why = "nothing";
        assert_int_equal(read_text(arena, cases[i].text, &value, &why), INVALID);
        assert_string_equal(why, cases[i].why);
        assert_null(value);
        assert_true(agrees(arena, str_from(cases[i].text)));
    }
    AUTO_ARENA arena = arena_new();
    assert_true(agrees(arena, STR("[1]\0")));
    assert_true(agrees(arena, STR("[1\0]")));
}

static void test_depth(void **state) {
    (void)state;
    AUTO_BUFFER text = BUFFER_EMPTY;
    AUTO_ARENA arena = arena_new();
    const struct json_item *value;
    for (int depth = 15; depth <= 17; depth++) {
        buffer_clear(&text);
        for (int i = 0; i < depth; i++)
            buffer_append(&text, i % 2 == 0 ? STR("[") : STR("{\"a\":"));
        buffer_append_byte(&text, '1');
        for (int i = depth - 1; i >= 0; i--)
            buffer_append_byte(&text, i % 2 == 0 ? ']' : '}');
        assert_int_equal(json_item_read(buffer_text(&text), JSON_DEPTH_TOKEN, arena, &value, NULL),
                         depth <= 16 ? OK : TOO_LARGE);
    }
    /* Siblings are not nested. */
    assert_int_equal(json_item_read(STR("[[],[],{},{}]"), 2, arena, &value, NULL), OK);
    buffer_clear(&text);
    for (int i = 0; i < 1000000; i++)
        buffer_append_byte(&text, '[');
    assert_int_equal(json_item_read(buffer_text(&text), JSON_DEPTH_DOCUMENT, arena, &value, NULL), TOO_LARGE);
}

static void test_looking_into_it(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    const struct json_item *value = item_of(
        arena,
        " {\"s\":\"a \\\"\\u00e9\\ud83d\\ude00\\n\", \"i\" : -9223372036854775808, \"r\":1.5e1,\"t\":true,\n"
        "\"n\":null,\"l\":[1,{\"x\":[]}, \"two\"],\"e\":{}, \"\":\"empty\", "
        "\"plain\":\"0123456789abcdef\"} ");
    assert_true(json_item_is(value, JSON_IS_OBJECT));
    assert_false(json_item_is(NULL, JSON_IS_OBJECT));
    assert_str(json_item_get_str(value, STR("s")), "a \"\xC3\xA9\xF0\x9F\x98\x80\n");
    assert_str(json_item_raw(json_item_member(value, STR("s"))), "\"a \\\"\\u00e9\\ud83d\\ude00\\n\"");
    assert_str(json_item_get_str(value, STR("plain")), "0123456789abcdef");
    assert_str(json_item_get_str(value, STR("")), "empty");
    assert_true(json_item_integer(json_item_member(value, STR("i"))) == INT64_MIN);
    assert_true(json_item_real(json_item_member(value, STR("r"))) == 15.0);
    assert_true(json_item_is(json_item_member(value, STR("t")), JSON_IS_BOOLEAN));
    assert_true(json_item_is(json_item_member(value, STR("n")), JSON_IS_NULL));
    assert_null(json_item_member(value, STR("absent")));
    assert_null(json_item_member(json_item_member(value, STR("s")), STR("s")));
    assert_null(json_item_get_str(value, STR("i")).at);
    assert_null(json_item_raw(NULL).at);
    assert_int_equal(json_item_integer(json_item_member(value, STR("s"))), 0);
    assert_true(json_item_real(json_item_member(value, STR("i"))) == 0);

    struct json_items list = json_items(json_item_member(value, STR("l")));
    static const char *const raws[] = {"1", "{\"x\":[]}", "\"two\""};
    for (size_t i = 0; i < 3; i++) {
        assert_true(json_items_next(&list));
        assert_null(list.name);
        assert_str(json_item_raw(list.value), raws[i]);
    }
    assert_false(json_items_next(&list));
    list = json_items(json_item_member(value, STR("e")));
    assert_false(json_items_next(&list));
    list = json_items(json_item_member(value, STR("s")));
    assert_false(json_items_next(&list));
    list = json_items(NULL);
    assert_false(json_items_next(&list));
    size_t members = 0;
    for (list = json_items(value); json_items_next(&list); members++)
        assert_true(json_item_is(list.name, JSON_IS_STRING));
    assert_int_equal(members, 9);
}

static void test_compact(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    const struct json_item *value =
        item_of(arena, "\t{ \"a b\" : [ 1 , \"x \\\" y\\\\\" ,\r\n{ } ] , \"c\":{\"d\":[2,3]} } ");
    assert_str(json_item_compact(arena, value), "{\"a b\":[1,\"x \\\" y\\\\\",{}],\"c\":{\"d\":[2,3]}}");
    const struct json_item *inner = json_item_member(value, STR("c"));
    assert_true(inner->is_compact && !value->is_compact);
    assert_true(json_item_compact(arena, inner).at == inner->raw); /* nothing is copied */
    assert_null(json_item_compact(arena, NULL).at);
}

/* Its list grows, and duplicates among many are found. */
static void test_many(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    AUTO_BUFFER text = BUFFER_EMPTY;
    const struct json_item *value;
    buffer_append_byte(&text, '{');
    for (int i = 0; i < 2000; i++)
        buffer_print(&text, "\"name-%d\":[%d,{}],", i * 7919 % 2000, i);
    size_t open = text.len;
    buffer_append(&text, STR("\"last\":1}"));
    assert_int_equal(json_item_read(buffer_text(&text), 3, arena, &value, NULL), OK);
    assert_str(json_item_raw(json_item_member(value, STR("name-7"))), "[1753,{}]");
    text.len = open;
    buffer_append(&text, STR("\"name-1234\":1}"));
    assert_int_equal(json_item_read(buffer_text(&text), 3, arena, &value, NULL), INVALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_test_suite), cmocka_unit_test(test_what_is_refused_and_why),
        cmocka_unit_test(test_depth),           cmocka_unit_test(test_looking_into_it),
        cmocka_unit_test(test_compact),         cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
