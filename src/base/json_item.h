/* SPDX-License-Identifier: Apache-2.0 */
/* JSON read in place: for text that is read once and looked into a few times, as a token's claims are. The
 * rules are those of json_read (duplicates refused, no NUL, UTF-8, numbers in range, depth), and what it
 * takes and refuses is the same (fuzz/json_item_fuzz.c); but nothing is built. A value is an entry in a list
 * that tells where it stands in the text. */
#pragma once

#include "base/arena.h"

enum json_kind {
    JSON_IS_NULL,
    JSON_IS_BOOLEAN,
    JSON_IS_INTEGER,
    JSON_IS_REAL,
    JSON_IS_STRING,
    JSON_IS_ARRAY,
    JSON_IS_OBJECT
};

/* Immutable; lives in the arena, and its text in the text that was read. In an object a member's name stands
 * before its value, as a string. */
struct json_item {
    union {
        const char *at; /* a string's characters, escapes undone */
        int64_t integer;
        double real;
    };
    const char *raw; /* as it stands in the text, quotes and brackets included */
    uint32_t raw_len;
    uint32_t len;    /* of `at` */
    uint32_t span;   /* items that it takes, with all that is in it: what follows is so many further on */
    uint8_t kind;    /* enum json_kind */
    bool is_compact; /* no white space in it */
};

/* Reads one value that fills `text` but for white space; at most 1 GiB. INVALID, or TOO_LARGE for nesting
 * over `max_depth`, with a sentence without the input's content in `*why` (static; `why` may be NULL). */
NODISCARD enum status json_item_read(struct str text, unsigned max_depth, struct arena *arena,
                                     const struct json_item **value, const char **why);

/* All of these take NULL for a value that is not there. */
bool json_item_is(const struct json_item *item, enum json_kind kind);
struct str json_item_str(const struct json_item *item); /* STR_NONE where it is no string */
struct str json_item_raw(const struct json_item *item); /* its text as it stands; STR_NONE for NULL */
struct str json_item_compact(struct arena *arena, const struct json_item *item); /* without white space */
int64_t json_item_integer(const struct json_item *item); /* 0 where it is no integer */
double json_item_real(const struct json_item *item);     /* 0 where it is no real */
const struct json_item *json_item_member(const struct json_item *object,
                                         struct str name);                     /* NULL where none */
struct str json_item_get_str(const struct json_item *object, struct str name); /* STR_NONE where none */

/* What stands in an array or an object, one after the other: `struct json_items list = json_items(value);
 * while (json_items_next(&list)) …`. What is neither has nothing in it. */
struct json_items {
    const struct json_item *name; /* of a member; NULL in an array */
    const struct json_item *value;
    const struct json_item *next, *end;
    bool has_names;
};
struct json_items json_items(const struct json_item *container);
bool json_items_next(struct json_items *list);
