/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/chat: one message of a session, for clients without WebSocket. A session of its own is driven by
 * the frames that a client would send, and what it says comes out as server-sent events. */
#include "base/buffer.h"
#include "server/answer.h"
#include "server/client.h"
#include "server/limits.h"
#include "server/routes.h"

enum { BODY_MAX = 64 * 1024, KEEP_ALIVE_MS = 15000 };

/* The frames still to be handed to the session, one after the other: each when the one before has been
 * answered. */
enum { STEPS_MAX = 3 };

struct conversation_stream {
    struct exchange *exchange;
    struct chat_session *session;
    struct fiber *fiber;
    struct buffer events;        /* written by the session, read by the exchange's fiber */
    struct str steps[STEPS_MAX]; /* frames: resume and upgrade where needed, then the message */
    size_t step, step_count;
    bool is_done;
    bool is_blocked; /* an older question is being answered first: the message is sent again after it */
    struct timer keep_alive;
};

/* ---- what comes from the session ---- */

static void add_event(struct conversation_stream *stream, struct str type, struct str frame) {
    buffer_append(&stream->events, STR("event: "));
    buffer_append(&stream->events, type);
    buffer_append(&stream->events, STR("\ndata: "));
    buffer_append(&stream->events, frame); /* compact JSON: one line */
    buffer_append(&stream->events, STR("\n\n"));
}

static void next_step(struct conversation_stream *stream) {
    stream->step++;
    if (stream->step < stream->step_count)
        chat_session_receive(stream->session, stream->steps[stream->step]);
}

static bool is_message_step(const struct conversation_stream *stream) {
    return stream->step + 1 >= stream->step_count;
}

static bool is_busy(struct str frame) {
    return str_find(frame, STR("\"code\":\"busy\"")) != STR_NOT_FOUND;
}

/* What ends the stream: the answer, or that there will be none. */
static bool is_last(struct str type) {
    return str_equal(type, STR("assistant.done")) || str_equal(type, STR("auth.required")) ||
           str_equal(type, STR("error"));
}

/* Answers to the preparing frames; `sdk.session.created` and `auth.failed` among them are told. */
static bool answers_preparation(struct str type) {
    return str_equal(type, STR("auth.upgraded")) || str_equal(type, STR("auth.failed")) ||
           str_equal(type, STR("conversation.resumed")) || str_equal(type, STR("error"));
}

static void on_frame(void *to, struct str type, struct str frame) {
    struct conversation_stream *stream = to;
    if (stream->is_done)
        return;
    bool is_preparing = !is_message_step(stream);
    if (str_equal(type, STR("error")) && !is_preparing && is_busy(frame)) {
        stream->is_blocked = true;
        return;
    }
    bool is_silent = str_equal(type, STR("auth.upgraded")) || str_equal(type, STR("conversation.resumed"));
    if (!is_silent)
        add_event(stream, type, frame);
    if (is_preparing && answers_preparation(type)) {
        stream->is_done = str_equal(type, STR("error")); /* no such conversation */
        if (!stream->is_done)
            next_step(stream);
    } else if (!is_preparing && is_last(type)) {
        stream->is_done = !stream->is_blocked;
        if (stream->is_blocked) {
            stream->is_blocked = false;
            chat_session_receive(stream->session, stream->steps[stream->step]);
        }
    }
    fiber_wake(stream->fiber);
}

/* ---- what goes to the session ---- */

static void add_step(struct conversation_stream *stream, json_t *frame) {
    stream->steps[stream->step_count++] = json_write(exchange_arena(stream->exchange), frame);
    json_decref(frame);
}

static void copy_member(json_t *to, const json_t *from, const char *name) {
    json_t *member = json_object_get(from, name);
    if (member != NULL)
        json_object_set(to, name, member);
}

/* An anonymous conversation is taken up before the sign-in, so that it comes along; a verified visitor's
 * after it, since it takes one. */
static void plan(struct conversation_stream *stream, const json_t *body, struct str token) {
    json_t *resume = NULL;
    if (json_object_get(body, "conversation") != NULL) {
        resume = json_pack("{s:s,s:s,s:I}", "type", "conversation.resume", "id", "resume", "lastSeq",
                           (json_int_t)INT64_MAX);
        copy_member(resume, body, "conversation");
        copy_member(resume, body, "resumeKey");
    }
    bool is_anonymous_conversation = json_object_get(body, "resumeKey") != NULL;
    if (resume != NULL && (is_anonymous_conversation || str_is_empty(token)))
        add_step(stream, json_incref(resume));
    if (!str_is_empty(token)) {
        json_t *upgrade = json_pack("{s:s,s:s}", "type", "auth.upgrade", "id", "upgrade");
        json_object_set_new(upgrade, "token", json_from_str(token));
        add_step(stream, upgrade);
    }
    if (resume != NULL && !is_anonymous_conversation && !str_is_empty(token))
        add_step(stream, json_incref(resume));
    json_decref(resume);
    json_t *message = json_pack("{s:s}", "type", "message.send");
    copy_member(message, body, "id");
    copy_member(message, body, "text");
    add_step(stream, message);
}

/* ---- the stream ---- */

static void on_keep_alive(struct timer *timer) {
    struct conversation_stream *stream =
        (struct conversation_stream *)((char *)timer - offsetof(struct conversation_stream, keep_alive));
    buffer_append(&stream->events,
                  STR(": still here\n\n")); /* so that no proxy takes a long thought for an end */
    timer_start(exchange_loop(stream->exchange), &stream->keep_alive, KEEP_ALIVE_MS, on_keep_alive);
    fiber_wake(stream->fiber);
}

static enum status pass_on(struct conversation_stream *stream) {
    for (;;) {
        while (stream->events.len > 0) {
            struct buffer events = stream->events;
            stream->events = BUFFER_EMPTY;
            enum status status = exchange_stream_write_wait(stream->exchange, buffer_text(&events));
            buffer_free(&events);
            TRY(status);
        }
        if (stream->is_done)
            return OK;
        TRY(fiber_park_wait());
    }
}

static enum status begin_stream(struct exchange *exchange, const struct client *client) {
    const struct http_header headers[] = {
        {STR("Content-Type"), STR("text/event-stream")},
        {STR("Cache-Control"), STR("no-store")},
        {STR("X-Accel-Buffering"), STR("no")},
        {STR("Vary"), STR("Origin")},
        {STR("Access-Control-Allow-Origin"), client->origin},
    };
    size_t count = str_is_empty(client->origin) ? 4 : 5;
    return exchange_stream_begin_wait(
        exchange, &(struct http_response){.status = 200, .headers = headers, .header_count = count});
}

static void converse(struct exchange *exchange, const struct client *client, const json_t *body) {
    struct conversation_stream stream = {
        .exchange = exchange, .fiber = fiber_current(), .events = BUFFER_EMPTY};
    plan(&stream, body, client_bearer(exchange_request(exchange)));
    if (begin_stream(exchange, client) != OK)
        return;
    const struct chat_output output = {.send = on_frame, .to = &stream};
    stream.session = chat_session_new(front_of(exchange)->chat, client->key, &output);
    chat_session_set_source(stream.session,
                            limits_source_of(front_of(exchange), &exchange_request(exchange)->peer));
    timer_start(exchange_loop(exchange), &stream.keep_alive, KEEP_ALIVE_MS, on_keep_alive);
    chat_session_receive(stream.session, stream.steps[0]);
    enum status status = pass_on(&stream);
    timer_stop(exchange_loop(exchange), &stream.keep_alive);
    chat_session_leave(stream.session);
    buffer_free(&stream.events);
    if (status == OK)
        exchange_stream_end(exchange);
}

static bool is_text_or_absent(const json_t *body, const char *name) {
    const json_t *member = json_object_get(body, name);
    return member == NULL || json_is_null(member) || json_is_string(member);
}

/* A message's members are text; whether they will do, the session says. */
static enum status read_body(struct str text, json_t **body) {
    TRY(json_read(text, JSON_DEPTH_TOKEN, body, NULL));
    bool is_one = json_is_string(json_object_get(*body, "id")) &&
                  json_is_string(json_object_get(*body, "text")) &&
                  is_text_or_absent(*body, "conversation") && is_text_or_absent(*body, "resumeKey");
    return is_one ? OK : INVALID;
}

static void run(struct exchange *exchange) {
    struct client client;
    struct str text;
    if (client_wait(exchange, &client) != OK)
        return;
    if (exchange_read_body_wait(exchange, BODY_MAX, &text) == OK) {
        json_auto_t *body = NULL;
        if (read_body(text, &body) == OK) {
            converse(exchange, &client, body);
        } else {
            const struct problem problem = {
                .status = 400,
                .code = STR("malformed-body"),
                .sentence = STR("The body is a JSON object of texts: {\"id\": \"…\", \"text\": \"…\"}.")};
            answer_problem(exchange, &problem);
        }
    }
    environment_unref(client.environment);
}

void route_chat(struct exchange *exchange) {
    route_start_fiber(exchange, run);
}
