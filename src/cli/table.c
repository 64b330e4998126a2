/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table.h"

#include "cli/terminal.h"

#include <stdio.h>
#include <time.h>

struct table_row {
    struct table_row *next;
    struct str *cells;
};

/* Letters as a terminal counts them: every byte but the continuation bytes of UTF-8. */
static unsigned width_of(struct str text) {
    unsigned width = 0;
    for (size_t i = 0; i < text.len; i++)
        width += ((unsigned char)text.at[i] & 0xC0U) != 0x80U;
    return width;
}

void table_add(struct table *table, const struct str *cells) {
    struct table_row *row = ARENA_NEW(table->arena, struct table_row);
    row->cells = arena_alloc_array(table->arena, table->columns, sizeof *row->cells);
    for (unsigned i = 0; i < table->columns; i++)
        row->cells[i] = terminal_harmless(table->arena, cells[i]);
    if (table->last == NULL)
        table->first = row;
    else
        table->last->next = row;
    table->last = row;
}

struct table *table_new(struct arena *arena, const char *const *headings) {
    struct table *table = ARENA_NEW(arena, struct table);
    struct str cells[TABLE_COLUMNS_MAX] = {STR_NONE};
    table->arena = arena;
    while (table->columns < TABLE_COLUMNS_MAX && headings[table->columns] != NULL) {
        cells[table->columns] = str_from(headings[table->columns]);
        table->columns++;
    }
    table_add(table, cells);
    return table;
}

static void print_row(const struct table *table, const struct table_row *row, const unsigned *widths) {
    unsigned used = table->columns; /* nothing is printed behind the last text */
    while (used > 0 && str_is_empty(row->cells[used - 1]))
        used--;
    for (unsigned i = 0; i < used; i++) {
        unsigned width = width_of(row->cells[i]);
        unsigned pad = i + 1 == used ? 0 : (widths[i] > width ? widths[i] - width : 0) + 2;
        printf("%.*s%*s", STR_ARG(row->cells[i]), (int)pad, "");
    }
    putchar('\n');
}

void table_print(const struct table *table, const char *when_empty) {
    if (table->first == table->last) {
        puts(when_empty);
        return;
    }
    unsigned widths[TABLE_COLUMNS_MAX] = {0};
    for (const struct table_row *row = table->first; row != NULL; row = row->next) {
        for (unsigned i = 0; i < table->columns; i++) {
            unsigned width = width_of(row->cells[i]);
            widths[i] = width > widths[i] ? width : widths[i];
        }
    }
    for (const struct table_row *row = table->first; row != NULL; row = row->next)
        print_row(table, row, widths);
}

void table_print_rows(const struct table *table) {
    const unsigned widths[TABLE_COLUMNS_MAX] = {0};
    for (const struct table_row *row = table->first->next; row != NULL; row = row->next)
        print_row(table, row, widths);
}

struct str table_time(struct arena *arena, int64_t ms) {
    time_t seconds = (time_t)(ms / 1000);
    struct tm parts;
    if (ms == 0 || gmtime_r(&seconds, &parts) == NULL)
        return STR("");
    return arena_print(arena, "%04d-%02d-%02d %02d:%02d:%02d", parts.tm_year + 1900, parts.tm_mon + 1,
                       parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}
