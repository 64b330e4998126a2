/* SPDX-License-Identifier: Apache-2.0 */
/* Private to http/: blocks of memory that a listener's connections borrow, and queues of bytes to be sent
 * made of them. Tokens and identities pass through: what was in a block is wiped when it is given back. */
#pragma once

#include "base/str.h"

enum { BLOCK_SIZE_LEAST = 16 * 1024 };

/* Bytes [start, end) of `at`. Of the pool's size; or of just the size that was needed; or (capacity 0) a mere
 * reference to memory that outlives it. */
struct block {
    struct block *next;
    const char *at;
    size_t start;
    size_t end;
    size_t capacity;
    char bytes[];
};

struct pool {
    struct block *free;
    size_t free_count;
    size_t block_size;
};

void pool_init(struct pool *pool, size_t block_size);
void pool_free(struct pool *pool);
struct block *pool_take(struct pool *pool);             /* empty, of the pool's size */
void pool_give(struct pool *pool, struct block *block); /* back, or freed; NULL is fine */
struct block *block_copy(struct str bytes);             /* of just that size */
void block_free(struct block *block);                   /* NULL is fine */
static inline struct str block_text(const struct block *block) {
    return (struct str){block->at + block->start, block->end - block->start};
}

struct output {
    struct block *first;
    struct block *last;
    size_t queued; /* bytes in all */
};

/* `len` bytes of room at the end, in one piece, to be written at once: then output_commit says how many were
 * used. NULL where `len` is more than a block has. */
char *output_reserve(struct output *output, struct pool *pool, size_t len);
void output_commit(struct output *output, size_t used);
void output_append(struct output *output, struct pool *pool, struct str bytes);
void output_append_static(struct output *output, struct str bytes); /* not copied */
void output_drop_front(struct output *output, struct pool *pool, size_t count);
/* The peer is slow: where little is left, it moves to memory of its own size and the block goes back. */
void output_settle(struct output *output, struct pool *pool);
void output_clear(struct output *output, struct pool *pool);
