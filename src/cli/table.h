/* SPDX-License-Identifier: Apache-2.0 */
/* Tables for people: columns as wide as what stands in them. Text from outside cannot write to the terminal
 * more than letters: control characters are shown as '?'. */
#pragma once

#include "base/arena.h"

enum { TABLE_COLUMNS_MAX = 10 };

struct table {
    struct arena *arena;
    unsigned columns;
    struct table_row *first, *last;
};

/* `headings` end with NULL. */
struct table *table_new(struct arena *arena, const char *const *headings);
void table_add(struct table *table, const struct str *cells); /* as many as there are headings */
void table_print(const struct table *table,
                 const char *when_empty); /* a sentence in the place of an empty table */

void table_print_rows(
    const struct table *table); /* without the headings, columns not aligned: for a stream */

struct str table_time(struct arena *arena, int64_t ms); /* "2026-11-21 10:33:45" UTC; "" for 0 */
