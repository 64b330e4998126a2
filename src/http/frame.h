/* SPDX-License-Identifier: Apache-2.0 */
/* Private to http/: WebSocket frames (RFC 6455 section 5) and the opening handshake's arithmetic
 * (section 4.2). Pure. */
#pragma once

#include "base/buffer.h"
#include "http/http.h"

enum websocket_code {
    WEBSOCKET_NORMAL = 1000,
    WEBSOCKET_GOING_AWAY = 1001,
    WEBSOCKET_PROTOCOL_ERROR = 1002,
    WEBSOCKET_UNSUPPORTED = 1003,
    WEBSOCKET_NO_STATUS = 1005, /* never on the wire */
    WEBSOCKET_ABNORMAL = 1006,  /* never on the wire */
    WEBSOCKET_NOT_UTF8 = 1007,
    WEBSOCKET_POLICY = 1008,
    WEBSOCKET_TOO_BIG = 1009,
};

enum frame_opcode {
    FRAME_CONTINUATION = 0,
    FRAME_TEXT = 1,
    FRAME_BINARY = 2,
    FRAME_CLOSE = 8,
    FRAME_PING = 9,
    FRAME_PONG = 10,
};

enum { FRAME_HEAD_MAX = 10, FRAME_CONTROL_MAX = 125, FRAME_FRAGMENTS_MAX = 1024 };

/* Reads what a client sends: masked frames, text only, no extensions. A message that comes in one frame and
 * one piece is given out where it lies; any other is gathered in `message`. */
struct frame_decoder {
    struct buffer message; /* unmasked so far, checked to be a beginning of UTF-8 */
    uint32_t remaining;    /* payload bytes of the data frame that has begun */
    uint32_t utf8;         /* state of the check, see frame.c */
    uint16_t fragments;    /* of the message so far */
    uint8_t mask[4];
    uint8_t mask_at;
    bool in_frame;
    bool is_last_frame;
    bool in_message;
};

enum frame_event_kind {
    FRAME_EVENT_MORE,
    FRAME_EVENT_TEXT,
    FRAME_EVENT_PING,
    FRAME_EVENT_PONG,
    FRAME_EVENT_CLOSE,
    FRAME_EVENT_BROKEN
};

struct frame_event {
    enum frame_event_kind kind;
    struct str payload; /* of TEXT, PING, PONG; the reason of CLOSE */
    unsigned code;      /* CLOSE: the peer's or 1005; BROKEN: what to close with */
};

/* Reads up to the next event; unmasks in place, so `*input` must be writable, and moves it forward. MORE:
 * what is left of the input (at most a frame's head, or a control frame) must be given again with more bytes
 * behind it. After TEXT call frame_decoder_release when the payload is no longer needed; after CLOSE or
 * BROKEN the decoder is at its end. */
struct frame_event frame_decode(struct frame_decoder *decoder, size_t message_max, struct str *input);
void frame_decoder_release(struct frame_decoder *decoder); /* frees the message's memory */

/* A server's frame head, unmasked, final; returns its length. */
size_t frame_write_head(char at[FRAME_HEAD_MAX], enum frame_opcode opcode, size_t payload_len);

bool frame_close_code_is_valid(unsigned code); /* may stand in a close frame (section 7.4) */

/* Checks the opening handshake. 0: `accept` holds the 28 characters of Sec-WebSocket-Accept; or the status to
 * refuse it with: 400, 405, 426. */
unsigned frame_check_handshake(const struct http_request *request, char accept[28]);
