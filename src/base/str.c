/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <openssl/crypto.h>
#include <string.h>

struct str str_from(const char *terminated) {
    return terminated == NULL ? STR_NONE : (struct str){terminated, strlen(terminated)};
}

struct str str_of(const void *at, size_t len) {
    return (struct str){at, len};
}

bool str_equal(struct str a, struct str b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static unsigned char lower(char c) {
    unsigned char byte = (unsigned char)c;
    return byte >= 'A' && byte <= 'Z' ? (unsigned char)(byte | 0x20U) : byte;
}

bool str_equal_ignore_case(struct str a, struct str b) {
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.at[i]) != lower(b.at[i]))
            return false;
    }
    return true;
}

bool str_equal_secret(struct str a, struct str b) {
    return a.len == b.len && (a.len == 0 || CRYPTO_memcmp(a.at, b.at, a.len) == 0);
}

int str_compare(struct str a, struct str b) {
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common == 0 ? 0 : memcmp(a.at, b.at, common);
    if (order != 0)
        return order;
    return a.len < b.len ? -1 : (a.len > b.len ? 1 : 0);
}

bool str_starts_with(struct str s, struct str prefix) {
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.at, prefix.at, prefix.len) == 0);
}

bool str_ends_with(struct str s, struct str suffix) {
    return s.len >= suffix.len &&
           (suffix.len == 0 || memcmp(s.at + (s.len - suffix.len), suffix.at, suffix.len) == 0);
}

size_t str_find(struct str haystack, struct str needle) {
    if (needle.len == 0)
        return 0;
    if (haystack.len < needle.len)
        return STR_NOT_FOUND;
    const char *found = memmem(haystack.at, haystack.len, needle.at, needle.len);
    return found == NULL ? STR_NOT_FOUND : (size_t)(found - haystack.at);
}

size_t str_find_byte(struct str s, char byte) {
    const char *found = s.len == 0 ? NULL : memchr(s.at, byte, s.len);
    return found == NULL ? STR_NOT_FOUND : (size_t)(found - s.at);
}

struct str str_from_index(struct str s, size_t from) {
    return str_slice(s, from, s.len);
}

struct str str_slice(struct str s, size_t from, size_t to) {
    if (to > s.len)
        to = s.len;
    if (from > to)
        from = to;
    return (struct str){s.at == NULL ? NULL : s.at + from, to - from};
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s) {
    while (s.len > 0 && is_blank(s.at[0])) {
        s.at++;
        s.len--;
    }
    while (s.len > 0 && is_blank(s.at[s.len - 1]))
        s.len--;
    return s;
}

bool str_cut(struct str *rest, char separator, struct str *piece) {
    if (rest->at == NULL)
        return false;
    size_t end = str_find_byte(*rest, separator);
    if (end == STR_NOT_FOUND) {
        *piece = *rest;
        *rest = STR_NONE;
    } else {
        *piece = str_slice(*rest, 0, end);
        *rest = str_from_index(*rest, end + 1);
    }
    return true;
}

enum status str_to_uint64(struct str digits, uint64_t *value) {
    if (digits.at == NULL || digits.len == 0)
        return INVALID;
    uint64_t total = 0;
    for (size_t i = 0; i < digits.len; i++) {
        char c = digits.at[i];
        if (c < '0' || c > '9')
            return INVALID;
        if (__builtin_mul_overflow(total, (uint64_t)10, &total) ||
            __builtin_add_overflow(total, (uint64_t)(c - '0'), &total))
            return TOO_LARGE;
    }
    *value = total;
    return OK;
}

enum status str_to_int64(struct str digits, int64_t *value) {
    bool negative = str_starts_with(digits, STR("-"));
    uint64_t magnitude;
    TRY(str_to_uint64(negative ? str_from_index(digits, 1) : digits, &magnitude));
    if (magnitude > (uint64_t)INT64_MAX + (negative ? 1 : 0))
        return TOO_LARGE;
    *value = (int64_t)(negative ? 0 - magnitude : magnitude); /* the lowest has no positive of its own */
    return OK;
}

size_t str_utf8_sequence(struct str s) {
    if (s.len == 0)
        return 0;
    const unsigned char *p = (const unsigned char *)s.at;
    if (p[0] < 0x80)
        return 1;
    size_t len = p[0] >= 0xC2 && p[0] <= 0xDF   ? 2
                 : (p[0] & 0xF0) == 0xE0        ? 3
                 : p[0] >= 0xF0 && p[0] <= 0xF4 ? 4
                                                : 0;
    if (len == 0 || s.len < len)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    }
    bool overlong = (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xF0 && p[1] < 0x90);
    bool surrogate = p[0] == 0xED && p[1] > 0x9F;
    bool past_the_end = p[0] == 0xF4 && p[1] > 0x8F;
    return overlong || surrogate || past_the_end ? 0 : len;
}

bool str_is_utf8(struct str s) {
    while (s.len > 0) {
        size_t len = str_utf8_sequence(s);
        if (len == 0)
            return false;
        s.at += len;
        s.len -= len;
    }
    return true;
}

uint64_t str_hash(struct str s) {
    uint64_t hash = 0xcbf29ce484222325U;
    for (size_t i = 0; i < s.len; i++)
        hash = (hash ^ (unsigned char)s.at[i]) * 0x100000001b3U;
    return hash;
}
