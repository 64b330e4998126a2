/* SPDX-License-Identifier: Apache-2.0 */
/* The header of a compact JWS: RFC 7515 section 4. */
#include "jose/header.h"

#include "base/encode.h"
#include "base/json.h"

#include <string.h>

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

static enum status read_members(const json_t *header, struct arena *arena, struct jose_jws *jws,
                                const char **why) {
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

static enum status read_anew(struct str encoded, struct arena *arena, struct jose_jws *jws,
                             const char **why) {
    json_auto_t *header = NULL;
    *why = "A part of the token is not base64url without padding.";
    TRY(base64url_decode(arena, encoded, &jws->header));
    *why = "The token's header is not a strict JSON object.";
    if (json_read(jws->header, JSON_DEPTH_TOKEN, &header, NULL) != OK || !json_is_object(header))
        return INVALID;
    return read_members(header, arena, jws, why);
}

/* ---- what a thread remembers ---- */

/* All tokens that one key signed begin with the same header, letter for letter: reading it is a function of
 * its letters alone, and JSON the greater part of what a token costs beside its signature. So each thread
 * keeps the few that it read last. */

enum { REMEMBERED = 4, ENCODED_MAX = 256, FIELDS = 4 };

struct remembered {
    size_t encoded_len; /* 0: none */
    char encoded[ENCODED_MAX];
    const struct jose_algorithm *algorithm;
    char text[2 * ENCODED_MAX]; /* header, alg, kid and typ, one behind the other */
    size_t len[FIELDS];
    bool is_present[FIELDS];
};

static _Thread_local struct remembered remembered[REMEMBERED];
static _Thread_local unsigned next_place;

static void list_fields(struct jose_jws *jws, struct str *fields[FIELDS]) {
    fields[0] = &jws->header;
    fields[1] = &jws->alg;
    fields[2] = &jws->kid;
    fields[3] = &jws->typ;
}

static bool recall(struct str encoded, struct arena *arena, struct jose_jws *jws) {
    const struct remembered *found = remembered;
    while (found < remembered + REMEMBERED && !str_equal(encoded, str_of(found->encoded, found->encoded_len)))
        found++;
    if (found == remembered + REMEMBERED)
        return false;
    struct str *fields[FIELDS];
    struct str text =
        arena_copy(arena, str_of(found->text, found->len[0] + found->len[1] + found->len[2] + found->len[3]));
    list_fields(jws, fields);
    for (size_t i = 0; i < FIELDS; i++) {
        *fields[i] = found->is_present[i] ? str_of(text.at, found->len[i]) : STR_NONE;
        text.at += found->len[i];
    }
    jws->algorithm = found->algorithm;
    return true;
}

static void remember(struct str encoded, struct jose_jws *jws) {
    struct remembered *place = &remembered[next_place++ % REMEMBERED];
    struct str *fields[FIELDS];
    size_t used = 0;
    list_fields(jws, fields);
    if (encoded.len > sizeof place->encoded ||
        jws->header.len + jws->alg.len + jws->kid.len + jws->typ.len > sizeof place->text)
        return;
    memcpy(place->encoded, encoded.at, encoded.len);
    place->encoded_len = encoded.len;
    place->algorithm = jws->algorithm;
    for (size_t i = 0; i < FIELDS; i++) {
        place->is_present[i] = fields[i]->at != NULL;
        place->len[i] = fields[i]->len;
        if (place->is_present[i])
            memcpy(place->text + used, fields[i]->at, fields[i]->len);
        used += fields[i]->len;
    }
}

enum status jose_header_read(struct str encoded, struct arena *arena, struct jose_jws *jws,
                             const char **why) {
    if (recall(encoded, arena, jws))
        return OK;
    TRY(read_anew(encoded, arena, jws, why));
    remember(encoded, jws);
    return OK;
}
