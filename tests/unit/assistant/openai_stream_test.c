/* SPDX-License-Identifier: Apache-2.0 */
/* What a model's stream comes to, in whatever pieces it arrives; and everything that can be wrong with one.
 */
#include "unit/unit.h"

#include "assistant/openai.h"
#include "base/buffer.h"
#include "base/json.h"

/* "text|name(arguments)#id|finish|failure:detail|prompt/completion", read in pieces of `piece` bytes. */
static struct str read_stream(struct arena *arena, struct str bytes, size_t piece) {
    struct openai_stream stream;
    openai_stream_init(&stream, arena);
    AUTO_BUFFER said = BUFFER_EMPTY;
    for (size_t at = 0; at < bytes.len; at += piece) {
        enum status status = openai_stream_feed(&stream, str_slice(bytes, at, at + piece));
        buffer_append(&said, openai_stream_take_text(&stream));
        if (status != OK)
            break;
    }
    struct assistant_reply reply;
    openai_stream_finish(&stream, &reply);
    openai_stream_end(&stream);
    assert_true(str_equal(reply.text, buffer_text(&said)) || (reply.text.len == 0 && said.len == 0));
    static const char *const finishes[] = {"stop", "tool-calls", "length", "failed"};
    struct str text = arena_print(arena, "%.*s|", STR_ARG(reply.text));
    for (size_t i = 0; i < reply.call_count; i++)
        text = arena_print(arena, "%.*s%.*s(%.*s)#%.*s ", STR_ARG(text), STR_ARG(reply.calls[i].name),
                           STR_ARG(reply.calls[i].arguments), STR_ARG(reply.calls[i].id));
    text = arena_print(arena, "%.*s|%s|", STR_ARG(text), finishes[reply.finish]);
    if (reply.failure != ASSISTANT_FAILURE_NONE) {
        assert_true(reply.sentence.len > 0);
        text = arena_print(arena, "%.*s%s:%.*s", STR_ARG(text), assistant_failure_name(reply.failure),
                           STR_ARG(reply.detail));
    }
    return arena_print(arena, "%.*s|%lld/%lld", STR_ARG(text), (long long)reply.prompt_tokens,
                       (long long)reply.completion_tokens);
}

/* One chunk of a stream; apostrophes for quotation marks. */
#define DELTA(delta)                                                                                         \
    "data: {'id':'c','object':'chat.completion.chunk','choices':[{'index':0,'delta':" delta "}]}\n\n"
#define FINISH(why) "data: {'choices':[{'index':0,'delta':{},'finish_reason':'" why "'}]}\n\n"
#define DONE        "data: [DONE]\n\n"
#define CALL(call)  DELTA("{'tool_calls':[" call "]}")

static const struct {
    const char *stream, *expected;
} cases[] = {
    {DELTA("{'role':'assistant','content':''}") DELTA("{'content':'Hel'}")
         DELTA("{'content':'lo \xC3\xA4\xF0\x9F\x98\x80.'}") FINISH("stop") DONE,
     "Hello \xC3\xA4\xF0\x9F\x98\x80.||stop||0/0"},
    {": keep-alive\n\n" DELTA("{'content':'a'}")
         FINISH("stop") "data: "
                        "{'choices':[],'usage':{'prompt_tokens':12,'completion_tokens':3,'total_tokens':15}}"
                        "\n\n" DONE,
     "a||stop||12/3"},
    {DELTA("{'content':'a'}") FINISH("stop"), "a||stop||0/0"}, /* some never say [DONE] */
    {DELTA("{'content':'a'}") DONE, "a||stop||0/0"},           /* others give no finish_reason */
    {DELTA("{'content':'a'}") FINISH("stop") DONE DELTA("{'content':'behind the end'}"), "a||stop||0/0"},
    {DELTA("{'content':null,'refusal':'No.'}") FINISH("stop") DONE, "No.||stop||0/0"},
    {DELTA("{'content':'cut'}") FINISH("length") DONE, "cut||length||0/0"},
    {"event: message\ndata: {'choices':[{'delta':{'content':'a'}}]}\n\n" DONE, "a||stop||0/0"},
    {"data: {'choices':[{'index':1,'delta':{'content':'other'}}]}\n\n" DELTA("{'content':'a'}") DONE,
     "a||stop||0/0"},
    /* tools */
    {CALL("{'index':0,'id':'call_A','type':'function','function':{'name':'get_balance','arguments':''}}")
         CALL("{'index':0,'function':{'arguments':'{\\\"acc'}}")
             CALL("{'index':0,'function':{'arguments':'ount\\\":\\\"2002\\\"}'}}") FINISH("tool_calls") DONE,
     "|get_balance({\"account\":\"2002\"})#call_A |tool-calls||0/0"},
    {CALL("{'index':0,'id':'A','function':{'name':'one','arguments':''}}")
         CALL("{'index':1,'id':'B','function':{'name':'two','arguments':'{\\\"x\\\"'}}")
             CALL("{'index':0,'function':{'arguments':'{}'}},{'index':1,'function':{'arguments':':1}'}}")
                 FINISH("tool_calls") DONE,
     "|one({})#A two({\"x\":1})#B |tool-calls||0/0"},
    {DELTA("{'content':'Let me look.'}")
         CALL("{'index':0,'id':'A','function':{'name':'one','arguments':'{}'}}") FINISH("stop") DONE,
     "Let me look.|one({})#A |tool-calls||0/0"},
    {CALL("{'id':'A','function':{'name':'one','arguments':'{}'}}")
         CALL("{'id':'B','function':{'name':'one','arguments':'{}'}}") DONE,
     "|one({})#A one({})#B |tool-calls||0/0"}, /* without index */
    {CALL("{'index':0,'id':'A','function':{'name':'one','arguments':'{}'}}")
         CALL("{'index':0,'id':'B','function':{'name':'two','arguments':'{}'}}") DONE,
     "|one({})#A two({})#B |tool-calls||0/0"}, /* one index for all */
    {CALL("{'function':{'name':'one','arguments':'{}'}}")
         CALL("{'function':{'name':'two','arguments':{'a':1}}}") DONE,
     "|one({})#call_0 two({\"a\":1})#call_1 |tool-calls||0/0"}, /* neither id nor index, and JSON for text */
    {CALL("{'index':0,'id':'A','function':{'name':'one'}}") FINISH("tool_calls") DONE,
     "|one()#A |tool-calls||0/0"},
    {CALL("{'index':0,'id':'A','function':{'name':'one','arguments':'{\\\"a'}}") FINISH("length") DONE,
     "||length||0/0"}, /* what was cut is not called */
    /* failures */
    {"", "||failed|model-malformed:stream-truncated|0/0"},
    {DELTA("{'content':'Half an'}"), "Half an||failed|model-malformed:stream-truncated|0/0"},
    {CALL("{'index':0,'id':'A','function':{'name':'one','arguments':'{}'}}"),
     "||failed|model-malformed:stream-truncated|0/0"},
    {DELTA("{'content':'a'}") "data: {'choices':[{'index':0,",
     "a||failed|model-malformed:stream-truncated|0/0"},
    {DONE, "||failed|model-malformed:empty-answer|0/0"},
    {FINISH("stop") DONE, "||failed|model-malformed:empty-answer|0/0"},
    {DELTA("{'content':'a'}") "data: {'error':{'message':'secret words','code':500}}\n\n" DONE,
     "a||failed|model-unavailable:error-in-stream|0/0"},
    {"data: {'error':'overloaded'}\n\n", "||failed|model-unavailable:error-in-stream|0/0"},
    {"data: {'error':null,'choices':[{'delta':{'content':'a'}}]}\n\n" DONE, "a||stop||0/0"},
    {DELTA("{'content':'a'}") FINISH("content_filter") DONE, "a||failed|model-refused:content-filter|0/0"},
    {"data: hello\n\n", "||failed|model-malformed:not-json|0/0"},
    {"data: [1]\n\n", "||failed|model-malformed:not-an-object|0/0"},
    {"data: {'choices':[{'delta':{'content':'a','content':'b'}}]}\n\n",
     "||failed|model-malformed:not-json|0/0"},
    {DELTA("{'content':'\\u0000'}"), "||failed|model-malformed:not-json|0/0"},
    {DELTA("{'content':'\xFF'}"), "||failed|model-malformed:not-json|0/0"},
    {CALL("{'index':0,'id':'A','function':{'arguments':'{}'}}") FINISH("tool_calls") DONE,
     "||failed|model-malformed:tool-call-malformed|0/0"}, /* without a name */
    {CALL("'one'") DONE, "||failed|model-malformed:tool-call-malformed|0/0"},
    /* members of types that nobody expects are as if absent */
    {DELTA("{'content':1,'tool_calls':{}}") DELTA("{'content':['a']}") DELTA("null") DELTA("{'content':'a'}")
         DONE,
     "a||stop||0/0"},
    {"data: {'choices':{},'usage':{'prompt_tokens':-5,'completion_tokens':'x'}}\n\n" DELTA("{'content':'a'}")
         DONE,
     "a||stop||0/0"},
};

static struct str quoted(struct arena *arena, const char *text) {
    char *copy = arena_terminated(arena, str_from(text));
    for (char *at = copy; *at; at++)
        if (*at == '\'')
            *at = '"';
    return str_from(copy);
}

static void a_stream_is_the_same_in_whatever_pieces(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t piece = 1; piece < 400; piece = piece * 2 + 1) {
            AUTO_ARENA arena = arena_new();
            struct str got = read_stream(arena, quoted(arena, cases[i].stream), piece);
            if (!str_equal(got, str_from(cases[i].expected)))
                fail_msg("case %zu in pieces of %zu:\n got %.*s\nwant %s", i, piece, STR_ARG(got),
                         cases[i].expected);
        }
    }
}

static void add_repeated(struct buffer *out, struct str text, size_t count) {
    for (size_t i = 0; i < count; i++)
        buffer_append(out, text);
}

static void everything_is_bounded(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    AUTO_BUFFER stream = BUFFER_EMPTY;
    struct str thousand = str_of(arena_alloc(arena, 1000), 1000);
    for (size_t i = 0; i < thousand.len; i++)
        ((char *)thousand.at)[i] = 'a';

    for (int i = 0; i < 140; i++) /* an answer that does not end */
        buffer_print(&stream, "data: {\"choices\":[{\"delta\":{\"content\":\"%.*s\"}}]}\n\n",
                     STR_ARG(thousand));
    struct str got = read_stream(arena, buffer_text(&stream), 4096);
    assert_true(str_ends_with(got, STR("||failed|model-too-long:answer-too-long|0/0")));

    buffer_clear(&stream);
    for (int i = 0; i < 20; i++)
        buffer_print(&stream,
                     "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"A\",\"function\":"
                     "{\"name\":\"one\",\"arguments\":\"%.*s\"}}]}}]}\n\n",
                     STR_ARG(thousand));
    assert_str(read_stream(arena, buffer_text(&stream), 4096),
               "||failed|model-too-long:arguments-too-long|0/0");

    buffer_clear(&stream);
    for (int i = 0; i < ASSISTANT_CALLS_MAX + 1; i++)
        buffer_print(
            &stream,
            "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":%d,\"id\":\"A%d\",\"function\":"
            "{\"name\":\"one\"}}]}}]}\n\n",
            i, i);
    assert_str(read_stream(arena, buffer_text(&stream), 4096),
               "||failed|model-too-long:too-many-tool-calls|0/0");

    buffer_clear(&stream); /* a line that never ends */
    buffer_append(&stream, STR("data: "));
    add_repeated(&stream, thousand, 300);
    assert_str(read_stream(arena, buffer_text(&stream), 4096), "||failed|model-too-long:event-too-long|0/0");

    buffer_clear(&stream);
    buffer_print(&stream,
                 "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"%.*s\"}]}}]}\n\n",
                 STR_ARG(thousand));
    assert_str(read_stream(arena, buffer_text(&stream), 4096),
               "||failed|model-too-long:tool-call-id-too-long|0/0");
}

static void a_whole_answer_is_read_too(void **state) {
    (void)state;
    static const struct {
        const char *body, *text;
        enum assistant_finish finish;
        size_t calls;
    } whole[] = {
        {"{'choices':[{'index':0,'message':{'role':'assistant','content':'Hello'},'finish_reason':'stop'}],"
         "'usage':{'prompt_tokens':1,'completion_tokens':2}}",
         "Hello", ASSISTANT_FINISH_STOP, 0},
        {"{'choices':[{'message':{'content':null,'tool_calls':[{'id':'A','type':'function','function':{'name'"
         ":'one',"
         "'arguments':'{}'}},{'id':'B','type':'function','function':{'name':'two','arguments':'{}'}}]},"
         "'finish_reason':'tool_calls'}]}",
         "", ASSISTANT_FINISH_TOOL_CALLS, 2},
        {"{'error':{'message':'x'}}", "", ASSISTANT_FINISH_FAILED, 0},
        {"{'choices':[]}", "", ASSISTANT_FINISH_FAILED, 0},
        {"<html>", "", ASSISTANT_FINISH_FAILED, 0},
        {"", "", ASSISTANT_FINISH_FAILED, 0},
    };
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        AUTO_ARENA arena = arena_new();
        struct openai_stream stream;
        openai_stream_init(&stream, arena);
        enum status status = openai_stream_read_whole(&stream, quoted(arena, whole[i].body));
        struct assistant_reply reply;
        openai_stream_finish(&stream, &reply);
        openai_stream_end(&stream);
        assert_true(status == OK || reply.finish == ASSISTANT_FINISH_FAILED);
        assert_int_equal(reply.finish, whole[i].finish);
        assert_int_equal(reply.call_count, whole[i].calls);
        assert_str(reply.text, whole[i].text);
    }
}

static void an_error_code_is_a_plain_word_or_nothing(void **state) {
    (void)state;
    static const struct {
        const char *body, *code;
    } errors[] = {
        {"{'error':{'message':'m','type':'requests','code':'rate_limit_exceeded'}}", "rate_limit_exceeded"},
        {"{'error':{'type':'invalid_request_error','code':null}}", "invalid_request_error"},
        {"{'error':{'code':'Your key sk-123 is wrong'}}", ""},
        {"{'error':{'code':429}}", ""},
        {"{'error':'no'}", ""},
        {"<html>", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        AUTO_ARENA arena = arena_new();
        assert_str(openai_error_code(arena, quoted(arena, errors[i].body)), errors[i].code);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_is_the_same_in_whatever_pieces),
        cmocka_unit_test(everything_is_bounded),
        cmocka_unit_test(a_whole_answer_is_read_too),
        cmocka_unit_test(an_error_code_is_a_plain_word_or_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
