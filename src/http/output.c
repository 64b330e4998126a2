/* SPDX-License-Identifier: Apache-2.0 */
#include "http/output.h"

#include "base/memory.h"

#include <string.h>

enum { FREE_BLOCKS_KEPT = 32 };

void pool_init(struct pool *pool, size_t block_size) {
    *pool = (struct pool){.block_size = block_size < BLOCK_SIZE_LEAST ? BLOCK_SIZE_LEAST : block_size};
}

void pool_free(struct pool *pool) {
    while (pool->free != NULL) {
        struct block *next = pool->free->next;
        mem_free(pool->free);
        pool->free = next;
    }
    pool->free_count = 0;
}

static struct block *block_new(size_t capacity) {
    struct block *block = mem_alloc(sizeof *block + capacity);
    *block = (struct block){.at = block->bytes, .capacity = capacity};
    return block;
}

struct block *pool_take(struct pool *pool) {
    struct block *block = pool->free;
    if (block == NULL)
        return block_new(pool->block_size);
    pool->free = block->next;
    pool->free_count--;
    block->next = NULL;
    block->start = 0;
    block->end = 0;
    return block;
}

void block_free(struct block *block) {
    if (block != NULL && block->capacity > 0)
        mem_wipe(block->bytes, block->end);
    mem_free(block);
}

void pool_give(struct pool *pool, struct block *block) {
    if (block == NULL)
        return;
    if (block->capacity != pool->block_size || pool->free_count >= FREE_BLOCKS_KEPT) {
        block_free(block);
        return;
    }
    mem_wipe(block->bytes, block->end);
    block->next = pool->free;
    pool->free = block;
    pool->free_count++;
}

struct block *block_copy(struct str bytes) {
    struct block *block = block_new(bytes.len);
    if (bytes.len > 0)
        memcpy(block->bytes, bytes.at, bytes.len);
    block->end = bytes.len;
    return block;
}

/* ---- queues ---- */

static void push(struct output *output, struct block *block) {
    if (output->last == NULL)
        output->first = block;
    else
        output->last->next = block;
    output->last = block;
}

static size_t room(const struct output *output) {
    return output->last == NULL || output->last->capacity == 0 ? 0
                                                               : output->last->capacity - output->last->end;
}

char *output_reserve(struct output *output, struct pool *pool, size_t len) {
    if (len > pool->block_size)
        return NULL;
    if (room(output) < len)
        push(output, pool_take(pool));
    return output->last->bytes + output->last->end;
}

void output_commit(struct output *output, size_t used) {
    output->last->end += used;
    output->queued += used;
}

void output_append(struct output *output, struct pool *pool, struct str bytes) {
    while (bytes.len > 0) {
        if (room(output) == 0)
            push(output, pool_take(pool));
        struct str piece = str_slice(bytes, 0, room(output));
        memcpy(output->last->bytes + output->last->end, piece.at, piece.len);
        output_commit(output, piece.len);
        bytes = str_from_index(bytes, piece.len);
    }
}

void output_append_static(struct output *output, struct str bytes) {
    if (bytes.len == 0)
        return;
    struct block *block = block_new(0);
    block->at = bytes.at;
    push(output, block);
    output_commit(output, bytes.len);
}

static void drop_first_block(struct output *output, struct pool *pool) {
    struct block *block = output->first;
    output->first = block->next;
    if (output->first == NULL)
        output->last = NULL;
    pool_give(pool, block);
}

void output_drop_front(struct output *output, struct pool *pool, size_t count) {
    output->queued -= count;
    while (output->first != NULL) {
        struct block *block = output->first;
        size_t here = block->end - block->start;
        if (count < here) {
            block->start += count;
            return;
        }
        count -= here;
        drop_first_block(output, pool);
    }
}

void output_settle(struct output *output, struct pool *pool) {
    struct block *block = output->first;
    if (block == NULL || block != output->last || block->capacity != pool->block_size)
        return;
    if (block->end - block->start > pool->block_size / 2)
        return;
    struct block *settled = block_copy(block_text(block));
    pool_give(pool, block);
    output->first = output->last = settled;
}

void output_clear(struct output *output, struct pool *pool) {
    while (output->first != NULL)
        drop_first_block(output, pool);
    output->queued = 0;
}
