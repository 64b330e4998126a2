/* SPDX-License-Identifier: Apache-2.0 */
/* A frame from a client: what is accepted has a type and an id within bounds, and whatever came, the answer
 * to it is one JSON object. The same text is told as a stored message, too. */
#include "chat/frame.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition) {
    if (!condition)
        abort();
}

static void check_object(struct arena *arena, json_t *json) {
    json_t *again;
    require(json_read(json_write(arena, json), JSON_DEPTH_DOCUMENT, &again, NULL) == OK);
    require(json_is_object(again) && json_equal(json, again));
    json_decref(again);
    json_decref(json);
}

static void check_texts(const struct frame *frame) {
    static const char *const names[] = {"type", "id", "token", "text", "conversation", "resumeKey", NULL};
    for (const char *const *name = names; *name != NULL; name++) {
        struct str text;
        enum status status = frame_text(frame, *name, &text);
        require(status == OK || status == NOT_FOUND || status == INVALID);
        require((status == OK) == (text.at != NULL));
        require(str_is_utf8(text) && str_find_byte(text, '\0') == STR_NOT_FOUND);
        require(frame_characters(text) <= text.len);
        require(frame_utf16_length(text) >= frame_characters(text) && frame_utf16_length(text) <= text.len);
    }
}

static void check_message(struct arena *arena, struct str parts) {
    const struct store_message message = {
        .id = STR("msg_1"), .role = STORE_VISITOR, .text = STR("Hello"), .subject = STR(""), .parts = parts};
    json_t *json = frame_message(&message);
    /* What stands in the parts never replaces what the row says. */
    require(str_equal(json_get_str(json, "id"), STR("msg_1")));
    require(str_equal(json_get_str(json, "role"), STR("visitor")));
    require(!json_get_bool(json, "verified", true));
    check_object(arena, json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO_ARENA arena = arena_new();
    struct str text = str_of(data, size);
    struct frame frame;
    struct str code = STR_NONE;
    struct str message = STR_NONE;
    if (frame_read(text, &frame, &code, &message) == OK) {
        require(frame.type.len > 0 && frame.id.len > 0 && frame.id.len <= FRAME_ID_MAX);
        check_texts(&frame);
    } else {
        require(code.len > 0 && message.len > 0);
    }
    json_t *answer = frame_new("error", frame.id);
    if (str_find_byte(text, '\0') ==
        STR_NOT_FOUND) /* nothing that is told has a NUL: no reader lets one through */
        frame_set_text(answer, "message", text); /* not UTF-8: JSON's null */
    frame_set_number(answer, "seq", (int64_t)size);
    frame_set_flag(answer, "retry", size % 2 == 0);
    check_object(arena, answer);
    json_decref(frame.json);
    if (str_is_utf8(text))
        check_message(arena, text);
    return 0;
}
