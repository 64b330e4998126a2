/* SPDX-License-Identifier: Apache-2.0 */
/* Text and bytes as slices: where they start and how long they are. A slice owns nothing and is not
 * NUL-terminated; whoever holds one must know what keeps its bytes alive (an arena, a buffer, a literal). */
#pragma once

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
    const char *at;
    size_t len;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
/* The same as the initializer of something static, where the standard wants no compound literal. */
#define STR_STATIC(literal)                                                                                  \
    { "" literal, sizeof(literal) - 1 }
#define STR_NONE      ((struct str){NULL, 0})
#define STR_NOT_FOUND SIZE_MAX
/* For printf's "%.*s". Only for text that is known to be short. */
#define STR_ARG(s) (int)(s).len, (s).at

struct str str_from(const char *terminated); /* NULL gives STR_NONE */
struct str str_of(const void *at, size_t len);
static inline bool str_is_empty(struct str s) {
    return s.len == 0;
}
bool str_equal(struct str a, struct str b);
bool str_equal_ignore_case(struct str a, struct str b); /* ASCII only */
bool str_equal_secret(struct str a, struct str b);      /* in constant time for a given length */
int str_compare(struct str a, struct str b);            /* by bytes, like memcmp, then by length */
bool str_starts_with(struct str s, struct str prefix);
bool str_ends_with(struct str s, struct str suffix);
size_t str_find(struct str haystack, struct str needle);    /* index or STR_NOT_FOUND */
size_t str_find_byte(struct str s, char byte);              /* index or STR_NOT_FOUND */
struct str str_from_index(struct str s, size_t from);       /* the rest; empty when past the end */
struct str str_slice(struct str s, size_t from, size_t to); /* [from, to), both clamped to the length */
struct str str_trim(struct str s);                          /* spaces, tabs, CR, LF at both ends */

/* Takes what stands before the next `separator` off the front of `*rest`. False when `*rest` is used up (its
 * `at` is NULL then); so "a,,b" gives "a", "" and "b", and "" gives one empty piece. */
bool str_cut(struct str *rest, char separator, struct str *piece);

NODISCARD enum status str_to_uint64(struct str digits, uint64_t *value); /* digits only; INVALID, TOO_LARGE */
NODISCARD enum status str_to_int64(struct str digits, int64_t *value);   /* an optional '-', digits */
bool str_is_utf8(struct str s);         /* well-formed by RFC 3629: no surrogates, no overlongs */
size_t str_utf8_sequence(struct str s); /* bytes of the well-formed character at the start, or 0 */
uint64_t str_hash(struct str s);        /* FNV-1a: for tables of trusted keys only */
