/* SPDX-License-Identifier: Apache-2.0 */
#include "base/encode.h"

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64url_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Six bits by digit, and one more, so that 0 is no digit. A table, for a branch at each digit could not be
 * guessed. */
#define LETTERS_AND_FIGURES                                                                                  \
    ['A'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,       \
    26, ['a'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49,  \
    50, 51, 52, ['0'] = 53, 54, 55, 56, 57, 58, 59, 60, 61, 62

static const unsigned char base64_values[256] = {LETTERS_AND_FIGURES, ['+'] = 63, ['/'] = 64};
static const unsigned char base64url_values[256] = {LETTERS_AND_FIGURES, ['-'] = 63, ['_'] = 64};

enum { SIX_BITS = 0x3F };

static unsigned char sextet(const unsigned char *values, char digit) {
    return (unsigned char)(values[(unsigned char)digit] - 1);
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

/* Whole groups of four digits; gives whether all of them were digits. */
static bool decode_groups(struct str text, const unsigned char *values, unsigned char *out) {
    unsigned char seen = 0;
    for (size_t i = 0; text.len - i >= 4; i += 4, out += 3) {
        unsigned char a = sextet(values, text.at[i]);
        unsigned char b = sextet(values, text.at[i + 1]);
        unsigned char c = sextet(values, text.at[i + 2]);
        unsigned char d = sextet(values, text.at[i + 3]);
        seen |= a | b | c | d; /* what is no digit has all eight bits */
        out[0] = (unsigned char)(a << 2U | b >> 4U);
        out[1] = (unsigned char)(b << 4U | c >> 2U);
        out[2] = (unsigned char)(c << 6U | d);
    }
    return seen <= SIX_BITS;
}

/* The two or three digits behind the last whole group, or none. A single one says less than a byte, and stray
 * bits behind the last byte would give a value a second spelling (RFC 4648 section 3.5): both are refused. */
static bool decode_rest(struct str rest, const unsigned char *values, unsigned char *out) {
    if (rest.len == 0)
        return true;
    if (rest.len == 1)
        return false;
    unsigned char a = sextet(values, rest.at[0]);
    unsigned char b = sextet(values, rest.at[1]);
    unsigned char c = rest.len == 3 ? sextet(values, rest.at[2]) : 0;
    unsigned char stray = rest.len == 3 ? c & 3U : b & 15U;
    out[0] = (unsigned char)(a << 2U | b >> 4U);
    if (rest.len == 3)
        out[1] = (unsigned char)(b << 4U | c >> 2U);
    return (a | b | c) <= SIX_BITS && stray == 0;
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
