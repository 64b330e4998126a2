/* SPDX-License-Identifier: Apache-2.0 */
#include "base/encode.h"

#include <endian.h>
#include <string.h>

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64url_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* By digit its six bits, and above them the one that says that it is a digit. A table, for a branch at each
 * digit could not be guessed. */
enum { IS_DIGIT = 64, SIX_BITS = 63 };
#define LETTERS_AND_FIGURES                                                                                  \
    ['A'] = 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87,  \
    88, 89, ['a'] = 90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108,     \
    109, 110, 111, 112, 113, 114, 115, ['0'] = 116, 117, 118, 119, 120, 121, 122, 123, 124, 125

static const unsigned char base64_values[256] = {LETTERS_AND_FIGURES, ['+'] = 126, ['/'] = 127};
static const unsigned char base64url_values[256] = {LETTERS_AND_FIGURES, ['-'] = 126, ['_'] = 127};

static uint32_t value_of(const unsigned char *values, char digit) {
    return values[(unsigned char)digit];
}

static unsigned char byte_at(struct str bytes, size_t index) {
    return (unsigned char)bytes.at[index];
}

/* Writes the digits of `bytes`, without padding; gives their number. */
static size_t encode_digits(struct str bytes, const char *digits, char *out) {
    size_t used = 0;
    size_t i = 0;
    for (; bytes.len - i >= 3; i += 3) {
        uint32_t group = (uint32_t)byte_at(bytes, i) << 16U | (uint32_t)byte_at(bytes, i + 1) << 8U |
                         byte_at(bytes, i + 2);
        out[used++] = digits[group >> 18U];
        out[used++] = digits[group >> 12U & 63U];
        out[used++] = digits[group >> 6U & 63U];
        out[used++] = digits[group & 63U];
    }
    size_t rest = bytes.len - i;
    if (rest == 0)
        return used;
    uint32_t group =
        (uint32_t)byte_at(bytes, i) << 16U | (rest == 2 ? (uint32_t)byte_at(bytes, i + 1) << 8U : 0);
    out[used++] = digits[group >> 18U];
    out[used++] = digits[group >> 12U & 63U];
    if (rest == 2)
        out[used++] = digits[group >> 6U & 63U];
    return used;
}

static char *room_for_digits(struct arena *arena, size_t bytes) {
    return arena_alloc_array(arena, bytes / 3 + 1, 4);
}

struct str base64url_encode(struct arena *arena, struct str bytes) {
    char *out = room_for_digits(arena, bytes.len);
    return (struct str){out, encode_digits(bytes, base64url_digits, out)};
}

size_t base64url_len(size_t bytes) {
    return bytes / 3 * 4 + (bytes % 3 == 0 ? 0 : bytes % 3 + 1);
}

struct str base64url_encode_into(char *room, struct str bytes) {
    return (struct str){room, encode_digits(bytes, base64url_digits, room)};
}

struct str base64_encode(struct arena *arena, struct str bytes) {
    char *out = room_for_digits(arena, bytes.len);
    size_t used = encode_digits(bytes, base64_digits, out);
    while (used % 4 != 0)
        out[used++] = '=';
    return (struct str){out, used};
}

/* Whole groups of four digits; gives whether all of them were digits. `out` has room for one byte more. */
static bool decode_groups(struct str text, const unsigned char *values, unsigned char *out) {
    uint32_t all = IS_DIGIT;
    for (size_t i = 0; text.len - i >= 4; i += 4, out += 3) {
        uint32_t a = value_of(values, text.at[i]);
        uint32_t b = value_of(values, text.at[i + 1]);
        uint32_t c = value_of(values, text.at[i + 2]);
        uint32_t d = value_of(values, text.at[i + 3]);
        all &= a & b & c & d;
        /* Each one's bit above is where the next one's lowest is: they are taken off together. */
        uint32_t group =
            (a << 18U) + (b << 12U) + (c << 6U) + d - (IS_DIGIT << 12U) - (IS_DIGIT << 6U) - IS_DIGIT;
        uint32_t bytes = htobe32(group << 8U);
        memcpy(out, &bytes, sizeof bytes); /* three, and one that the next group writes over */
    }
    return all == IS_DIGIT;
}

/* The two or three digits behind the last whole group, or none. A single one says less than a byte, and stray
 * bits behind the last byte would give a value a second spelling (RFC 4648 section 3.5): both are refused. */
static bool decode_rest(struct str rest, const unsigned char *values, unsigned char *out) {
    if (rest.len == 0)
        return true;
    if (rest.len == 1)
        return false;
    uint32_t a = value_of(values, rest.at[0]);
    uint32_t b = value_of(values, rest.at[1]);
    uint32_t c = rest.len == 3 ? value_of(values, rest.at[2]) : IS_DIGIT;
    uint32_t stray = rest.len == 3 ? c & 3U : b & 15U;
    out[0] = (unsigned char)(a << 2U | (b & SIX_BITS) >> 4U);
    if (rest.len == 3)
        out[1] = (unsigned char)(b << 4U | (c & SIX_BITS) >> 2U);
    return (a & b & c & IS_DIGIT) != 0 && stray == 0;
}

static enum status decode_digits(struct arena *arena, struct str text, const unsigned char *values,
                                 struct str *bytes) {
    size_t groups = text.len / 4;
    size_t rest = text.len % 4;
    size_t len = groups * 3 + (rest == 0 ? 0 : rest - 1);
    unsigned char *out = arena_alloc(arena, len + 1);
    if (!decode_groups(text, values, out) ||
        !decode_rest(str_from_index(text, groups * 4), values, out + groups * 3))
        return INVALID;
    *bytes = str_of(out, len);
    return OK;
}

enum status base64url_decode(struct arena *arena, struct str text, struct str *bytes) {
    return decode_digits(arena, text, base64url_values, bytes);
}

enum status base64_decode(struct arena *arena, struct str text, struct str *bytes) {
    if (text.len % 4 != 0)
        return INVALID;
    size_t padding = 0;
    while (padding < 2 && padding < text.len && text.at[text.len - 1 - padding] == '=')
        padding++;
    return decode_digits(arena, str_slice(text, 0, text.len - padding), base64_values, bytes);
}

struct str hex_encode(struct arena *arena, struct str bytes) {
    static const char digits[] = "0123456789abcdef";
    char *out = arena_alloc_array(arena, bytes.len + 1, 2);
    for (size_t i = 0; i < bytes.len; i++) {
        out[2 * i] = digits[byte_at(bytes, i) >> 4U];
        out[2 * i + 1] = digits[byte_at(bytes, i) & 15U];
    }
    return (struct str){out, bytes.len * 2};
}

static int nibble(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

enum status hex_decode(struct arena *arena, struct str text, struct str *bytes) {
    if (text.len % 2 != 0)
        return INVALID;
    unsigned char *out = arena_alloc(arena, text.len / 2 + 1);
    for (size_t i = 0; i < text.len; i += 2) {
        int high = nibble(text.at[i]);
        int low = nibble(text.at[i + 1]);
        if (high < 0 || low < 0)
            return INVALID;
        out[i / 2] = (unsigned char)(high << 4 | low);
    }
    *bytes = str_of(out, text.len / 2);
    return OK;
}

static bool is_unreserved(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

struct str percent_encode(struct arena *arena, struct str text) {
    static const char digits[] = "0123456789ABCDEF";
    char *out = arena_alloc_array(arena, text.len + 1, 3);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (is_unreserved(text.at[i])) {
            out[len++] = text.at[i];
            continue;
        }
        out[len++] = '%';
        out[len++] = digits[byte_at(text, i) >> 4U];
        out[len++] = digits[byte_at(text, i) & 15U];
    }
    return (struct str){out, len};
}
