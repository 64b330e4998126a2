/* SPDX-License-Identifier: Apache-2.0 */
/* A model's stream: within its bounds, and the same reply whether it comes at once or byte by byte. */
#include "assistant/openai.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct assistant_reply read_in_pieces(struct arena *arena, struct str bytes, size_t piece) {
    struct openai_stream stream;
    openai_stream_init(&stream, arena);
    for (size_t at = 0; at < bytes.len; at += piece) {
        if (openai_stream_feed(&stream, str_slice(bytes, at, at + piece)) != OK)
            break;
        if (!str_is_utf8(openai_stream_take_text(&stream)))
            abort();
    }
    struct assistant_reply reply;
    openai_stream_finish(&stream, &reply);
    openai_stream_end(&stream);
    return reply;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 65536)
        return 0;
    AUTO_ARENA arena = arena_new();
    struct str bytes = str_of(data, size);
    struct assistant_reply whole = read_in_pieces(arena, bytes, size + 1);
    struct assistant_reply pieces = read_in_pieces(arena, bytes, 1);
    if (!str_equal(whole.text, pieces.text) || whole.finish != pieces.finish ||
        whole.failure != pieces.failure || whole.call_count != pieces.call_count ||
        !str_equal(whole.detail, pieces.detail))
        abort();
    if (whole.text.len > ASSISTANT_TEXT_BYTES_MAX || whole.call_count > ASSISTANT_CALLS_MAX)
        abort();
    for (size_t i = 0; i < whole.call_count; i++)
        if (whole.calls[i].name.len == 0 || whole.calls[i].id.len == 0 ||
            !str_equal(whole.calls[i].arguments, pieces.calls[i].arguments))
            abort();
    struct openai_stream stream;
    openai_stream_init(&stream, arena);
    (void)!openai_stream_read_whole(&stream, bytes);
    struct assistant_reply reply;
    openai_stream_finish(&stream, &reply);
    openai_stream_end(&stream);
    return 0;
}
