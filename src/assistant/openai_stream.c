/* SPDX-License-Identifier: Apache-2.0 */
#include "assistant/openai.h"

#include "base/json.h"

enum {
    EVENT_BYTES_MAX = 256 * 1024,
    CALL_ID_BYTES_MAX = 128,
    CALL_NAME_BYTES_MAX = 64,
    ERROR_CODE_BYTES_MAX = 40,
};

/* A tool call in the making: its pieces come one after the other, those of several calls mixed. */
struct openai_call {
    int64_t index; /* the model's number for it; -1: none was given */
    struct buffer id;
    struct buffer name;
    struct buffer arguments;
};

void openai_stream_init(struct openai_stream *stream, struct arena *arena) {
    *stream = (struct openai_stream){.arena = arena, .detail = STR("")};
    stream->calls = arena_alloc_array(arena, ASSISTANT_CALLS_MAX, sizeof *stream->calls);
    sse_reader_init(&stream->events, EVENT_BYTES_MAX);
}

void openai_stream_end(struct openai_stream *stream) {
    for (size_t i = 0; i < stream->call_count; i++) {
        buffer_free(&stream->calls[i].id);
        buffer_free(&stream->calls[i].name);
        buffer_free(&stream->calls[i].arguments);
    }
    buffer_free(&stream->text);
    sse_reader_end(&stream->events);
}

void openai_stream_fail(struct openai_stream *stream, enum assistant_failure failure, struct str detail) {
    if (stream->failure != ASSISTANT_FAILURE_NONE)
        return; /* the first cause is the one */
    stream->failure = failure;
    stream->detail = detail;
}

static enum status fail(struct openai_stream *stream, enum assistant_failure failure, struct str detail) {
    openai_stream_fail(stream, failure, detail);
    return INVALID;
}

static enum status append(struct openai_stream *stream, struct buffer *to, struct str piece, size_t max_bytes,
                          struct str detail) {
    if (piece.len > max_bytes - to->len)
        return fail(stream, ASSISTANT_TOO_LONG, detail);
    buffer_append(to, piece);
    return OK;
}

/* ---- tool calls ---- */
/* Which call a piece belongs to: by its index. Some servers leave the index out, or use one for all: then a
 * new id begins a new call. */
static struct openai_call *find_call(struct openai_stream *stream, int64_t index, struct str id) {
    for (size_t i = stream->call_count; i-- > 0;) {
        struct openai_call *call = &stream->calls[i];
        bool is_same_id = id.len == 0 || call->id.len == 0 || str_equal(id, buffer_text(&call->id));
        if (call->index == index && is_same_id)
            return call;
    }
    return NULL;
}

static enum status begin_call(struct openai_stream *stream, int64_t index, struct openai_call **call) {
    if (stream->call_count == ASSISTANT_CALLS_MAX)
        return fail(stream, ASSISTANT_TOO_LONG, STR("too-many-tool-calls"));
    *call = &stream->calls[stream->call_count++];
    **call = (struct openai_call){.index = index};
    return OK;
}

/* Arguments are text that holds JSON; from some servers they are the JSON itself. */
static enum status add_arguments(struct openai_stream *stream, struct openai_call *call,
                                 const json_t *function) {
    const json_t *arguments = json_object_get(function, "arguments");
    struct str piece = json_str(arguments);
    if (json_is_object(arguments))
        piece = json_write(stream->arena, arguments);
    return append(stream, &call->arguments, piece, TOOL_ARGUMENTS_BYTES_MAX, STR("arguments-too-long"));
}

static enum status add_call_piece(struct openai_stream *stream, const json_t *piece) {
    const json_t *function = json_get_object(piece, "function");
    struct str id = json_get_str(piece, "id");
    struct str name = json_get_str(function, "name");
    int64_t index = json_get_int(piece, "index", -1);
    bool is_whole = index < 0 && id.len == 0 && name.len > 0; /* nothing that could tie it to another piece */
    struct openai_call *call = is_whole ? NULL : find_call(stream, index, id);
    if (!json_is_object(piece))
        return fail(stream, ASSISTANT_MALFORMED, STR("tool-call-malformed"));
    if (!call)
        TRY(begin_call(stream, index, &call));
    if (call->id.len == 0)
        TRY(append(stream, &call->id, id, CALL_ID_BYTES_MAX, STR("tool-call-id-too-long")));
    if (call->name.len == 0)
        TRY(append(stream, &call->name, name, CALL_NAME_BYTES_MAX, STR("tool-name-too-long")));
    return add_arguments(stream, call, function);
}

/* ---- documents ---- */
static void read_usage(struct openai_stream *stream, const json_t *document) {
    const json_t *usage = json_get_object(document, "usage");
    if (!usage)
        return;
    int64_t prompt = json_get_int(usage, "prompt_tokens", 0);
    int64_t completion = json_get_int(usage, "completion_tokens", 0);
    stream->prompt_tokens = prompt > 0 ? prompt : 0;
    stream->completion_tokens = completion > 0 ? completion : 0;
}

static enum status read_finish_reason(struct openai_stream *stream, struct str reason) {
    if (reason.len == 0)
        return OK;
    stream->is_finished = true;
    if (str_equal(reason, STR("content_filter")))
        return fail(stream, ASSISTANT_REFUSED, STR("content-filter"));
    stream->finish = str_equal(reason, STR("length")) ? ASSISTANT_FINISH_LENGTH : ASSISTANT_FINISH_STOP;
    return OK;
}

/* `content` and `tool_calls`, in the `delta` of a stream or the `message` of a whole answer. */
static enum status read_part(struct openai_stream *stream, const json_t *part) {
    static const char *const texts[] = {"content", "refusal"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        TRY(append(stream, &stream->text, json_get_str(part, texts[i]), ASSISTANT_TEXT_BYTES_MAX,
                   STR("answer-too-long")));
    const json_t *calls = json_get_array(part, "tool_calls");
    for (size_t i = 0; i < json_array_size(calls); i++)
        TRY(add_call_piece(stream, json_array_get(calls, i)));
    return OK;
}

static enum status read_document(struct openai_stream *stream, const json_t *document, const char *part) {
    if (!json_is_object(document))
        return fail(stream, ASSISTANT_MALFORMED, STR("not-an-object"));
    const json_t *error = json_object_get(document, "error");
    if (error && !json_is_null(error))
        return fail(stream, ASSISTANT_UNAVAILABLE, STR("error-in-stream"));
    read_usage(stream, document);
    const json_t *choice = json_array_get(json_get_array(document, "choices"), 0);
    if (!choice || json_get_int(choice, "index", 0) != 0) /* the last one may hold the usage alone */
        return OK;
    TRY(read_part(stream, json_get_object(choice, part)));
    return read_finish_reason(stream, json_get_str(choice, "finish_reason"));
}

static enum status read_text(struct openai_stream *stream, struct str text, const char *part) {
    json_t *document = NULL;
    if (json_read(text, JSON_DEPTH_DOCUMENT, &document, NULL) != OK)
        return fail(stream, ASSISTANT_MALFORMED, STR("not-json"));
    enum status status = read_document(stream, document, part);
    json_decref(document);
    return status;
}

enum status openai_stream_feed(struct openai_stream *stream, struct str bytes) {
    struct sse_event event;
    enum status status = OK;
    while (!stream->is_done && (status = sse_reader_next(&stream->events, &bytes, &event)) == OK) {
        if (str_equal(str_trim(event.data), STR("[DONE]")))
            stream->is_done = true;
        else
            TRY(read_text(stream, event.data, "delta"));
    }
    return status == TOO_LARGE ? fail(stream, ASSISTANT_TOO_LONG, STR("event-too-long")) : OK;
}

enum status openai_stream_read_whole(struct openai_stream *stream, struct str body) {
    TRY(read_text(stream, body, "message"));
    stream->is_done = true;
    return OK;
}

struct str openai_stream_take_text(struct openai_stream *stream) {
    struct str fresh = str_from_index(buffer_text(&stream->text), stream->text_taken);
    stream->text_taken = stream->text.len;
    return fresh;
}

/* ---- the whole ---- */
/* The visitor's words for each failure: what happened and what to do, never the provider's own text. */
static struct str sentence_of(enum assistant_failure failure) {
    switch (failure) {
    case ASSISTANT_TIMED_OUT:
        return STR("The answer took too long. Try again in a moment.");
    case ASSISTANT_TOO_LONG:
        return STR("The answer became too long. Ask for less at a time.");
    case ASSISTANT_REFUSED:
        return STR("I can't answer that.");
    default:
        return STR("I can't answer right now. Try again in a moment.");
    }
}

/* A call that cannot be answered later (no name) makes the whole answer useless: half of what was asked for
 * would be done. */
static bool take_calls(struct openai_stream *stream, struct assistant_reply *reply) {
    struct assistant_call *calls = arena_alloc_array(stream->arena, stream->call_count, sizeof *calls);
    for (size_t i = 0; i < stream->call_count; i++) {
        const struct openai_call *call = &stream->calls[i];
        if (call->name.len == 0)
            return false;
        calls[i] = (struct assistant_call){
            .id = call->id.len > 0 ? arena_copy(stream->arena, buffer_text(&call->id))
                                   : arena_print(stream->arena, "call_%zu", i),
            .name = arena_copy(stream->arena, buffer_text(&call->name)),
            .arguments = arena_copy(stream->arena, buffer_text(&call->arguments)),
        };
    }
    reply->calls = calls;
    reply->call_count = stream->call_count;
    return true;
}

static void judge(struct openai_stream *stream, struct assistant_reply *reply) {
    if (stream->failure != ASSISTANT_FAILURE_NONE)
        return;
    if (!stream->is_done && !stream->is_finished)
        openai_stream_fail(stream, ASSISTANT_MALFORMED, STR("stream-truncated"));
    else if (stream->finish == ASSISTANT_FINISH_LENGTH)
        reply->finish = ASSISTANT_FINISH_LENGTH; /* calls that were begun may be cut short: none is made */
    else if (stream->text.len == 0 && stream->call_count == 0)
        openai_stream_fail(stream, ASSISTANT_MALFORMED, STR("empty-answer"));
    else if (!take_calls(stream, reply))
        openai_stream_fail(stream, ASSISTANT_MALFORMED, STR("tool-call-malformed"));
    else
        reply->finish = reply->call_count > 0 ? ASSISTANT_FINISH_TOOL_CALLS : ASSISTANT_FINISH_STOP;
}

void openai_stream_finish(struct openai_stream *stream, struct assistant_reply *reply) {
    *reply = (struct assistant_reply){
        .text = arena_copy(stream->arena, buffer_text(&stream->text)),
        .prompt_tokens = stream->prompt_tokens,
        .completion_tokens = stream->completion_tokens,
        .sentence = STR(""),
        .detail = STR(""),
    };
    judge(stream, reply);
    if (stream->failure == ASSISTANT_FAILURE_NONE)
        return;
    reply->calls = NULL;
    reply->call_count = 0;
    reply->finish = ASSISTANT_FINISH_FAILED;
    reply->failure = stream->failure;
    reply->sentence = sentence_of(stream->failure);
    reply->detail = stream->detail;
}

struct str openai_error_code(struct arena *arena, struct str body) {
    json_t *document = NULL;
    if (json_read(body, JSON_DEPTH_DOCUMENT, &document, NULL) != OK)
        return STR("");
    const json_t *error = json_get_object(document, "error");
    struct str code = json_get_str(error, "code");
    if (code.len == 0)
        code = json_get_str(error, "type");
    bool is_plain = code.len <= ERROR_CODE_BYTES_MAX;
    for (size_t i = 0; is_plain && i < code.len; i++)
        is_plain = (code.at[i] >= 'a' && code.at[i] <= 'z') || code.at[i] == '_' || code.at[i] == '-';
    code = is_plain ? arena_copy(arena, code) : STR("");
    json_decref(document);
    return code;
}
