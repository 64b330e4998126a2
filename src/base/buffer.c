/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void buffer_reserve(struct buffer *buffer, size_t more) {
    size_t needed;
    if (__builtin_add_overflow(buffer->len, more, &needed))
        needed = SIZE_MAX; /* refused by mem_resize */
    if (needed <= buffer->capacity)
        return;
    size_t capacity = buffer->capacity < 64 ? 64 : buffer->capacity;
    while (capacity < needed && capacity <= SIZE_MAX / 2)
        capacity *= 2;
    buffer->capacity = capacity < needed ? needed : capacity;
    buffer->at = mem_resize(buffer->at, buffer->capacity);
}

void buffer_append(struct buffer *buffer, struct str bytes) {
    if (bytes.len == 0)
        return;
    buffer_reserve(buffer, bytes.len);
    memcpy(buffer->at + buffer->len, bytes.at, bytes.len);
    buffer->len += bytes.len;
}

void buffer_append_byte(struct buffer *buffer, char byte) {
    buffer_append(buffer, (struct str){&byte, 1});
}

void buffer_print(struct buffer *buffer, const char *format, ...) {
    va_list arguments;
    va_list again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (len > 0) {
        buffer_reserve(buffer, (size_t)len + 1);
        vsnprintf(buffer->at + buffer->len, (size_t)len + 1, format, again);
        buffer->len += (size_t)len;
    }
    va_end(again);
}

void buffer_drop_front(struct buffer *buffer, size_t count) {
    if (count >= buffer->len) {
        buffer->len = 0;
        return;
    }
    memmove(buffer->at, buffer->at + count, buffer->len - count);
    buffer->len -= count;
}

void buffer_clear(struct buffer *buffer) {
    buffer->len = 0;
}

void buffer_free(struct buffer *buffer) {
    mem_free(buffer->at);
    *buffer = BUFFER_EMPTY;
}

void buffer_wipe(struct buffer *buffer) {
    mem_wipe(buffer->at, buffer->capacity);
    buffer_free(buffer);
}
