/* SPDX-License-Identifier: Apache-2.0 */
/* Private to http/: where a request's body begins and ends (RFC 9112 sections 6 and 7). Pure. */
#pragma once

#include "http/http.h"

enum {
    BODY_EXTENSIONS_MAX = 1024, /* bytes of chunk extensions in a whole body; nobody uses them */
    BODY_TRAILERS_MAX = 4096,
};

struct body_decoder {
    uint64_t remaining; /* data bytes of the body or chunk still to come */
    uint64_t total;     /* data bytes given out so far */
    uint64_t max;
    uint16_t overhead; /* bytes of extensions; later of trailers */
    uint8_t state;
    uint8_t digits;    /* of a chunk's size */
    bool is_line_used; /* something stands in this trailer line already */
    bool has_colon;    /* its name has ended */
};

/* Without a body (length 0, not chunked) it is done at once. */
void body_decoder_begin(struct body_decoder *decoder, bool is_chunked, uint64_t content_length, uint64_t max);
bool body_decoder_is_done(const struct body_decoder *decoder);

/* Takes bytes off the front of `*input` up to the next piece of data or the body's end. OK: `*data` is a
 * piece (a slice of the input; empty: the input is used up, or the body is done). INVALID: the body is
 * malformed. TOO_LARGE: over `max`. */
NODISCARD enum status body_decode(struct body_decoder *decoder, struct str *input, struct str *data);
