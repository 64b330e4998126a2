/* SPDX-License-Identifier: Apache-2.0 */
/* What a tool's answer comes to: untrusted text, whatever it says of itself. */
#include "unit/unit.h"

#include "base/json.h"
#include "tool_call/answer.h"

static void every_kind_of_answer_is_told_apart(void **state) {
    (void)state;
    static const struct {
        unsigned status;
        const char *type, *body;
        enum tool_outcome_kind kind;
        const char *text;
    } cases[] = {
        {200, "application/json", "{\"a\": 1}", TOOL_OUTCOME_OK, "{\"a\":1}"},
        {201, "Application/JSON; charset=utf-8", "[1]", TOOL_OUTCOME_OK, "[1]"},
        {200, "application/vnd.acme+json", "\"x\"", TOOL_OUTCOME_OK, "\"x\""},
        {200, "", "{}", TOOL_OUTCOME_OK, "{}"},
        {204, "", "", TOOL_OUTCOME_OK, ""},
        {200, "application/json", "", TOOL_OUTCOME_OK, ""},
        {200, "text/plain; charset=utf-8", "two\nlines\x01\x1b[31m", TOOL_OUTCOME_OK, "two\nlines  [31m"},
        {200, "text/plain", "{\"a\": 1}", TOOL_OUTCOME_OK, "{\"a\": 1}"},
        {200, "application/json", "{\"a\":1,\"a\":2}", TOOL_OUTCOME_MALFORMED, ""},
        {200, "application/json", "{", TOOL_OUTCOME_MALFORMED, ""},
        {200, "application/json", "\"\\u0000\"", TOOL_OUTCOME_MALFORMED, ""},
        {200, "application/json",
         "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]"
         "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
         TOOL_OUTCOME_MALFORMED, ""},
        {200, "", "plain words", TOOL_OUTCOME_MALFORMED, ""},
        {200, "text/html", "<p>hello</p>", TOOL_OUTCOME_MALFORMED, ""},
        {200, "image/png", "x", TOOL_OUTCOME_MALFORMED, ""},
        {200, "text/plain", "\xFF", TOOL_OUTCOME_MALFORMED, ""},
        {200, "application/json", "\"\xC3\"", TOOL_OUTCOME_MALFORMED, ""},
        {403, "application/json", "{\"error\":\"This account is not yours.\"}", TOOL_OUTCOME_ERROR,
         "This account is not yours."},
        {422, "application/problem+json",
         "{\"type\":\"x\",\"title\":\"T\",\"detail\":\"No such\\naccount.\\u001b\"}", TOOL_OUTCOME_ERROR,
         "No such account."},
        {400, "application/json", "{\"error\":{\"message\":\"deep\"}}", TOOL_OUTCOME_ERROR, "deep"},
        {500, "text/html", "<h1>stack trace</h1>", TOOL_OUTCOME_ERROR, ""},
        {500, "application/json", "{", TOOL_OUTCOME_ERROR, ""},
        {500, "", "Internal error", TOOL_OUTCOME_ERROR, "Internal error"},
        {302, "", "", TOOL_OUTCOME_ERROR, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_ARENA arena = arena_new();
        struct tool_outcome outcome =
            tool_answer_read(arena, cases[i].status, str_from(cases[i].type), str_from(cases[i].body));
        if (outcome.kind != cases[i].kind || !str_equal(outcome.text, str_from(cases[i].text)))
            fail_msg("case %zu: %s \"%.*s\"", i, tool_outcome_name(outcome.kind), STR_ARG(outcome.text));
        assert_int_equal(outcome.http_status, (int)cases[i].status);
        assert_int_equal(outcome.sentence.len > 0, outcome.kind != TOOL_OUTCOME_OK);
    }
}

static void a_problem_is_cut_short_between_characters(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    char body[2000];
    size_t len = 0;
    for (; len + 2 < sizeof body; len += 2) {
        body[len] = (char)0xC3;
        body[len + 1] = (char)0xA4;
    }
    struct tool_outcome outcome = tool_answer_read(arena, 500, STR("text/plain"), str_of(body, len));
    assert_int_equal(outcome.kind, TOOL_OUTCOME_ERROR);
    assert_true(outcome.text.len <= 303 && outcome.text.len > 200);
    assert_true(str_is_utf8(outcome.text));
}

static void a_model_is_told_in_one_line(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct tool_outcome outcome = tool_answer_read(arena, 200, STR("application/json"), STR("{\"a\":\n1}"));
    assert_str(tool_outcome_for_model(arena, &outcome), "{\"result\":{\"a\":1}}");
    outcome = tool_answer_read(arena, 200, STR("text/plain"), STR("a\n\"b\""));
    assert_str(tool_outcome_for_model(arena, &outcome), "{\"result\":\"a\\n\\\"b\\\"\"}");
    outcome = tool_answer_read(arena, 204, STR(""), STR(""));
    assert_str(tool_outcome_for_model(arena, &outcome), "{\"result\":\"\"}");
    outcome = tool_answer_read(arena, 403, STR("application/json"), STR("{\"detail\":\"Not yours.\"}"));
    assert_str(
        tool_outcome_for_model(arena, &outcome),
        "{\"error\":{\"code\":\"error\",\"message\":\"The tool could not do it. It says: Not yours.\"}}");
    struct tool_refusal refusal = {TOOL_PERMISSION_MISSING, STR("balance:read"), STR("Not allowed.")};
    outcome = tool_outcome_refused(&refusal);
    assert_str(tool_outcome_for_model(arena, &outcome),
               "{\"error\":{\"code\":\"permission-missing\",\"message\":\"Not allowed.\"}}");
    outcome = tool_outcome_of(TOOL_OUTCOME_TIMED_OUT, 0);
    assert_str(tool_outcome_for_model(arena, &outcome),
               "{\"error\":{\"code\":\"timed-out\",\"message\":\"The tool did not answer in time.\"}}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_answer_is_told_apart),
        cmocka_unit_test(a_problem_is_cut_short_between_characters),
        cmocka_unit_test(a_model_is_told_in_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
