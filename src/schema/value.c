/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/value.h"

#include "base/json.h"

#include <math.h>

enum { QUOTE_BYTES_MAX = 60 };

static bool real_is_integral(double number) {
    return isfinite(number) && floor(number) == number;
}

unsigned value_types(const json_t *value) {
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return TYPE_OBJECT;
    case JSON_ARRAY:
        return TYPE_ARRAY;
    case JSON_STRING:
        return TYPE_STRING;
    case JSON_INTEGER:
        return TYPE_NUMBER | TYPE_INTEGER;
    case JSON_REAL:
        return real_is_integral(json_real_value(value)) ? TYPE_NUMBER | TYPE_INTEGER : TYPE_NUMBER;
    case JSON_TRUE:
    case JSON_FALSE:
        return TYPE_BOOLEAN;
    case JSON_NULL:
    default:
        return TYPE_NULL;
    }
}

const char *value_type_name(const json_t *value) {
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "a boolean";
    case JSON_NULL:
    default:
        return "null";
    }
}

bool value_is_deeper_than(const json_t *value, unsigned depth) {
    if (!json_is_object(value) && !json_is_array(value))
        return false;
    if (depth == 0)
        return true;
    if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value); i++)
            if (value_is_deeper_than(json_array_get(value, i), depth - 1))
                return true;
        return false;
    }
    struct json_walk walk = {0};
    while (json_walk_next(value, &walk))
        if (value_is_deeper_than(walk.value, depth - 1))
            return true;
    return false;
}

static bool spend(unsigned *steps_left) {
    if (*steps_left == 0)
        return false;
    (*steps_left)--;
    return true;
}

static bool objects_equal(const json_t *a, const json_t *b, unsigned *steps_left) {
    if (json_object_size(a) != json_object_size(b))
        return false;
    struct json_walk walk = {0};
    while (json_walk_next(a, &walk)) {
        const json_t *other = json_member(b, walk.name);
        if (!other || !value_equal(walk.value, other, steps_left))
            return false;
    }
    return true;
}

bool value_equal(const json_t *a, const json_t *b, unsigned *steps_left) {
    if (!spend(steps_left))
        return false;
    if (json_is_number(a) && json_is_number(b))
        return number_compare(a, b) == 0;
    if (json_typeof(a) != json_typeof(b))
        return false;
    if (json_is_string(a))
        return str_equal(json_str(a), json_str(b));
    if (json_is_object(a))
        return objects_equal(a, b, steps_left);
    if (!json_is_array(a))
        return true;
    if (json_array_size(a) != json_array_size(b))
        return false;
    for (size_t i = 0; i < json_array_size(a); i++)
        if (!value_equal(json_array_get(a, i), json_array_get(b, i), steps_left))
            return false;
    return true;
}

static uint64_t mix(uint64_t hash, uint64_t more) {
    hash = (hash ^ more) * 0x9E3779B97F4A7C15U;
    return hash ^ (hash >> 29);
}

static uint64_t number_hash(const json_t *number) {
    double as_real = json_number_value(number) + 0.0; /* -0.0 becomes 0.0 */
    return mix(JSON_REAL, str_hash(str_of(&as_real, sizeof as_real)));
}

uint64_t value_hash(const json_t *value, unsigned *steps_left) {
    if (!spend(steps_left))
        return 0;
    if (json_is_number(value))
        return number_hash(value);
    uint64_t hash = mix(1, (uint64_t)json_typeof(value));
    if (json_is_string(value))
        return mix(hash, str_hash(json_str(value)));
    if (json_is_array(value))
        for (size_t i = 0; i < json_array_size(value); i++)
            hash = mix(hash, value_hash(json_array_get(value, i), steps_left));
    struct json_walk walk = {0};
    while (json_walk_next(value, &walk)) /* a sum, so that the members' order says nothing */
        hash += mix(str_hash(walk.name), value_hash(walk.value, steps_left));
    return hash;
}

static struct str clip(struct arena *arena, struct str text) {
    if (text.len <= QUOTE_BYTES_MAX)
        return text;
    size_t end = QUOTE_BYTES_MAX;
    while (end > 0 && ((unsigned char)text.at[end] & 0xC0) == 0x80) /* not within a character */
        end--;
    return arena_join(arena, 2, (const struct str[]){str_slice(text, 0, end), STR("…")});
}

struct str value_quote(struct arena *arena, struct str text) {
    json_auto_t *string = json_from_str(clip(arena, text));
    return json_write(arena, string);
}

struct str value_quote_json(struct arena *arena, const json_t *value) {
    return clip(arena, json_write(arena, value));
}

size_t value_character_count(struct str utf8) {
    size_t count = 0;
    for (size_t i = 0; i < utf8.len; i++)
        count += ((unsigned char)utf8.at[i] & 0xC0) != 0x80;
    return count;
}
