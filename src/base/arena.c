/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include "base/memory.h"

#include <stdalign.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_BLOCK = 2048, BLOCK = 16384 };

struct block {
    struct block *next;
    size_t size; /* of `bytes` */
    size_t used;
    alignas(max_align_t) unsigned char bytes[];
};

struct ending {
    struct ending *next;
    void (*end)(void *what);
    void *what;
};

struct arena {
    struct block *newest;
    struct ending *endings; /* in the blocks */
    bool wipe;
};

static struct block *block_new(size_t size, struct block *next) {
    struct block *block = mem_alloc(sizeof *block + size);
    block->next = next;
    block->size = size;
    block->used = 0;
    return block;
}

struct arena *arena_new(void) {
    struct arena *arena = mem_alloc_zero(sizeof *arena);
    return arena;
}

static void free_blocks(struct arena *arena, struct block *block) {
    while (block != NULL) {
        struct block *next = block->next;
        if (arena->wipe)
            mem_wipe(block->bytes, block->used);
        mem_free(block);
        block = next;
    }
}

static void run_endings(struct arena *arena) {
    while (arena->endings != NULL) {
        struct ending *ending = arena->endings;
        arena->endings = ending->next;
        ending->end(ending->what);
    }
}

void arena_at_end(struct arena *arena, void (*end)(void *what), void *what) {
    struct ending *ending = ARENA_NEW(arena, struct ending);
    *ending = (struct ending){arena->endings, end, what};
    arena->endings = ending;
}

void arena_free(struct arena *arena) {
    if (arena == NULL)
        return;
    run_endings(arena);
    free_blocks(arena, arena->newest);
    mem_free(arena);
}

void arena_free_at(struct arena **arena) {
    arena_free(*arena);
}

void arena_reset(struct arena *arena) {
    run_endings(arena);
    struct block *kept = arena->newest;
    if (kept == NULL)
        return;
    if (kept->size > BLOCK) { /* one text was large: the next one is not likely to be */
        free_blocks(arena, kept);
        arena->newest = NULL;
        return;
    }
    free_blocks(arena, kept->next);
    if (arena->wipe)
        mem_wipe(kept->bytes, kept->used);
    kept->next = NULL;
    kept->used = 0;
}

void arena_wipe_on_free(struct arena *arena) {
    arena->wipe = true;
}

void *arena_alloc(struct arena *arena, size_t size) {
    size_t rounded = (size + (alignof(max_align_t) - 1)) & ~(alignof(max_align_t) - 1);
    if (rounded < size)
        mem_alloc(SIZE_MAX); /* does not return */
    struct block *block = arena->newest;
    if (block == NULL || block->size - block->used < rounded) {
        size_t standard = block == NULL ? FIRST_BLOCK : BLOCK;
        block = block_new(rounded > standard ? rounded : standard, block);
        arena->newest = block;
    }
    void *memory = block->bytes + block->used;
    block->used += rounded;
    memset(memory, 0, rounded);
    return memory;
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t size_of_one) {
    size_t size;
    if (__builtin_mul_overflow(count, size_of_one, &size))
        size = SIZE_MAX; /* refused by arena_alloc */
    return arena_alloc(arena, size);
}

struct str arena_copy(struct arena *arena, struct str s) {
    char *copy = arena_alloc(arena, s.len + 1);
    if (s.len > 0)
        memcpy(copy, s.at, s.len);
    return (struct str){copy, s.len};
}

char *arena_terminated(struct arena *arena, struct str s) {
    char *copy = arena_alloc(arena, s.len + 1);
    if (s.len > 0)
        memcpy(copy, s.at, s.len);
    return copy;
}

struct str arena_join(struct arena *arena, size_t count, const struct str *pieces) {
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        len += pieces[i].len;
    char *joined = arena_alloc(arena, len + 1);
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].len > 0)
            memcpy(joined + used, pieces[i].at, pieces[i].len);
        used += pieces[i].len;
    }
    return (struct str){joined, len};
}

struct str arena_print_list(struct arena *arena, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int len = vsnprintf(NULL, 0, format, arguments);
    char *text = arena_alloc(arena, (size_t)(len > 0 ? len : 0) + 1);
    if (len > 0)
        vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return (struct str){text, (size_t)(len > 0 ? len : 0)};
}

struct str arena_print(struct arena *arena, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    struct str text = arena_print_list(arena, format, arguments);
    va_end(arguments);
    return text;
}
