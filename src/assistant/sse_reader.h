/* SPDX-License-Identifier: Apache-2.0 */
/* Server-sent events (HTML standard, 9.2.6), read as the bytes come: a byte at a time, many at once, it is
 * the same. Pure. */
#pragma once

#include "base/buffer.h"

struct sse_reader {
    size_t max_bytes;   /* of one event, and of one line */
    struct buffer line; /* the line that is being read */
    struct buffer data; /* of the event that is being read: each data line with a line feed behind it */
    struct buffer type;
    struct buffer event; /* the data and type of the event given last */
    bool is_begun;       /* the place for a byte order mark is behind us */
    bool after_cr;       /* a line feed that comes now belongs to the line end before */
};

struct sse_event {
    struct str type; /* "message" where the stream names none */
    struct str data;
};

void sse_reader_init(struct sse_reader *reader, size_t max_bytes);
void sse_reader_end(struct sse_reader *reader); /* gives its memory back; an event that was not finished is
                                                   lost, as the standard has it */

/* Takes bytes off the front of `*bytes` up to the end of the next event. OK: an event, good until the next
 * call. NOT_FOUND: the bytes are used up. TOO_LARGE: a line or an event over the bound; read no further. */
NODISCARD enum status sse_reader_next(struct sse_reader *reader, struct str *bytes, struct sse_event *event);
