/* SPDX-License-Identifier: Apache-2.0 */
/* Tables for people: a row an object of JSON, columns as wide as what stands in them. Text from outside
 * cannot write to the terminal more than letters: control characters are shown as '?'. Where a table is wider
 * than the terminal, its widest columns are cut, with '…', down to TABLE_KEPT_WIDTH; in a pipe or a file
 * nothing is.
 *
 *     static const struct table_column columns[] = {
 *         COLUMN("NAME", "name"), COLUMN_AS("MADE (UTC)", "createdAt", cell_time), COLUMN_END};
 *     table_print(arena, items, columns, "There are none.");
 */
#pragma once

#include "base/json.h"

enum { TABLE_COLUMNS_MAX = 10, TABLE_KEPT_WIDTH = 40 /* an id is whole */ };

struct table_column {
    const char *heading;
    const char *member; /* of the row */
    /* What is shown of it; NULL: the member, which is text. */
    struct str (*cell)(struct arena *arena, const json_t *row, const char *member);
};

#define COLUMN_AS(heading_, member_, cell_)                                                                  \
    { .heading = (heading_), .member = (member_), .cell = (cell_) }
#define COLUMN(heading_, member_) COLUMN_AS(heading_, member_, NULL)
#define COLUMN_END                COLUMN_AS(NULL, NULL, NULL)

/* `rows` is an array; `columns` end with COLUMN_END; `when_empty` is a sentence in the place of a
 * table without rows. */
void table_print(struct arena *arena, const json_t *rows, const struct table_column *columns,
                 const char *when_empty);
/* The same as text, for a terminal of so many columns (0: however wide). */
struct str table_text(struct arena *arena, const json_t *rows, const struct table_column *columns,
                      unsigned width);
/* One row alone, without headings and not aligned: for a stream. */
void table_print_row(struct arena *arena, const json_t *row, const struct table_column *columns);

/* ---- cells ---- */
struct str cell_time(struct arena *arena, const json_t *row, const char *member);   /* UTC, to the second */
struct str cell_number(struct arena *arena, const json_t *row, const char *member); /* a whole one */
struct str cell_hint(struct arena *arena, const json_t *row,
                     const char *member); /* how a secret begins: "sk_abc…" */

struct str table_time(struct arena *arena, int64_t ms); /* "2026-11-21 10:33:45" UTC; "" for 0 */
