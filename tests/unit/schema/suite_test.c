/* SPDX-License-Identifier: Apache-2.0 */
/* Every case of the JSON Schema test suite in tests/vectors/json-schema, to the last one. A case passes when
 * the verdict is the suite's, or when its schema is refused at compile time and stands in the list of those
 * that we mean to refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "schema/schema.h"

enum { CASES_IN_ALL = 858, CASES_OF_REFUSED_SCHEMAS = 37 };

/* Refused when they are saved: they name other documents, or places by `$id`, `$anchor`, which tools'
 * parameters don't need. */
static const char *const refused[] = {
    "collect annotations inside a 'not', even if collection is disabled", /* unevaluatedProperties */
    "remote ref, containing refs itself",
    "Recursive references between schemas",
    "ref creates new scope when adjacent to keywords", /* unevaluatedProperties */
    "refs with relative uris and defs",
    "relative refs with absolute uris and defs",
    "$id must be resolved against nearest parent, not just immediate parent",
    "order of evaluation: $id and $ref",
    "order of evaluation: $id and $anchor and $ref",
    "order of evaluation: $id and $ref on nested schema",
    "simple URN base URI with $ref via the URN",
    "URN base URI with URN and JSON pointer ref",
    "URN base URI with URN and anchor ref",
    "URN ref with nested pointer ref",
    "ref to if",
    "ref to then",
    "ref to else",
    "ref with absolute-path-reference",
};
static bool was_met[sizeof refused / sizeof *refused];

static bool is_meant_to_be_refused(const char *description) {
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (strcmp(refused[i], description) == 0)
            return was_met[i] = true;
    return false;
}

static unsigned run_group(const char *file, const json_t *group, unsigned *cases_of_refused) {
    AUTO_ARENA arena = arena_new();
    const char *description = json_string_value(json_object_get(group, "description"));
    const json_t *tests = json_object_get(group, "tests");
    struct schema *schema = NULL;
    struct schema_error error = {STR_NONE, STR_NONE};
    enum status status = schema_compile(arena, json_object_get(group, "schema"), &schema, &error);
    if (is_meant_to_be_refused(description)) {
        assert_int_equal(status, INVALID);
        assert_true(error.pointer.len > 0 && error.sentence.len > 0);
        *cases_of_refused += (unsigned)json_array_size(tests);
        return (unsigned)json_array_size(tests);
    }
    if (status != OK)
        fail_msg("%s: %s: %.*s %.*s", file, description, STR_ARG(error.pointer), STR_ARG(error.sentence));
    for (size_t i = 0; i < json_array_size(tests); i++) {
        const json_t *test = json_array_get(tests, i);
        struct schema_violation violation;
        status = schema_check(schema, json_object_get(test, "data"), arena, &violation);
        bool is_valid = json_is_true(json_object_get(test, "valid"));
        if (status != (is_valid ? OK : INVALID))
            fail_msg("%s: %s: %s: %s (%.*s)", file, description,
                     json_string_value(json_object_get(test, "description")), status_name(status),
                     STR_ARG(violation.sentence));
        assert_true(is_valid || (violation.keyword.len > 0 && violation.sentence.len > 0));
    }
    schema_free(schema);
    return (unsigned)json_array_size(tests);
}

static void *run_suite(void *argument) {
    unsigned *counts = argument;
    DIR *directory = opendir(TEST_VECTORS "/json-schema");
    assert_non_null(directory);
    for (const struct dirent *entry = NULL; (entry = readdir(directory));) {
        if (!strstr(entry->d_name, ".json"))
            continue;
        AUTO_ARENA arena = arena_new();
        struct str path = arena_print(arena, "%s/json-schema/%s", TEST_VECTORS, entry->d_name);
        /* Some cases hold NUL in strings, which our own reader refuses before a schema ever sees them. */
        json_t *groups = json_load_file(path.at, JSON_ALLOW_NUL, NULL);
        assert_non_null(groups);
        for (size_t i = 0; i < json_array_size(groups); i++)
            counts[0] += run_group(entry->d_name, json_array_get(groups, i), &counts[1]);
        json_decref(groups);
    }
    closedir(directory);
    return NULL;
}

static void every_case_has_the_suites_verdict(void **state) {
    (void)state;
    unsigned counts[2] = {0, 0};
    run_suite(counts);
    assert_int_equal(counts[0], CASES_IN_ALL);
    assert_int_equal(counts[1], CASES_OF_REFUSED_SCHEMAS);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_true(was_met[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_case_has_the_suites_verdict)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
