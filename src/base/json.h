/* SPDX-License-Identifier: Apache-2.0 */
/* JSON by jansson, read strictly (RFC 8259, and I-JSON, RFC 7493, where it matters): a member that stands
 * twice, nesting over the bound, invalid UTF-8, NUL in a string and numbers out of range are refused. */
#pragma once

#include "base/arena.h"
#include "base/buffer.h"

#include <jansson.h>

struct json_error {
    unsigned line;    /* from 1; 0 where there is no place to name */
    unsigned column;  /* from 1, in characters */
    const char *what; /* a sentence without the input's content; static */
};

enum { JSON_DEPTH_TOKEN = 16, JSON_DEPTH_DOCUMENT = 64 };

/* Reads one JSON value that fills `text` but for white space. `error` may be NULL. The value is the caller's
 * to json_decref (jansson's `json_auto_t` does it). INVALID, or TOO_LARGE for nesting over `max_depth`. */
NODISCARD enum status json_read(struct str text, unsigned max_depth, json_t **value,
                                struct json_error *error);

/* Compact text without white space, members in their order. The text lives in the arena. */
struct str json_write(struct arena *arena, const json_t *value);
/* The same with members sorted by name, so that equal values give equal text. */
struct str json_write_sorted(struct arena *arena, const json_t *value);
/* A string with its quotes, as json_write writes one, for text that is put together by hand. */
void json_append_str(struct buffer *buffer, struct str s);
/* Indented, for people. */
struct str json_write_pretty(struct arena *arena, const json_t *value);

/* Members, typed: STR_NONE, the fallback or NULL where the member is absent or of another type. */
struct str json_get_str(const json_t *object, const char *name);
int64_t json_get_int(const json_t *object, const char *name, int64_t fallback);
bool json_get_bool(const json_t *object, const char *name, bool fallback);
json_t *json_get_object(const json_t *object, const char *name); /* borrowed */
json_t *json_get_array(const json_t *object, const char *name);  /* borrowed */
struct str json_str(const json_t *string);                       /* STR_NONE where it is no string */
json_t *
json_from_str(struct str s); /* a new string; what is not UTF-8 gives JSON's null, never a NULL pointer */
json_t *json_member(const json_t *object, struct str name);    /* borrowed, or NULL; by slice */
void json_set(json_t *object, struct str name, json_t *value); /* takes `value` over, even where it fails */
/* The JSON pointer (RFC 6901) to `member` of the value at `pointer`: "~" and "/" in its name are escaped. */
struct str json_pointer_add(struct arena *arena, struct str pointer, struct str member);

/* A misspelt member must not be ignored. The first whose name is not among `known` (which ends with NULL);
 * STR_NONE where there is none, or where `object` is no object. */
struct str json_unknown_member(const json_t *object, const char *const *known);
/* What to say of it: "There is no such member here. Did you mean "origins"?", or else which there are.
 * Nothing of `name` itself is in it. */
struct str json_no_such_member(struct arena *arena, struct str name, const char *const *known);

/* The members of an object one after the other: `struct json_walk walk = {0}; while (json_walk_next(object,
 * &walk)) …`. The value is borrowed; the object must not get or lose members meanwhile. What is no object has
 * none. */
struct json_walk {
    struct str name;
    json_t *value;
    void *place; /* jansson's */
};
bool json_walk_next(const json_t *object, struct json_walk *walk);

/* The arena takes the reference over: it is released when the arena is reset or freed. Gives `value`; NULL is
 * fine. */
json_t *json_keep(struct arena *arena, json_t *value);
