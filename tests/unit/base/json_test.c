/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "base/buffer.h"
#include "base/encode.h"
#include "unit/unit.h"

#include <math.h>
#include <string.h>

static enum status read_text(const char *text, json_t **value, struct json_error *error) {
    return json_read(str_from(text), JSON_DEPTH_DOCUMENT, value, error);
}

/* JSONTestSuite accepts these and we do not, each for a reason of its own. */
static const struct {
    const char *name;
    enum status status;
} exceptions[] = {
    {"y_object_duplicated_key_and_value.json",
     INVALID}, /* a member that stands twice means two things to two readers */
    {"y_object_escaped_null_in_key.json", INVALID}, /* NUL in a name ends it early in many a library */
    {"y_string_null_escape.json", INVALID},         /* NUL in a string ends it early in many a library */
};

static enum status excepted(const char *name) {
    for (size_t i = 0; i < sizeof exceptions / sizeof exceptions[0]; i++) {
        if (strcmp(exceptions[i].name, name) == 0)
            return exceptions[i].status;
    }
    return OK;
}

static void test_json_test_suite(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    json_t *suite;
    struct str text = read_whole_file(arena, TEST_VECTORS "/json/parsing.json");
    assert_int_equal(json_read(text, JSON_DEPTH_DOCUMENT, &suite, NULL), OK);
    size_t i;
    json_t *one;
    size_t wrong = 0;
    size_t excepted_seen = 0;
    json_array_foreach(suite, i, one) {
        const char *name = json_string_value(json_object_get(one, "name"));
        struct str expect = json_get_str(one, "expect");
        struct str content;
        assert_int_equal(base64_decode(arena, json_get_str(one, "base64"), &content), OK);
        json_t *value;
        struct json_error error = {0};
        enum status status = json_read(content, JSON_DEPTH_DOCUMENT, &value, &error);
        assert_true((status == OK) == (value != NULL));
        if (status != OK) {
            assert_non_null(error.what);
            assert_true(error.line >= 1 && error.column >= 1);
        }
        bool fits = true;
        if (str_equal(expect, STR("accept"))) {
            fits = status == excepted(name);
            excepted_seen += excepted(name) != OK;
        } else if (str_equal(expect, STR("refuse"))) {
            fits = status == INVALID || status == TOO_LARGE;
        } else if (status == OK) {
            /* Taken without harm: it can be written and read again, and is then the same. */
            json_t *again;
            fits = json_read(json_write(arena, value), JSON_DEPTH_DOCUMENT, &again, NULL) == OK &&
                   json_equal(value, again) == 1;
            json_decref(again);
        }
        if (!fits) {
            print_error("%s: %s\n", name, status_name(status));
            wrong++;
        }
        json_decref(value);
    }
    assert_int_equal(wrong, 0);
    assert_int_equal(excepted_seen, sizeof exceptions / sizeof exceptions[0]);
    assert_int_equal(i, 237);
    json_decref(suite);
}

static void test_errors_name_the_place(void **state) {
    (void)state;
    json_t *value;
    struct json_error error;
    assert_int_equal(read_text("{\"a\": 1,\n \"a\": 2}", &value, &error), INVALID);
    assert_string_equal(error.what, "A member stands twice in one object.");
    assert_int_equal(error.line, 2);
    assert_int_equal(read_text("[1, 2", &value, &error), INVALID);
    assert_string_equal(error.what, "The text ends too early.");
    assert_int_equal(read_text("", &value, &error), INVALID);
    assert_int_equal(error.line, 1);
    assert_int_equal(read_text("1 2", &value, &error), INVALID);
    assert_string_equal(error.what, "Something stands behind the end of the value.");
    assert_int_equal(read_text("\"\\u0000\"", &value, &error), INVALID);
    assert_string_equal(error.what, "A string holds the character NUL.");
    assert_int_equal(read_text("{\"a\\u0000b\":1}", &value, &error), INVALID);
    assert_int_equal(read_text("1e400", &value, &error), INVALID);
    assert_string_equal(error.what, "A number is out of range.");
    assert_int_equal(read_text("9223372036854775808", &value, &error), INVALID);
    assert_string_equal(error.what, "A number is out of range.");
    assert_int_equal(read_text("\"\xC0\x80\"", &value, &error), INVALID);
    assert_string_equal(error.what, "The text is not valid UTF-8.");
    assert_int_equal(read_text("\"\xED\xA0\x80\"", &value, &error), INVALID);
    assert_int_equal(json_read(STR("[1]\0"), 4, &value, NULL), INVALID);
    assert_null(value);
}

static void test_depth(void **state) {
    (void)state;
    AUTO_BUFFER text = BUFFER_EMPTY;
    json_t *value;
    struct json_error error;
    for (int depth = 15; depth <= 17; depth++) {
        buffer_clear(&text);
        for (int i = 0; i < depth; i++)
            buffer_append(&text, i % 2 == 0 ? STR("[") : STR("{\"a\":"));
        buffer_append_byte(&text, '1');
        for (int i = depth - 1; i >= 0; i--)
            buffer_append_byte(&text, i % 2 == 0 ? ']' : '}');
        assert_int_equal(json_read(buffer_text(&text), JSON_DEPTH_TOKEN, &value, &error),
                         depth <= 16 ? OK : TOO_LARGE);
        json_decref(value);
    }
    /* The place of a bracket that is one too many, counted in characters. */
    assert_int_equal(json_read(STR("[\n \"\xC3\xA9\", []]"), 1, &value, &error), TOO_LARGE);
    assert_int_equal(error.line, 2);
    assert_int_equal(error.column, 7);
    /* Brackets in strings are text, and an escaped quote does not end one. */
    assert_int_equal(json_read(STR("[\"[[[[{{{{\\\"[[[\\\\\"]"), 1, &value, NULL), OK);
    json_decref(value);
    /* Siblings are not nested. */
    assert_int_equal(json_read(STR("[[],[],{},{}]"), 2, &value, NULL), OK);
    json_decref(value);
    buffer_clear(&text);
    for (int i = 0; i < 1000000; i++)
        buffer_append_byte(&text, '[');
    assert_int_equal(json_read(buffer_text(&text), JSON_DEPTH_DOCUMENT, &value, &error), TOO_LARGE);
}

static void test_writing(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    json_t *value;
    assert_int_equal(read_text("{ \"b\": [1, 2.5, true, null], \"a\": \"\\u00e9\\n\" }", &value, NULL), OK);
    assert_str(json_write(arena, value), "{\"b\":[1,2.5,true,null],\"a\":\"\xC3\xA9\\n\"}");
    assert_str(json_write_sorted(arena, value), "{\"a\":\"\xC3\xA9\\n\",\"b\":[1,2.5,true,null]}");
    assert_true(str_find(json_write_pretty(arena, value), STR("\n  \"b\": [")) != STR_NOT_FOUND);
    json_decref(value);
    json_auto_t *word = json_string("x");
    assert_str(json_write(arena, word), "\"x\"");
    assert_str(json_write(arena, NULL), "null");
}

/* Character for character what jansson writes, but that a real has its own number of digits. */
static void test_writing_as_jansson_does(void **state) {
    (void)state;
    static const char *const texts[] = {
        "{}",
        "[]",
        "[[],{},[{}],{\"a\":[]}]",
        "[0,-1,9223372036854775807,-9223372036854775808,1.5,1e300,-0.0,true,false,null]",
        "{\"\":\"\",\"a\":\"\\u0000\\u0001\\u001f\\u007f\\b\\f\\n\\r\\t\\\"\\\\/\"}",
        "{\"Ã©\":\"â¬ð\",\"nested\":{\"b\":1,\"a\":[1,[2,[3]]]}}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        AUTO_ARENA arena = arena_new();
        json_auto_t *value =
            json_loads(texts[i], JSON_ALLOW_NUL | JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(value);
        char *expected = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
        assert_str(json_write(arena, value), expected);
        free(expected); /* jansson's own */
    }
    AUTO_ARENA arena = arena_new();
    json_t *deep = json_array();
    for (int i = 0; i < 3000; i++) {
        json_t *outer = json_array();
        json_array_append_new(outer, deep);
        deep = outer;
    }
    assert_str(json_write(arena, deep), "null");
    json_decref(deep);
}

static void test_numbers_come_back(void **state) {
    (void)state;
    static const double numbers[] = {0.1,       1234.56,   1e300,  -2.5e-7,
                                     0.1 + 0.2, 1.0 / 3.0, 5e-324, 123456789012345680.0};
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        json_auto_t *real = json_real(numbers[i]);
        json_t *again;
        assert_int_equal(json_read(json_write(arena, real), 1, &again, NULL), OK);
        assert_true(json_is_real(again) && json_real_value(again) >= numbers[i] &&
                    json_real_value(again) <= numbers[i]);
        json_decref(again);
    }
    json_auto_t *balance = json_real(1234.56);
    assert_str(json_write(arena, balance), "1234.56");
    json_auto_t *list = json_pack("[{s:f}, f]", "balance", 0.1, 7.0);
    assert_str(json_write(arena, list), "[{\"balance\":0.1},7.0]");
}

static void test_members(void **state) {
    (void)state;
    json_t *value;
    assert_int_equal(read_text("{\"s\":\"text\",\"i\":-7,\"b\":true,\"o\":{},\"a\":[],\"n\":null,\"r\":1.5}",
                               &value, NULL),
                     OK);
    assert_str(json_get_str(value, "s"), "text");
    assert_null(json_get_str(value, "i").at);
    assert_null(json_get_str(value, "absent").at);
    assert_int_equal(json_get_int(value, "i", 3), -7);
    assert_int_equal(json_get_int(value, "r", 3), 3);
    assert_int_equal(json_get_int(value, "absent", 3), 3);
    assert_true(json_get_bool(value, "b", false));
    assert_true(json_get_bool(value, "s", true));
    assert_false(json_get_bool(value, "absent", false));
    assert_non_null(json_get_object(value, "o"));
    assert_null(json_get_object(value, "a"));
    assert_non_null(json_get_array(value, "a"));
    assert_null(json_get_array(value, "n"));
    assert_non_null(json_member(value, str_slice(STR("obsolete"), 0, 1)));
    assert_null(json_member(value, STR_NONE));
    assert_null(json_member(NULL, STR("o")));
    assert_null(json_get_str(NULL, "s").at);
    json_set(value, STR("new"), json_from_str(STR("x")));
    assert_str(json_get_str(value, "new"), "x");
    json_set(value, STR("\xFF"), json_true());
    assert_null(json_member(value, STR("\xFF")));
    json_decref(value);
}

static void test_strings(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    json_auto_t *with_nul = json_from_str(STR("a\0b"));
    assert_int_equal(json_str(with_nul).len, 3);
    assert_str(json_write(arena, with_nul), "\"a\\u0000b\"");
    json_auto_t *not_utf8 = json_from_str(STR("\xFF"));
    assert_true(json_is_null(not_utf8));
    json_auto_t *empty = json_from_str(STR_NONE);
    assert_true(json_is_string(empty));
    assert_null(json_str(NULL).at);
}

static void members_are_walked(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    json_auto_t *object = json_pack("{s:i, s:s, s:n}", "a", 1, "b", "two", "c");
    struct str seen = STR("");
    struct json_walk walk = {0};
    while (json_walk_next(object, &walk))
        seen = arena_print(arena, "%.*s%.*s=%d ", STR_ARG(seen), STR_ARG(walk.name),
                           (int)json_typeof(walk.value));
    assert_str(seen, "a=3 b=2 c=7 ");
    json_auto_t *array = json_pack("[i]", 1);
    assert_false(json_walk_next(array, &(struct json_walk){0}));
    assert_false(json_walk_next(NULL, &(struct json_walk){0}));
}

static void pointers_escape_names(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    assert_true(str_equal(json_pointer_add(arena, STR(""), STR("a")), STR("/a")));
    assert_true(str_equal(json_pointer_add(arena, STR("/a"), STR("")), STR("/a/")));
    assert_true(str_equal(json_pointer_add(arena, STR("/a"), STR("m~n/o~1")), STR("/a/m~0n~1o~01")));
}

static void unknown_members_are_told(void **state) {
    (void)state;
    static const char *const known[] = {"origins", "signIn", "assistant", "appearance", "limits", NULL};
    static const struct {
        const char *given, *said;
    } cases[] = {
        {"orgins", "There is no such member here. Did you mean \"origins\"?"},
        {"SIGNIN", "There is no such member here. Did you mean \"signIn\"?"},
        {"limit", "There is no such member here. Did you mean \"limits\"?"},
        {"colour",
         "There is no such member here. There are origins, signIn, assistant, appearance and limits."},
        {"", "There is no such member here. There are origins, signIn, assistant, appearance and limits."},
        {"a name that is far too long to be that of any setting",
         "There is no such member here. There are origins, signIn, assistant, appearance and limits."},
    };
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_true(
            str_equal(json_no_such_member(arena, str_from(cases[i].given), known), str_from(cases[i].said)));
    static const char *const one[] = {"redirect", NULL};
    assert_true(str_equal(json_no_such_member(arena, STR("x"), one),
                          STR("There is no such member here. There is only redirect.")));
    json_auto_t *object = json_pack("{s:i, s:i}", "limits", 1, "orgins", 2);
    assert_true(str_equal(json_unknown_member(object, known), STR("orgins")));
    json_object_del(object, "orgins");
    assert_null(json_unknown_member(object, known).at);
    json_auto_t *array = json_pack("[i]", 1);
    assert_null(json_unknown_member(array, known).at);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_members_are_told),
        cmocka_unit_test(members_are_walked),
        cmocka_unit_test(pointers_escape_names),
        cmocka_unit_test(test_json_test_suite),
        cmocka_unit_test(test_errors_name_the_place),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_writing),
        cmocka_unit_test(test_writing_as_jansson_does),
        cmocka_unit_test(test_numbers_come_back),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
