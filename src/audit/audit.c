/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit.h"

#include "base/digest.h"

#include <string.h>

enum { TOKEN_ID_MAX = 64, TOKEN_HASH_DIGITS = 16, VALUE_MAX = 1024 };

static bool is_printable(struct str text) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] <= ' ' || text.at[i] > '~')
            return false;
    }
    return true;
}

/* What the signature is over. The token's whole text will not do: of an ECDSA signature (r, s) anybody can
 * make (r, n - s), which is as good. */
static struct str signed_part(struct str token) {
    const char *dot = token.len > 0 ? memrchr(token.at, '.', token.len) : NULL;
    return dot == NULL ? token : str_slice(token, 0, (size_t)(dot - token.at));
}

struct str audit_token_id(struct arena *arena, struct str jti, struct str token) {
    if (!str_is_empty(jti) && jti.len <= TOKEN_ID_MAX && is_printable(jti))
        return arena_copy(arena, jti);
    struct str digits = str_slice(digest_sha256_hex(arena, signed_part(token)), 0, TOKEN_HASH_DIGITS);
    return arena_join(arena, 2, (struct str[]){STR("sha256:"), digits});
}

static struct str outcome_word(enum audit_outcome outcome) {
    switch (outcome) {
    case AUDIT_ALLOWED:
        return STR("allowed");
    case AUDIT_REFUSED:
        return STR("refused");
    case AUDIT_FAILED:
        break;
    }
    return STR("failed");
}

static struct str names_of(struct arena *arena, json_t *parameters) {
    json_auto_t *names = json_array();
    const char *name;
    json_t *value;
    json_object_foreach(parameters, name, value) {
        json_array_append_new(names, json_string(name));
    }
    return json_write(arena, names);
}

/* Those that are not null; one that is too long for a log is kept as {"bytes": its length}. */
static struct str values_of(struct arena *arena, json_t *parameters) {
    json_auto_t *values = json_object();
    const char *name;
    json_t *value;
    json_object_foreach(parameters, name, value) {
        if (json_is_null(value))
            continue;
        size_t len = json_write(arena, value).len;
        json_object_set_new(values, name,
                            len <= VALUE_MAX ? json_incref(value)
                                             : json_pack("{s:I}", "bytes", (json_int_t)len));
    }
    return json_object_size(values) == 0 ? STR_NONE : json_write(arena, values);
}

struct store_audit audit_row(struct arena *arena, const struct audit_event *event) {
    /* Borrowed to look at: jansson's loops want what is not const. */
    json_t *parameters = (json_t *)event->parameters;
    return (struct store_audit){
        .environment = event->environment,
        .action = event->action,
        .visitor = event->who.visitor,
        .subject = event->who.subject,
        .issuer = event->who.issuer,
        .acting_for = event->who.acting_for == NULL ? STR_NONE : json_write(arena, event->who.acting_for),
        .session = event->who.session,
        .conversation = event->who.conversation,
        .tool = event->tool,
        .parameters = parameters == NULL ? STR_NONE : names_of(arena, parameters),
        .values = parameters == NULL ? STR_NONE : values_of(arena, parameters),
        .token = event->who.token,
        .outcome = outcome_word(event->outcome),
        .reason = event->reason,
        .detail = event->detail,
        .duration_us = event->duration_us,
    };
}

enum status audit_record_wait(struct store *store, const struct audit_event *event) {
    AUTO_ARENA arena = arena_new();
    struct store_audit row = audit_row(arena, event);
    return store_audit_append_wait(store, arena, &row);
}
