/* SPDX-License-Identifier: Apache-2.0 */
/* A request's body: whatever the pieces that it comes in, it must be read the same way. The first byte says
 * how. */
#include "base/buffer.h"
#include "http/body.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX = 4096 };

struct result {
    enum status status;
    bool is_done;
    size_t left;
    struct buffer body;
};

static struct result decode(bool is_chunked, uint64_t length, struct str bytes, size_t step) {
    struct body_decoder decoder;
    struct result result = {.body = BUFFER_EMPTY};
    body_decoder_begin(&decoder, is_chunked, length, MAX);
    while (bytes.len > 0 && result.status == OK && !body_decoder_is_done(&decoder)) {
        struct str piece = str_slice(bytes, 0, step);
        size_t given = piece.len;
        struct str out;
        do {
            result.status = body_decode(&decoder, &piece, &out);
            if (result.status == OK)
                buffer_append(&result.body, out);
        } while (result.status == OK && out.len > 0);
        bytes = str_from_index(bytes, given - piece.len);
    }
    result.is_done = body_decoder_is_done(&decoder);
    result.left = bytes.len;
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    bool is_chunked = (data[0] & 1U) != 0;
    struct str bytes = {(const char *)data + 2, size - 2};
    struct result whole = decode(is_chunked, data[1], bytes, SIZE_MAX);
    struct result pieces = decode(is_chunked, data[1], bytes, 1 + (data[0] >> 1));
    if (whole.status != pieces.status || whole.is_done != pieces.is_done || whole.body.len > MAX)
        abort();
    if (whole.status == OK &&
        (whole.left != pieces.left || !str_equal(buffer_text(&whole.body), buffer_text(&pieces.body))))
        abort();
    buffer_free(&whole.body);
    buffer_free(&pieces.body);
    return 0;
}
