/* SPDX-License-Identifier: Apache-2.0 */
/* A tool's document: what is taken, what is refused and where, and what a model gets to see. */
#include "unit/unit.h"

#include "base/json.h"
#include "tool/tool.h"

/* Apostrophes for quotation marks, so that documents can be read. */
static json_t *json_of(const char *text) {
    AUTO_ARENA arena = arena_new();
    char *copy = arena_terminated(arena, str_from(text));
    for (char *at = copy; *at; at++)
        if (*at == '\'')
            *at = '"';
    json_t *json = NULL;
    struct json_error error;
    if (json_read(str_from(copy), JSON_DEPTH_DOCUMENT, &json, &error) != OK)
        fail_msg("%s: %s", text, error.what);
    return json;
}

static const char balance[] =
    "{'name':'get_balance','title':'Account "
    "balance','description':'d','url':'https://acme.example/tools/balance',"
    "'timeoutSeconds':5,'access':'sign-in','requiredClaims':['accountId'],'permissions':['balance:read'],"
    "'parameters':{'type':'object','properties':{'account':{'type':'string'},'currency':{'enum':['eur','usd']"
    "}},"
    "'required':['account','currency'],'dependentRequired':{'account':['currency'],'currency':['account']},"
    "'anyOf':[{'required':['account']},{'properties':{'account':{'minLength':1},'currency':{'minLength':1}}}]"
    ","
    "'if':{'required':['currency']},'then':{'required':['account']},'examples':[{'account':'1'}],"
    "'default':{'account':'1'},'additionalProperties':false},"
    "'bind':{'account':'accountId'},'auditValues':['account'],"
    "'triggers':['my balance','balance of account {account} in {currency}'],'answer':'You have {balance}.'}";

static void a_whole_document_is_read(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    json_t *json = json_of(balance);
    struct tool *tool = NULL;
    struct tool_error error = {STR_NONE, STR_NONE};
    if (tool_read(arena, json, &tool, &error) != OK)
        fail_msg("%.*s %.*s", STR_ARG(error.pointer), STR_ARG(error.sentence));
    json_decref(json); /* the tool has all it needs */
    assert_str(tool->name, "get_balance");
    assert_str(tool->title, "Account balance");
    assert_str(tool->url, "https://acme.example/tools/balance");
    assert_int_equal(tool->timeout_s, 5);
    assert_int_equal(tool->access, TOOL_SIGN_IN);
    assert_int_equal(tool->required_claims.count, 1);
    assert_str(tool->permissions.at[0], "balance:read");
    assert_int_equal(tool->binding_count, 1);
    assert_str(tool->bindings[0].parameter, "account");
    assert_str(tool->bindings[0].claim, "accountId");
    assert_str(tool->triggers.at[1], "balance of account {account} in {currency}");
    assert_str(tool->answer, "You have {balance}.");
    tool_free(tool);
}

static void the_model_sees_nothing_of_a_bound_parameter(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    json_auto_t *json = json_of(balance);
    struct tool *tool = NULL;
    struct tool_error error;
    assert_int_equal(tool_read(arena, json, &tool, &error), OK);
    struct str view = json_write(arena, tool->model_view);
    assert_true(str_find(view, STR("account")) == STR_NOT_FOUND);
    json_auto_t *expected =
        json_of("{'type':'object','properties':{'currency':{'enum':['eur','usd']}},'required':['currency'],"
                "'dependentRequired':{'currency':[]},'anyOf':[{'required':[]},{'properties':{'currency':{'"
                "minLength':1}}}],"
                "'if':{'required':['currency']},'then':{'required':[]},'additionalProperties':false}");
    assert_true(str_equal(view, json_write(arena, expected)));
    assert_true(str_find(json_write(arena, tool->parameters_json), STR("account")) != STR_NOT_FOUND);
    tool_free(tool);
}

static void little_is_needed(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    json_auto_t *json = json_of("{'name':'ping','url':'http://127.0.0.1:8081/ping'}");
    struct tool *tool = NULL;
    struct tool_error error;
    assert_int_equal(tool_read(arena, json, &tool, &error), OK);
    assert_int_equal(tool->access, TOOL_SIGN_IN); /* the careful one */
    assert_int_equal(tool->timeout_s, TOOL_TIMEOUT_S_DEFAULT);
    assert_str(tool->title, "ping");
    assert_str(json_write(arena, tool->model_view),
               "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}");
    tool_free(tool);
    tool_free(NULL);
}

static void what_is_wrong_is_refused_with_its_place(void **state) {
    (void)state;
#define OBJECT_WITH_A "'parameters':{'type':'object','properties':{'a':{}}}"
#define START         "{'name':'t','url':'https://a.example/',"
    static const struct {
        const char *json, *pointer;
    } cases[] = {
        {"[]", ""},
        {"{'url':'https://a.example/'}", "/name"},
        {"{'name':'a b','url':'https://a.example/'}", "/name"},
        {"{'name':'ä','url':'https://a.example/'}", "/name"},
        {"{'name':1,'url':'https://a.example/'}", "/name"},
        {"{'name':'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','url':'https://"
         "a.example/'}",
         "/name"},
        {"{'name':'t'}", "/url"},
        {"{'name':'t','url':'ftp://a.example/'}", "/url"},
        {"{'name':'t','url':'file:///etc/passwd'}", "/url"},
        {"{'name':'t','url':'//a.example/'}", "/url"},
        {"{'name':'t','url':'https://'}", "/url"},
        {"{'name':'t','url':'https:///path'}", "/url"},
        {"{'name':'t','url':'https://user:pw@a.example/'}", "/url"},
        {"{'name':'t','url':'https://a.example/ x'}", "/url"},
        {"{'name':'t','url':'https://a.example/#f'}", "/url"},
        {"{'name':'t','url':'https://a.example\\\\@b.example/'}", "/url"},
        {"{'name':'t','url':'https://a.example/\\r\\nHost: b'}", "/url"},
        {START "'titel':'x'}", "/titel"},
        {START "'a/b':1}", "/a~1b"},
        {START "'title':1}", "/title"},
        {START "'timeoutSeconds':0}", "/timeoutSeconds"},
        {START "'timeoutSeconds':61}", "/timeoutSeconds"},
        {START "'timeoutSeconds':'5'}", "/timeoutSeconds"},
        {START "'access':'private'}", "/access"},
        {START "'access':true}", "/access"},
        {START "'access':'public','requiredClaims':['a']}", "/requiredClaims"},
        {START "'access':'public','permissions':['a']}", "/permissions"},
        {START "'access':'public','bind':{'a':'sub'}," OBJECT_WITH_A "}", "/bind"},
        {START "'requiredClaims':'a'}", "/requiredClaims"},
        {START "'requiredClaims':['a','']}", "/requiredClaims/1"},
        {START "'permissions':['a','b','a']}", "/permissions/2"},
        {START "'permissions':[1]}", "/permissions/0"},
        {START "'parameters':[]}", "/parameters"},
        {START "'parameters':{'properties':{}}}", "/parameters/type"},
        {START "'parameters':{'type':'array'}}", "/parameters/type"},
        {START "'parameters':{'type':['object','null']}}", "/parameters/type"},
        {START "'parameters':{'type':'object','properties':{'a':{'tpye':'string'}}}}",
         "/parameters/properties/a/tpye"},
        {START "'bind':['a']," OBJECT_WITH_A "}", "/bind"},
        {START "'bind':{'b':'sub'}," OBJECT_WITH_A "}", "/bind/b"},
        {START "'bind':{'a':''}," OBJECT_WITH_A "}", "/bind/a"},
        {START "'bind':{'a':1}," OBJECT_WITH_A "}", "/bind/a"},
        {START "'bind':{'a':'sub'},'parameters':{'type':'object','properties':{'a':{}},'allOf':[{'$ref':'#/"
               "$defs/x'}],"
               "'$defs':{'x':{}}}}",
         "/parameters/allOf/0/$ref"},
        {START "'bind':{'a':'sub'},'parameters':{'type':'object','properties':{'a':{}},'enum':[{'a':1}]}}",
         "/parameters/enum"},
        {START
         "'bind':{'a':'sub'},'parameters':{'type':'object','properties':{'a':{}},'not':{'const':{'a':1}}}}",
         "/parameters/not/const"},
        {START "'auditValues':['b']," OBJECT_WITH_A "}", "/auditValues/0"},
        {START "'triggers':['x {b}']," OBJECT_WITH_A "}", "/triggers/0"},
        {START "'triggers':['ok','x {a']," OBJECT_WITH_A "}", "/triggers/1"},
        {START "'triggers':['x a}']," OBJECT_WITH_A "}", "/triggers/0"},
        {START "'triggers':['{a}']," OBJECT_WITH_A "}", "/triggers/0"},
        {START "'triggers':[' ']," OBJECT_WITH_A "}", "/triggers/0"},
        {START "'answer':{}}", "/answer"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_ARENA arena = arena_new();
        json_auto_t *json = json_of(cases[i].json);
        struct tool *tool = NULL;
        struct tool_error error = {STR_NONE, STR_NONE};
        if (tool_read(arena, json, &tool, &error) != INVALID)
            fail_msg("not refused: %s", cases[i].json);
        if (!str_equal(error.pointer, str_from(cases[i].pointer)) || error.sentence.len == 0)
            fail_msg("%s: %.*s %.*s", cases[i].json, STR_ARG(error.pointer), STR_ARG(error.sentence));
        assert_null(tool);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_document_is_read),
        cmocka_unit_test(the_model_sees_nothing_of_a_bound_parameter),
        cmocka_unit_test(little_is_needed),
        cmocka_unit_test(what_is_wrong_is_refused_with_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
