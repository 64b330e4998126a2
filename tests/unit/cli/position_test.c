/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/position.h"

#include "base/json.h"
#include "unit/unit.h"

static const char document[] = "{\n"
                               "  \"config\": {\n"
                               "    \"origins\": [\"https://a.example\", \"ünï\", 7],\n"
                               "    \"a/b\": { \"m~n\": true, \"\": null }\n"
                               "  },\n"
                               "\t\"tools\": [ ]\n"
                               "}\n";

static const struct json_item *read(struct arena *arena, struct str text) {
    const struct json_item *root;
    assert_int_equal(json_item_read(text, JSON_DEPTH_DOCUMENT, arena, &root, NULL), OK);
    return root;
}

static void test_places(void **state) {
    static const struct {
        const char *pointer;
        unsigned line, column;
        const char *value; /* what is marked */
        bool is_exact;
    } cases[] = {
        {"", 1, 1, document, true},
        {"/config/origins/0", 3, 17, "\"https://a.example\"", true},
        {"/config/origins/1", 3, 38, "\"ünï\"", true},
        {"/config/origins/2", 3, 45, "7", true}, /* columns are characters, not bytes */
        {"/config/a~1b/m~0n", 4, 21, "true", true},
        {"/config/a~1b/", 4, 31, "null", true},
        {"/tools", 6, 11, "[ ]", true},
        {"/tools/0", 6, 11, "[ ]", false},
        {"/tools/00", 6, 11, "[ ]", false},
        {"/config/origins/3", 3, 16, "[\"https://a.example\", \"ünï\", 7]", false},
        {"/config/origins/-1", 3, 16, "[\"https://a.example\", \"ünï\", 7]", false},
        {"/config/origins/01", 3, 16, "[\"https://a.example\", \"ünï\", 7]", false},
        {"/config/origins/2/x", 3, 45, "7", false},
        {"/config/a/b", 2, 13, NULL, false},
        {"/config/a~2b", 2, 13, NULL, false},
        {"config", 1, 1, document, false},
        {"/nothing/at/all", 1, 1, document, false},
    };
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str text = str_from(document);
    const struct json_item *root = read(arena, text);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct position place = position_find(text, root, str_from(cases[i].pointer));
        assert_int_equal(place.line, cases[i].line);
        assert_int_equal(place.column, cases[i].column);
        assert_int_equal(place.is_exact, cases[i].is_exact);
        if (cases[i].value != NULL)
            assert_str(str_slice(text, place.offset, place.offset + place.len),
                       arena_terminated(arena, str_trim(str_from(cases[i].value))));
    }
}

static void test_names(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str text = str_from(document);
    const struct json_item *root = read(arena, text);
    struct position place = position_find_name(text, root, STR("/config/a~1b/m~0n"));
    assert_int_equal(place.line, 4);
    assert_int_equal(place.column, 14);
    assert_str(str_slice(text, place.offset, place.offset + place.len), "\"m~n\"");
    place = position_find_name(text, root, STR("/config/origins/1"));
    assert_str(str_slice(text, place.offset, place.offset + place.len), "\"ünï\"");
    place = position_find_name(text, root, STR("/config/nothing"));
    assert_false(place.is_exact);
    assert_int_equal(place.column, 13);
}

static void test_lines(void **state) {
    (void)state;
    struct str text = STR("a\r\n\nlast");
    assert_str(position_line(text, 1), "a");
    assert_str(position_line(text, 2), "");
    assert_str(position_line(text, 3), "last");
    assert_null(position_line(text, 4).at);
    struct position place = position_at(text, 6);
    assert_int_equal(place.line, 3);
    assert_int_equal(place.column, 3);
    place = position_at(text, 1000);
    assert_int_equal(place.offset, text.len);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_places), cmocka_unit_test(test_names),
                                       cmocka_unit_test(test_lines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
