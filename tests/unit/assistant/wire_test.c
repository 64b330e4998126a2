/* SPDX-License-Identifier: Apache-2.0 */
/* Over the wire: a stand-in model that cuts its stream wherever it likes and fails in every way, and a tools'
 * backend that verifies each call with the standardwebhooks library of npm. */
#include "unit/unit.h"

#include "assistant/assistant.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/json.h"
#include "egress/egress.h"
#include "environment/environment.h"
#include "tool_call/tool_call.h"
#include "unit/assistant/node_peer.h"
#include "unit/fibers.h"

#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

static struct node_peer model;
static struct node_peer backend;
static struct egress *egress;
static struct egress *strict; /* to public addresses only */

static int set_up(void **state) {
    (void)state;
    node_peer_start(&model, "peers/model.mjs", NULL);
    node_peer_start(&backend, "peers/tools.mjs", SECRET);
    struct egress_options options = {.is_private_allowed = true};
    assert_int_equal(egress_start(&options, &egress), OK);
    options.is_private_allowed = false;
    assert_int_equal(egress_start(&options, &strict), OK);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    egress_stop(egress);
    egress_stop(strict);
    node_peer_stop(&model);
    node_peer_stop(&backend);
    return 0;
}

/* Reads GET `path` of a peer as JSON; with "DELETE" it begins anew. */
struct look {
    struct arena *arena;
    struct str url;
    const char *method;
    json_t *found;
};

static void look_at(void *argument) {
    struct look *look = argument;
    struct egress_request request = {.method = look->method, .url = look->url};
    struct egress_answer answer;
    assert_int_equal(egress_fetch_wait(egress, &request, look->arena, &answer), OK);
    assert_int_equal(json_read(answer.body, JSON_DEPTH_DOCUMENT, &look->found, NULL), OK);
}

static json_t *take_record(struct arena *arena, const struct node_peer *peer, const char *path) {
    struct look look = {arena, arena_print(arena, "%s%s", peer->url, path), "DELETE", NULL};
    in_fiber(look_at, &look);
    return look.found;
}

/* ---- the model ---- */
struct asking {
    struct arena *arena;
    const char *model;
    struct str text;
    unsigned timeout_s;
    struct egress *egress;
    const struct assistant_message *messages; /* NULL: `text` alone */
    size_t message_count;
    enum status hear_status; /* what the sink answers from the second piece on */
    struct buffer heard;
    unsigned deltas;
    struct assistant_reply reply;
    enum status status;
};

static enum status hear(void *argument, struct str text) {
    struct asking *asking = argument;
    assert_true(str_is_utf8(text) && text.len > 0);
    buffer_append(&asking->heard, text);
    return asking->deltas++ > 0 ? asking->hear_status : OK;
}

static void ask(void *argument) {
    struct asking *asking = argument;
    const struct environment_assistant config = {
        .kind = ASSISTANT_OPENAI,
        .url = arena_print(asking->arena, "%s/v1", model.url),
        .model = str_from(asking->model),
        .max_tokens = 100,
        .timeout_s = asking->timeout_s ? asking->timeout_s : 10,
    };
    const struct assistant_message message = {.role = ASSISTANT_ROLE_VISITOR, .text = asking->text};
    const struct assistant_request request = {
        .config = &config,
        .messages = asking->messages ? asking->messages : &message,
        .message_count = asking->messages ? asking->message_count : 1,
        .api_key = STR("sk-test"),
        .egress = asking->egress ? asking->egress : egress,
        .arena = asking->arena,
        .sink = {hear, asking},
    };
    asking->status = assistant_ask_wait(&request, &asking->reply);
}

static void ask_model(struct asking *asking) {
    in_fiber(ask, asking);
    if (asking->status == OK)
        assert_true(str_equal(asking->reply.text, buffer_text(&asking->heard)) || asking->heard.len == 0);
    buffer_free(&asking->heard);
}

static void answers_come_whole_from_awkward_pieces(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct asking asking = {.arena = arena, .model = "umlauts", .text = STR("hello")};
    ask_model(&asking);
    assert_int_equal(asking.status, OK);
    assert_str(asking.reply.text, "Grüße aus Köln — 你好 😀 “fine”.");
    assert_int_equal(asking.reply.finish, ASSISTANT_FINISH_STOP);
    assert_int_equal(asking.reply.prompt_tokens, 21);
    assert_int_equal(asking.reply.completion_tokens, 8);

    json_auto_t *requests = take_record(arena, &model, "/requests");
    const json_t *headers =
        json_get_object(json_array_get(requests, json_array_size(requests) - 1), "headers");
    assert_str(json_get_str(headers, "authorization"), "Bearer sk-test");
    assert_str(json_get_str(headers, "content-type"), "application/json");
}

static void tool_calls_come_whole_from_awkward_pieces(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct asking asking = {.arena = arena, .model = "story", .text = STR("the balance of account 2002")};
    ask_model(&asking);
    assert_int_equal(asking.reply.finish, ASSISTANT_FINISH_TOOL_CALLS);
    assert_int_equal(asking.reply.call_count, 1);
    assert_str(asking.reply.calls[0].name, "get_balance");
    assert_str(asking.reply.calls[0].arguments, "{\"account\":\"2002\"}"); /* it is the gate that stops it */

    struct asking two = {.arena = arena, .model = "two-tools", .text = STR("both")};
    ask_model(&two);
    assert_int_equal(two.reply.call_count, 2);
    assert_str(two.reply.calls[0].arguments, "{\"account\":\"2002\"}");
    assert_str(two.reply.calls[1].name, "list_transactions");
    assert_str(two.reply.calls[1].arguments, "{\"account\":\"2002\",\"count\":2}");

    const struct assistant_message messages[] = {
        {.role = ASSISTANT_ROLE_VISITOR, .text = STR("both")},
        {.role = ASSISTANT_ROLE_ASSISTANT, .text = STR(""), .calls = two.reply.calls, .call_count = 2},
        {.role = ASSISTANT_ROLE_TOOL, .text = STR("{\"result\":1}"), .call_id = two.reply.calls[0].id},
        {.role = ASSISTANT_ROLE_TOOL, .text = STR("{\"result\":2}"), .call_id = two.reply.calls[1].id},
    };
    struct asking again = {.arena = arena, .model = "two-tools", .messages = messages, .message_count = 4};
    ask_model(&again);
    assert_str(again.reply.text, "The tool answered 1. The tool answered 2.");
}

static void an_answer_in_one_piece_is_taken_too(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct asking asking = {.arena = arena, .model = "whole", .text = STR("balance")};
    ask_model(&asking);
    assert_int_equal(asking.reply.finish, ASSISTANT_FINISH_TOOL_CALLS);
    assert_str(asking.reply.calls[0].id, "call_w");
    assert_int_equal(asking.reply.prompt_tokens, 21);
}

static void every_failure_has_its_name(void **state) {
    (void)state;
    static const struct {
        const char *model;
        enum assistant_failure failure;
        const char *detail, *text;
        unsigned requests; /* how often it was asked */
    } cases[] = {
        {"error-400", ASSISTANT_REFUSED, "http-400-invalid_request_error", "", 1},
        {"error-401", ASSISTANT_MISCONFIGURED, "http-401-invalid_api_key", "", 1},
        {"no-such-model", ASSISTANT_MISCONFIGURED, "http-404-model_not_found", "", 1},
        {"error-context", ASSISTANT_TOO_LONG, "http-400-context_length_exceeded", "", 1},
        {"error-429", ASSISTANT_UNAVAILABLE, "http-429-rate_limit_exceeded", "", 2},
        {"error-429-long", ASSISTANT_UNAVAILABLE, "http-429-rate_limit_exceeded", "",
         1}, /* ten minutes: nobody waits */
        {"error-quota", ASSISTANT_UNAVAILABLE, "http-429-insufficient_quota", "", 1},
        {"error-500", ASSISTANT_UNAVAILABLE, "http-500", "", 2},
        {"redirect", ASSISTANT_MISCONFIGURED, "http-307", "", 1},
        {"html", ASSISTANT_MALFORMED, "wrong-content-type", "", 1},
        {"truncated", ASSISTANT_MALFORMED, "stream-truncated", "Half an ", 1},
        {"broken", ASSISTANT_MALFORMED, "protocol-error", "Half an ", 1},
        {"error-in-stream", ASSISTANT_UNAVAILABLE, "error-in-stream", "Well, ", 1},
        {"garbage", ASSISTANT_MALFORMED, "not-json", "", 1},
        {"filtered", ASSISTANT_REFUSED, "content-filter", "I would", 1},
        {"empty", ASSISTANT_MALFORMED, "empty-answer", "", 1},
        {"stalled", ASSISTANT_TIMED_OUT, "timed-out", "Wait ", 1},
        {"silent", ASSISTANT_TIMED_OUT, "timed-out", "", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_ARENA arena = arena_new();
        struct asking asking = {.arena = arena, .model = cases[i].model, .text = STR("x"), .timeout_s = 2};
        ask_model(&asking);
        assert_int_equal(asking.status, OK);
        if (asking.reply.failure != cases[i].failure ||
            !str_equal(asking.reply.detail, str_from(cases[i].detail)))
            fail_msg("%s: %s %.*s", cases[i].model, assistant_failure_name(asking.reply.failure),
                     STR_ARG(asking.reply.detail));
        assert_int_equal(asking.reply.finish, ASSISTANT_FINISH_FAILED);
        assert_int_equal(asking.reply.call_count, 0);
        assert_str(asking.reply.text, cases[i].text);
        assert_true(asking.reply.sentence.len > 0);
        json_auto_t *requests = take_record(arena, &model, "/requests");
        unsigned asked = 0;
        for (size_t k = 0; k < json_array_size(requests); k++)
            asked += str_equal(json_get_str(json_get_object(json_array_get(requests, k), "body"), "model"),
                               str_from(cases[i].model));
        if (asked != cases[i].requests)
            fail_msg("%s was asked %u times", cases[i].model, asked);
    }
}

static void a_second_try_may_succeed(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct asking asking = {.arena = arena, .model = "error-503-once", .text = STR("x")};
    ask_model(&asking);
    assert_int_equal(asking.reply.failure, ASSISTANT_FAILURE_NONE);
    assert_str(asking.reply.text, "Better now.");
}

static void an_answer_is_cut_at_the_token_limit(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct asking asking = {.arena = arena, .model = "length", .text = STR("x")};
    ask_model(&asking);
    assert_int_equal(asking.reply.finish, ASSISTANT_FINISH_LENGTH);
    assert_str(asking.reply.text, "This goes on and");
}

static void an_endless_answer_ends(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct asking asking = {.arena = arena, .model = "endless", .text = STR("x")};
    ask_model(&asking);
    assert_int_equal(asking.reply.failure, ASSISTANT_TOO_LONG);
    assert_true(asking.reply.text.len <= ASSISTANT_TEXT_BYTES_MAX);
}

static void words_are_heard_as_they_come(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct asking asking = {.arena = arena, .model = "slow", .text = STR("x")};
    ask_model(&asking);
    assert_str(asking.reply.text, "One word after the other, in no hurry at all.");
    assert_true(asking.deltas >= 8);
}

static void who_hears_no_more_ends_it(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct asking asking = {.arena = arena, .model = "slow", .text = STR("x"), .hear_status = CANCELED};
    ask_model(&asking);
    assert_int_equal(asking.status, CANCELED);
    assert_int_equal(asking.deltas, 2);
}

static void an_address_that_is_refused_is_a_setting_to_mend(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct asking asking = {.arena = arena, .model = "umlauts", .text = STR("x"), .egress = strict};
    ask_model(&asking);
    assert_int_equal(asking.reply.failure, ASSISTANT_MISCONFIGURED);
    assert_str(asking.reply.detail, "address-refused");
}

/* ---- tools ---- */
struct calling {
    struct arena *arena;
    const char *path;
    struct egress *egress;
    const struct str *secrets;
    size_t secret_count;
    json_t *user;
    struct str url; /* instead of the backend's */
    struct tool_outcome outcome;
    enum status status;
};

static struct tool *tool_at(struct arena *arena, struct str url) {
    json_auto_t *json = json_pack("{s:s, s:s%, s:i, s:{s:s, s:{s:{}}}, s:{s:s}}", "name", "get_balance",
                                  "url", url.at, url.len, "timeoutSeconds", 1, "parameters", "type", "object",
                                  "properties", "account", "bind", "account", "accountId");
    struct tool *tool = NULL;
    struct tool_error error;
    assert_int_equal(tool_read(arena, json, &tool, &error), OK);
    return tool;
}

static void call(void *argument) {
    struct calling *calling = argument;
    static const struct str secret = STR_STATIC(SECRET);
    struct str url =
        calling->url.at ? calling->url : arena_print(calling->arena, "%s%s", backend.url, calling->path);
    struct tool *tool = tool_at(calling->arena, url);
    const struct tool_visitor visitor = {calling->user, {NULL, 0}};
    struct tool_arguments arguments;
    struct tool_refusal refusal;
    assert_int_equal(tool_arguments_bind(calling->arena, tool, STR("{\"account\":\"2002\"}"), &visitor,
                                         &arguments, &refusal),
                     OK);
    const struct tool_call made = {
        .tool = tool,
        .call_id = STR("call_0198f3c2b2007000800000000000000d"),
        .conversation_id = STR("conv_1"),
        .environment_id = STR("env_1"),
        .arguments = &arguments,
        .user = calling->user,
        .signing_secrets = calling->secrets ? calling->secrets : &secret,
        .signing_secret_count = calling->secrets ? calling->secret_count : 1,
    };
    calling->status =
        tool_call_wait(calling->arena, calling->egress ? calling->egress : egress, &made, &calling->outcome);
    tool_free(tool);
}

static json_t *ada(struct arena *arena) {
    return json_keep(arena, json_pack("{s:s, s:s, s:{s:s}}", "sub", "ada", "accountId", "1001", "metadata",
                                      "plan", "gold"));
}

static void a_call_carries_the_verified_user_and_is_verified(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct calling calling = {.arena = arena, .path = "/tools/echo", .user = ada(arena)};
    in_fiber(call, &calling);
    assert_int_equal(calling.status, OK);
    assert_string_equal(tool_outcome_name(calling.outcome.kind), "ok");
    assert_str(json_write_sorted(arena, calling.outcome.result),
               "{\"arguments\":{\"account\":\"1001\"},\"call\":\"call_0198f3c2b2007000800000000000000d\","
               "\"conversation\":\"conv_1\",\"environment\":\"env_1\",\"tool\":\"get_balance\","
               "\"user\":{\"accountId\":\"1001\",\"metadata\":{\"plan\":\"gold\"},\"sub\":\"ada\"}}");
    json_auto_t *calls = take_record(arena, &backend, "/calls");
    const json_t *seen = json_array_get(calls, json_array_size(calls) - 1);
    assert_true(json_get_bool(seen, "isVerified", false));
    assert_str(json_get_str(json_get_object(seen, "headers"), "webhook-id"),
               "call_0198f3c2b2007000800000000000000d");
}

static void every_secret_verifies_while_they_rotate_and_a_foreign_one_does_not(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    static const struct str rotating[] = {STR_STATIC("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
                                          STR_STATIC(SECRET)};
    struct calling both = {
        .arena = arena, .path = "/tools/balance", .user = ada(arena), .secrets = rotating, .secret_count = 2};
    in_fiber(call, &both);
    assert_int_equal(both.outcome.kind, TOOL_OUTCOME_OK);
    assert_str(json_get_str(both.outcome.result, "account"), "1001");
    struct calling foreign = {
        .arena = arena, .path = "/tools/balance", .user = ada(arena), .secrets = rotating, .secret_count = 1};
    in_fiber(call, &foreign);
    assert_int_equal(foreign.outcome.kind, TOOL_OUTCOME_ERROR);
    assert_int_equal(foreign.outcome.http_status, 401);
    static const struct str none = STR_STATIC("");
    struct calling unsigned_call = {
        .arena = arena, .path = "/tools/balance", .user = ada(arena), .secrets = &none, .secret_count = 0};
    json_decref(take_record(arena, &backend, "/calls"));
    in_fiber(call, &unsigned_call);
    assert_int_equal(unsigned_call.outcome.kind,
                     TOOL_OUTCOME_UNREACHABLE); /* never sent without a signature */
    json_auto_t *calls = take_record(arena, &backend, "/calls");
    assert_int_equal(json_array_size(calls), 0);
}

static void every_answer_of_a_tool_has_its_kind(void **state) {
    (void)state;
    static const struct {
        const char *path;
        const char *kind;
        int http_status;
        const char *text;
    } cases[] = {
        {"/tools/text", "ok", 200, "All is well."},
        {"/tools/nothing", "ok", 204, ""},
        {"/tools/refuses", "error", 403, "This account is not yours."},
        {"/tools/fails", "error", 500, ""},
        {"/tools/unheard-of", "error", 404, "no such tool"},
        {"/tools/redirects", "error", 307, ""}, /* a signed call goes nowhere else */
        {"/tools/html", "malformed", 200, ""},
        {"/tools/broken-json", "malformed", 200, ""},
        {"/tools/broken-utf8", "malformed", 200, ""},
        {"/tools/large", "too-large", 0, ""},
        {"/tools/endless", "too-large", 0, ""},
        {"/tools/silent", "timed-out", 0, ""},
        {"/tools/hangs-up", "malformed", 0, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_ARENA arena = arena_new();
        struct calling calling = {.arena = arena, .path = cases[i].path, .user = ada(arena)};
        in_fiber(call, &calling);
        assert_int_equal(calling.status, OK);
        if (!str_equal(str_from(tool_outcome_name(calling.outcome.kind)), str_from(cases[i].kind)) ||
            calling.outcome.http_status != cases[i].http_status)
            fail_msg("%s: %s %d", cases[i].path, tool_outcome_name(calling.outcome.kind),
                     calling.outcome.http_status);
        assert_str(calling.outcome.text, cases[i].text);
        json_auto_t *calls = take_record(arena, &backend, "/calls");
        if (json_array_size(calls) != 1) /* what was sent is never sent again */
            fail_msg("%s was called %zu times", cases[i].path, json_array_size(calls));
    }
}

static void what_cannot_be_reached_is_said_to_be(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct calling refused = {.arena = arena, .url = STR("http://127.0.0.1:1/tools"), .user = ada(arena)};
    int64_t began_us = clock_monotonic_us();
    in_fiber(call, &refused);
    assert_int_equal(refused.outcome.kind, TOOL_OUTCOME_UNREACHABLE);
    assert_true(clock_monotonic_us() - began_us >= 200000); /* nobody had read it: tried once more */
    struct calling private_address = {
        .arena = arena, .path = "/tools/echo", .user = ada(arena), .egress = strict};
    in_fiber(call, &private_address);
    assert_int_equal(private_address.outcome.kind, TOOL_OUTCOME_UNREACHABLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_come_whole_from_awkward_pieces),
        cmocka_unit_test(tool_calls_come_whole_from_awkward_pieces),
        cmocka_unit_test(an_answer_in_one_piece_is_taken_too),
        cmocka_unit_test(every_failure_has_its_name),
        cmocka_unit_test(a_second_try_may_succeed),
        cmocka_unit_test(an_answer_is_cut_at_the_token_limit),
        cmocka_unit_test(an_endless_answer_ends),
        cmocka_unit_test(words_are_heard_as_they_come),
        cmocka_unit_test(who_hears_no_more_ends_it),
        cmocka_unit_test(an_address_that_is_refused_is_a_setting_to_mend),
        cmocka_unit_test(a_call_carries_the_verified_user_and_is_verified),
        cmocka_unit_test(every_secret_verifies_while_they_rotate_and_a_foreign_one_does_not),
        cmocka_unit_test(every_answer_of_a_tool_has_its_kind),
        cmocka_unit_test(what_cannot_be_reached_is_said_to_be),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
