/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/frame.h"

enum status frame_read(struct str text, struct frame *frame, struct str *code, struct str *message) {
    *frame = (struct frame){.json = NULL};
    *code = STR("malformed-frame");
    *message = STR("A frame is one JSON object.");
    if (json_read(text, FRAME_DEPTH_MAX, &frame->json, NULL) != OK || !json_is_object(frame->json))
        return INVALID;
    frame->type = json_get_str(frame->json, "type");
    struct str id = json_get_str(frame->json, "id");
    if (id.len > 0 && id.len <= FRAME_ID_MAX)
        frame->id = id;
    if (str_is_empty(frame->type)) {
        *message = STR("A frame has a type.");
        return INVALID;
    }
    if (str_is_empty(frame->id)) {
        *code = STR("id-missing");
        *message = STR("A frame has an id of 1 to 64 characters.");
        return INVALID;
    }
    return OK;
}

enum status frame_text(const struct frame *frame, const char *name, struct str *text) {
    const json_t *member = json_object_get(frame->json, name);
    *text = STR_NONE;
    if (member == NULL || json_is_null(member))
        return NOT_FOUND;
    if (!json_is_string(member))
        return INVALID;
    *text = json_str(member);
    return OK;
}

json_t *frame_new(const char *type, struct str id) {
    json_t *frame = json_object();
    json_object_set_new(frame, "type", json_string(type));
    if (!str_is_empty(id))
        frame_set_text(frame, "id", id);
    return frame;
}

void frame_set_text(json_t *frame, const char *name, struct str text) {
    json_object_set_new(frame, name, json_from_str(text));
}

void frame_set_number(json_t *frame, const char *name, int64_t number) {
    json_object_set_new(frame, name, json_integer(number));
}

void frame_set_flag(json_t *frame, const char *name, bool flag) {
    json_object_set_new(frame, name, json_boolean(flag));
}

static const char *role_name(enum store_role role) {
    return role == STORE_VISITOR ? "visitor" : role == STORE_ASSISTANT ? "assistant" : "tool";
}

json_t *frame_message(const struct store_message *message) {
    json_t *json = json_object();
    frame_set_text(json, "id", message->id);
    frame_set_number(json, "position", message->position);
    json_object_set_new(json, "role", json_string(role_name(message->role)));
    frame_set_text(json, "text", message->text);
    frame_set_flag(json, "verified", !str_is_empty(message->subject));
    frame_set_number(json, "createdAt", message->created_at);
    json_auto_t *parts =
        NULL; /* of an answer: inReplyTo, tools, stopped (turn.c); of a question: nothing for the page */
    if (message->role != STORE_VISITOR && !str_is_empty(message->parts) &&
        json_read(message->parts, FRAME_DEPTH_MAX, &parts, NULL) == OK)
        json_object_update_missing(json, parts);
    return json;
}

size_t frame_characters(struct str text) {
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.at[i] & 0xC0U) != 0x80U;
    return count;
}

size_t frame_utf16_length(struct str text) {
    size_t count = frame_characters(text);
    for (size_t i = 0; i < text.len; i++)
        count += (unsigned char)text.at[i] >= 0xF0U; /* beyond the basic plane: a surrogate pair */
    return count;
}
