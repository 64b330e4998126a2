/* SPDX-License-Identifier: Apache-2.0 */
/* What json_item_read.c has read. */
#include "base/json_item.h"

#include <string.h>

bool json_item_is(const struct json_item *item, enum json_kind kind) {
    return item != NULL && item->kind == kind;
}

struct str json_item_str(const struct json_item *item) {
    return json_item_is(item, JSON_IS_STRING) ? str_of(item->at, item->len) : STR_NONE;
}

struct str json_item_raw(const struct json_item *item) {
    return item != NULL ? str_of(item->raw, item->raw_len) : STR_NONE;
}

struct str json_item_compact(struct arena *arena, const struct json_item *item) {
    struct str raw = json_item_raw(item);
    if (item == NULL || item->is_compact)
        return raw;
    char *out = arena_alloc(arena, raw.len);
    size_t len = 0;
    bool in_string = false;
    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.at[i];
        if (!in_string && (c == ' ' || c == '\n' || c == '\t' || c == '\r'))
            continue;
        out[len++] = c;
        if (c == '"')
            in_string = !in_string;
        else if (in_string && c == '\\')
            out[len++] = raw.at[++i]; /* also a quote, which ends nothing here */
    }
    return str_of(out, len);
}

int64_t json_item_integer(const struct json_item *item) {
    return json_item_is(item, JSON_IS_INTEGER) ? item->integer : 0;
}

double json_item_real(const struct json_item *item) {
    return json_item_is(item, JSON_IS_REAL) ? item->real : 0;
}

struct json_items json_items(const struct json_item *container) {
    bool has_any = container != NULL && container->span > 1;
    return (struct json_items){.next = has_any ? container + 1 : NULL,
                               .end = has_any ? container + container->span : NULL,
                               .has_names = json_item_is(container, JSON_IS_OBJECT)};
}

bool json_items_next(struct json_items *list) {
    if (list->next == list->end)
        return false;
    list->name = list->has_names ? list->next++ : NULL;
    list->value = list->next;
    list->next += list->value->span;
    return true;
}

/* Many names of claims have three letters: the first tells most of them apart. */
static bool is_named(const struct json_item *item, struct str name) {
    return item->len == name.len &&
           (name.len == 0 || (item->at[0] == name.at[0] && memcmp(item->at, name.at, name.len) == 0));
}

const struct json_item *json_item_member(const struct json_item *object, struct str name) {
    if (!json_item_is(object, JSON_IS_OBJECT))
        return NULL;
    const struct json_item *end = object + object->span;
    for (const struct json_item *at = object + 1; at < end; at += 1 + at[1].span) {
        if (is_named(at, name))
            return at + 1;
    }
    return NULL;
}

struct str json_item_get_str(const struct json_item *object, struct str name) {
    return json_item_str(json_item_member(object, name));
}
