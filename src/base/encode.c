/* SPDX-License-Identifier: Apache-2.0 */
#include "base/encode.h"

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64url_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Six bits by digit, shared by both alphabets but for the last two digits; 0xFF is no digit of either. */
enum { NO_DIGIT = 0xFF };

static unsigned char sextet(char c, char digit_62, char digit_63) {
    if (c >= 'A' && c <= 'Z')
        return (unsigned char)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (unsigned char)(c - 'a' + 26);
    if (c >= '0' && c <= '9')
        return (unsigned char)(c - '0' + 52);
    if (c == digit_62)
        return 62;
    return c == digit_63 ? 63 : NO_DIGIT;
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

struct str base64_encode(struct arena *arena, struct str bytes) {
    char *out = room_for_digits(arena, bytes.len);
    size_t used = encode_digits(bytes, base64_digits, out);
    while (used % 4 != 0)
        out[used++] = '=';
    return (struct str){out, used};
}

/* Reads unpadded digits. A last group of one digit says less than a byte, and stray bits behind the last byte
 * would give a value a second spelling (RFC 4648 section 3.5): both are refused. */
static enum status decode_digits(struct arena *arena, struct str text, char digit_62, char digit_63,
                                 struct str *bytes) {
    size_t rest = text.len % 4;
    if (rest == 1)
        return INVALID;
    size_t len = text.len / 4 * 3 + (rest == 0 ? 0 : rest - 1);
    unsigned char *out = arena_alloc(arena, len + 1);
    size_t used = 0;
    uint32_t group = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char six = sextet(text.at[i], digit_62, digit_63);
        if (six == NO_DIGIT)
            return INVALID;
        group = group << 6U | six;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[used++] = (unsigned char)(group >> bits);
            group &= (1U << bits) - 1U;
        }
    }
    if (group != 0)
        return INVALID;
    *bytes = str_of(out, used);
    return OK;
}

enum status base64url_decode(struct arena *arena, struct str text, struct str *bytes) {
    return decode_digits(arena, text, '-', '_', bytes);
}

enum status base64_decode(struct arena *arena, struct str text, struct str *bytes) {
    if (text.len % 4 != 0)
        return INVALID;
    size_t padding = 0;
    while (padding < 2 && padding < text.len && text.at[text.len - 1 - padding] == '=')
        padding++;
    return decode_digits(arena, str_slice(text, 0, text.len - padding), '+', '/', bytes);
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
