/* SPDX-License-Identifier: Apache-2.0 */
/* What a schema may say, and what is refused when it is saved, with the place named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "schema/schema.h"

static enum status compile(struct arena *arena, const char *text, struct schema_error *error) {
    json_auto_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(json);
    struct schema *schema = NULL;
    *error = (struct schema_error){STR_NONE, STR_NONE};
    enum status status = schema_compile(arena, json, &schema, error);
    if (status == OK)
        schema_free(schema);
    return status;
}

static void annotations_are_allowed(void **state) {
    (void)state;
    static const char *const allowed[] = {
        "true",
        "false",
        "{}",
        "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":\"https://acme.example/x\"}",
        "{\"title\":\"t\",\"description\":\"d\",\"default\":1,\"examples\":[1],\"deprecated\":true}",
        "{\"readOnly\":true,\"writeOnly\":false,\"format\":\"email\",\"$comment\":\"c\",\"x-any\":{\"a\":1}}",
        "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":[\"string\",\"null\"],\"minLength\":2.0}}}",
        "{\"$defs\":{\"t\":{\"properties\":{\"next\":{\"$ref\":\"#/$defs/t\"}}}},\"$ref\":\"#/$defs/t\"}",
        "{\"properties\":{\"enum\":{\"type\":\"string\"}}}", /* a member's name is no keyword */
    };
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
        AUTO_ARENA arena = arena_new();
        struct schema_error error;
        enum status status = compile(arena, allowed[i], &error);
        if (status != OK)
            fail_msg("%s: %.*s %.*s", allowed[i], STR_ARG(error.pointer), STR_ARG(error.sentence));
    }
}

static void what_we_do_not_support_is_refused_by_name(void **state) {
    (void)state;
    static const struct {
        const char *schema, *pointer;
    } cases[] = {
        {"1", ""},
        {"[]", ""},
        {"{\"unevaluatedProperties\":false}", "/unevaluatedProperties"},
        {"{\"unevaluatedItems\":false}", "/unevaluatedItems"},
        {"{\"$dynamicRef\":\"#a\"}", "/$dynamicRef"},
        {"{\"$anchor\":\"a\"}", "/$anchor"},
        {"{\"definitions\":{}}", "/definitions"},
        {"{\"dependencies\":{}}", "/dependencies"},
        {"{\"additionalItems\":false}", "/additionalItems"},
        {"{\"requried\":[\"a\"]}", "/requried"},
        {"{\"type\":\"object\",\"properties\":{\"a/b~\":{\"minimun\":1}}}", "/properties/a~1b~0/minimun"},
        {"{\"$schema\":\"http://json-schema.org/draft-07/schema#\"}", "/$schema"},
        {"{\"properties\":{\"a\":{\"$id\":\"b\"}}}", "/properties/a/$id"},
        {"{\"allOf\":[{},{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\"}]}",
         "/allOf/1/$schema"},
        {"{\"type\":\"int\"}", "/type"},
        {"{\"type\":[]}", "/type"},
        {"{\"type\":[\"string\",\"string\"]}", "/type"},
        {"{\"type\":[\"string\",1]}", "/type"},
        {"{\"enum\":1}", "/enum"},
        {"{\"multipleOf\":0}", "/multipleOf"},
        {"{\"multipleOf\":-1}", "/multipleOf"},
        {"{\"minimum\":\"1\"}", "/minimum"},
        {"{\"maxLength\":-1}", "/maxLength"},
        {"{\"maxLength\":1.5}", "/maxLength"},
        {"{\"minItems\":\"1\"}", "/minItems"},
        {"{\"uniqueItems\":1}", "/uniqueItems"},
        {"{\"required\":\"a\"}", "/required"},
        {"{\"required\":[\"a\",\"a\"]}", "/required"},
        {"{\"required\":[1]}", "/required"},
        {"{\"dependentRequired\":[]}", "/dependentRequired"},
        {"{\"dependentRequired\":{\"a\":\"b\"}}", "/dependentRequired"},
        {"{\"properties\":[]}", "/properties"},
        {"{\"properties\":{\"a\":1}}", "/properties/a"},
        {"{\"items\":[{}]}", "/items"},
        {"{\"prefixItems\":[]}", "/prefixItems"},
        {"{\"prefixItems\":{}}", "/prefixItems"},
        {"{\"anyOf\":[]}", "/anyOf"},
        {"{\"oneOf\":[true,2]}", "/oneOf/1"},
        {"{\"not\":[]}", "/not"},
        {"{\"then\":3}", "/then"},
        {"{\"pattern\":1}", "/pattern"},
        {"{\"pattern\":\"(\"}", "/pattern"},
        {"{\"patternProperties\":{\"[\":true}}", "/patternProperties"},
        {"{\"$ref\":1}", "/$ref"},
        {"{\"$ref\":\"https://acme.example/s\"}", "/$ref"},
        {"{\"$ref\":\"other.json#/a\"}", "/$ref"},
        {"{\"$ref\":\"#name\"}", "/$ref"},
        {"{\"$ref\":\"#/$defs/none\"}", "/$ref"},
        {"{\"$ref\":\"#/enum/0\",\"enum\":[{\"type\":\"string\"}]}", "/$ref"}, /* a value, not a schema */
        {"{\"$ref\":\"#/x-s\",\"x-s\":{}}", "/$ref"},
        {"{\"$ref\":\"#/$defs/a%2\",\"$defs\":{\"a%2\":{}}}", "/$ref"},
        {"{\"properties\":{\"a\":{\"$ref\":\"#/prefixItems/00\"}},\"prefixItems\":[{}]}",
         "/properties/a/$ref"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_ARENA arena = arena_new();
        struct schema_error error;
        if (compile(arena, cases[i].schema, &error) != INVALID)
            fail_msg("not refused: %s", cases[i].schema);
        if (!str_equal(error.pointer, str_from(cases[i].pointer)))
            fail_msg("%s: %.*s %.*s", cases[i].schema, STR_ARG(error.pointer), STR_ARG(error.sentence));
        assert_true(error.sentence.len > 0);
    }
}

static void a_schema_that_applies_itself_without_end_is_refused(void **state) {
    (void)state;
    static const char *const endless[] = {
        "{\"$ref\":\"#\"}",
        "{\"allOf\":[{\"$ref\":\"#\"}]}",
        "{\"properties\":{\"a\":{\"not\":{\"$ref\":\"#/properties/a\"}}}}",
        "{\"$defs\":{\"a\":{\"$ref\":\"#/$defs/b\"},\"b\":{\"if\":{\"$ref\":\"#/$defs/a\"}}}}",
        "{\"$defs\":{\"a\":{\"anyOf\":[{\"type\":\"null\"},{\"$ref\":\"#/$defs/a\"}]}}}",
        "{\"dependentSchemas\":{\"x\":{\"$ref\":\"#\"}}}",
        "{\"if\":true,\"then\":{\"$ref\":\"#\"}}",
        "{\"oneOf\":[{\"$ref\":\"#/oneOf/0\"}]}",
    };
    for (size_t i = 0; i < sizeof endless / sizeof *endless; i++) {
        AUTO_ARENA arena = arena_new();
        struct schema_error error;
        if (compile(arena, endless[i], &error) != INVALID)
            fail_msg("not refused: %s", endless[i]);
    }
}

static void too_much_is_refused(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    AUTO_BUFFER text = BUFFER_EMPTY;
    struct schema_error error;
    for (int i = 0; i < SCHEMA_DEPTH_MAX + 1; i++)
        buffer_append(&text, STR("{\"items\":"));
    buffer_append(&text, STR("true"));
    for (int i = 0; i < SCHEMA_DEPTH_MAX + 1; i++)
        buffer_append(&text, STR("}"));
    assert_int_equal(compile(arena, arena_terminated(arena, buffer_text(&text)), &error), TOO_LARGE);

    buffer_clear(&text);
    buffer_append(&text, STR("{\"anyOf\":[true"));
    for (int i = 0; i < SCHEMA_NODES_MAX; i++)
        buffer_append(&text, STR(",true"));
    buffer_append(&text, STR("]}"));
    assert_int_equal(compile(arena, arena_terminated(arena, buffer_text(&text)), &error), TOO_LARGE);

    buffer_clear(&text);
    buffer_append(&text, STR("{\"title\":\""));
    for (int i = 0; i < 300 * 1024; i++)
        buffer_append_byte(&text, 'a');
    buffer_append(&text, STR("\"}"));
    assert_int_equal(compile(arena, arena_terminated(arena, buffer_text(&text)), &error), TOO_LARGE);

    buffer_clear(&text);
    buffer_append(&text, STR("{\"pattern\":\""));
    for (int i = 0; i <= SCHEMA_PATTERN_BYTES_MAX; i++)
        buffer_append_byte(&text, 'a');
    buffer_append(&text, STR("\"}"));
    assert_int_equal(compile(arena, arena_terminated(arena, buffer_text(&text)), &error), TOO_LARGE);
    assert_true(str_equal(error.pointer, STR("/pattern")));

    buffer_clear(&text);
    buffer_append(&text, STR("{\"properties\":{\""));
    for (int i = 0; i < 200; i++)
        buffer_append_byte(&text, 'n');
    buffer_append(&text, STR("\":true}}"));
    assert_int_equal(compile(arena, arena_terminated(arena, buffer_text(&text)), &error), TOO_LARGE);
    assert_true(str_equal(error.pointer, STR("/properties")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(annotations_are_allowed),
        cmocka_unit_test(what_we_do_not_support_is_refused_by_name),
        cmocka_unit_test(a_schema_that_applies_itself_without_end_is_refused),
        cmocka_unit_test(too_much_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
