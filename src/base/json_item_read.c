/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_item.h"

#include <endian.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ITEMS_AT_FIRST = 48, TEXT_MAX = 1 << 30, FEW_MEMBERS = 16 };

static const char not_json[] = "The text is not JSON.";
static const char ends_early[] = "The text ends too early.";
static const char goes_on[] = "Something stands behind the end of the value.";
static const char not_utf8[] = "The text is not valid UTF-8.";
static const char holds_nul[] = "A string holds the character NUL.";
static const char out_of_range[] = "A number is out of range.";
static const char stands_twice[] = "A member stands twice in one object.";
static const char too_long[] = "The text is longer than 1 GiB.";
static const char too_deep[] = "The value is nested too deeply.";

struct reader {
    const char *at, *end;
    struct arena *arena;
    struct json_item *items;
    uint32_t count, capacity;
    unsigned depth_left;
    bool has_space; /* white space was passed over since this was last set to false */
    const char *why;
};

static bool fail(struct reader *reader, const char *why) {
    reader->why = why;
    return false;
}

/* The index of a new item that begins here. */
static uint32_t add_item(struct reader *reader, enum json_kind kind) {
    if (reader->count == reader->capacity) {
        uint32_t more = reader->capacity == 0 ? ITEMS_AT_FIRST : 2 * reader->capacity;
        struct json_item *items = arena_alloc_array(reader->arena, more, sizeof *items);
        if (reader->count > 0)
            memcpy(items, reader->items, reader->count * sizeof *items);
        reader->items = items;
        reader->capacity = more;
    }
    reader->items[reader->count] = (struct json_item){.raw = reader->at, .kind = (uint8_t)kind};
    return reader->count++;
}

/* The item ends here, and with it all that is in it. */
static void end_item(struct reader *reader, uint32_t index, bool is_compact) {
    struct json_item *item = &reader->items[index];
    item->raw_len = (uint32_t)(reader->at - item->raw);
    item->span = reader->count - index;
    item->is_compact = is_compact;
}

static void skip_space(struct reader *reader) {
    const char *begin = reader->at;
    while (reader->at < reader->end &&
           (*reader->at == ' ' || *reader->at == '\n' || *reader->at == '\t' || *reader->at == '\r'))
        reader->at++;
    reader->has_space = reader->has_space || reader->at != begin;
}

static bool is_next(const struct reader *reader, char c) {
    return reader->at < reader->end && *reader->at == c;
}

/* What stands here instead of what must. */
static bool fail_here(struct reader *reader) {
    return fail(reader, reader->at == reader->end ? ends_early : not_json);
}

/* ---- strings: RFC 8259 section 7 ---- */

#define EACH(byte) (0x0101010101010101U * (uint64_t)(byte))

/* The highest bit of each of eight bytes that is below `least` (at most 128): of the lowest such byte
 * rightly, of those above it perhaps wrongly. None of the eight has its own highest bit set. */
static uint64_t mark_below(uint64_t eight, unsigned char least) {
    return (eight - EACH(least)) & ~eight & EACH(0x80);
}

static bool is_plain(char c) {
    return (unsigned char)c >= ' ' && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

/* Past everything that stands for itself: ASCII but for quote, backslash and control characters. */
static const char *skip_plain(const char *at, const char *end) {
    for (uint64_t eight; end - at >= (ptrdiff_t)sizeof eight; at += sizeof eight) {
        memcpy(&eight, at, sizeof eight);
        eight = le64toh(eight);
        uint64_t marks = (eight & EACH(0x80)) | mark_below(eight, ' ') | mark_below(eight ^ EACH('"'), 1) |
                         mark_below(eight ^ EACH('\\'), 1);
        if (marks != 0)
            return at + __builtin_ctzll(marks) / 8;
    }
    while (at < end && is_plain(*at))
        at++;
    return at;
}

/* To the closing quote. What a backslash means is looked at later. */
static bool find_quote(struct reader *reader, bool *has_escapes) {
    const char *at = reader->at;
    for (;;) {
        at = skip_plain(at, reader->end);
        if (at == reader->end)
            return fail(reader, ends_early);
        if (*at == '"')
            break;
        if (*at == '\\') {
            *has_escapes = true;
            at += 2;
            if (at > reader->end)
                return fail(reader, ends_early);
            continue;
        }
        if ((unsigned char)*at < ' ')
            return fail(reader, not_json);
        size_t len = str_utf8_sequence(str_of(at, (size_t)(reader->end - at)));
        if (len == 0)
            return fail(reader, not_utf8);
        at += len;
    }
    reader->at = at;
    return true;
}

/* Four hexadecimal digits, or -1. */
static int32_t read_hex(const char *at, const char *end) {
    int32_t value = 0;
    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static char *put_utf8(char *out, int32_t point) {
    uint32_t code = (uint32_t)point;
    if (code < 0x80) {
        *out++ = (char)code;
        return out;
    }
    unsigned more = code < 0x800 ? 1 : (code < 0x10000 ? 2 : 3);
    static const unsigned char first[] = {0, 0xC0, 0xE0, 0xF0};
    *out++ = (char)(first[more] | code >> 6 * more);
    while (more-- > 0)
        *out++ = (char)(0x80U | (code >> 6 * more & 0x3FU));
    return out;
}

/* "\uXXXX", or two of them that are one character; behind the "u". */
static bool read_unicode(struct reader *reader, const char **at, const char *end, char **out) {
    int32_t point = read_hex(*at, end);
    if (point < 0)
        return fail(reader, not_json);
    *at += 4;
    if (point >= 0xD800 && point <= 0xDBFF) {
        bool is_pair = end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u';
        int32_t low = is_pair ? read_hex(*at + 2, end) : -1;
        if (low < 0xDC00 || low > 0xDFFF)
            return fail(reader, not_json);
        *at += 6;
        point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
    } else if (point >= 0xDC00 && point <= 0xDFFF) {
        return fail(reader, not_json);
    }
    if (point == 0)
        return fail(reader, holds_nul);
    *out = put_utf8(*out, point);
    return true;
}

/* The characters from `at` to `end`, which no escape makes longer, with escapes undone. */
static bool undo_escapes(struct reader *reader, const char *at, const char *end, struct str *text) {
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    char *begin = arena_alloc(reader->arena, (size_t)(end - at) + 1);
    char *out = begin;
    while (at < end) {
        if (*at != '\\') {
            *out++ = *at++;
            continue;
        }
        char letter = at[1]; /* find_quote has seen to it that there is one */
        const char *known = memchr(letters, letter, sizeof letters - 1);
        at += 2;
        if (known != NULL)
            *out++ = meanings[known - letters];
        else if (letter != 'u')
            return fail(reader, not_json);
        else if (!read_unicode(reader, &at, end, &out))
            return false;
    }
    *text = str_of(begin, (size_t)(out - begin));
    return true;
}

static bool read_string(struct reader *reader) {
    bool has_escapes = false;
    uint32_t index = add_item(reader, JSON_IS_STRING);
    const char *begin = ++reader->at;
    if (!find_quote(reader, &has_escapes))
        return false;
    struct str text = str_of(begin, (size_t)(reader->at - begin));
    if (has_escapes && !undo_escapes(reader, begin, reader->at, &text))
        return false;
    reader->at++;
    reader->items[index].at = text.at;
    reader->items[index].len = (uint32_t)text.len;
    end_item(reader, index, true);
    return true;
}

/* ---- numbers and words: sections 6 and 3 ---- */

static bool skip_digits(struct reader *reader) {
    const char *begin = reader->at;
    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9')
        reader->at++;
    return reader->at > begin || fail_here(reader);
}

/* A program around libchatelaine may have set a locale whose decimal point is a comma. glibc's own "C" is a
 * constant: nothing is allocated, nothing to free. */
static double read_real(struct arena *arena, struct str text) {
    return strtod_l(arena_terminated(arena, text), NULL, newlocale(LC_ALL_MASK, "C", (locale_t)0));
}

/* False: out of range. */
static bool set_value(struct arena *arena, struct json_item *item) {
    if (item->kind == JSON_IS_INTEGER)
        return str_to_int64(json_item_raw(item), &item->integer) == OK;
    item->real = read_real(arena, json_item_raw(item));
    return isfinite(item->real);
}

static bool read_number(struct reader *reader) {
    uint32_t index = add_item(reader, JSON_IS_INTEGER);
    enum json_kind kind = JSON_IS_INTEGER;
    if (*reader->at == '-')
        reader->at++;
    if (is_next(reader, '0'))
        reader->at++; /* a digit behind it would be no part of the number, and nothing else either */
    else if (!skip_digits(reader))
        return false;
    if (is_next(reader, '.')) {
        kind = JSON_IS_REAL;
        reader->at++;
        if (!skip_digits(reader))
            return false;
    }
    if (is_next(reader, 'e') || is_next(reader, 'E')) {
        kind = JSON_IS_REAL;
        reader->at++;
        if (is_next(reader, '+') || is_next(reader, '-'))
            reader->at++;
        if (!skip_digits(reader))
            return false;
    }
    reader->items[index].kind = (uint8_t)kind;
    end_item(reader, index, true);
    return set_value(reader->arena, &reader->items[index]) || fail(reader, out_of_range);
}

static bool read_word(struct reader *reader, struct str word, enum json_kind kind) {
    struct str rest = str_of(reader->at, (size_t)(reader->end - reader->at));
    if (!str_starts_with(rest, word))
        return fail(reader, not_json);
    uint32_t index = add_item(reader, kind);
    reader->at += word.len;
    end_item(reader, index, true);
    return true;
}

/* ---- arrays and objects ---- */

static int compare_names(const void *a, const void *b) {
    return str_compare(json_item_str(*(const struct json_item *const *)a),
                       json_item_str(*(const struct json_item *const *)b));
}

static bool are_some_equal(const struct json_item *const *names, size_t count) {
    for (size_t i = 1; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (names[i]->len == names[j]->len && memcmp(names[i]->at, names[j]->at, names[i]->len) == 0)
                return true;
        }
    }
    return false;
}

/* Few are compared each with each, many are sorted first: who sends a thousand shall not cost a million
 * comparisons. */
static bool has_duplicates(struct reader *reader, uint32_t object, size_t members) {
    const struct json_item *few[FEW_MEMBERS];
    const struct json_item **names =
        members <= FEW_MEMBERS ? few : arena_alloc_array(reader->arena, members, sizeof *names);
    uint32_t at = object + 1;
    for (size_t i = 0; i < members; i++) {
        names[i] = &reader->items[at];
        at += 1 + reader->items[at + 1].span;
    }
    if (members <= FEW_MEMBERS)
        return are_some_equal(names, members);
    qsort(names, members, sizeof *names, compare_names);
    for (size_t i = 1; i < members; i++) {
        if (compare_names(&names[i - 1], &names[i]) == 0)
            return true;
    }
    return false;
}

static bool read_value(struct reader *reader);

static bool read_member(struct reader *reader) {
    skip_space(reader);
    if (!is_next(reader, '"'))
        return fail_here(reader);
    if (!read_string(reader))
        return false;
    skip_space(reader);
    if (!is_next(reader, ':'))
        return fail_here(reader);
    reader->at++;
    return read_value(reader);
}

/* `[` or `{` and all up to its end. */
static bool read_container(struct reader *reader, enum json_kind kind, char end) {
    bool had_space = reader->has_space;
    size_t count = 0;
    uint32_t index = add_item(reader, kind);
    if (reader->depth_left == 0)
        return fail(reader, too_deep);
    reader->depth_left--;
    reader->has_space = false;
    reader->at++;
    skip_space(reader);
    if (!is_next(reader, end)) {
        for (;;) {
            if (!(kind == JSON_IS_OBJECT ? read_member(reader) : read_value(reader)))
                return false;
            count++;
            skip_space(reader);
            if (!is_next(reader, ','))
                break;
            reader->at++;
        }
    }
    if (!is_next(reader, end))
        return fail_here(reader);
    reader->at++;
    reader->depth_left++;
    end_item(reader, index, !reader->has_space);
    reader->has_space = reader->has_space || had_space;
    return kind != JSON_IS_OBJECT || !has_duplicates(reader, index, count) || fail(reader, stands_twice);
}

static bool read_value(struct reader *reader) {
    skip_space(reader);
    if (reader->at == reader->end)
        return fail(reader, ends_early);
    switch (*reader->at) {
    case '{':
        return read_container(reader, JSON_IS_OBJECT, '}');
    case '[':
        return read_container(reader, JSON_IS_ARRAY, ']');
    case '"':
        return read_string(reader);
    case 't':
        return read_word(reader, STR("true"), JSON_IS_BOOLEAN);
    case 'f':
        return read_word(reader, STR("false"), JSON_IS_BOOLEAN);
    case 'n':
        return read_word(reader, STR("null"), JSON_IS_NULL);
    default:
        if (*reader->at != '-' && (*reader->at < '0' || *reader->at > '9'))
            return fail(reader, not_json);
        return read_number(reader);
    }
}

enum status json_item_read(struct str text, unsigned max_depth, struct arena *arena,
                           const struct json_item **value, const char **why) {
    struct reader reader = {
        .at = text.at, .end = text.at + text.len, .arena = arena, .depth_left = max_depth};
    *value = NULL;
    bool is_read = text.len <= TEXT_MAX ? read_value(&reader) : fail(&reader, too_long);
    skip_space(&reader);
    if (is_read && reader.at < reader.end)
        is_read = fail(&reader, goes_on);
    if (!is_read) {
        if (why != NULL)
            *why = reader.why;
        return reader.why == too_deep || reader.why == too_long ? TOO_LARGE : INVALID;
    }
    *value = reader.items;
    return OK;
}
