/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"

#include <link.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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
        OPENSSL_cleanse(memory, size);
}

/* ---- settling down ---- */

/* Code that the linker has written into is no longer what stands in its file. */
static bool has_text_relocations(const struct dl_phdr_info *object) {
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        if (object->dlpi_phdr[i].p_type != PT_DYNAMIC)
            continue;
        const ElfW(Dyn) *entry = (const void *)(object->dlpi_addr + object->dlpi_phdr[i].p_vaddr);
        for (; entry->d_tag != DT_NULL; entry++) {
            if (entry->d_tag == DT_TEXTREL || (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL)))
                return true;
        }
    }
    return false;
}

/* Only what nobody can have written to: the file still says the same. */
static int drop_pages(struct dl_phdr_info *object, size_t size, void *data) {
    (void)size;
    uintptr_t page = *(const uintptr_t *)data;
    bool is_kernels = object->dlpi_name != NULL && strstr(object->dlpi_name, "vdso") != NULL;
    if (is_kernels || has_text_relocations(object))
        return 0;
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || (part->p_flags & PF_W) != 0)
            continue;
        uintptr_t from = (object->dlpi_addr + part->p_vaddr) & ~(page - 1);
        uintptr_t to = (object->dlpi_addr + part->p_vaddr + part->p_memsz + page - 1) & ~(page - 1);
        madvise((void *)from, to - from, MADV_DONTNEED); /* NOLINT(performance-no-int-to-ptr) */
    }
    return 0;
}

void mem_settle(void) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    malloc_trim(0);
    dl_iterate_phdr(drop_pages, &page);
}
