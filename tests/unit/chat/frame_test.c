/* SPDX-License-Identifier: Apache-2.0 */
/* The envelope of frames, and how characters are counted. */
#include "chat/frame.h"

#include "unit/unit.h"

static void expect_refused(const char *text, const char *code) {
    struct frame frame;
    struct str given;
    struct str message;
    assert_int_equal(frame_read(str_from(text), &frame, &given, &message), INVALID);
    assert_str(given, code);
    assert_true(message.len > 0);
    json_decref(frame.json);
}

static void envelope_is_checked(void **state) {
    (void)state;
    expect_refused("", "malformed-frame");
    expect_refused("[]", "malformed-frame");
    expect_refused("\"message.send\"", "malformed-frame");
    expect_refused("{\"type\":\"message.send\",\"id\":\"1\"", "malformed-frame");
    expect_refused("{\"id\":\"1\"}", "malformed-frame");
    expect_refused("{\"type\":7,\"id\":\"1\"}", "malformed-frame");
    expect_refused("{\"type\":\"a\",\"type\":\"b\",\"id\":\"1\"}", "malformed-frame");
    expect_refused("{\"type\":\"a\",\"id\":\"1\",\"x\":[[[[[[[[[1]]]]]]]]]}", "malformed-frame");
    expect_refused("{\"type\":\"message.send\"}", "id-missing");
    expect_refused("{\"type\":\"message.send\",\"id\":\"\"}", "id-missing");
    expect_refused("{\"type\":\"message.send\",\"id\":1}", "id-missing");
    expect_refused(
        "{\"type\":\"a\",\"id\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
        "id-missing");
}

static void envelope_is_read(void **state) {
    (void)state;
    struct frame frame;
    struct str code;
    struct str message;
    struct str text;
    assert_int_equal(
        frame_read(STR("{\"type\":\"message.send\",\"id\":\"u1\",\"text\":\"Hi\",\"n\":1,\"none\":null}"),
                   &frame, &code, &message),
        OK);
    assert_str(frame.type, "message.send");
    assert_str(frame.id, "u1");
    assert_int_equal(frame_text(&frame, "text", &text), OK);
    assert_str(text, "Hi");
    assert_int_equal(frame_text(&frame, "n", &text), INVALID);
    assert_int_equal(frame_text(&frame, "none", &text), NOT_FOUND);
    assert_null(text.at);
    assert_int_equal(frame_text(&frame, "absent", &text), NOT_FOUND);
    json_decref(frame.json);
}

static void characters_are_counted_as_people_and_as_javascript_do(void **state) {
    (void)state;
    assert_int_equal(frame_characters(STR("")), 0);
    assert_int_equal(frame_characters(STR("abc")), 3);
    assert_int_equal(frame_characters(STR("\xC3\xA4\xE2\x82\xAC")), 2); /* ä € */
    assert_int_equal(frame_characters(STR("\xF0\x9F\x97\x9D")), 1);     /* 🗝 */
    assert_int_equal(frame_utf16_length(STR("\xC3\xA4\xE2\x82\xAC")), 2);
    assert_int_equal(frame_utf16_length(STR("a\xF0\x9F\x97\x9D")), 3);
}

static void message_shows_whether_it_was_verified_and_what_was_used(void **state) {
    (void)state;
    struct store_message message = {.position = 2,
                                    .id = STR("msg_1"),
                                    .role = STORE_ASSISTANT,
                                    .subject = STR("ada"),
                                    .text = STR("Hello"),
                                    .parts = STR("{\"inReplyTo\":\"msg_0\",\"position\":99}"),
                                    .created_at = 5};
    json_auto_t *json = frame_message(&message);
    assert_str(json_get_str(json, "role"), "assistant");
    assert_str(json_get_str(json, "inReplyTo"), "msg_0");
    assert_true(json_get_bool(json, "verified", false));
    assert_int_equal(json_get_int(json, "position", 0), 2); /* parts never replace what the row says */
    message.subject = STR_NONE;
    json_auto_t *anonymous = frame_message(&message);
    assert_false(json_get_bool(anonymous, "verified", true));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(envelope_is_checked),
        cmocka_unit_test(envelope_is_read),
        cmocka_unit_test(characters_are_counted_as_people_and_as_javascript_do),
        cmocka_unit_test(message_shows_whether_it_was_verified_and_what_was_used),
    };
    return cmocka_run_group_tests_name("chat/frame", tests, NULL, NULL);
}
