/* SPDX-License-Identifier: Apache-2.0 */
/* WebSocket frames as a client sends them: whatever the pieces, the same events; text is always UTF-8 and
 * within its bound. */
#include "base/buffer.h"
#include "http/frame.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX = 2000 };

static void check(bool holds) {
    if (!holds)
        abort();
}

static void check_event(const struct frame_event *event) {
    switch (event->kind) {
    case FRAME_EVENT_TEXT:
        check(event->payload.len <= MAX && str_is_utf8(event->payload));
        break;
    case FRAME_EVENT_PING:
    case FRAME_EVENT_PONG:
        check(event->payload.len <= FRAME_CONTROL_MAX);
        break;
    case FRAME_EVENT_CLOSE:
        check(event->code == WEBSOCKET_NO_STATUS || frame_close_code_is_valid(event->code));
        check(str_is_utf8(event->payload));
        break;
    default:
        check(event->kind == FRAME_EVENT_MORE || frame_close_code_is_valid(event->code));
        break;
    }
}

/* What happened, as bytes that can be compared. */
static struct buffer tell(struct str bytes, size_t step) {
    struct frame_decoder decoder = {0};
    AUTO_BUFFER pending = BUFFER_EMPTY;
    struct buffer told = BUFFER_EMPTY;
    bool is_over = false;
    while (bytes.len > 0 && !is_over) {
        struct str piece = str_slice(bytes, 0, step);
        bytes = str_from_index(bytes, piece.len);
        buffer_append(&pending, piece);
        struct str input = buffer_text(&pending);
        struct frame_event event;
        while (!is_over && (event = frame_decode(&decoder, MAX, &input)).kind != FRAME_EVENT_MORE) {
            check_event(&event);
            buffer_print(&told, "%d %u ", event.kind, event.code);
            buffer_append(&told, event.payload);
            is_over = event.kind == FRAME_EVENT_CLOSE || event.kind == FRAME_EVENT_BROKEN;
            if (event.kind == FRAME_EVENT_TEXT)
                frame_decoder_release(&decoder);
        }
        check(is_over || input.len < 14 + FRAME_CONTROL_MAX);
        buffer_drop_front(&pending, pending.len - input.len);
    }
    frame_decoder_release(&decoder);
    return told;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1)
        return 0;
    struct str bytes = {(const char *)data + 1, size - 1};
    struct buffer whole = tell(bytes, SIZE_MAX);
    struct buffer pieces = tell(bytes, 1U + data[0]);
    check(str_equal(buffer_text(&whole), buffer_text(&pieces)));
    buffer_free(&whole);
    buffer_free(&pieces);
    return 0;
}
