/* SPDX-License-Identifier: Apache-2.0 */
/* Where a check puts the finger, what it says, and that it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/json.h"
#include "schema/schema.h"

static struct schema *compile(struct str text) {
    AUTO_ARENA arena = arena_new();
    json_auto_t *json = json_loadb(text.at, text.len, JSON_DECODE_ANY, NULL);
    struct schema *schema = NULL;
    struct schema_error error = {STR_NONE, STR_NONE};
    if (!json || schema_compile(arena, json, &schema, &error) != OK)
        fail_msg("%.*s: %.*s %.*s", STR_ARG(text), STR_ARG(error.pointer), STR_ARG(error.sentence));
    return schema;
}

static enum status check(struct arena *arena, struct str schema_text, struct str value_text,
                         struct schema_violation *violation) {
    struct schema *schema = compile(schema_text);
    json_auto_t *value = json_loadb(value_text.at, value_text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    assert_non_null(value);
    enum status status = schema_check(schema, value, arena, violation);
    schema_free(schema);
    return status;
}

static void a_violation_names_place_keyword_and_way_out(void **state) {
    (void)state;
    static const struct {
        const char *schema, *value, *pointer, *keyword, *sentence;
    } cases[] = {
        {"{\"type\":\"object\"}", "[]", "", "type", "must be of type \"object\", and is an array"},
        {"{\"properties\":{\"a\":{\"items\":{\"type\":[\"integer\",\"null\"]}}}}", "{\"a\":[1,null,1.5]}",
         "/a/2", "type", "must be of type [\"integer\",\"null\"], and is a number"},
        {"{\"properties\":{\"a/b\":{\"properties\":{\"~\":{\"const\":1}}}}}", "{\"a/b\":{\"~\":2}}",
         "/a~1b/~0", "const", "must be 1"},
        {"{\"required\":[\"account\"]}", "{}", "", "required",
         "lacks the member \"account\", which is required"},
        {"{\"enum\":[\"eur\",\"usd\"]}", "\"gbp\"", "", "enum", "must be one of these: \"eur\", \"usd\""},
        {"{\"properties\":{\"a\":{},\"b\":{}},\"additionalProperties\":false}", "{\"c\":1}", "",
         "additionalProperties", "has the member \"c\", which is not allowed; allowed are \"a\", \"b\""},
        {"{\"minimum\":0.1}", "0", "", "minimum", "must be at least 0.1"},
        {"{\"maxLength\":2}", "\"äöü\"", "", "maxLength", "must have at most 2 characters, and has 3"},
        {"{\"multipleOf\":0.01}", "1.005", "", "multipleOf", "must be a multiple of 0.01"},
        {"{\"pattern\":\"^[0-9]+$\"}", "\"12a\"", "", "pattern",
         "must match the regular expression ^[0-9]+$"},
        {"{\"uniqueItems\":true}", "[1,{\"a\":1,\"b\":[1]},2,{\"b\":[1.0],\"a\":1}]", "", "uniqueItems",
         "must not have an item twice: items 1 and 3 are equal"},
        {"{\"anyOf\":[{\"required\":[\"id\"]},{\"required\":[\"name\"]}]}", "{}", "", "anyOf",
         "fits none of 2 alternatives; the first says that \"\" lacks the member \"id\", which is required"},
        {"{\"oneOf\":[true,true]}", "1", "", "oneOf",
         "must fit exactly one of 2 alternatives, and fits more"},
        {"{\"not\":{\"type\":\"string\"}}", "\"a\"", "", "not", "is of a kind that is ruled out here"},
        {"{\"properties\":{\"a\":false}}", "{\"a\":1}", "/a", "false", "is not allowed here"},
        {"{\"if\":{\"required\":[\"a\"]},\"then\":{\"required\":[\"b\"]}}", "{\"a\":1}", "", "required",
         "lacks the member \"b\", which is required"},
        {"{\"dependentRequired\":{\"a\":[\"b\"]}}", "{\"a\":1}", "", "dependentRequired",
         "lacks the member \"b\", which is required beside \"a\""},
        {"{\"contains\":{\"const\":1},\"minContains\":2}", "[1]", "", "minContains",
         "must contain at least 2 items of the kind that is asked for, and has 1"},
        {"{\"propertyNames\":{\"maxLength\":1}}", "{\"ab\":1}", "", "propertyNames",
         "has a member with a name that is not allowed: \"ab\""},
        {"{\"$defs\":{\"t\":{\"type\":\"object\",\"properties\":{\"next\":{\"$ref\":\"#/$defs/t\"}}}},"
         "\"$ref\":\"#/$defs/t\"}",
         "{\"next\":{\"next\":3}}", "/next/next", "type", "must be of type \"object\", and is a number"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_ARENA arena = arena_new();
        struct schema_violation violation;
        enum status status = check(arena, str_from(cases[i].schema), str_from(cases[i].value), &violation);
        if (status != INVALID || !str_equal(violation.pointer, str_from(cases[i].pointer)) ||
            !str_equal(violation.keyword, str_from(cases[i].keyword)) ||
            !str_equal(violation.sentence, str_from(cases[i].sentence)))
            fail_msg("%s: %s \"%.*s\" %.*s: %.*s", cases[i].schema, status_name(status),
                     STR_ARG(violation.pointer), STR_ARG(violation.keyword), STR_ARG(violation.sentence));
    }
}

static void numbers_are_exact(void **state) {
    (void)state;
    static const struct {
        const char *schema, *value;
        bool is_valid;
    } cases[] = {
        {"{\"multipleOf\":0.1}", "0.3", true},
        {"{\"multipleOf\":0.1}", "0.35", false},
        {"{\"multipleOf\":3}", "-9", true},
        {"{\"multipleOf\":1e-300}", "1e300", true},
        {"{\"multipleOf\":7e-300}", "1e300", false},
        {"{\"multipleOf\":1e300}", "1e-300", false},
        {"{\"multipleOf\":9223372036854775807}", "9223372036854775807", true},
        {"{\"multipleOf\":10}", "9223372036854775807", false},
        {"{\"maximum\":9007199254740992}", "9007199254740993", false},
        {"{\"maximum\":9007199254740992.0}", "9007199254740993", false},
        {"{\"minimum\":-9223372036854775808}", "-9.3e18", false},
        {"{\"maximum\":1e19}", "9223372036854775807", true},
        {"{\"exclusiveMinimum\":1.5}", "2", true},
        {"{\"exclusiveMinimum\":2.0}", "2", false},
        {"{\"maximum\":-1.5}", "-1", false},
        {"{\"maximum\":-1.5}", "-2", true},
        {"{\"const\":1.0}", "1", true},
        {"{\"const\":0}", "-0.0", true},
        {"{\"const\":1}", "true", false},
        {"{\"const\":[{\"a\":1.0}]}", "[{\"a\":1}]", true},
        {"{\"type\":\"integer\"}", "1e3", true},
        {"{\"type\":\"integer\"}", "1.5", false},
        {"{\"uniqueItems\":true}", "[0,-0.0]", false},
        {"{\"uniqueItems\":true}", "[1,true,\"1\",[1],{\"1\":1},null,false,0]", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_ARENA arena = arena_new();
        struct schema_violation violation;
        enum status status = check(arena, str_from(cases[i].schema), str_from(cases[i].value), &violation);
        if (status != (cases[i].is_valid ? OK : INVALID))
            fail_msg("%s: %s: %s", cases[i].schema, cases[i].value, status_name(status));
    }
}

/* What comes from the value is clipped and quoted: the sentence goes to a model and into logs. */
static void a_sentence_stays_short(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    AUTO_BUFFER value = BUFFER_EMPTY;
    buffer_append(&value, STR("{\"\\n\\\""));
    for (int i = 0; i < 5000; i++)
        buffer_append(&value, STR("ü"));
    buffer_append(&value, STR("\":1}"));
    struct schema_violation violation;
    enum status status =
        check(arena, STR("{\"additionalProperties\":false}"), buffer_text(&value), &violation);
    assert_int_equal(status, INVALID);
    assert_true(violation.sentence.len < 150);
    assert_true(str_is_utf8(violation.sentence));
    assert_true(str_find(violation.sentence, STR("\\n\\\"ü")) != STR_NOT_FOUND);
    assert_true(str_find_byte(violation.sentence, '\n') == STR_NOT_FOUND);
}

static struct str repeat(struct arena *arena, const char *before, const char *middle, unsigned count,
                         const char *after) {
    struct buffer text = BUFFER_EMPTY;
    buffer_append(&text, str_from(before));
    for (unsigned i = 0; i < count; i++)
        buffer_append(&text, str_from(middle));
    buffer_append(&text, str_from(after));
    struct str copy = arena_copy(arena, buffer_text(&text));
    buffer_free(&text);
    return copy;
}

/* Schemas and values that would multiply, and expressions that would run away: an end within the bounds,
 * soon. */
static void every_check_ends_soon(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    const struct {
        struct str schema, value;
    } cases[] = {
        {STR("{\"pattern\":\"^(a+)+$\"}"), repeat(arena, "\"", "a", 4000, "!\"")},
        {STR("{\"pattern\":\"^(a|a)*$\"}"), repeat(arena, "\"", "a", 8000, "!\"")},
        {STR("{\"pattern\":\"(.*)*x\"}"), repeat(arena, "\"", "ä", 8000, "\"")},
        {STR("{\"items\":{\"pattern\":\"^(a+)+$\"}}"),
         repeat(arena, "[\"a\"", ",\"aaaaaaaaaaaa\"", 4000, "]")},
        {STR("{\"patternProperties\":{\"^([a-z]+)*[_-]$\":false}}"),
         repeat(arena, "{\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\":1", ",\"x\":1", 0, "}")},
        /* each level asks both ways for the next: 2^30 paths */
        {STR("{\"$defs\":{\"t\":{\"type\":\"array\",\"items\":{\"allOf\":[{\"$ref\":\"#/$defs/"
             "t\"},{\"$ref\":\"#/$defs/t\"}]}}},"
             "\"$ref\":\"#/$defs/t\"}"),
         repeat(arena, "[[[[[[[[[[[[[[[", "[", 14, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]")},
        {STR("{\"items\":{\"uniqueItems\":true}}"), repeat(arena, "[[0", ",0.0", 100, "]]")},
        {repeat(arena, "{\"enum\":[0", ",1", 5000, "]}"), STR("2")},
        {repeat(arena, "{\"items\":{\"enum\":[0", ",1", 5000, "]}}"), repeat(arena, "[2", ",2", 5000, "]")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct schema_violation violation;
        int64_t start = clock_monotonic_us();
        enum status status = check(arena, cases[i].schema, cases[i].value, &violation);
        int64_t took_us = clock_monotonic_us() - start;
        if (status == OK || violation.sentence.len == 0 || took_us > 5000000)
            fail_msg("case %zu: %s in %lld us", i, status_name(status), (long long)took_us);
    }
}

static void honest_values_stay_below_the_bounds(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct schema_violation violation;
    struct str numbers = STR("[0");
    AUTO_BUFFER text = BUFFER_EMPTY;
    buffer_append(&text, numbers);
    for (int i = 1; i < 5000; i++)
        buffer_print(&text, ",%d", i);
    buffer_append(&text, STR("]"));
    assert_int_equal(check(arena, STR("{\"uniqueItems\":true,\"items\":{\"type\":\"integer\"}}"),
                           buffer_text(&text), &violation),
                     OK);
    assert_int_equal(check(arena, STR("{\"pattern\":\"^([a-z]+ ?)*$\"}"),
                           repeat(arena, "\"", "word ", 3000, "\""), &violation),
                     OK);
    assert_int_equal(
        check(arena, STR("{\"$defs\":{\"t\":{\"items\":{\"$ref\":\"#/$defs/t\"}}},\"$ref\":\"#/$defs/t\"}"),
              repeat(arena, "", "[", SCHEMA_DEPTH_MAX, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"), &violation),
        OK);
}

static void what_is_too_deep_is_said(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct schema_violation violation;
    struct str deep = repeat(arena, "", "[", SCHEMA_DEPTH_MAX + 1, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
    assert_int_equal(check(arena, STR("true"), deep, &violation), TOO_LARGE);
    assert_true(violation.sentence.len > 0);

    /* a chain of references, longer than the stack may hold */
    AUTO_BUFFER chain = BUFFER_EMPTY;
    buffer_append(&chain, STR("{\"$ref\":\"#/$defs/n0\",\"$defs\":{"));
    for (int i = 0; i < 300; i++)
        buffer_print(&chain, "\"n%d\":{\"$ref\":\"#/$defs/n%d\"},", i, i + 1);
    buffer_append(&chain, STR("\"n300\":true}}"));
    assert_int_equal(check(arena, buffer_text(&chain), STR("1"), &violation), TOO_LARGE);
    assert_true(violation.sentence.len > 0);
}

/* ---- patterns ---- */
static void patterns_mean_what_ecma_262_says(void **state) {
    (void)state;
    static const struct {
        const char *pattern, *text; /* both as they stand in JSON */
        bool matches;
    } cases[] = {
        {"^a$", "a", true},
        {"^a$", "a\\n", false}, /* PCRE2's own "$" would let a line feed stand behind */
        {"^.$", "\\n", false},
        {"^.$", "\\r", false},
        {"^.$", "\\u2028", false},
        {"^.$", "\\u0085", true},
        {"^.$", "\\ud83d\\ude00", true},
        {"^\\\\d$", "\\u0663", false}, /* ASCII only */
        {"^\\\\w$", "é", false},
        {"^\\\\p{L}$", "é", true},
        {"^\\\\p{Letter}$", "é", true},
        {"^\\\\P{Letter}$", "1", true},
        {"^\\\\p{General_Category=Decimal_Number}$", "\\u0663", true},
        {"^\\\\p{gc=Lu}$", "É", true},
        {"^\\\\p{Script=Greek}$", "λ", true},
        {"^[\\\\p{Letter}\\\\d]+$", "é1", true},
        {"^\\\\u00e9$", "é", true},
        {"^\\\\xe9$", "é", true},
        {"^\\\\u{1F600}$", "\\ud83d\\ude00", true},
        {"^\\\\ud83d\\\\ude00$", "\\ud83d\\ude00", true},
        {"^[\\\\ud83d\\\\ude00]$", "\\ud83d\\ude00", true},
        {"^\\\\v\\\\0$", "\\u000b\\u0000", true},
        {"^\\\\v$", "\\n", false}, /* PCRE2's \v is a class */
        {"^(a)?\\\\1b$", "b", true},
        {"^(?<x>a)\\\\k<x>$", "aa", true},
        {"^[^]$", "x", true},
        {"[]", "x", false},
        {"^[[]$", "[", true},
        {"^{a}$", "{a}", true},
        {"^a{2}$", "aa", true},
        {"^a{,2}$", "a{,2}", true},
        {"^a{2,3}?$", "aaa", true},
        {"^\\\\(*$", "((", true},
        {"^[(*]+$", "(*", true},
        {"^(?=a)(?!b)(?<=^)(?<!x)(?:a|b)$", "a", true},
        {"^\\\\/\\\\-\\\\@$", "/-@", true},
        {"", "", true},
        {"^\\\\cJ$", "\\n", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_ARENA arena = arena_new();
        struct schema_violation violation;
        enum status status = check(arena, arena_print(arena, "{\"pattern\":\"%s\"}", cases[i].pattern),
                                   arena_print(arena, "\"%s\"", cases[i].text), &violation);
        if (status != (cases[i].matches ? OK : INVALID))
            fail_msg("%s on %s: %s", cases[i].pattern, cases[i].text, status_name(status));
    }
}

static void what_ecma_262_does_not_know_is_refused(void **state) {
    (void)state;
    static const char *const patterns[] = {
        "(?R)",
        "(?1)",
        "(?i)a",
        "(?>a)",
        "(?#a)",
        "(?|a|b)",
        "(?C1)a",
        "(*UTF)a",
        "(*LIMIT_MATCH=1)a",
        "a(*FAIL)",
        "(?P<n>a)",
        "(?(1)a|b)",
        "(?&n)",
        "a++",
        "a*+",
        "a?+",
        "a{2}+",
        "a**",
        "[[:alpha:]]",
        "[[.a.]]",
        "[[=a=]]",
        "\\A",
        "\\z",
        "\\G",
        "\\Qa\\E",
        "\\K",
        "\\R",
        "\\X",
        "\\h",
        "\\N",
        "\\C",
        "\\g1",
        "\\i",
        "[\\B]",
        "[\\1]",
        "\\2(a)",
        "\\07",
        "\\u12",
        "\\ud83d",
        "\\ude00",
        "\\u{110000}",
        "\\u{}",
        "\\x1",
        "\\c1",
        "\\k",
        "\\p",
        "\\pL",
        "\\p{Nope}",
        "\\p{^L}",
        "[a",
        "a)",
        "(a",
        "\\",
        "*a",
        "(?<=a+)b",
        "[b-a]",
        "((((((((((((((((((((((((((((((((((a))))))))))))))))))))))))))))))))))",
        "((((a{900}){900}){900}){900})",
    };
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        AUTO_ARENA arena = arena_new();
        json_auto_t *json = json_pack("{s:s}", "pattern", patterns[i]);
        struct schema *schema = NULL;
        struct schema_error error = {STR_NONE, STR_NONE};
        if (schema_compile(arena, json, &schema, &error) != INVALID)
            fail_msg("not refused: %s", patterns[i]);
        assert_true(str_equal(error.pointer, STR("/pattern")));
    }
}

/* ---- stacks as small as a fiber's, and threads ---- */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STACK_BYTES = 256 * 1024 }; /* sanitizers' frames are larger, and so are fibers' stacks then */
#elif defined(__has_feature)
enum { STACK_BYTES = 256 * 1024 };
#else
enum { STACK_BYTES = 56 * 1024 }; /* less than the 64 KiB that a fiber has */
#endif

/* Everything that goes deep: an expression as nested as is allowed, a schema and a value likewise, a chain of
 * references. */
static void *go_deep(void *argument) {
    AUTO_ARENA arena = arena_new();
    struct schema_violation violation;
    AUTO_BUFFER text = BUFFER_EMPTY;
    buffer_append(&text, STR("{\"pattern\":\""));
    for (int i = 0; i < 32; i++)
        buffer_append(&text, STR("(a|"));
    for (int i = 0; i < 32; i++)
        buffer_append(&text, STR(")*"));
    buffer_append(&text, STR("$\",\"$ref\":\"#/$defs/n0\",\"$defs\":{"));
    for (int i = 0; i < 300; i++)
        buffer_print(&text, "\"n%d\":{\"$ref\":\"#/$defs/n%d\"},", i, i + 1);
    buffer_append(&text, STR("\"n300\":true}}"));
    if (check(arena, buffer_text(&text), STR("\"aaaaaaaaaaaaaaaaaaaaaaaaa\""), &violation) != TOO_LARGE)
        return argument;
    struct str schema = repeat(arena, "", "{\"items\":{\"anyOf\":[", 15, "{\"type\":\"integer\"}");
    schema = arena_join(arena, 2, (const struct str[]){schema, repeat(arena, "", "]}}", 15, "")});
    struct str value = repeat(arena, "", "[", 15, "null");
    value = arena_join(arena, 2, (const struct str[]){value, repeat(arena, "", "]", 15, "")});
    return check(arena, schema, value, &violation) == INVALID ? NULL : argument;
}

static void a_small_stack_is_enough(void **state) {
    (void)state;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    assert_int_equal(pthread_attr_setstacksize(&attributes, STACK_BYTES), 0);
    pthread_t thread;
    int argument = 0;
    assert_int_equal(pthread_create(&thread, &attributes, go_deep, &argument), 0);
    void *failed = NULL;
    pthread_join(thread, &failed);
    pthread_attr_destroy(&attributes);
    assert_null(failed);
}

struct shared {
    const struct schema *schema;
    const json_t *good, *bad;
};

static void *check_many(void *argument) {
    const struct shared *shared = argument;
    for (int i = 0; i < 300; i++) {
        AUTO_ARENA arena = arena_new();
        struct schema_violation violation;
        if (schema_check(shared->schema, shared->good, arena, &violation) != OK ||
            schema_check(shared->schema, shared->bad, arena, &violation) != INVALID ||
            !str_equal(violation.keyword, STR("anyOf")))
            return argument;
    }
    return NULL;
}

static void a_schema_serves_several_threads(void **state) {
    (void)state;
    struct schema *schema =
        compile(STR("{\"type\":\"array\",\"uniqueItems\":true,\"items\":{\"anyOf\":[{\"type\":\"integer\"},"
                    "{\"type\":\"string\",\"pattern\":\"^[a-z]{2,5}$\"}]},"
                    "\"allOf\":[{\"items\":{\"pattern\":\"^[a-z]+$\"}}]}"));
    json_auto_t *good = json_pack("[i,s,s]", 1, "ab", "cd");
    json_auto_t *bad = json_pack("[i,s,s]", 1, "ab", "c1");
    struct shared shared = {schema, good, bad};
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, check_many, &shared), 0);
    for (size_t i = 0; i < 4; i++) {
        void *failed = NULL;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    schema_free(schema);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_violation_names_place_keyword_and_way_out),
        cmocka_unit_test(numbers_are_exact),
        cmocka_unit_test(a_sentence_stays_short),
        cmocka_unit_test(every_check_ends_soon),
        cmocka_unit_test(honest_values_stay_below_the_bounds),
        cmocka_unit_test(what_is_too_deep_is_said),
        cmocka_unit_test(patterns_mean_what_ecma_262_says),
        cmocka_unit_test(what_ecma_262_does_not_know_is_refused),
        cmocka_unit_test(a_small_stack_is_enough),
        cmocka_unit_test(a_schema_serves_several_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
