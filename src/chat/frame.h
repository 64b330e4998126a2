/* SPDX-License-Identifier: Apache-2.0 */
/* Private to chat/: frames as docs/protocol.md has them. */
#pragma once

#include "base/json.h"
#include "store/message.h"

enum { FRAME_ID_MAX = 64, FRAME_DEPTH_MAX = 8 };

/* A client's frame, its envelope checked. */
struct frame {
    json_t *json; /* the whole; release with json_decref */
    struct str type;
    struct str id;
};

/* Reads the envelope. INVALID: `*code` and `*message` say what to answer; the id is there where it could be
 * read. */
NODISCARD enum status frame_read(struct str text, struct frame *frame, struct str *code, struct str *message);

/* A member of a client's frame: OK; NOT_FOUND where it is absent or null (`*text` is STR_NONE then); INVALID:
 * of another type. */
NODISCARD enum status frame_text(const struct frame *frame, const char *name, struct str *text);

json_t *frame_new(const char *type, struct str id); /* {"type", "id" where not empty} */
void frame_set_text(json_t *frame, const char *name, struct str text);
void frame_set_number(json_t *frame, const char *name, int64_t number);
void frame_set_flag(json_t *frame, const char *name, bool flag);

/* A stored message as clients see it. */
json_t *frame_message(const struct store_message *message);

/* UTF-16 code units of well-formed UTF-8: how JavaScript counts. */
size_t frame_utf16_length(struct str text);
/* Characters (code points) of well-formed UTF-8: how people count. */
size_t frame_characters(struct str text);
