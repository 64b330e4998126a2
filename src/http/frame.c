/* SPDX-License-Identifier: Apache-2.0 */
#include "http/frame.h"

#include <string.h>

/* ---- UTF-8 across fragments (RFC 3629 section 4) ---- */

/* The state says what the next byte must be: how many continuation bytes are still to come, and the range of
 * the next. */
#define UTF8_STATE(left, low, high) ((uint32_t)(left) << 16 | (uint32_t)(low) << 8 | (uint32_t)(high))
#define UTF8_START                  0U

static bool utf8_first_byte(uint32_t *state, unsigned char c) {
    if (c >= 0xC2 && c <= 0xDF)
        *state = UTF8_STATE(1, 0x80, 0xBF);
    else if (c == 0xE0)
        *state = UTF8_STATE(2, 0xA0, 0xBF); /* no overlong */
    else if (c == 0xED)
        *state = UTF8_STATE(2, 0x80, 0x9F); /* no surrogate */
    else if (c >= 0xE1 && c <= 0xEF)
        *state = UTF8_STATE(2, 0x80, 0xBF);
    else if (c == 0xF0)
        *state = UTF8_STATE(3, 0x90, 0xBF); /* no overlong */
    else if (c >= 0xF1 && c <= 0xF3)
        *state = UTF8_STATE(3, 0x80, 0xBF);
    else if (c == 0xF4)
        *state = UTF8_STATE(3, 0x80, 0x8F); /* not past U+10FFFF */
    else
        return c < 0x80;
    return true;
}

static bool utf8_next_byte(uint32_t *state, unsigned char c) {
    uint32_t left = *state >> 16;
    if (c < (*state >> 8 & 0xFFU) || c > (*state & 0xFFU))
        return false;
    *state = left == 1 ? UTF8_START : UTF8_STATE(left - 1, 0x80, 0xBF);
    return true;
}

static bool utf8_check(uint32_t *state, struct str bytes) {
    size_t i = 0;
    while (i < bytes.len) {
        uint64_t word;
        if (*state == UTF8_START && i + 8 <= bytes.len) {
            memcpy(&word, bytes.at + i, 8);
            if ((word & 0x8080808080808080U) == 0) {
                i += 8;
                continue;
            }
        }
        unsigned char c = (unsigned char)bytes.at[i++];
        if (*state == UTF8_START ? !utf8_first_byte(state, c) : !utf8_next_byte(state, c))
            return false;
    }
    return true;
}

/* ---- decoding ---- */

struct head {
    enum frame_opcode opcode;
    bool is_final;
    uint64_t payload_len;
    size_t head_len;
    uint8_t mask[4];
};

static struct frame_event event(enum frame_event_kind kind, unsigned code) {
    return (struct frame_event){.kind = kind, .code = code};
}

static bool is_control(enum frame_opcode opcode) {
    return (opcode & 8U) != 0;
}

/* Section 5.2. Returns 0, 1 for "more bytes needed", or the code to close with. */
static unsigned read_head(struct str input, struct head *head) {
    if (input.len < 2)
        return 1;
    const uint8_t *at = (const uint8_t *)input.at;
    unsigned opcode = at[0] & 0x0FU;
    unsigned short_len = at[1] & 0x7FU;
    head->is_final = (at[0] & 0x80U) != 0;
    head->opcode = (enum frame_opcode)opcode;
    bool is_known = opcode <= FRAME_BINARY || (opcode >= FRAME_CLOSE && opcode <= FRAME_PONG);
    bool has_reserved_bits = (at[0] & 0x70U) != 0; /* no extension was agreed on */
    bool is_masked = (at[1] & 0x80U) != 0;         /* section 5.1: a server must refuse an unmasked frame */
    if (has_reserved_bits || !is_known || !is_masked)
        return WEBSOCKET_PROTOCOL_ERROR;
    if (is_control(head->opcode) && (!head->is_final || short_len > FRAME_CONTROL_MAX))
        return WEBSOCKET_PROTOCOL_ERROR;
    if (opcode == FRAME_BINARY)
        return WEBSOCKET_UNSUPPORTED;
    size_t extra = short_len == 126 ? 2 : short_len == 127 ? 8 : 0;
    head->head_len = 2 + extra + 4;
    if (input.len < head->head_len)
        return 1;
    head->payload_len = extra == 0 ? short_len : 0;
    for (size_t i = 0; i < extra; i++)
        head->payload_len = head->payload_len << 8 | at[2 + i];
    bool is_minimal = extra == 0 || head->payload_len > (extra == 2 ? 125U : 65535U);
    if (!is_minimal || head->payload_len > INT64_MAX)
        return WEBSOCKET_PROTOCOL_ERROR;
    memcpy(head->mask, at + 2 + extra, 4);
    return 0;
}

/* `at` is writable memory of the connection's read buffer; slices are const only because most readers must
 * not write. */
static void unmask(struct str bytes, const uint8_t mask[4], size_t mask_at) {
    char *at = (char *)(uintptr_t)bytes.at;
    size_t i = 0;
    if (bytes.len < 8) { /* frames of a byte or two come by the thousand from who means no good */
        for (; i < bytes.len; i++)
            at[i] = (char)((uint8_t)at[i] ^ mask[(mask_at + i) % 4]);
        return;
    }
    uint8_t turned[8];
    for (size_t k = 0; k < 8; k++)
        turned[k] = mask[(mask_at + k) % 4];
    uint64_t mask_word;
    memcpy(&mask_word, turned, 8);
    for (; i + 8 <= bytes.len; i += 8) {
        uint64_t word;
        memcpy(&word, at + i, 8);
        word ^= mask_word;
        memcpy(at + i, &word, 8);
    }
    for (; i < bytes.len; i++)
        at[i] = (char)((uint8_t)at[i] ^ turned[i % 8]);
}

bool frame_close_code_is_valid(unsigned code) {
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

/* Section 5.5.1: nothing, or a code and a reason in UTF-8. */
static struct frame_event read_close(struct str payload) {
    if (payload.len == 0)
        return event(FRAME_EVENT_CLOSE, WEBSOCKET_NO_STATUS);
    if (payload.len == 1)
        return event(FRAME_EVENT_BROKEN, WEBSOCKET_PROTOCOL_ERROR);
    unsigned code = (unsigned)(uint8_t)payload.at[0] << 8 | (uint8_t)payload.at[1];
    if (!frame_close_code_is_valid(code))
        return event(FRAME_EVENT_BROKEN, WEBSOCKET_PROTOCOL_ERROR);
    struct str reason = str_from_index(payload, 2);
    if (!str_is_utf8(reason))
        return event(FRAME_EVENT_BROKEN, WEBSOCKET_NOT_UTF8);
    return (struct frame_event){FRAME_EVENT_CLOSE, reason, code};
}

/* A control frame is read only when it is whole: it is short, and may stand between the frames of a message.
 */
static struct frame_event read_control(const struct head *head, struct str *input) {
    size_t len = head->head_len + (size_t)head->payload_len;
    if (input->len < len)
        return event(FRAME_EVENT_MORE, 0);
    struct str payload = str_slice(*input, head->head_len, len);
    *input = str_from_index(*input, len);
    unmask(payload, head->mask, 0);
    if (head->opcode == FRAME_CLOSE)
        return read_close(payload);
    return (struct frame_event){head->opcode == FRAME_PING ? FRAME_EVENT_PING : FRAME_EVENT_PONG, payload, 0};
}

/* Section 5.4: a message begins with a text frame and goes on with continuations. Returns 0 or the code to
 * close with. */
static unsigned begin_frame(struct frame_decoder *decoder, const struct head *head, size_t message_max) {
    bool is_continuation = head->opcode == FRAME_CONTINUATION;
    if (is_continuation != decoder->in_message)
        return WEBSOCKET_PROTOCOL_ERROR;
    if (head->payload_len > message_max || decoder->message.len > message_max - head->payload_len)
        return WEBSOCKET_TOO_BIG;
    if (!is_continuation) {
        decoder->utf8 = UTF8_START;
        decoder->fragments = 0;
    }
    if (++decoder->fragments > FRAME_FRAGMENTS_MAX)
        return WEBSOCKET_POLICY;
    decoder->in_message = true;
    decoder->in_frame = true;
    decoder->is_last_frame = head->is_final;
    decoder->remaining = (uint32_t)head->payload_len;
    decoder->mask_at = 0;
    memcpy(decoder->mask, head->mask, 4);
    return 0;
}

/* Takes what has come of the current data frame. True: an event is to be given out. */
static bool read_data(struct frame_decoder *decoder, struct str *input, struct frame_event *out) {
    struct str piece = str_slice(*input, 0, decoder->remaining);
    *input = str_from_index(*input, piece.len);
    unmask(piece, decoder->mask, decoder->mask_at);
    decoder->mask_at = (uint8_t)((decoder->mask_at + piece.len) % 4);
    decoder->remaining -= (uint32_t)piece.len;
    bool ends_message = decoder->remaining == 0 && decoder->is_last_frame;
    if (!utf8_check(&decoder->utf8, piece) || (ends_message && decoder->utf8 != UTF8_START)) {
        *out = event(FRAME_EVENT_BROKEN, WEBSOCKET_NOT_UTF8);
        return true;
    }
    if (decoder->remaining == 0)
        decoder->in_frame = false;
    bool is_whole = ends_message && decoder->message.len == 0;
    if (!is_whole)
        buffer_append(&decoder->message, piece);
    if (!ends_message)
        return false;
    decoder->in_message = false;
    *out = (struct frame_event){FRAME_EVENT_TEXT, is_whole ? piece : buffer_text(&decoder->message), 0};
    return true;
}

struct frame_event frame_decode(struct frame_decoder *decoder, size_t message_max, struct str *input) {
    while (true) {
        if (!decoder->in_frame) {
            struct head head;
            unsigned code = read_head(*input, &head);
            if (code == 1)
                return event(FRAME_EVENT_MORE, 0);
            if (code != 0)
                return event(FRAME_EVENT_BROKEN, code);
            if (is_control(head.opcode))
                return read_control(&head, input);
            code = begin_frame(decoder, &head, message_max);
            if (code != 0)
                return event(FRAME_EVENT_BROKEN, code);
            *input = str_from_index(*input, head.head_len);
        }
        struct frame_event out;
        if (read_data(decoder, input, &out))
            return out;
        if (decoder->in_frame)
            return event(FRAME_EVENT_MORE, 0);
    }
}

void frame_decoder_release(struct frame_decoder *decoder) {
    buffer_wipe(&decoder->message);
}

size_t frame_write_head(char at[FRAME_HEAD_MAX], enum frame_opcode opcode, size_t payload_len) {
    at[0] = (char)(0x80U | (unsigned)opcode);
    size_t extra = payload_len <= 125 ? 0 : payload_len <= 65535 ? 2 : 8;
    at[1] = (char)(extra == 0 ? payload_len : extra == 2 ? 126 : 127);
    for (size_t i = 0; i < extra; i++)
        at[2 + i] = (char)(payload_len >> (8 * (extra - 1 - i)) & 0xFFU);
    return 2 + extra;
}
