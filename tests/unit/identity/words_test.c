/* SPDX-License-Identifier: Apache-2.0 */
/* Every detail has its words, and docs/errors.md says the same. */
#include "identity/support.h"

static void test_the_closed_set_of_reasons(void **state) {
    (void)state;
    static const char *const names[] = {"missing-token", "config-incomplete", "expired",
                                        "bad-signature", "bad-claim",         "jwks-fetch-failed"};
    assert_int_equal(IDENTITY_REASONS, sizeof names / sizeof *names);
    for (size_t i = 0; i < IDENTITY_REASONS; i++) {
        assert_string_equal(identity_reason_name((enum identity_reason)i), names[i]);
        assert_true(strlen(identity_visitor_sentence((enum identity_reason)i)) > 10);
    }
}

/* Short, plain, a whole sentence; no exclamation mark, no "please", and nothing of the token. */
static void assert_well_said(const char *sentence) {
    struct str text = str_from(sentence);
    assert_true(text.len > 10 && text.len < 160);
    assert_true(str_ends_with(text, STR(".")));
    assert_true(str_find_byte(text, '!') == STR_NOT_FOUND);
    assert_true(str_find_byte(text, '%') == STR_NOT_FOUND);
    assert_true(str_find(text, STR("lease")) == STR_NOT_FOUND);
}

static void test_every_detail_has_its_words(void **state) {
    (void)state;
    for (size_t i = 0; i < IDENTITY_DETAILS; i++) {
        const struct identity_words *words = identity_words((enum identity_detail)i);
        assert_non_null(words->detail);
        assert_true(words->reason < IDENTITY_REASONS);
        assert_well_said(words->sentence);
        assert_well_said(words->fix);
        for (const char *at = words->detail; *at != '\0'; at++)
            assert_true((*at >= 'a' && *at <= 'z') || *at == '-');
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(words->detail, identity_words((enum identity_detail)j)->detail);
    }
}

static void test_the_page_says_the_same(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str page = read_whole_file(arena, TEST_SOURCE "/docs/errors.md");
    size_t rows = 0;
    for (size_t i = 0; i < IDENTITY_DETAILS; i++) {
        const struct identity_words *words = identity_words((enum identity_detail)i);
        struct str row =
            arena_print(arena, "| `%s` | %s | %s |\n", words->detail, words->sentence, words->fix);
        if (str_find(page, row) == STR_NOT_FOUND)
            fail_msg("docs/errors.md lacks this row:\n%.*s", STR_ARG(row));
    }
    for (size_t i = 0; i < IDENTITY_REASONS; i++) {
        enum identity_reason reason = (enum identity_reason)i;
        struct str heading = arena_print(arena, "\n## `%s`\n", identity_reason_name(reason));
        assert_true(str_find(page, heading) != STR_NOT_FOUND);
        assert_true(str_find(page, str_from(identity_visitor_sentence(reason))) != STR_NOT_FOUND);
    }
    /* … and nothing more: each row of a detail begins with a code of the table. */
    for (struct str line, rest = page; str_cut(&rest, '\n', &line);)
        rows += str_starts_with(line, STR("| `")) ? 1 : 0;
    assert_int_equal(rows, IDENTITY_DETAILS);
}

static void test_failures_as_json(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct identity_failure failure;
    identity_fail(&failure, arena, IDENTITY_AUD_MISMATCH, "`aud` is `%s`.", "shop");
    json_auto_t *told = identity_failure_json(&failure, true);
    assert_str(json_write(arena, told),
               "{\"reason\":\"bad-claim\",\"detail\":\"aud-mismatch\",\"message\":\"`aud` is `shop`.\","
               "\"fix\":\"Correct the audience here or in the issuer.\"}");
    identity_fail(&failure, arena, IDENTITY_TOKEN_ABSENT, NULL);
    json_auto_t *plain = identity_failure_json(&failure, true);
    assert_str(json_get_str(plain, "message"), "No token arrived with this request.");
    assert_str(json_get_str(plain, "reason"), "missing-token");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_closed_set_of_reasons),
        cmocka_unit_test(test_every_detail_has_its_words),
        cmocka_unit_test(test_the_page_says_the_same),
        cmocka_unit_test(test_failures_as_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
