/* SPDX-License-Identifier: Apache-2.0 */
#include "http/frame.h"

#include "http/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { MAX = 1000 };

/* Appends a client's frame, masked. */
static void add_frame(struct buffer *bytes, unsigned first_byte, struct str payload) {
    static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    buffer_append_byte(bytes, (char)first_byte);
    if (payload.len <= 125) {
        buffer_append_byte(bytes, (char)(0x80U | payload.len));
    } else {
        buffer_append_byte(bytes, (char)(0x80U | 126U));
        buffer_append_byte(bytes, (char)(payload.len >> 8));
        buffer_append_byte(bytes, (char)payload.len);
    }
    buffer_append(bytes, str_of(mask, 4));
    for (size_t i = 0; i < payload.len; i++)
        buffer_append_byte(bytes, (char)((uint8_t)payload.at[i] ^ mask[i % 4]));
}

/* Decodes as a connection would, `step` bytes more at a time, and writes down what happened: "T(hello) P(x)
 * O() C1000(bye) B1002". */
static struct str story(struct arena *arena, struct str bytes, size_t step) {
    struct frame_decoder decoder = {0};
    AUTO_BUFFER pending = BUFFER_EMPTY;
    AUTO_BUFFER told = BUFFER_EMPTY;
    bool is_over = false;
    while (bytes.len > 0 && !is_over) {
        struct str piece = str_slice(bytes, 0, step);
        bytes = str_from_index(bytes, piece.len);
        buffer_append(&pending, piece);
        struct str input = buffer_text(&pending);
        struct frame_event event;
        while (!is_over && (event = frame_decode(&decoder, MAX, &input)).kind != FRAME_EVENT_MORE) {
            if (told.len > 0)
                buffer_append(&told, STR(" "));
            is_over = event.kind == FRAME_EVENT_CLOSE || event.kind == FRAME_EVENT_BROKEN;
            buffer_print(&told, "%c", "?TPOCB"[event.kind]);
            if (is_over)
                buffer_print(&told, "%u", event.code);
            if (event.kind != FRAME_EVENT_BROKEN)
                buffer_print(&told, "(%.*s)", STR_ARG(event.payload));
            if (event.kind == FRAME_EVENT_TEXT)
                frame_decoder_release(&decoder);
        }
        buffer_drop_front(&pending, pending.len - input.len);
    }
    frame_decoder_release(&decoder);
    return arena_copy(arena, buffer_text(&told));
}

static void assert_story(struct buffer *bytes, const char *expected) {
    static const size_t steps[] = {1, 2, 3, 5, 7, 100, SIZE_MAX};
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct str told = story(arena, buffer_text(bytes), steps[i]);
        if (!str_equal(told, str_from(expected)))
            fail_msg("in steps of %zu: %.*s, expected %s", steps[i], STR_ARG(told), expected);
    }
    buffer_clear(bytes);
}

/* RFC 6455 section 5.7. */
static void messages_are_read(void **state) {
    (void)state;
    AUTO_BUFFER bytes = BUFFER_EMPTY;
    add_frame(&bytes, 0x81, STR("Hello"));
    assert_story(&bytes, "T(Hello)");
    add_frame(&bytes, 0x81, STR(""));
    add_frame(&bytes, 0x81, STR("x"));
    assert_story(&bytes, "T() T(x)");
    add_frame(&bytes, 0x01, STR("Hel"));
    add_frame(&bytes, 0x80, STR("lo"));
    assert_story(&bytes, "T(Hello)");
    add_frame(&bytes, 0x01, STR(""));
    add_frame(&bytes, 0x00, STR("a"));
    add_frame(&bytes, 0x00, STR(""));
    add_frame(&bytes, 0x80, STR(""));
    add_frame(&bytes, 0x81, STR("b"));
    assert_story(&bytes, "T(a) T(b)");
    char large[MAX + 1];
    memset(large, 'a', sizeof large);
    add_frame(&bytes, 0x81, str_of(large, 126));
    AUTO_ARENA arena = arena_new();
    assert_int_equal(story(arena, buffer_text(&bytes), 9).len, 126 + 3);
    buffer_clear(&bytes);
    add_frame(&bytes, 0x81, str_of(large, MAX));
    assert_int_equal(story(arena, buffer_text(&bytes), SIZE_MAX).len, MAX + 3);
    buffer_clear(&bytes);
    add_frame(&bytes, 0x81, str_of(large, MAX + 1));
    assert_story(&bytes, "B1009");
    add_frame(&bytes, 0x01, str_of(large, MAX - 1));
    add_frame(&bytes, 0x80, STR("bc"));
    assert_story(&bytes, "B1009");
}

/* Section 5.4 and 5.5. */
static void control_frames_may_stand_in_between(void **state) {
    (void)state;
    AUTO_BUFFER bytes = BUFFER_EMPTY;
    add_frame(&bytes, 0x01, STR("Hel"));
    add_frame(&bytes, 0x89, STR("p"));
    add_frame(&bytes, 0x8A, STR(""));
    add_frame(&bytes, 0x80, STR("lo"));
    add_frame(&bytes, 0x88,
              STR("\x03\xe8"
                  "bye"));
    assert_story(&bytes, "P(p) O() T(Hello) C1000(bye)");
    char most[FRAME_CONTROL_MAX + 1];
    memset(most, 'a', sizeof most);
    AUTO_ARENA arena = arena_new();
    add_frame(&bytes, 0x89, str_of(most, FRAME_CONTROL_MAX));
    assert_int_equal(story(arena, buffer_text(&bytes), 3).len, FRAME_CONTROL_MAX + 3);
    buffer_clear(&bytes);
    add_frame(&bytes, 0x89, str_of(most, sizeof most));
    assert_story(&bytes, "B1002");
    add_frame(&bytes, 0x09, STR("a")); /* fragmented */
    assert_story(&bytes, "B1002");
}

static void what_breaks_the_protocol_is_refused(void **state) {
    (void)state;
    AUTO_BUFFER bytes = BUFFER_EMPTY;
    static const struct {
        unsigned first_byte;
        const char *told;
    } firsts[] = {
        {0xC1, "B1002"}, {0xA1, "B1002"}, {0x91, "B1002"}, /* reserved bits */
        {0x83, "B1002"}, {0x84, "B1002"}, {0x87, "B1002"}, {0x8B, "B1002"}, {0x8F, "B1002"}, /* opcodes */
        {0x82, "B1003"}, {0x02, "B1003"},                                                    /* binary */
        {0x80, "B1002"}, {0x00, "B1002"}, /* nothing to go on with */
    };
    for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
        add_frame(&bytes, firsts[i].first_byte, STR("a"));
        assert_story(&bytes, firsts[i].told);
    }
    add_frame(&bytes, 0x01, STR("a"));
    add_frame(&bytes, 0x81, STR("b")); /* a new message inside another */
    assert_story(&bytes, "B1002");
    buffer_append(&bytes, STR("\x81\x05Hello")); /* unmasked, section 5.1 */
    assert_story(&bytes, "B1002");
    buffer_append(&bytes, STR("\x81\xfe\x00\x05\0\0\0\0Hello")); /* length not minimal, section 5.2 */
    assert_story(&bytes, "B1002");
    buffer_append(&bytes, STR("\x81\xff\0\0\0\0\0\0\x00\x7e\0\0\0\0"));
    assert_story(&bytes, "B1002");
    buffer_append(&bytes, STR("\x81\xff\x80\0\0\0\0\x01\0\0\0\0\0\0"));
    assert_story(&bytes, "B1002");
    buffer_append(&bytes, STR("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0"));
    assert_story(&bytes, "B1009");
}

/* Section 7.4 and 5.5.1. */
static void close_frames_are_checked(void **state) {
    (void)state;
    AUTO_BUFFER bytes = BUFFER_EMPTY;
    add_frame(&bytes, 0x88, STR(""));
    assert_story(&bytes, "C1005()");
    add_frame(&bytes, 0x88, STR("\x03"));
    assert_story(&bytes, "B1002");
    add_frame(&bytes, 0x88, STR("\x03\xe8\xff"));
    assert_story(&bytes, "B1007");
    static const unsigned good[] = {1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 3999, 4000, 4999};
    static const unsigned bad[] = {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(frame_close_code_is_valid(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char payload[2] = {(char)(bad[i] >> 8), (char)bad[i]};
        add_frame(&bytes, 0x88, str_of(payload, 2));
        assert_story(&bytes, "B1002");
    }
}

/* RFC 3629, also where a character is cut in two by frames. */
static void text_is_utf8_across_fragments(void **state) {
    (void)state;
    AUTO_BUFFER bytes = BUFFER_EMPTY;
    add_frame(&bytes, 0x01, STR("\xE2"));
    add_frame(&bytes, 0x00, STR("\x82"));
    add_frame(&bytes, 0x80, STR("\xAC"));
    assert_story(&bytes, "T(\xE2\x82\xAC)");
    add_frame(&bytes, 0x81, STR("12345678\xF4\x8F\xBF\xBF 12345678\xED\x9F\xBF\xEE\x80\x80"));
    assert_story(&bytes, "T(12345678\xF4\x8F\xBF\xBF 12345678\xED\x9F\xBF\xEE\x80\x80)");
    static const struct str wrong[] = {
        STR_STATIC("\x80"),
        STR_STATIC("\xC0\x80"),
        STR_STATIC("\xC1\xBF"),
        STR_STATIC("\xE0\x9F\xBF"),
        STR_STATIC("\xED\xA0\x80"),
        STR_STATIC("\xF0\x8F\xBF\xBF"),
        STR_STATIC("\xF4\x90\x80\x80"),
        STR_STATIC("\xF5\x80\x80\x80"),
        STR_STATIC("\xFF"),
        STR_STATIC("\xE2\x82"),
        STR_STATIC("\xE2\x28\xA1"),
        STR_STATIC("abcdefgh\xE2"),
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        add_frame(&bytes, 0x81, wrong[i]);
        assert_story(&bytes, "B1007");
    }
    /* refused as soon as it is wrong, before the message ends */
    add_frame(&bytes, 0x01, STR("\xE2"));
    add_frame(&bytes, 0x00, STR("a"));
    assert_story(&bytes, "B1007");
    /* the check agrees with the slice's own, for every pair of bytes */
    for (unsigned first = 0x80; first < 0x100; first++) {
        for (unsigned second = 0; second < 0x100; second++) {
            char pair[2] = {(char)first, (char)second};
            AUTO_ARENA arena = arena_new();
            add_frame(&bytes, 0x81, str_of(pair, 2));
            bool is_text = story(arena, buffer_text(&bytes), SIZE_MAX).at[0] == 'T';
            assert_int_equal(is_text, str_is_utf8(str_of(pair, 2)));
            buffer_clear(&bytes);
        }
    }
}

static void fragments_are_bounded(void **state) {
    (void)state;
    AUTO_BUFFER bytes = BUFFER_EMPTY;
    add_frame(&bytes, 0x01, STR(""));
    for (int i = 1; i < FRAME_FRAGMENTS_MAX; i++)
        add_frame(&bytes, 0x00, STR(""));
    add_frame(&bytes, 0x00, STR(""));
    assert_story(&bytes, "B1008");
}

static void heads_are_written(void **state) {
    (void)state;
    char head[FRAME_HEAD_MAX];
    assert_int_equal(frame_write_head(head, FRAME_TEXT, 125), 2);
    assert_memory_equal(head, "\x81\x7d", 2);
    assert_int_equal(frame_write_head(head, FRAME_TEXT, 126), 4);
    assert_memory_equal(head, "\x81\x7e\x00\x7e", 4);
    assert_int_equal(frame_write_head(head, FRAME_TEXT, 65535), 4);
    assert_memory_equal(head, "\x81\x7e\xff\xff", 4);
    assert_int_equal(frame_write_head(head, FRAME_TEXT, 65536), 10);
    assert_memory_equal(head, "\x81\x7f\0\0\0\0\0\x01\0\0", 10);
    assert_int_equal(frame_write_head(head, FRAME_CLOSE, 2), 2);
    assert_memory_equal(head, "\x88\x02", 2);
}

/* ---- the handshake, RFC 6455 section 4.2.1 ---- */

static unsigned handshake(const char *method, const char *version, const char *fields, char accept[28]) {
    static struct http_request request;
    AUTO_ARENA arena = arena_new();
    struct arena *unused = NULL;
    struct request_framing framing;
    struct str head = arena_print(arena, "%s / HTTP/1.%s\r\nHost: a\r\n%s\r\n", method, version, fields);
    assert_int_equal(request_parse(head, HTTP_MAX_HEADERS, &unused, &request, &framing), 0);
    return frame_check_handshake(&request, accept);
}

#define UPGRADE "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define V13     "Sec-WebSocket-Version: 13\r\n"
#define KEY(k)  "Sec-WebSocket-Key: " k "\r\n"
#define GOOD    KEY("dGhlIHNhbXBsZSBub25jZQ==")

static void handshakes_are_checked(void **state) {
    (void)state;
    char accept[28];
    assert_int_equal(handshake("GET", "1", UPGRADE V13 GOOD, accept), 0);
    assert_memory_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", 28); /* the RFC's example */
    assert_int_equal(handshake("POST", "1", UPGRADE V13 GOOD, accept), 405);
    assert_int_equal(handshake("GET", "0", UPGRADE V13 GOOD, accept), 400);
    assert_int_equal(handshake("GET", "1", V13 GOOD, accept), 426);
    assert_int_equal(handshake("GET", "1", "Upgrade: websocket\r\n" V13 GOOD, accept), 426);
    assert_int_equal(handshake("GET", "1", UPGRADE GOOD, accept), 426);
    assert_int_equal(handshake("GET", "1", UPGRADE GOOD "Sec-WebSocket-Version: 8\r\n", accept), 426);
    assert_int_equal(handshake("GET", "1", UPGRADE GOOD "Sec-WebSocket-Version: 13, 8\r\n", accept), 426);
    assert_int_equal(handshake("GET", "1", UPGRADE V13, accept), 400);
    assert_int_equal(handshake("GET", "1", UPGRADE V13 KEY(""), accept), 400);
    assert_int_equal(handshake("GET", "1", UPGRADE V13 KEY("dGhlIHNhbXBsZSBub25jZQ="), accept), 400);
    assert_int_equal(handshake("GET", "1", UPGRADE V13 KEY("dGhlIHNhbXBsZSBub25jZR=="), accept),
                     400); /* stray bits */
    assert_int_equal(handshake("GET", "1", UPGRADE V13 KEY("dGhlIHNhbXBsZSBub25jZS4="), accept),
                     400); /* 17 bytes */
    assert_int_equal(handshake("GET", "1", UPGRADE V13 KEY("dGhlIHNhbXBsZSBub25j===="), accept), 400);
    assert_int_equal(handshake("GET", "1", UPGRADE V13 KEY("dGhlIHNhbXBsZSBub25jZQ--"), accept), 400);
    assert_int_equal(handshake("GET", "1", UPGRADE V13 GOOD "Content-Length: 1\r\n", accept), 400);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_read),
        cmocka_unit_test(control_frames_may_stand_in_between),
        cmocka_unit_test(what_breaks_the_protocol_is_refused),
        cmocka_unit_test(close_frames_are_checked),
        cmocka_unit_test(text_is_utf8_across_fragments),
        cmocka_unit_test(fragments_are_bounded),
        cmocka_unit_test(heads_are_written),
        cmocka_unit_test(handshakes_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
