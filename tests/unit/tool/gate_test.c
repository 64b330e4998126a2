/* SPDX-License-Identifier: Apache-2.0 */
/* The decision at the call, both ways; and the arguments: claims always win over what a model sends. */
#include "unit/unit.h"

#include "base/json.h"
#include "tool/tool.h"

static json_t *json_of(const char *text) {
    AUTO_ARENA arena = arena_new();
    char *copy = arena_terminated(arena, str_from(text));
    for (char *at = copy; *at; at++)
        if (*at == '\'')
            *at = '"';
    json_t *json = NULL;
    assert_int_equal(json_read(str_from(copy), JSON_DEPTH_DOCUMENT, &json, NULL), OK);
    return json;
}

static struct tool *tool_of(const char *text) {
    AUTO_ARENA arena = arena_new();
    json_auto_t *json = json_of(text);
    struct tool *tool = NULL;
    struct tool_error error = {STR_NONE, STR_NONE};
    if (tool_read(arena, json, &tool, &error) != OK)
        fail_msg("%.*s %.*s", STR_ARG(error.pointer), STR_ARG(error.sentence));
    return tool;
}

#define URL "'url':'https://acme.example/t'"
static const char behind_sign_in[] =
    "{'name':'t'," URL ",'requiredClaims':['accountId','plan.name'],'permissions':['read','write'],"
    "'parameters':{'type':'object','properties':{'account':{'type':'string'},'count':{'type':'integer','"
    "maximum':9}},"
    "'required':['account'],'additionalProperties':false},'bind':{'account':'accountId'},'auditValues':['"
    "account']}";

static void the_gate_decides(void **state) {
    (void)state;
    static const struct str both[] = {STR_STATIC("read"), STR_STATIC("write")};
    static const struct {
        const char *user;
        size_t permission_count;
        enum tool_refusal_reason reason;
        const char *detail;
    } cases[] = {
        {NULL, 2, TOOL_SIGN_IN_REQUIRED, ""},
        {"{'sub':'ada','accountId':'1001','plan':{'name':'gold'}}", 2, TOOL_ALLOWED, ""},
        {"{'sub':'ada','accountId':'1001','plan.name':'gold'}", 2, TOOL_ALLOWED, ""},
        {"{'sub':'ada','accountId':false,'plan.name':0}", 2, TOOL_ALLOWED, ""}, /* there is there */
        {"{'sub':'ada','plan':{'name':'gold'}}", 2, TOOL_CLAIM_MISSING, "accountId"},
        {"{'sub':'ada','accountId':null,'plan':{'name':'gold'}}", 2, TOOL_CLAIM_MISSING, "accountId"},
        {"{'sub':'ada','accountId':'1001','plan':{}}", 2, TOOL_CLAIM_MISSING, "plan.name"},
        {"{'sub':'ada','accountId':'1001','plan':'gold'}", 2, TOOL_CLAIM_MISSING, "plan.name"},
        {"{'sub':'ada','accountId':'1001','plan':{'name':'gold'}}", 1, TOOL_PERMISSION_MISSING, "write"},
        {"{'sub':'ada','accountId':'1001','plan':{'name':'gold'}}", 0, TOOL_PERMISSION_MISSING, "read"},
        {"{'sub':'ada'}", 0, TOOL_CLAIM_MISSING, "accountId"},
    };
    struct tool *tool = tool_of(behind_sign_in);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_ARENA arena = arena_new();
        json_auto_t *user = cases[i].user ? json_of(cases[i].user) : NULL;
        struct tool_visitor visitor = {user, {both, cases[i].permission_count}};
        struct tool_refusal refusal;
        enum status status = tool_gate(arena, tool, &visitor, &refusal);
        if (status != (cases[i].reason == TOOL_ALLOWED ? OK : DENIED) || refusal.reason != cases[i].reason)
            fail_msg("case %zu: %s", i, tool_refusal_name(refusal.reason));
        assert_str(refusal.detail, cases[i].detail);
        assert_int_equal(refusal.sentence.len > 0, status == DENIED);
    }
    tool_free(tool);
}

static void a_public_tool_is_for_everybody(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct tool *tool = tool_of("{'name':'t'," URL ",'access':'public'}");
    json_auto_t *user = json_of("{'sub':'ada'}");
    struct tool_refusal refusal;
    assert_int_equal(tool_gate(arena, tool, &(struct tool_visitor){NULL, {NULL, 0}}, &refusal), OK);
    assert_int_equal(tool_gate(arena, tool, &(struct tool_visitor){user, {NULL, 0}}, &refusal), OK);
    tool_free(tool);
    tool = tool_of("{'name':'t'," URL "}"); /* nothing said: behind the sign-in */
    assert_int_equal(tool_gate(arena, tool, &(struct tool_visitor){NULL, {NULL, 0}}, &refusal), DENIED);
    assert_int_equal(tool_gate(arena, tool, &(struct tool_visitor){user, {NULL, 0}}, &refusal), OK);
    tool_free(tool);
}

static void a_permission_is_compared_to_the_letter(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct tool *tool = tool_of("{'name':'t'," URL ",'permissions':['read']}");
    json_auto_t *user = json_of("{'sub':'ada','permissions':['read']}"); /* no permission comes from there */
    static const struct str others[] = {STR_STATIC("Read"), STR_STATIC("read "), STR_STATIC("read:all"),
                                        STR_STATIC("")};
    struct tool_refusal refusal;
    assert_int_equal(tool_gate(arena, tool, &(struct tool_visitor){user, {others, 4}}, &refusal), DENIED);
    assert_int_equal(refusal.reason, TOOL_PERMISSION_MISSING);
    tool_free(tool);
}

static void every_reason_has_its_word(void **state) {
    (void)state;
    assert_string_equal(tool_refusal_name(TOOL_ALLOWED), "allowed");
    assert_string_equal(tool_refusal_name(TOOL_UNKNOWN), "tool-unknown");
    assert_string_equal(tool_refusal_name(TOOL_SIGN_IN_REQUIRED), "sign-in-required");
    assert_string_equal(tool_refusal_name(TOOL_CLAIM_MISSING), "claim-missing");
    assert_string_equal(tool_refusal_name(TOOL_PERMISSION_MISSING), "permission-missing");
    assert_string_equal(tool_refusal_name(TOOL_CLAIM_UNFIT), "claim-unfit");
    assert_string_equal(tool_refusal_name(TOOL_ARGUMENTS_INVALID), "arguments-invalid");
}

/* ---- arguments ---- */
static void claims_win_over_what_a_model_sends(void **state) {
    (void)state;
    static const struct {
        const char *text, *value;
        size_t dropped;
    } cases[] = {
        {"", "{\"account\":\"1001\"}", 0},
        {" null ", "{\"account\":\"1001\"}", 0},
        {"{}", "{\"account\":\"1001\"}", 0},
        {"{\"count\":3}", "{\"account\":\"1001\",\"count\":3}", 0},
        {"{\"account\":\"2002\"}", "{\"account\":\"1001\"}", 1},
        {"{\"account\":\"1001\"}", "{\"account\":\"1001\"}",
         1}, /* even the right one: not the model's to say */
        {"{\"account\":{\"$ne\":1},\"count\":2}", "{\"account\":\"1001\",\"count\":2}", 1},
        {"{\"account\":null}", "{\"account\":\"1001\"}", 1},
        {"{\"\\u0061ccount\":\"2002\"}", "{\"account\":\"1001\"}", 1},
    };
    struct tool *tool = tool_of(behind_sign_in);
    json_auto_t *user = json_of("{'sub':'ada','accountId':'1001'}");
    struct tool_visitor visitor = {user, {NULL, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_ARENA arena = arena_new();
        struct tool_arguments arguments;
        struct tool_refusal refusal;
        if (tool_arguments_bind(arena, tool, str_from(cases[i].text), &visitor, &arguments, &refusal) != OK)
            fail_msg("%s: %.*s", cases[i].text, STR_ARG(refusal.sentence));
        assert_str(json_write_sorted(arena, arguments.value), cases[i].value);
        assert_int_equal(arguments.dropped.count, cases[i].dropped);
        if (cases[i].dropped)
            assert_str(arguments.dropped.at[0], "account");
    }
    assert_str(json_get_str(user, "accountId"), "1001"); /* the identity stays what it was */
    tool_free(tool);
}

static void wrong_arguments_are_refused_with_a_way_out(void **state) {
    (void)state;
    static const struct {
        const char *text, *detail, *sentence;
    } cases[] = {
        {"{", "", "is not valid JSON"},
        {"{\"count\":1,\"count\":2}", "", "is not valid JSON"}, /* which one would it be? */
        {"{\"account\":\"1\",\"account\":\"2002\"}", "", "is not valid JSON"},
        {"[]", "", "must be a JSON object"},
        {"\"x\"", "", "must be a JSON object"},
        {"{} {}", "", "is not valid JSON"},
        {"{\"count\":10}", "/count", "must be at most 9"},
        {"{\"count\":\"3\"}", "/count", "must be of type \"integer\""},
        {"{\"other\":1}", "", "breaks the rule \"additionalProperties\""}, /* without naming what is bound */
        {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "", "is not valid JSON"},
    };
    struct tool *tool = tool_of(behind_sign_in);
    json_auto_t *user = json_of("{'sub':'ada','accountId':'1001'}");
    struct tool_visitor visitor = {user, {NULL, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_ARENA arena = arena_new();
        struct tool_arguments arguments;
        struct tool_refusal refusal;
        assert_int_equal(
            tool_arguments_bind(arena, tool, str_from(cases[i].text), &visitor, &arguments, &refusal),
            DENIED);
        assert_int_equal(refusal.reason, TOOL_ARGUMENTS_INVALID);
        assert_str(refusal.detail, cases[i].detail);
        if (str_find(refusal.sentence, str_from(cases[i].sentence)) == STR_NOT_FOUND)
            fail_msg("%s: %.*s", cases[i].text, STR_ARG(refusal.sentence));
        assert_true(str_find(refusal.sentence, STR("account")) == STR_NOT_FOUND);
    }
    AUTO_ARENA arena = arena_new();
    struct tool_arguments arguments;
    struct tool_refusal refusal;
    char *long_text = arena_alloc(arena, TOOL_ARGUMENTS_BYTES_MAX + 2);
    for (size_t i = 0; i <= TOOL_ARGUMENTS_BYTES_MAX; i++)
        long_text[i] = '1';
    assert_int_equal(tool_arguments_bind(arena, tool, str_from(long_text), &visitor, &arguments, &refusal),
                     DENIED);
    assert_int_equal(refusal.reason, TOOL_ARGUMENTS_INVALID);
    tool_free(tool);
}

static void a_claim_that_is_missing_or_unfit_refuses(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct tool *tool = tool_of(behind_sign_in);
    struct tool_arguments arguments;
    struct tool_refusal refusal;
    struct str forged = STR("{\"account\":\"2002\"}");
    assert_int_equal(tool_arguments_bind(arena, tool, forged, &(struct tool_visitor){NULL, {NULL, 0}},
                                         &arguments, &refusal),
                     DENIED);
    assert_int_equal(refusal.reason, TOOL_SIGN_IN_REQUIRED);
    json_auto_t *without = json_of("{'sub':'ada'}");
    assert_int_equal(tool_arguments_bind(arena, tool, forged, &(struct tool_visitor){without, {NULL, 0}},
                                         &arguments, &refusal),
                     DENIED);
    assert_int_equal(refusal.reason, TOOL_CLAIM_MISSING);
    assert_str(refusal.detail, "accountId");
    json_auto_t *unfit = json_of("{'sub':'ada','accountId':1001}");
    assert_int_equal(tool_arguments_bind(arena, tool, STR("{}"), &(struct tool_visitor){unfit, {NULL, 0}},
                                         &arguments, &refusal),
                     DENIED);
    assert_int_equal(refusal.reason, TOOL_CLAIM_UNFIT);
    assert_true(str_find(refusal.sentence, STR("1001")) == STR_NOT_FOUND);
    tool_free(tool);
}

static void the_audit_log_gets_the_values_that_it_may(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct tool *tool = tool_of(behind_sign_in);
    json_auto_t *user = json_of("{'sub':'ada','accountId':'1001'}");
    struct tool_arguments arguments;
    struct tool_refusal refusal;
    assert_int_equal(tool_arguments_bind(arena, tool, STR("{\"count\":3}"),
                                         &(struct tool_visitor){user, {NULL, 0}}, &arguments, &refusal),
                     OK);
    json_auto_t *audit = tool_arguments_for_audit(tool, &arguments);
    assert_str(json_write_sorted(arena, audit), "{\"account\":\"1001\",\"count\":null}");
    tool_free(tool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gate_decides),
        cmocka_unit_test(a_public_tool_is_for_everybody),
        cmocka_unit_test(a_permission_is_compared_to_the_letter),
        cmocka_unit_test(every_reason_has_its_word),
        cmocka_unit_test(claims_win_over_what_a_model_sends),
        cmocka_unit_test(wrong_arguments_are_refused_with_a_way_out),
        cmocka_unit_test(a_claim_that_is_missing_or_unfit_refuses),
        cmocka_unit_test(the_audit_log_gets_the_values_that_it_may),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
