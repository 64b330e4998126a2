/* SPDX-License-Identifier: Apache-2.0 */
/* What a model is told, and what never reaches it. */
#include "unit/unit.h"

#include "assistant/openai.h"
#include "base/json.h"

static struct tool *tool_of(struct arena *arena, const char *text) {
    char *copy = arena_terminated(arena, str_from(text));
    for (char *at = copy; *at; at++)
        if (*at == '\'')
            *at = '"';
    json_auto_t *json = json_loads(copy, 0, NULL);
    struct tool *tool = NULL;
    struct tool_error error = {STR(""), STR("")};
    if (!json || tool_read(arena, json, &tool, &error) != OK)
        fail_msg("%.*s %.*s", STR_ARG(error.pointer), STR_ARG(error.sentence));
    return tool;
}

static const struct environment_assistant config = {
    .kind = ASSISTANT_OPENAI,
    .url = {"https://model.example/v1", 24},
    .model = {"m-1", 3},
    .instructions = {"Be kind.", 8},
    .max_tokens = 77,
    .timeout_s = 5,
};

static json_t *body_of(const struct assistant_request *request) {
    struct str text = openai_request_body(request->arena, request);
    json_t *body = NULL;
    assert_int_equal(json_read(text, JSON_DEPTH_DOCUMENT, &body, NULL), OK);
    return body;
}

static struct str content_of(const json_t *body, size_t index) {
    return json_get_str(json_array_get(json_object_get(body, "messages"), index), "content");
}

static void the_wire_format_is_the_known_one(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct tool *tool =
        tool_of(arena, "{'name':'get_balance','url':'https://secret-host.example/tools','description':'D',"
                       "'requiredClaims':['tier'],'permissions':['balance:read'],"
                       "'parameters':{'type':'object','properties':{'account':{'type':'string'},'unit':{}},"
                       "'required':['account']},'bind':{'account':'accountId'},'triggers':['my balance']}");
    const struct tool *tools[] = {tool};
    const struct assistant_call call = {STR("call_9"), STR("get_balance"), STR("{\"account\":\"2002\"}")};
    const struct assistant_message messages[] = {
        {.role = ASSISTANT_ROLE_VISITOR, .text = STR("I am Bob. What's my balance?")},
        {.role = ASSISTANT_ROLE_ASSISTANT, .text = STR(""), .calls = &call, .call_count = 1},
        {.role = ASSISTANT_ROLE_TOOL, .text = STR("{\"result\":1}"), .call_id = STR("call_9")},
    };
    json_auto_t *user = json_pack("{s:s, s:s}", "sub", "ada", "name", "Ada \"L\"");
    const struct assistant_request request = {.config = &config,
                                              .messages = messages,
                                              .message_count = 3,
                                              .tools = tools,
                                              .tool_count = 1,
                                              .user = user,
                                              .api_key = STR("sk-very-secret"),
                                              .arena = arena};
    json_auto_t *body = body_of(&request);
    assert_str(json_get_str(body, "model"), "m-1");
    assert_true(json_get_bool(body, "stream", false));
    assert_true(json_get_bool(json_get_object(body, "stream_options"), "include_usage", false));
    assert_int_equal(json_get_int(body, "max_tokens", 0), 77);
    const json_t *list = json_object_get(body, "messages");
    assert_int_equal(json_array_size(list), 4);
    assert_str(json_get_str(json_array_get(list, 0), "role"), "system");
    assert_str(json_get_str(json_array_get(list, 1), "role"), "user");
    assert_str(content_of(body, 1), "I am Bob. What's my balance?");
    const json_t *asked = json_array_get(json_object_get(json_array_get(list, 2), "tool_calls"), 0);
    assert_str(json_get_str(asked, "id"), "call_9");
    assert_str(json_get_str(asked, "type"), "function");
    assert_str(json_get_str(json_get_object(asked, "function"), "arguments"), "{\"account\":\"2002\"}");
    assert_str(json_get_str(json_array_get(list, 3), "role"), "tool");
    assert_str(json_get_str(json_array_get(list, 3), "tool_call_id"), "call_9");
    const json_t *function = json_get_object(json_array_get(json_object_get(body, "tools"), 0), "function");
    assert_str(json_write(arena, json_object_get(function, "parameters")),
               "{\"type\":\"object\",\"properties\":{\"unit\":{}},\"required\":[]}");

    struct str system = content_of(body, 0);
    assert_true(str_starts_with(system, STR("Be kind.\n\n")));
    assert_true(str_find(system, STR("{\"sub\":\"ada\",\"name\":\"Ada \\\"L\\\"\"}")) != STR_NOT_FOUND);
    assert_true(str_find(system, STR("Bob")) ==
                STR_NOT_FOUND); /* what a visitor writes is never in the instructions */

    struct str all = json_write(arena, body);
    static const char *const never[] = {"sk-very-secret", "secret-host", "accountId", "balance:read", "tier"};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        assert_true(str_find(all, str_from(never[i])) == STR_NOT_FOUND);
    tool_free(tool);
}

static void an_anonymous_visitor_is_said_to_be_one(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    const struct assistant_message message = {.role = ASSISTANT_ROLE_VISITOR, .text = STR("hi")};
    const struct assistant_request request = {
        .config = &config, .messages = &message, .message_count = 1, .arena = arena};
    json_auto_t *body = body_of(&request);
    assert_true(str_find(content_of(body, 0), STR("The visitor is anonymous")) != STR_NOT_FOUND);
    assert_null(json_object_get(body, "tools"));
}

static void a_large_identity_is_told_in_short(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    char *large = arena_alloc(arena, 20001);
    for (size_t i = 0; i < 20000; i++)
        large[i] = 'z';
    json_auto_t *user = json_pack("{s:s, s:s, s:s}", "sub", "ada", "name", "Ada", "metadata", large);
    const struct assistant_message message = {.role = ASSISTANT_ROLE_VISITOR, .text = STR("hi")};
    const struct assistant_request request = {
        .config = &config, .messages = &message, .message_count = 1, .user = user, .arena = arena};
    json_auto_t *body = body_of(&request);
    assert_true(str_find(content_of(body, 0), STR("{\"sub\":\"ada\",\"name\":\"Ada\"}")) != STR_NOT_FOUND);
    assert_true(content_of(body, 0).len < 4000);
}

static struct knowledge_snippet snippet_of(struct arena *arena, const char *title, const char *trigger,
                                           struct str text) {
    json_auto_t *json = json_pack("{s:s, s:s, s:s%, s:[s]}", "id", title, "title", title, "text", text.at,
                                  text.len, "triggers", trigger);
    struct knowledge_snippet snippet;
    struct tool_error error;
    assert_int_equal(knowledge_read(arena, json, &snippet, &error), OK);
    return snippet;
}

static void knowledge_comes_by_subject_as_far_as_it_fits(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    char *large = arena_alloc(arena, 10001);
    for (size_t i = 0; i < 10000; i++)
        large[i] = 'z';
    const struct knowledge_snippet snippets[] = {
        snippet_of(arena, "Large one", "size", str_of(large, 10000)),
        snippet_of(arena, "Another large one", "size", str_of(large, 10000)),
        snippet_of(arena, "Hours", "business hours", STR("Nine to five.")),
    };
    const struct assistant_message message = {.role = ASSISTANT_ROLE_VISITOR, .text = STR("business hours?")};
    const struct assistant_request request = {.config = &config,
                                              .messages = &message,
                                              .message_count = 1,
                                              .knowledge = snippets,
                                              .knowledge_count = 3,
                                              .arena = arena};
    json_auto_t *body = body_of(&request);
    struct str system = content_of(body, 0);
    size_t hours = str_find(system, STR("### Hours\nNine to five."));
    size_t first = str_find(system, STR("### Large one"));
    assert_true(hours != STR_NOT_FOUND && first != STR_NOT_FOUND && hours < first);
    assert_true(str_find(system, STR("### Another large one")) == STR_NOT_FOUND);
}

static void a_long_conversation_begins_later(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    enum { COUNT = 41 };
    char *large = arena_alloc(arena, 8001);
    for (size_t i = 0; i < 8000; i++)
        large[i] = 'z';
    struct assistant_message messages[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        messages[i] = (struct assistant_message){
            .role = i % 2 ? ASSISTANT_ROLE_ASSISTANT : ASSISTANT_ROLE_VISITOR, .text = str_of(large, 8000)};
    const struct assistant_request request = {
        .config = &config, .messages = messages, .message_count = COUNT, .arena = arena};
    json_auto_t *body = body_of(&request);
    const json_t *list = json_object_get(body, "messages");
    assert_int_equal(json_array_size(list), 1 + 11);
    assert_str(json_get_str(json_array_get(list, 1), "role"), "user");

    messages[COUNT - 1].text = str_of(arena_alloc(arena, 200000), 0);
    char *huge = arena_alloc(arena, 200001);
    for (size_t i = 0; i < 200000; i++)
        huge[i] = 'y';
    messages[COUNT - 1].text = str_of(huge, 200000); /* the question itself always goes */
    json_auto_t *body_of_huge = body_of(&request);
    assert_int_equal(json_array_size(json_object_get(body_of_huge, "messages")), 2);
}

static void the_address_is_put_together(void **state) {
    (void)state;
    static const struct {
        const char *base, *url, *limit;
    } cases[] = {
        {"https://m.example/v1", "https://m.example/v1/chat/completions", "max_tokens"},
        {"https://m.example/v1/", "https://m.example/v1/chat/completions", "max_tokens"},
        {"https://m.example/v1/chat/completions", "https://m.example/v1/chat/completions", "max_tokens"},
        {"https://api.openai.com/v1", "https://api.openai.com/v1/chat/completions", "max_completion_tokens"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_ARENA arena = arena_new();
        struct environment_assistant other = config;
        other.url = str_from(cases[i].base);
        assert_str(openai_request_url(arena, &other), cases[i].url);
        const struct assistant_message message = {.role = ASSISTANT_ROLE_VISITOR, .text = STR("hi")};
        const struct assistant_request request = {
            .config = &other, .messages = &message, .message_count = 1, .arena = arena};
        json_auto_t *body = body_of(&request);
        assert_int_equal(json_get_int(body, cases[i].limit, 0), 77);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wire_format_is_the_known_one),
        cmocka_unit_test(an_anonymous_visitor_is_said_to_be_one),
        cmocka_unit_test(a_large_identity_is_told_in_short),
        cmocka_unit_test(knowledge_comes_by_subject_as_far_as_it_fits),
        cmocka_unit_test(a_long_conversation_begins_later),
        cmocka_unit_test(the_address_is_put_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
