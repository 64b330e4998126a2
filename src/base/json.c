/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* Says what jansson found, in words that hold none of the input: its own text quotes it. */
static const char *describe(enum json_error_code code) {
    switch (code) {
    case json_error_duplicate_key:
        return "A member stands twice in one object.";
    case json_error_invalid_utf8:
        return "The text is not valid UTF-8.";
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "A string holds the character NUL.";
    case json_error_numeric_overflow:
        return "A number is out of range.";
    case json_error_premature_end_of_input:
        return "The text ends too early.";
    case json_error_end_of_input_expected:
        return "Something stands behind the end of the value.";
    default:
        return "The text is not JSON.";
    }
}

static void report(struct json_error *error, unsigned line, unsigned column, const char *what) {
    if (error != NULL)
        *error = (struct json_error){line, column, what};
}

/* jansson's own bound on nesting is fixed at 2,048; ours is looked at beforehand, without building anything.
 * Text that is not JSON may be misread here: it is refused right afterwards. */
static enum status scan(struct str text, unsigned max_depth, struct json_error *error) {
    unsigned depth = 0;
    unsigned line = 1;
    unsigned column = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool continues_character = ((unsigned char)c & 0xC0U) == 0x80U;
        column += continues_character ? 0 : 1;
        if (in_string) {
            if (c == '\\' && i + 1 < text.len) {
                i++;
                column++;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '\0') { /* jansson takes some for the end of the text */
            report(error, line, column, describe(json_error_invalid_syntax));
            return INVALID;
        } else if (c == '{' || c == '[') {
            if (++depth > max_depth) {
                report(error, line, column, "The value is nested too deeply.");
                return TOO_LARGE;
            }
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        } else if (c == '\n') {
            line++;
            column = 0;
        }
    }
    return OK;
}

enum status json_read(struct str text, unsigned max_depth, json_t **value, struct json_error *error) {
    *value = NULL;
    if (text.len == 0) {
        report(error, 1, 1, describe(json_error_premature_end_of_input));
        return INVALID;
    }
    TRY(scan(text, max_depth, error));
    json_error_t found;
    json_t *read = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &found);
    if (read == NULL) {
        unsigned line = found.line > 0 ? (unsigned)found.line : 1;
        unsigned column = found.column > 0 ? (unsigned)found.column : 1;
        report(error, line, column, describe(json_error_code(&found)));
        return INVALID;
    }
    *value = read;
    return OK;
}

/* How many digits the reals in `value` need to come back as the same numbers: 15 for most (1234.56 stays as
 * it is written), 17 for all. */
static int real_digits(const json_t *value) {
    int most = 15;
    if (json_is_real(value)) {
        double real = json_real_value(value);
        char text[32];
        for (; most < 17; most++) {
            snprintf(text, sizeof text, "%.*g", most, real);
            if (strtod(text, NULL) == real)
                break;
        }
        return most;
    }
    const char *name;
    json_t *item;
    size_t i;
    json_object_foreach((json_t *)value, name, item) {
        int digits = real_digits(item);
        most = digits > most ? digits : most;
    }
    json_array_foreach(value, i, item) {
        int digits = real_digits(item);
        most = digits > most ? digits : most;
    }
    return most;
}

static int append_piece(const char *piece, size_t len, void *buffer) {
    buffer_append(buffer, str_of(piece, len));
    return 0;
}

static struct str write_with(struct arena *arena, const json_t *value, size_t flags) {
    AUTO_BUFFER text = BUFFER_EMPTY;
    flags |= JSON_ENCODE_ANY | JSON_REAL_PRECISION((size_t)real_digits(value));
    if (json_dump_callback(value, append_piece, &text, flags) != 0)
        return STR("null"); /* no value, or one that holds itself */
    return arena_copy(arena, buffer_text(&text));
}

/* RFC 8259 section 7: quote, backslash and control characters; nothing else must be escaped. */
static void append_escape(struct buffer *buffer, char c) {
    static const char from[] = "\"\\\b\f\n\r\t";
    static const char to[] = "\"\\bfnrt";
    const char *known = memchr(from, c, sizeof from - 1);
    if (known != NULL) {
        buffer_append_byte(buffer, '\\');
        buffer_append_byte(buffer, to[known - from]);
    } else {
        buffer_print(buffer, "\\u%04X", (unsigned)(unsigned char)c);
    }
}

static void append_quoted(struct buffer *buffer, struct str s) {
    size_t begin = 0;
    buffer_reserve(buffer, s.len + 2);
    buffer_append_byte(buffer, '"');
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        if ((unsigned char)c >= ' ' && c != '"' && c != '\\')
            continue;
        buffer_append(buffer, str_slice(s, begin, i));
        append_escape(buffer, c);
        begin = i + 1;
    }
    buffer_append(buffer, str_from_index(s, begin));
    buffer_append_byte(buffer, '"');
}

void json_append_str(struct buffer *buffer, struct str s) {
    if (str_is_utf8(s))
        append_quoted(buffer, s);
    else
        buffer_append(buffer, STR("null"));
}

/* ---- compact text: what is written for every frame and answer. jansson's own writer remembers each
 * container by a printed address to find one that holds itself, and hands out piece by piece: it took three
 * times as long. ---- */

static void append_number(struct buffer *buffer, const json_t *number) {
    enum { NUMBER_MAX = 64 };
    char text[NUMBER_MAX];
    size_t len = json_dumpb(number, text, sizeof text,
                            JSON_ENCODE_ANY | JSON_REAL_PRECISION((size_t)real_digits(number)));
    if (len == 0)
        mem_exhausted(); /* a number has some text always: what jansson lacked is memory */
    buffer_append(buffer, len <= sizeof text ? str_of(text, len) : STR("null"));
}

static bool append_value(struct buffer *buffer, const json_t *value, unsigned depth);

static bool append_object(struct buffer *buffer, const json_t *object, unsigned depth) {
    struct json_walk walk = {0};
    char before = '{';
    while (json_walk_next(object, &walk)) {
        buffer_append_byte(buffer, before);
        append_quoted(buffer, walk.name);
        buffer_append_byte(buffer, ':');
        if (!append_value(buffer, walk.value, depth))
            return false;
        before = ',';
    }
    buffer_append(buffer, before == '{' ? STR("{}") : STR("}"));
    return true;
}

static bool append_array(struct buffer *buffer, const json_t *array, unsigned depth) {
    buffer_append_byte(buffer, '[');
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i > 0)
            buffer_append_byte(buffer, ',');
        if (!append_value(buffer, json_array_get(array, i), depth))
            return false;
    }
    buffer_append_byte(buffer, ']');
    return true;
}

/* False: deeper than anything that was ever read; it must hold itself. */
static bool append_value(struct buffer *buffer, const json_t *value, unsigned depth) {
    enum { DEPTH_MAX = 2048 };
    if (value == NULL || depth > DEPTH_MAX)
        return false;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return append_object(buffer, value, depth + 1);
    case JSON_ARRAY:
        return append_array(buffer, value, depth + 1);
    case JSON_STRING:
        append_quoted(buffer, json_str(value));
        return true;
    case JSON_INTEGER:
    case JSON_REAL:
        append_number(buffer, value);
        return true;
    case JSON_TRUE:
        buffer_append(buffer, STR("true"));
        return true;
    case JSON_FALSE:
        buffer_append(buffer, STR("false"));
        return true;
    case JSON_NULL:
        buffer_append(buffer, STR("null"));
        return true;
    }
    return false;
}

struct str json_write(struct arena *arena, const json_t *value) {
    AUTO_BUFFER text = BUFFER_EMPTY;
    return append_value(&text, value, 0) ? arena_copy(arena, buffer_text(&text)) : STR("null");
}

struct str json_write_sorted(struct arena *arena, const json_t *value) {
    return write_with(arena, value, JSON_COMPACT | JSON_SORT_KEYS);
}

struct str json_write_pretty(struct arena *arena, const json_t *value) {
    return write_with(arena, value, JSON_INDENT(2));
}

struct str json_str(const json_t *string) {
    if (!json_is_string(string))
        return STR_NONE;
    return str_of(json_string_value(string), json_string_length(string));
}

struct str json_get_str(const json_t *object, const char *name) {
    return json_str(json_object_get(object, name));
}

int64_t json_get_int(const json_t *object, const char *name, int64_t fallback) {
    const json_t *member = json_object_get(object, name);
    return json_is_integer(member) ? json_integer_value(member) : fallback;
}

bool json_get_bool(const json_t *object, const char *name, bool fallback) {
    const json_t *member = json_object_get(object, name);
    return json_is_boolean(member) ? json_is_true(member) : fallback;
}

json_t *json_get_object(const json_t *object, const char *name) {
    json_t *member = json_object_get(object, name);
    return json_is_object(member) ? member : NULL;
}

json_t *json_get_array(const json_t *object, const char *name) {
    json_t *member = json_object_get(object, name);
    return json_is_array(member) ? member : NULL;
}

json_t *json_from_str(struct str s) {
    json_t *string = json_stringn(s.at == NULL ? "" : s.at, s.len);
    return string == NULL ? json_null() : string;
}

json_t *json_member(const json_t *object, struct str name) {
    return name.at == NULL ? NULL : json_object_getn(object, name.at, name.len);
}

void json_set(json_t *object, struct str name, json_t *value) {
    int failed = json_object_setn_new(object, name.at == NULL ? "" : name.at, name.len, value);
    (void)failed; /* a name that is not UTF-8: the value has been released, the object is as it was */
}

struct str json_pointer_add(struct arena *arena, struct str pointer, struct str member) {
    AUTO_BUFFER text = BUFFER_EMPTY;
    buffer_append(&text, pointer);
    buffer_append_byte(&text, '/');
    for (size_t i = 0; i < member.len; i++) {
        if (member.at[i] == '~')
            buffer_append(&text, STR("~0"));
        else if (member.at[i] == '/')
            buffer_append(&text, STR("~1"));
        else
            buffer_append_byte(&text, member.at[i]);
    }
    return arena_copy(arena, buffer_text(&text));
}

bool json_walk_next(const json_t *object, struct json_walk *walk) {
    json_t *walked = (json_t *)object; /* jansson's iterators take no const, and change nothing */
    walk->place = walk->place == NULL ? json_object_iter(walked) : json_object_iter_next(walked, walk->place);
    if (walk->place == NULL)
        return false;
    walk->name = str_of(json_object_iter_key(walk->place), json_object_iter_key_len(walk->place));
    walk->value = json_object_iter_value(walk->place);
    return true;
}

static void release(void *value) {
    json_decref(value);
}

json_t *json_keep(struct arena *arena, json_t *value) {
    if (value != NULL)
        arena_at_end(arena, release, value);
    return value;
}
