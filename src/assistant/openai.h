/* SPDX-License-Identifier: Apache-2.0 */
/* The `openai` assistant from the inside: what is asked, what comes back, and the conversation between the
 * two. */
#pragma once

#include "assistant/assistant.h"
#include "assistant/sse_reader.h"
#include "environment/environment.h"

/* ---- what is asked (assistant_openai_request.c): pure ---- */
/* The body of POST …/chat/completions. In `arena`. */
struct str openai_request_body(struct arena *arena, const struct assistant_request *request);
/* The URL that it goes to. */
struct str openai_request_url(struct arena *arena, const struct environment_assistant *config);

/* ---- what comes back (assistant_openai_stream.c): pure ---- */
/* An answer as it comes in, in pieces cut anywhere. Everything in it is the model's, so it is bounded and
 * only ever data. */
struct openai_stream {
    struct arena *arena;
    struct sse_reader events;
    struct buffer text;
    size_t text_taken;
    struct openai_call *calls; /* ASSISTANT_CALLS_MAX */
    size_t call_count;
    bool is_finished; /* a finish_reason came */
    bool is_done;     /* "[DONE]" came */
    enum assistant_finish finish;
    enum assistant_failure failure;
    struct str detail;
    int64_t prompt_tokens;
    int64_t completion_tokens;
};

void openai_stream_init(struct openai_stream *stream, struct arena *arena);
void openai_stream_end(struct openai_stream *stream);

/* The next bytes of an event stream. Anything but OK: it is no use reading on, see `failure`. */
NODISCARD enum status openai_stream_feed(struct openai_stream *stream, struct str bytes);
/* A whole answer in one JSON document, from those who do not stream. */
NODISCARD enum status openai_stream_read_whole(struct openai_stream *stream, struct str body);
/* The text that has come since the last call; good until the next feed. */
struct str openai_stream_take_text(struct openai_stream *stream);
/* When all has come: the reply, or what was wrong with the answer as a whole (broken off, empty). */
void openai_stream_finish(struct openai_stream *stream, struct assistant_reply *reply);
/* The same after a failure that has nothing to do with what came. */
void openai_stream_fail(struct openai_stream *stream, enum assistant_failure failure, struct str detail);

/* The `code` (or `type`) of an error document, for the log: a word of at most 40 plain characters, or "". */
struct str openai_error_code(struct arena *arena, struct str body);
