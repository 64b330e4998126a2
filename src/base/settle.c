/* SPDX-License-Identifier: Apache-2.0 */
#include "base/settle.h"

#include "base/memory.h"

#include <inttypes.h>
#include <link.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct range {
    uintptr_t from, to;
};

struct settling {
    struct range *untouched;
    size_t count, room;
    uintptr_t page;
};

/* ---- what nobody has written into ---- */

static void add(struct settling *settling, const struct range *range) {
    struct range *last = settling->count > 0 ? &settling->untouched[settling->count - 1] : NULL;
    if (last != NULL && last->to == range->from) {
        last->to = range->to;
        return;
    }
    if (settling->untouched == NULL || settling->count == settling->room) {
        settling->room = settling->room * 2 + 64;
        settling->untouched = mem_resize(settling->untouched, settling->room * sizeof(struct range));
    }
    settling->untouched[settling->count++] = *range;
}

/* NOLINTBEGIN(cert-err34-c): it is the kernel that writes these numbers */
/* "7f0c…-7f0d… r-xp 00001000 fe:00 1234  /usr/lib/…" begins a mapping, lines "Private_Dirty:  0 kB" follow.
 */
static void read_mappings(struct settling *settling, FILE *file) {
    char *line = NULL;
    size_t size = 0;
    struct range range = {0, 0};
    bool is_file = false;
    while (getline(&line, &size, file) >= 0) {
        struct range next;
        unsigned long inode = 0;
        unsigned long dirty_kib = 1;
        char access[5] = "";
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s %*x %*s %lu", &next.from, &next.to, access, &inode) ==
            4) {
            range = next;
            is_file = inode != 0 && access[0] == 'r' && access[1] == '-' && access[3] == 'p';
        } else if (is_file && sscanf(line, "Private_Dirty: %lu kB", &dirty_kib) == 1 && dirty_kib == 0) {
            add(settling, &range);
        }
    }
    free(line);
}
/* NOLINTEND(cert-err34-c) */

struct settling *settling_plan(void) {
    FILE *file = fopen("/proc/self/smaps", "re");
    if (file == NULL)
        return NULL;
    struct settling *settling = mem_alloc_zero(sizeof *settling);
    settling->page = (uintptr_t)sysconf(_SC_PAGESIZE);
    read_mappings(settling, file);
    fclose(file);
    return settling;
}

/* ---- letting go ---- */

static bool is_untouched(const struct settling *settling, const struct range *range) {
    for (size_t i = 0; i < settling->count; i++) {
        if (settling->untouched[i].from <= range->from && range->to <= settling->untouched[i].to)
            return true;
    }
    return false;
}

/* Only of what is loaded now: elsewhere another mapping may have taken the place. */
static int drop_pages(struct dl_phdr_info *object, size_t size, void *data) {
    (void)size;
    const struct settling *settling = data;
    uintptr_t rest = settling->page - 1;
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        uintptr_t start = object->dlpi_addr + part->p_vaddr;
        struct range range = {start & ~rest, (start + part->p_memsz + rest) & ~rest};
        if (part->p_type == PT_LOAD && (part->p_flags & PF_W) == 0 && is_untouched(settling, &range))
            madvise((void *)range.from, range.to - range.from,
                    MADV_DONTNEED); /* NOLINT(performance-no-int-to-ptr) */
    }
    return 0;
}

void settling_run(struct settling *settling) {
    malloc_trim(0);
    if (settling == NULL)
        return;
    dl_iterate_phdr(drop_pages, settling);
    mem_free(settling->untouched);
    mem_free(settling);
}
