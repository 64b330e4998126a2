/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Thread_local jmp_buf *current_escape;

jmp_buf *mem_escape(jmp_buf *escape) {
    jmp_buf *before = current_escape;
    current_escape = escape;
    return before;
}

void mem_exhausted(void) {
    static const char text[] = "{\"level\":\"error\",\"event\":\"out-of-memory\"}\n";
    if (current_escape != NULL)
        longjmp(*current_escape, 1);
    ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
    (void)written;
    abort();
}

static void *or_die(void *memory) {
    if (memory == NULL)
        mem_exhausted();
    return memory;
}

void *mem_alloc(size_t size) {
    return or_die(malloc(size != 0 ? size : 1));
}

void *mem_alloc_zero(size_t size) {
    return or_die(calloc(1, size != 0 ? size : 1));
}

void *mem_resize(void *memory, size_t size) {
    return or_die(realloc(memory, size != 0 ? size : 1));
}

void *mem_alloc_array(size_t count, size_t size_of_one) {
    return or_die(calloc(count != 0 ? count : 1, size_of_one != 0 ? size_of_one : 1));
}

void mem_free(void *memory) {
    free(memory);
}

void mem_wipe(void *memory, size_t size) {
    if (memory != NULL)
        explicit_bzero(memory, size); /* several times as fast as OpenSSL's, which goes word by word */
}
