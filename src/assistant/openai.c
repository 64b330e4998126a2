/* SPDX-License-Identifier: Apache-2.0 */
#include "assistant/openai.h"

#include "assistant/kinds.h"
#include "base/clock.h"
#include "egress/egress.h"

enum {
    STREAM_BYTES_MAX = 8 * 1024 * 1024,
    ERROR_BYTES_MAX = 16 * 1024,
    RETRY_AFTER_MS_DEFAULT = 1000,
    RETRY_AFTER_MS_MAX = 10000,
};

/* One asking: at most two tries, one deadline. */
struct asking {
    const struct assistant_request *request;
    struct openai_stream *stream;
    struct str body;
    struct str authorization;
    int64_t deadline_us;
    int64_t retry_after_ms; /* of a try that may be repeated; -1: it may not */
};

static int64_t left_ms(const struct asking *asking) {
    int64_t left = (asking->deadline_us - clock_monotonic_us()) / 1000;
    return left > 0 ? left : 0;
}

/* ---- failures ---- */
static enum assistant_failure failure_of_problem(enum egress_problem problem) {
    switch (problem) {
    case EGRESS_TIMED_OUT:
        return ASSISTANT_TIMED_OUT;
    case EGRESS_TOO_LARGE:
        return ASSISTANT_TOO_LONG;
    case EGRESS_BAD_REQUEST:
    case EGRESS_ADDRESS_REFUSED:
    case EGRESS_REDIRECT_REFUSED:
    case EGRESS_TOO_MANY_REDIRECTS:
        return ASSISTANT_MISCONFIGURED;
    case EGRESS_PROTOCOL_ERROR:
        return ASSISTANT_MALFORMED;
    default:
        return ASSISTANT_UNAVAILABLE;
    }
}

static void fail_by_problem(struct asking *asking, enum egress_problem problem) {
    openai_stream_fail(asking->stream, failure_of_problem(problem), str_from(egress_problem_word(problem)));
}

static enum assistant_failure failure_of_status(unsigned code, struct str error_code) {
    if (code == 429 || code >= 500 || code == 408)
        return ASSISTANT_UNAVAILABLE;
    if (code == 413 || str_equal(error_code, STR("context_length_exceeded")))
        return ASSISTANT_TOO_LONG;
    if (code == 404 || code == 401 || code == 403 || (code >= 300 && code < 400))
        return ASSISTANT_MISCONFIGURED;
    return ASSISTANT_REFUSED;
}

/* ---- reading ---- */
/* All of a short body. What does not fit is left: it is for an error's code only, or one document. */
static enum status read_all_wait(struct egress_stream *from, size_t max_bytes, struct buffer *body) {
    struct str chunk;
    do {
        TRY(egress_read_wait(from, &chunk));
        buffer_append(body, str_slice(chunk, 0, max_bytes - body->len));
    } while (chunk.len > 0 && body->len < max_bytes);
    return OK;
}

/* "120" seconds; a date, or nothing, is answered by a short wait of our own. -1: longer than a visitor would
 * wait. */
static int64_t read_retry_after(struct str header) {
    uint64_t seconds = 0;
    if (str_to_uint64(str_trim(header), &seconds) != OK)
        return RETRY_AFTER_MS_DEFAULT;
    return seconds <= RETRY_AFTER_MS_MAX / 1000 ? (int64_t)seconds * 1000 : -1;
}

static enum status read_error_wait(struct asking *asking, struct egress_stream *from,
                                   const struct egress_answer *answer) {
    AUTO_BUFFER body = BUFFER_EMPTY;
    if (read_all_wait(from, ERROR_BYTES_MAX, &body) == CANCELED)
        return CANCELED;
    struct str code = openai_error_code(asking->request->arena, buffer_text(&body));
    enum assistant_failure failure = failure_of_status(answer->status_code, code);
    struct str detail = arena_print(asking->request->arena, "http-%u%s%.*s", answer->status_code,
                                    code.len > 0 ? "-" : "", STR_ARG(code));
    bool is_quota = str_equal(code, STR("insufficient_quota")); /* no waiting helps */
    asking->retry_after_ms =
        failure == ASSISTANT_UNAVAILABLE && !is_quota ? read_retry_after(answer->retry_after) : -1;
    openai_stream_fail(asking->stream, failure, detail);
    return INVALID;
}

static enum status read_whole_wait(struct asking *asking, struct egress_stream *from) {
    AUTO_BUFFER body = BUFFER_EMPTY;
    TRY(read_all_wait(from, STREAM_BYTES_MAX, &body));
    TRY(openai_stream_read_whole(asking->stream, buffer_text(&body)));
    return assistant_say_wait(asking->request, openai_stream_take_text(asking->stream));
}

static enum status read_events_wait(struct asking *asking, struct egress_stream *from) {
    while (!asking->stream->is_done) {
        struct str chunk;
        TRY(egress_read_wait(from, &chunk));
        if (chunk.len == 0)
            return OK;
        enum status status = openai_stream_feed(asking->stream, chunk);
        TRY(assistant_say_wait(asking->request, openai_stream_take_text(asking->stream)));
        TRY(status);
    }
    return OK;
}

static bool is_type(struct str content_type, struct str wanted) {
    struct str type = STR("");
    return str_cut(&content_type, ';', &type) && str_equal_ignore_case(str_trim(type), wanted);
}

static enum status read_answer_wait(struct asking *asking, struct egress_stream *from,
                                    const struct egress_answer *answer) {
    if (answer->status_code != 200)
        return read_error_wait(asking, from, answer);
    if (is_type(answer->content_type, STR("text/event-stream")))
        return read_events_wait(asking, from);
    if (is_type(answer->content_type, STR("application/json")))
        return read_whole_wait(asking, from);
    openai_stream_fail(asking->stream, ASSISTANT_MALFORMED, STR("wrong-content-type"));
    return INVALID;
}

/* ---- asking ---- */
/* OK, or INVALID with a failure in the stream; CANCELED, and what the sink says, as they come. */
static enum status try_wait(struct asking *asking) {
    const struct assistant_request *request = asking->request;
    const struct egress_header headers[] = {
        {STR("Content-Type"), STR("application/json")},
        {STR("Accept"), STR("text/event-stream, application/json")},
        {STR("Authorization"), asking->authorization},
    };
    const struct egress_request outgoing = {
        .method = "POST",
        .url = openai_request_url(request->arena, request->config),
        .headers = headers,
        .header_count = asking->authorization.len > 0 ? 3 : 2,
        .body = asking->body,
        .timeout_ms = left_ms(asking) + 1, /* 0 would mean the default */
        .max_bytes = STREAM_BYTES_MAX,
    };
    struct egress_answer answer;
    struct egress_stream *from = NULL;
    asking->retry_after_ms = -1;
    enum status status = egress_open_wait(request->egress, &outgoing, request->arena, &answer, &from);
    if (status != OK) {
        if (status != CANCELED)
            fail_by_problem(asking, answer.problem);
        bool was_never_sent =
            answer.problem == EGRESS_CONNECT_FAILED || answer.problem == EGRESS_NAME_NOT_RESOLVED;
        asking->retry_after_ms = was_never_sent ? RETRY_AFTER_MS_DEFAULT : -1;
        return status == CANCELED ? CANCELED : INVALID;
    }
    status = read_answer_wait(asking, from, &answer);
    if (status != OK && status != CANCELED && egress_stream_problem(from) != EGRESS_FINE)
        fail_by_problem(asking, egress_stream_problem(from));
    egress_close(from);
    return status;
}

/* Nothing has been said yet, the other side asked for it, and there is time. */
static bool may_try_again(const struct asking *asking) {
    return asking->stream->failure != ASSISTANT_FAILURE_NONE && asking->retry_after_ms >= 0 &&
           asking->stream->text.len == 0 && asking->retry_after_ms < left_ms(asking);
}

static enum status ask_wait(struct asking *asking) {
    enum status status = try_wait(asking);
    if (status == OK || !may_try_again(asking))
        return status;
    TRY(fiber_sleep_wait(asking->retry_after_ms));
    openai_stream_end(asking->stream);
    openai_stream_init(asking->stream, asking->request->arena);
    return try_wait(asking);
}

enum status assistant_openai_ask_wait(const struct assistant_request *request,
                                      struct assistant_reply *reply) {
    AUTO_ARENA secrets = arena_new();
    arena_wipe_on_free(secrets);
    struct openai_stream stream;
    openai_stream_init(&stream, request->arena);
    struct asking asking = {
        .request = request,
        .stream = &stream,
        .body = openai_request_body(request->arena, request),
        .authorization = request->api_key.len > 0
                             ? arena_join(secrets, 2, (const struct str[]){STR("Bearer "), request->api_key})
                             : STR(""),
        .deadline_us = clock_monotonic_us() + (int64_t)request->config->timeout_s * 1000000,
    };
    enum status status = ask_wait(&asking);
    bool is_ours =
        status != OK && stream.failure == ASSISTANT_FAILURE_NONE; /* CANCELED, or the sink's own word */
    openai_stream_finish(&stream, reply);
    openai_stream_end(&stream);
    return is_ours ? status : OK;
}
