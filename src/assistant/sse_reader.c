/* SPDX-License-Identifier: Apache-2.0 */
#include "assistant/sse_reader.h"

void sse_reader_init(struct sse_reader *reader, size_t max_bytes) {
    *reader = (struct sse_reader){.max_bytes = max_bytes};
}

void sse_reader_end(struct sse_reader *reader) {
    buffer_free(&reader->line);
    buffer_free(&reader->data);
    buffer_free(&reader->type);
    buffer_free(&reader->event);
}

/* "field: value"; one space behind the colon is not the value's. */
static void split_field(struct str line, struct str *field, struct str *value) {
    size_t colon = str_find_byte(line, ':');
    *field = str_slice(line, 0, colon);
    *value = colon == STR_NOT_FOUND ? STR("") : str_from_index(line, colon + 1);
    if (str_starts_with(*value, STR(" ")))
        *value = str_from_index(*value, 1);
}

static enum status read_field(struct sse_reader *reader) {
    struct str field;
    struct str value;
    split_field(buffer_text(&reader->line), &field, &value);
    if (str_equal(field, STR("data"))) {
        if (value.len + 1 > reader->max_bytes - reader->data.len)
            return TOO_LARGE;
        buffer_append(&reader->data, value);
        buffer_append_byte(&reader->data, '\n');
    } else if (str_equal(field, STR("event"))) {
        buffer_clear(&reader->type);
        buffer_append(&reader->type, value);
    } /* a comment (no name), id, retry, and what we don't know: passed over */
    return NOT_FOUND;
}

/* An empty line: the event is complete; without data it is none. */
static enum status finish_event(struct sse_reader *reader, struct sse_event *event) {
    if (reader->data.len == 0) {
        buffer_clear(&reader->type);
        return NOT_FOUND;
    }
    size_t data_len = reader->data.len - 1; /* the last line feed is not the data's */
    buffer_clear(&reader->event);
    buffer_append(&reader->event, str_slice(buffer_text(&reader->data), 0, data_len));
    buffer_append(&reader->event, buffer_text(&reader->type));
    event->data = str_slice(buffer_text(&reader->event), 0, data_len);
    event->type =
        reader->type.len > 0 ? str_from_index(buffer_text(&reader->event), data_len) : STR("message");
    buffer_clear(&reader->data);
    buffer_clear(&reader->type);
    return OK;
}

static enum status finish_line(struct sse_reader *reader, struct sse_event *event) {
    if (!reader->is_begun && str_starts_with(buffer_text(&reader->line), STR("\xEF\xBB\xBF")))
        buffer_drop_front(&reader->line, 3);
    reader->is_begun = true;
    enum status status = reader->line.len == 0 ? finish_event(reader, event) : read_field(reader);
    buffer_clear(&reader->line);
    return status;
}

enum status sse_reader_next(struct sse_reader *reader, struct str *bytes, struct sse_event *event) {
    *event = (struct sse_event){STR(""), STR("")};
    while (bytes->len > 0) {
        char byte = bytes->at[0];
        *bytes = str_from_index(*bytes, 1);
        bool is_second_half = byte == '\n' && reader->after_cr; /* of CRLF */
        reader->after_cr = byte == '\r';
        if (is_second_half)
            continue;
        if (byte != '\n' && byte != '\r') {
            if (reader->line.len >= reader->max_bytes)
                return TOO_LARGE;
            buffer_append_byte(&reader->line, byte);
            continue;
        }
        enum status status = finish_line(reader, event);
        if (status != NOT_FOUND)
            return status;
    }
    return NOT_FOUND;
}
