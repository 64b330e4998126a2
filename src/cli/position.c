/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/position.h"

struct position position_at(struct str text, size_t offset) {
    struct position position = {.offset = offset < text.len ? offset : text.len, .line = 1, .column = 1};
    for (size_t i = 0; i < position.offset; i++) {
        if (text.at[i] == '\n') {
            position.line++;
            position.column = 1;
        } else {
            position.column +=
                ((unsigned char)text.at[i] & 0xC0U) != 0x80U; /* continuation bytes are no characters */
        }
    }
    return position;
}

struct str position_line(struct str text, unsigned line) {
    struct str piece = STR_NONE;
    for (unsigned i = 0; i < line; i++) {
        if (!str_cut(&text, '\n', &piece))
            return STR_NONE;
    }
    return str_ends_with(piece, STR("\r")) ? str_slice(piece, 0, piece.len - 1) : piece;
}

/* Whether a step of a pointer, "~0" and "~1" in it, is this name (RFC 6901 section 4). */
static bool is_step(struct str step, struct str name) {
    size_t at = 0;
    for (size_t i = 0; i < step.len; i++, at++) {
        char c = step.at[i];
        if (c == '~' && i + 1 < step.len && (step.at[i + 1] == '0' || step.at[i + 1] == '1'))
            c = step.at[++i] == '0' ? '~' : '/';
        if (at >= name.len || name.at[at] != c)
            return false;
    }
    return at == name.len;
}

/* What the step leads to; NULL: nothing. `*name` is the member's, NULL in an array. */
static const struct json_item *take_step(const struct json_item *from, struct str step,
                                         const struct json_item **name) {
    struct json_items list = json_items(from);
    bool is_array = json_item_is(from, JSON_IS_ARRAY);
    uint64_t wanted = 0, index = 0;
    if (is_array && (str_to_uint64(step, &wanted) != OK || (step.len > 1 && step.at[0] == '0')))
        return NULL;
    for (; json_items_next(&list); index++) {
        if (is_array ? index == wanted : is_step(step, json_item_str(list.name))) {
            *name = list.name;
            return list.value;
        }
    }
    return NULL;
}

static struct position place_of(struct str text, const struct json_item *item) {
    struct position position = position_at(text, (size_t)(item->raw - text.at));
    position.len = item->raw_len;
    return position;
}

static struct position find(struct str text, const struct json_item *root, struct str pointer,
                            bool wants_name) {
    const struct json_item *at = root, *name = NULL;
    struct str rest = pointer, step;
    bool is_exact = str_is_empty(pointer) || pointer.at[0] == '/';
    if (is_exact && !str_is_empty(pointer)) {
        rest = str_from_index(pointer, 1);
        while (is_exact && str_cut(&rest, '/', &step)) {
            const struct json_item *next = take_step(at, step, &name);
            is_exact = next != NULL;
            at = is_exact ? next : at;
        }
    }
    struct position position = place_of(text, is_exact && wants_name && name != NULL ? name : at);
    position.is_exact = is_exact;
    return position;
}

struct position position_find(struct str text, const struct json_item *root, struct str pointer) {
    return find(text, root, pointer, false);
}

struct position position_find_name(struct str text, const struct json_item *root, struct str pointer) {
    return find(text, root, pointer, true);
}
