/* SPDX-License-Identifier: Apache-2.0 */
/* The compact serialization: RFC 7515 sections 3.1, 4 and 7.1. */
#include "base/encode.h"
#include "base/json.h"
#include "jose/algorithm.h"

#include <string.h>

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
    TRY(base64url_decode(arena, parts->header, &jws->header));
    TRY(base64url_decode(arena, parts->payload, &jws->payload));
    TRY(base64url_decode(arena, parts->signature, &jws->signature));
    return OK;
}

/* A member that is a string where it is present at all. */
static enum status read_text(const json_t *header, const char *name, struct arena *arena, struct str *text) {
    const json_t *member = json_object_get(header, name);
    *text = STR_NONE;
    if (member == NULL)
        return OK;
    if (!json_is_string(member))
        return INVALID;
    *text = arena_copy(arena, json_str(member));
    return OK;
}

/* What changes how the rest is to be read, and that we do not understand, is refused: extensions (RFC 7515
 * section 4.1.11), payloads that are not encoded (RFC 7797), compression (RFC 7516). */
static bool is_understood(const json_t *header) {
    return json_object_get(header, "crit") == NULL && json_object_get(header, "b64") == NULL &&
           json_object_get(header, "zip") == NULL;
}

static enum status read_header(struct arena *arena, struct jose_jws *jws, const char **why) {
    json_auto_t *header = NULL;
    *why = "The token's header is not a strict JSON object.";
    if (json_read(jws->header, JSON_DEPTH_TOKEN, &header, NULL) != OK || !json_is_object(header))
        return INVALID;
    if (!is_understood(header)) {
        *why = "The token's header asks for an extension that is not supported.";
        return INVALID;
    }
    *why = "`alg`, `kid` or `typ` of the token's header is not a string.";
    TRY(read_text(header, "alg", arena, &jws->alg));
    TRY(read_text(header, "kid", arena, &jws->kid));
    TRY(read_text(header, "typ", arena, &jws->typ));
    if (jws->alg.at == NULL) {
        *why = "The token's header names no algorithm.";
        return INVALID;
    }
    jws->algorithm = jose_algorithm_find(jws->alg);
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
    TRY(read_header(arena, jws, why));
    *why = NULL;
    return OK;
}
