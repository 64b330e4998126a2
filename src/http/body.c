/* SPDX-License-Identifier: Apache-2.0 */
#include "http/body.h"

#include "http/syntax.h"

enum {
    DATA_OF_LENGTH,
    CHUNK_SIZE,
    CHUNK_EXTENSION,
    CHUNK_SIZE_LF,
    CHUNK_DATA,
    CHUNK_DATA_CR,
    CHUNK_DATA_LF,
    TRAILER,
    TRAILER_LF,
    DONE,
};

enum { SIZE_DIGITS_MAX = 16 };

void body_decoder_begin(struct body_decoder *decoder, bool is_chunked, uint64_t content_length,
                        uint64_t max) {
    *decoder = (struct body_decoder){.remaining = is_chunked ? 0 : content_length, .max = max};
    if (is_chunked)
        decoder->state = CHUNK_SIZE;
    else
        decoder->state = content_length == 0 ? DONE : DATA_OF_LENGTH;
}

bool body_decoder_is_done(const struct body_decoder *decoder) {
    return decoder->state == DONE;
}

static bool is_over_limit(const struct body_decoder *decoder) {
    return decoder->total > decoder->max || decoder->remaining > decoder->max - decoder->total;
}

static void take_data(struct body_decoder *decoder, struct str *input, struct str *data) {
    *data = str_slice(*input, 0, decoder->remaining < input->len ? (size_t)decoder->remaining : input->len);
    *input = str_from_index(*input, data->len);
    decoder->remaining -= data->len;
    decoder->total += data->len;
    if (decoder->remaining == 0)
        decoder->state = decoder->state == DATA_OF_LENGTH ? DONE : CHUNK_DATA_CR;
}

/* The line of a chunk's size has ended: what is announced counts against the limit before any of it is read.
 */
static enum status end_size_line(struct body_decoder *decoder) {
    if (decoder->remaining == 0) {
        decoder->state = TRAILER;
        decoder->overhead = 0;
        decoder->is_line_used = false;
        return OK;
    }
    decoder->state = CHUNK_DATA;
    return is_over_limit(decoder) ? TOO_LARGE : OK;
}

/* chunk-size = 1*HEXDIG (RFC 9112 section 7.1): no sign, no "0x", no space, and it must fit. */
static enum status read_size(struct body_decoder *decoder, char c) {
    int digit = syntax_hex_digit(c);
    if (digit >= 0) {
        if (decoder->digits == SIZE_DIGITS_MAX)
            return INVALID;
        decoder->digits++;
        decoder->remaining = decoder->remaining << 4 | (unsigned)digit;
        return OK;
    }
    if (decoder->digits == 0)
        return INVALID;
    if (c == '\r')
        decoder->state = CHUNK_SIZE_LF;
    else if (c == ';')
        decoder->state = CHUNK_EXTENSION;
    else
        return INVALID;
    return OK;
}

static bool is_line_char(char c) {
    return syntax_is_field_value((struct str){&c, 1});
}

/* Dropped (RFC 9112 section 7.1.1), but a bare CR or LF in one is how requests are smuggled past a laxer
 * front. */
static enum status read_extension(struct body_decoder *decoder, char c) {
    if (c == '\r') {
        decoder->state = CHUNK_SIZE_LF;
        return OK;
    }
    return is_line_char(c) && ++decoder->overhead <= BODY_EXTENSIONS_MAX ? OK : INVALID;
}

/* Trailers have a header's syntax and are dropped: none of them may change what the head said (RFC 9110
 * section 6.5.1). */
static enum status read_trailer(struct body_decoder *decoder, char c) {
    if (c == '\r') {
        if (decoder->is_line_used && !decoder->has_colon)
            return INVALID;
        decoder->state = TRAILER_LF;
        return OK;
    }
    if (++decoder->overhead > BODY_TRAILERS_MAX)
        return INVALID;
    if (!decoder->is_line_used)
        decoder->has_colon = false;
    bool is_first = !decoder->is_line_used;
    decoder->is_line_used = true;
    if (decoder->has_colon)
        return is_line_char(c) ? OK : INVALID;
    if (c == ':' && !is_first) {
        decoder->has_colon = true;
        return OK;
    }
    return syntax_is(c, CHAR_TOKEN) ? OK : INVALID;
}

static enum status read_byte(struct body_decoder *decoder, char c) {
    switch (decoder->state) {
    case CHUNK_SIZE:
        return read_size(decoder, c);
    case CHUNK_EXTENSION:
        return read_extension(decoder, c);
    case CHUNK_SIZE_LF:
        return c == '\n' ? end_size_line(decoder) : INVALID;
    case CHUNK_DATA_CR:
        decoder->state = CHUNK_DATA_LF;
        return c == '\r' ? OK : INVALID;
    case CHUNK_DATA_LF:
        decoder->state = CHUNK_SIZE;
        decoder->digits = 0;
        return c == '\n' ? OK : INVALID;
    case TRAILER:
        return read_trailer(decoder, c);
    default: /* TRAILER_LF */
        if (c != '\n')
            return INVALID; /* and not done: whoever asks must not take what follows for a request */
        decoder->state = decoder->is_line_used ? TRAILER : DONE;
        decoder->is_line_used = false;
        return OK;
    }
}

enum status body_decode(struct body_decoder *decoder, struct str *input, struct str *data) {
    *data = STR_NONE;
    bool is_in_data = decoder->state == DATA_OF_LENGTH || decoder->state == CHUNK_DATA;
    if (is_in_data && is_over_limit(decoder)) /* also where the limit was set after the data began */
        return TOO_LARGE;
    while (input->len > 0 && decoder->state != DONE) {
        if (decoder->state == DATA_OF_LENGTH || decoder->state == CHUNK_DATA) {
            take_data(decoder, input, data);
            return OK;
        }
        char c = input->at[0];
        *input = str_from_index(*input, 1);
        TRY(read_byte(decoder, c));
    }
    return OK;
}
