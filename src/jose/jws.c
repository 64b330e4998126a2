/* SPDX-License-Identifier: Apache-2.0 */
/* The compact serialization: RFC 7515 sections 3.1 and 7.1. */
#include "base/encode.h"
#include "jose/header.h"

struct parts {
    struct str header;
    struct str payload;
    struct str signature;
};

static enum status split(struct str token, struct parts *parts, const char **why) {
    struct str rest = token;
    if (!str_cut(&rest, '.', &parts->header) || !str_cut(&rest, '.', &parts->payload) ||
        !str_cut(&rest, '.', &parts->signature) || rest.at != NULL) {
        *why = "A token has exactly three parts with dots between them.";
        return INVALID;
    }
    if (parts->header.len == 0 || parts->signature.len == 0) {
        *why = "The token's header or signature is empty.";
        return INVALID;
    }
    return OK;
}

static enum status decode(const struct parts *parts, struct arena *arena, struct jose_jws *jws,
                          const char **why) {
    *why = "A part of the token is not base64url without padding.";
    TRY(base64url_decode(arena, parts->payload, &jws->payload));
    TRY(base64url_decode(arena, parts->signature, &jws->signature));
    return OK;
}

enum status jose_jws_parse(struct str token, size_t max_len, struct arena *arena, struct jose_jws *jws,
                           const char **why) {
    const char *ignored;
    struct parts parts;
    if (why == NULL)
        why = &ignored;
    *jws = (struct jose_jws){0};
    *why = "The token is longer than allowed.";
    if (token.len > max_len)
        return TOO_LARGE;
    TRY(split(token, &parts, why));
    TRY(decode(&parts, arena, jws, why));
    jws->signing_input = str_slice(token, 0, parts.header.len + 1 + parts.payload.len);
    TRY(jose_header_read(parts.header, arena, jws, why));
    *why = NULL;
    return OK;
}
