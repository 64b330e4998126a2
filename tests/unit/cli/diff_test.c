/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/diff.h"

#include "unit/unit.h"

#include <string.h>

static void expect(const char *before, const char *after, const char *wanted) {
    AUTO_ARENA arena = arena_new();
    AUTO_BUFFER out = BUFFER_EMPTY;
    const struct diff diff = {arena, &out, false};
    json_auto_t *old = NULL;
    json_auto_t *new = NULL;
    if (before != NULL)
        assert_int_equal(json_read(str_from(before), JSON_DEPTH_DOCUMENT, &old, NULL), OK);
    if (after != NULL)
        assert_int_equal(json_read(str_from(after), JSON_DEPTH_DOCUMENT, &new, NULL), OK);
    assert_int_equal(diff_json(&diff, 0, STR("x"), old, new), *wanted != '\0');
    assert_str(buffer_text(&out), wanted);
}

static void test_members(void **state) {
    (void)state;
    expect("{\"a\": 1}", "{\"a\": 1}", "");
    expect("{\"a\": 1, \"b\": 2}", "{\"b\": 2, \"a\": 1}", ""); /* their order says nothing */
    expect("{\"a\": 1}", "{\"a\": 2}", "~ x.a: 1 → 2\n");
    expect("{\"a\": 1}", "{\"b\": 1}", "- x.a: 1\n+ x.b: 1\n");
    expect("{\"a\": {\"b\": {\"c\": null}}}", "{\"a\": {\"b\": {\"c\": false}}}",
           "~ x.a.b.c: null → false\n");
    expect("1", "1.0", "~ x: 1 → 1.0\n");
    expect("{}", "[]", "~ x: {} → []\n");
    expect(NULL, "{\"a\": 1}", "+ x: {\"a\":1}\n");
    expect("[1]", NULL, "- x: [1]\n");
    expect(NULL, NULL, "");
}

static void test_lists(void **state) {
    (void)state;
    expect("[1, 2, 3]", "[1, 3]", "- x[1]: 2\n");
    expect("[\"b\"]", "[\"a\", \"b\", \"c\"]", "+ x[0]: \"a\"\n+ x[2]: \"c\"\n");
    expect("[1, 2]", "[2, 1]", "- x[0]: 1\n+ x[1]: 1\n");
    expect("[{\"name\": \"a\", \"n\": 1}, {\"name\": \"b\"}]",
           "[{\"name\": \"b\"}, {\"name\": \"a\", \"n\": 2}]", "~ x[a].n: 1 → 2\n");
    expect("[{\"name\": \"a\"}, {\"name\": \"b\"}]", "[{\"name\": \"b\"}, {\"name\": \"a\"}]",
           "~ x: in another order\n");
    expect("[{\"id\": \"a\"}]", "[{\"id\": \"b\"}]", "- x[a]: {\"id\":\"a\"}\n+ x[b]: {\"id\":\"b\"}\n");
    expect("[{\"n\": 1}]", "[{\"n\": 2}]", "- x[0]: {\"n\":1}\n+ x[0]: {\"n\":2}\n");
}

static void test_texts(void **state) {
    (void)state;
    expect("\"a\\nb\\nc\\nd\\ne\\nf\"", "\"a\\nb\\nc\\nd\\nE\\nf\"",
           "~ x:\n    @@ -3,4 +3,4 @@\n    c\n    d\n  - e\n  + E\n    f\n");
    expect("\"a\\nb\"", "\"b\"", "~ x:\n    @@ -1,2 +1,1 @@\n  - a\n    b\n");
    expect("\"a\"", "\"a\\n\"", "~ x: \"a\" → \"a\\n\"\n"); /* no line would show it */
    expect("\"a\\n1\\n2\\n3\\n4\\n5\\n6\\nb\"", "\"A\\n1\\n2\\n3\\n4\\n5\\n6\\nB\"",
           "~ x:\n    @@ -1,3 +1,3 @@\n  - a\n  + A\n    1\n    2\n    @@ -6,3 +6,3 @@\n    5\n    6\n  - "
           "b\n  + B\n");
}

static void test_terminal(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    AUTO_BUFFER out = BUFFER_EMPTY;
    const struct diff diff = {arena, &out, true};
    json_auto_t *old = json_string("\x1b[2J\xc2\x9b x");
    json_auto_t *new = json_string("a\nb\x1b");
    assert_true(diff_json(&diff, 0, STR("\x1b]0;"), old, new));
    assert_true(str_starts_with(buffer_text(&out), STR("\x1b[33m~ ?]0;:")));
    struct str rest = buffer_text(&out);
    size_t escapes = 0, styles = 0;
    for (size_t i = 0; i < rest.len; i++) {
        escapes += rest.at[i] == '\x1b';
        styles += str_starts_with(str_from_index(rest, i), STR("\x1b[3")) ||
                  str_starts_with(str_from_index(rest, i), STR("\x1b[2m")) ||
                  str_starts_with(str_from_index(rest, i), STR("\x1b[0m"));
    }
    assert_int_equal(escapes, styles); /* none but our own */
}

/* Two long texts that have nothing in common: not a table of all lines with all lines. */
static void test_many_lines(void **state) {
    enum { LINES = 20000 };
    (void)state;
    AUTO_ARENA arena = arena_new();
    AUTO_BUFFER before = BUFFER_EMPTY, after = BUFFER_EMPTY, out = BUFFER_EMPTY;
    for (int i = 0; i < LINES; i++) {
        buffer_print(&before, "old %d\n", i);
        buffer_print(&after, "new %d\n", i);
    }
    const struct diff diff = {arena, &out, false};
    diff_text(&diff, 0, buffer_text(&before), buffer_text(&after));
    assert_true(str_starts_with(buffer_text(&out), STR("  @@ -1,20000 +1,20000 @@\n- old 0\n")));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_members), cmocka_unit_test(test_lists),
                                       cmocka_unit_test(test_texts), cmocka_unit_test(test_terminal),
                                       cmocka_unit_test(test_many_lines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
