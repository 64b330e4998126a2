/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table.h"

#include "cli/terminal.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include <uniwidth.h>

static unsigned width_of(struct str text) {
    return (unsigned)u8_width((const uint8_t *)text.at, text.len, "UTF-8");
}

/* As much of it as fits, with a mark that there was more. */
static struct str cut(struct arena *arena, struct str text, unsigned width) {
    size_t fits = 0;
    if (width_of(text) <= width)
        return text;
    for (size_t end = 1, used = 0; end <= text.len; end++) { /* character by character */
        if (end < text.len && ((unsigned char)text.at[end] & 0xC0U) == 0x80U)
            continue;
        used += width_of(str_slice(text, fits, end));
        if (used > width - 1)
            break;
        fits = end;
    }
    return arena_join(arena, 2, (struct str[]){str_slice(text, 0, fits), STR("…")});
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

static void put_cells(struct buffer *text, const struct str *cells, unsigned count, const unsigned *widths) {
    unsigned used = count; /* nothing stands behind the last text */
    while (used > 0 && str_is_empty(cells[used - 1]))
        used--;
    for (unsigned i = 0; i < used; i++) {
        unsigned width = width_of(cells[i]);
        unsigned pad = i + 1 == used ? 0 : (widths[i] > width ? widths[i] - width : 0) + 2;
        buffer_print(text, "%.*s%*s", STR_ARG(cells[i]), (int)pad, "");
    }
    buffer_append_byte(text, '\n');
}

/* Takes from the widest columns what is too much for `most` columns of a terminal. */
static void narrow(unsigned *widths, unsigned count, unsigned most) {
    for (;;) {
        unsigned all = 2 * (count - 1), widest = 0;
        for (unsigned i = 0; i < count; i++) {
            all += widths[i];
            widest = widths[i] > widths[widest] ? i : widest;
        }
        if (all <= most || widths[widest] <= TABLE_KEPT_WIDTH)
            return;
        widths[widest]--;
    }
}

struct str table_text(struct arena *arena, const json_t *rows, const struct table_column *columns,
                      unsigned width) {
    const size_t lines = json_array_size(rows) + 1;
    const unsigned count = count_columns(columns);
    struct str(*cells)[TABLE_COLUMNS_MAX] = arena_alloc_array(arena, lines, sizeof *cells);
    unsigned widths[TABLE_COLUMNS_MAX] = {0};
    AUTO_BUFFER text = BUFFER_EMPTY;
    for (unsigned i = 0; i < count; i++)
        cells[0][i] = str_from(columns[i].heading);
    for (size_t line = 1; line < lines; line++)
        read_row(arena, json_array_get(rows, line - 1), columns, cells[line]);
    for (size_t line = 0; line < lines; line++) {
        for (unsigned i = 0; i < count; i++) {
            unsigned wide = width_of(cells[line][i]);
            widths[i] = wide > widths[i] ? wide : widths[i];
        }
    }
    if (width > 0)
        narrow(widths, count, width);
    for (size_t line = 0; line < lines; line++) {
        for (unsigned i = 0; i < count; i++)
            cells[line][i] = cut(arena, cells[line][i], widths[i]);
        put_cells(&text, cells[line], count, widths);
    }
    return arena_copy(arena, buffer_text(&text));
}

static void print(struct str text) {
    fwrite(text.at, 1, text.len, stdout);
}

void table_print(struct arena *arena, const json_t *rows, const struct table_column *columns,
                 const char *when_empty) {
    if (json_array_size(rows) == 0)
        puts(when_empty);
    else
        print(table_text(arena, rows, columns, terminal_width(STDOUT_FILENO)));
}

void table_print_row(struct arena *arena, const json_t *row, const struct table_column *columns) {
    const unsigned widths[TABLE_COLUMNS_MAX] = {0};
    struct str cells[TABLE_COLUMNS_MAX] = {STR_NONE};
    AUTO_BUFFER text = BUFFER_EMPTY;
    read_row(arena, row, columns, cells);
    put_cells(&text, cells, count_columns(columns), widths);
    print(buffer_text(&text));
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
