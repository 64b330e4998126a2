/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that grow. A buffer owns its memory; `buffer_text` is a slice into it, good until the next append. */
#pragma once

#include "base/str.h"

struct buffer {
    char *at;
    size_t len;
    size_t capacity;
};

#define BUFFER_EMPTY ((struct buffer){NULL, 0, 0})

void buffer_append(struct buffer *buffer, struct str bytes);
void buffer_append_byte(struct buffer *buffer, char byte);
__attribute__((format(printf, 2, 3))) void buffer_print(struct buffer *buffer, const char *format, ...);
void buffer_reserve(struct buffer *buffer, size_t more);     /* room for `more` bytes behind what is there */
void buffer_drop_front(struct buffer *buffer, size_t count); /* the first `count` bytes are forgotten */
void buffer_clear(struct buffer *buffer);                    /* empty, the memory is kept */
void buffer_free(struct buffer *buffer);                     /* the memory is given back */
void buffer_wipe(struct buffer *buffer);                     /* overwritten, then freed: for secrets */
static inline struct str buffer_text(const struct buffer *buffer) {
    return (struct str){buffer->at, buffer->len};
}
#define AUTO_BUFFER __attribute__((cleanup(buffer_free))) struct buffer
