/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table.h"

#include "cli/terminal.h"

#include <stdio.h>
#include <time.h>

/* Letters as a terminal counts them: every byte but the continuation bytes of UTF-8. */
static unsigned width_of(struct str text) {
    unsigned width = 0;
    for (size_t i = 0; i < text.len; i++)
        width += ((unsigned char)text.at[i] & 0xC0U) != 0x80U;
    return width;
}

static unsigned count_columns(const struct table_column *columns) {
    unsigned count = 0;
    while (count < TABLE_COLUMNS_MAX && columns[count].heading != NULL)
        count++;
    return count;
}

/* What a row shows: as many cells as there are columns. */
static void read_row(struct arena *arena, const json_t *row, const struct table_column *columns,
                     struct str *cells) {
    for (unsigned i = 0; i < count_columns(columns); i++) {
        const char *member = columns[i].member;
        cells[i] = terminal_harmless(arena, columns[i].cell != NULL ? columns[i].cell(arena, row, member)
                                                                    : json_get_str(row, member));
    }
}

static void print_cells(const struct str *cells, unsigned count, const unsigned *widths) {
    unsigned used = count; /* nothing is printed behind the last text */
    while (used > 0 && str_is_empty(cells[used - 1]))
        used--;
    for (unsigned i = 0; i < used; i++) {
        unsigned width = width_of(cells[i]);
        unsigned pad = i + 1 == used ? 0 : (widths[i] > width ? widths[i] - width : 0) + 2;
        printf("%.*s%*s", STR_ARG(cells[i]), (int)pad, "");
    }
    putchar('\n');
}

void table_print(struct arena *arena, const json_t *rows, const struct table_column *columns,
                 const char *when_empty) {
    const size_t lines = json_array_size(rows) + 1;
    const unsigned count = count_columns(columns);
    struct str(*cells)[TABLE_COLUMNS_MAX] = arena_alloc_array(arena, lines, sizeof *cells);
    unsigned widths[TABLE_COLUMNS_MAX] = {0};
    if (lines == 1) {
        puts(when_empty);
        return;
    }
    for (unsigned i = 0; i < count; i++)
        cells[0][i] = str_from(columns[i].heading);
    for (size_t line = 1; line < lines; line++)
        read_row(arena, json_array_get(rows, line - 1), columns, cells[line]);
    for (size_t line = 0; line < lines; line++) {
        for (unsigned i = 0; i < count; i++) {
            unsigned width = width_of(cells[line][i]);
            widths[i] = width > widths[i] ? width : widths[i];
        }
    }
    for (size_t line = 0; line < lines; line++)
        print_cells(cells[line], count, widths);
}

void table_print_row(struct arena *arena, const json_t *row, const struct table_column *columns) {
    const unsigned widths[TABLE_COLUMNS_MAX] = {0};
    struct str cells[TABLE_COLUMNS_MAX] = {STR_NONE};
    read_row(arena, row, columns, cells);
    print_cells(cells, count_columns(columns), widths);
}

/* ---- cells ---- */

/* "2026-01-31T09:30:00.000Z" → "2026-01-31 09:30:00". */
struct str cell_time(struct arena *arena, const json_t *row, const char *member) {
    enum { TO_THE_SECOND = 19, DATE_LEN = 10 };
    struct str time = json_get_str(row, member);
    if (time.len < TO_THE_SECOND)
        return STR("");
    struct str copy = arena_copy(arena, str_slice(time, 0, TO_THE_SECOND));
    ((char *)copy.at)[DATE_LEN] = ' ';
    return copy;
}

struct str cell_number(struct arena *arena, const json_t *row, const char *member) {
    if (!json_is_integer(json_object_get(row, member)))
        return STR("");
    return arena_print(arena, "%lld", (long long)json_get_int(row, member, 0));
}

struct str cell_hint(struct arena *arena, const json_t *row, const char *member) {
    struct str hint = json_get_str(row, member);
    return str_is_empty(hint) ? hint : arena_join(arena, 2, (struct str[]){hint, STR("…")});
}

struct str table_time(struct arena *arena, int64_t ms) {
    time_t seconds = (time_t)(ms / 1000);
    struct tm parts;
    if (ms == 0 || gmtime_r(&seconds, &parts) == NULL)
        return STR("");
    return arena_print(arena, "%04d-%02d-%02d %02d:%02d:%02d", parts.tm_year + 1900, parts.tm_mon + 1,
                       parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}
