/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that goes all at once: what belongs to a request lives in its arena. An arena is used by one thread
 * at a time. Nothing in it is freed alone. */
#pragma once

#include "base/str.h"

#include <stdarg.h>

struct arena;

struct arena *arena_new(void);                /* cheap: the first block is small; never NULL */
void arena_free(struct arena *arena);         /* NULL is fine */
void arena_reset(struct arena *arena);        /* forgets all, keeps one block (16 KiB at most) for reuse */
void arena_wipe_on_free(struct arena *arena); /* its blocks are overwritten when it is reset or freed */

/* `end(what)` runs when the arena is reset or freed, the last one first: for a library's things that live as
 * long. */
void arena_at_end(struct arena *arena, void (*end)(void *what), void *what);

void *arena_alloc(struct arena *arena, size_t size); /* zeroed, aligned for any type; never NULL */
void *arena_alloc_array(struct arena *arena, size_t count, size_t size_of_one); /* overflow-checked */
#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))

struct str arena_copy(struct arena *arena, struct str s); /* also NUL-terminated just behind its end */
char *arena_terminated(struct arena *arena,
                       struct str s); /* for a library's door; bytes behind a NUL are lost to it */
struct str arena_join(struct arena *arena, size_t count, const struct str *pieces);
__attribute__((format(printf, 2, 3))) struct str arena_print(struct arena *arena, const char *format, ...);
__attribute__((format(printf, 2, 0))) struct str
arena_print_list(struct arena *arena, const char *format,
                 va_list arguments); /* for functions that print themselves */

/* Frees the arena when the variable goes out of scope. */
void arena_free_at(struct arena **arena);
#define AUTO_ARENA __attribute__((cleanup(arena_free_at))) struct arena *
