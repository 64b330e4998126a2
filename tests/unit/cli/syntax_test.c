/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/syntax.h"

#include "base/json.h"
#include "cli/position.h"
#include "unit/unit.h"

#include <string.h>

/* What is said of a text that is not JSON, where the reader stopped. */
static struct str hint(struct arena *arena, const char *text) {
    struct json_error error = {0};
    json_t *value = NULL;
    struct str whole = str_from(text);
    assert_int_not_equal(json_read(whole, JSON_DEPTH_DOCUMENT, &value, &error), OK);
    struct str line = position_line(whole, error.line);
    size_t offset = line.at == NULL ? 0 : (size_t)(line.at - whole.at) + error.column - 1;
    return syntax_hint(arena, whole, offset);
}

static void says_what_to_do(void **state) {
    (void)state;
    static const struct {
        const char *text, *begins;
    } cases[] = {
        {"", "The file is empty."},
        {" \n\n", "The file is empty."},
        {"{\"a\": [1, 2,]}", "Nothing follows the comma"},
        {"{\"a\": 1,\n}", "Nothing follows the comma"},
        {"{\"a\": [1,, 2]}", "Nothing follows the comma"},
        {"{\n  // mine\n  \"a\": 1}", "JSON has no comments"},
        {"{\"a\": 1} # mine", "JSON has no comments"},
        {"{'a': 1}", "Names and texts stand in straight double quotes"},
        {"{\"a\": 'b'}", "Names and texts stand in straight double quotes"},
        {"{\xe2\x80\x9c"
         "a\xe2\x80\x9d: 1}",
         "Names and texts stand in straight double quotes"},
        {"product: acme\n", "The file must hold JSON"},
        {"<html>", "The file must hold JSON"},
        {"{\"a\": True}", "JSON writes true, false and null"},
        {"{\"a\": 1\n \"b\": 2}", "A comma is missing"},
        {"{\"a\": {}\n \"b\": 2}", "A comma is missing"},
        {"[1 2]", "A comma is missing"},
        {"{\"a\" 1}", "A comma is missing before this, or a colon"},
        {"{a: 1}", "Names stand in double quotes"},
        {"{\"a\": 1, b: 2}", "Names stand in double quotes"},
        {"{\"a\": .5}", "This is no number"},
        {"{\"a\": yes}", "Texts stand in double quotes"},
        {"{\"a\": \"one\ntwo\"}", "A text that begins here does not end on its line"},
        {"{\"a\": \"one", "A text that begins here does not end on its line"},
        {"{\n\"a\": [1, {\n\"b\": 2}\n", "The [ of line 2 is not closed."},
        {"{\"a\": [1, 2}", "The [ of line 1 is not closed."},
        {"{\"a\" = 1}", "Between a name and its value"},
        {"{}\n{}", "The file holds one object"},
        {"{", "The { of line 1 is not closed."},
    };
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str said = hint(arena, cases[i].text);
        if (!str_starts_with(said, str_from(cases[i].begins)))
            fail_msg("of %s it says: %.*s", cases[i].text, STR_ARG(said));
    }
}

/* Whatever the text and the place: nothing is read beyond it. */
static void any_place_of_any_text(void **state) {
    (void)state;
    static const char text[] = "{\"a\": [1, \"\\\\\", {\"b\" \n}], 'c\\";
    AUTO_ARENA arena = arena_new();
    for (size_t len = 0; len < sizeof text; len++) {
        struct str copy = arena_copy(arena, str_of(text, len));
        for (size_t at = 0; at <= len; at++)
            (void)syntax_hint(arena, copy, at);
    }
    char open[100];
    memset(open, '[', sizeof open);
    assert_true(
        str_starts_with(syntax_hint(arena, str_of(open, sizeof open), sizeof open), STR("The [ of line 1")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_to_do),
        cmocka_unit_test(any_place_of_any_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
