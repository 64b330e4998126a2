/* SPDX-License-Identifier: Apache-2.0 */
#include "assistant/markdown.h"

#include "base/json.h"

enum {
    ROWS_MAX = 50,
    COLUMNS_MAX = 8,
    ITEMS_MAX = 50,
    CELL_BYTES_MAX = 500,
};

/* ---- text ---- */
/* Everything that begins something in CommonMark or GitHub's tables, wherever it stands. */
static bool is_special(char c) {
    return str_find_byte(STR("\\`*_[]<>|~&"), c) != STR_NOT_FOUND;
}

/* What begins something only at the start of a line: lists, headings, rules. */
static bool is_special_first(char c) {
    return c == '#' || c == '+' || c == '-' || c == '=' || c == '!';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool at_line_start(const struct buffer *out) {
    return out->len == 0 || out->at[out->len - 1] == '\n';
}

/* "12." and "12)" at the start of a line would begin a list: the length of the number, else 0. */
static size_t list_number_length(struct str text) {
    size_t digits = 0;
    while (digits < text.len && is_digit(text.at[digits]))
        digits++;
    bool is_list = digits > 0 && digits < text.len && (text.at[digits] == '.' || text.at[digits] == ')');
    return is_list && digits <= 9 ? digits : 0;
}

/* Readers that make links of bare addresses get none to make one of. */
static bool begins_address(struct str text) {
    return str_starts_with(text, STR("://")) || str_equal_ignore_case(str_slice(text, 0, 4), STR("www."));
}

void markdown_add_text(struct buffer *out, struct str text) {
    text = str_trim(text);
    size_t number = at_line_start(out) ? list_number_length(text) : 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if ((unsigned char)c <= ' ' || c == '\x7f') {
            if (out->len > 0 && out->at[out->len - 1] != ' ')
                buffer_append_byte(out, ' ');
            continue;
        }
        bool is_escaped =
            is_special(c) || (is_special_first(c) && at_line_start(out)) || (number > 0 && i == number);
        if (is_escaped)
            buffer_append_byte(out, '\\');
        bool is_address = begins_address(str_from_index(text, i));
        if (is_address && c == ':')
            buffer_append_byte(out, '\\');
        buffer_append_byte(out, c);
        if (is_address && c != ':')
            buffer_append(out, str_slice(text, i + 1, i + 3));
        if (is_address && c != ':') {
            buffer_append_byte(out, '\\'); /* "www\." */
            i += 2;
        }
    }
}

void markdown_add_lines(struct buffer *out, struct str text) {
    struct str rest = str_trim(text);
    struct str line = STR("");
    bool is_first = true;
    bool is_blank = false;
    while (rest.at && str_cut(&rest, '\n', &line)) {
        if (str_trim(line).len == 0) {
            is_blank = true;
            continue;
        }
        if (!is_first) /* a line stays a line, a paragraph a paragraph */
            buffer_append(out, is_blank ? STR("\n\n") : STR("  \n"));
        markdown_add_text(out, line);
        is_first = is_blank = false;
    }
}

/* ---- values ---- */
static bool is_scalar(const json_t *value) {
    return value && !json_is_null(value) && !json_is_array(value) && !json_is_object(value);
}

static void add_scalar(struct buffer *out, const json_t *value) {
    switch (json_typeof(value)) {
    case JSON_STRING:
        markdown_add_text(out, json_str(value));
        break;
    case JSON_INTEGER:
        buffer_print(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_REAL:
        buffer_print(out, "%.15g", json_real_value(value));
        break;
    case JSON_TRUE:
        buffer_append(out, STR("yes"));
        break;
    case JSON_FALSE:
        buffer_append(out, STR("no"));
        break;
    default:
        break;
    }
}

static bool is_list_of_scalars(const json_t *value) {
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!is_scalar(json_array_get(value, i)))
            return false;
    return json_array_size(value) > 0;
}

bool markdown_is_block(const json_t *value) {
    return json_is_object(value) || (json_is_array(value) && !is_list_of_scalars(value));
}

bool markdown_add_inline(struct buffer *out, const json_t *value) {
    if (is_scalar(value)) {
        add_scalar(out, value);
        return true;
    }
    if (!is_list_of_scalars(value))
        return false;
    size_t count = json_array_size(value);
    for (size_t i = 0; i < count && i < ITEMS_MAX; i++) {
        if (i > 0)
            buffer_append(out, STR(", "));
        add_scalar(out, json_array_get(value, i));
    }
    if (count > ITEMS_MAX)
        buffer_append(out, STR(", …"));
    return true;
}

/* ---- tables ---- */
struct columns {
    struct str names[COLUMNS_MAX];
    bool is_number[COLUMNS_MAX];
    size_t count;
};

static void note_columns(struct columns *columns, const json_t *row) {
    struct json_walk walk = {0};
    while (json_walk_next(row, &walk)) {
        size_t i = 0;
        while (i < columns->count && !str_equal(columns->names[i], walk.name))
            i++;
        if (i == COLUMNS_MAX)
            continue;
        if (i == columns->count) {
            columns->names[columns->count++] = walk.name;
            columns->is_number[i] = true;
        }
        columns->is_number[i] =
            columns->is_number[i] && (json_is_number(walk.value) || json_is_null(walk.value));
    }
}

/* "bookedAt", "booked_at" → "Booked at". */
static void add_title(struct buffer *out, struct str name) {
    AUTO_BUFFER title = BUFFER_EMPTY;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool is_upper = c >= 'A' && c <= 'Z';
        bool is_after_lower = i > 0 && name.at[i - 1] >= 'a' && name.at[i - 1] <= 'z';
        if (i == 0 && c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (is_upper && is_after_lower) {
            buffer_append_byte(&title, ' ');
            c = (char)(c - 'A' + 'a');
        }
        buffer_append_byte(&title, c == '_' ? ' ' : c);
    }
    markdown_add_text(out, buffer_text(&title));
}

/* A cell holds one line; what is nested deeper is only said to be there. */
static void add_cell(struct buffer *out, const json_t *value) {
    buffer_append(out, STR(" "));
    if (json_is_string(value) && json_string_length(value) > CELL_BYTES_MAX) {
        size_t end = CELL_BYTES_MAX;
        while (end > 0 && ((unsigned char)json_string_value(value)[end] & 0xC0) == 0x80)
            end--;
        markdown_add_text(out, str_slice(json_str(value), 0, end));
        buffer_append(out, STR("…"));
    } else if (!markdown_add_inline(out, value) && markdown_is_block(value)) {
        buffer_append(out, STR("…"));
    }
    buffer_append(out, STR(" |"));
}

static void add_rows(struct buffer *out, const struct columns *columns, const json_t *rows) {
    for (size_t i = 0; i < json_array_size(rows) && i < ROWS_MAX; i++) {
        buffer_append(out, STR("|"));
        for (size_t k = 0; k < columns->count; k++)
            add_cell(out, json_member(json_array_get(rows, i), columns->names[k]));
        buffer_append(out, STR("\n"));
    }
    if (json_array_size(rows) > ROWS_MAX)
        buffer_print(out, "\n… and %zu more\n", json_array_size(rows) - ROWS_MAX);
}

static void add_table(struct buffer *out, const json_t *rows) {
    struct columns columns = {.count = 0};
    for (size_t i = 0; i < json_array_size(rows) && i < ROWS_MAX; i++)
        note_columns(&columns, json_array_get(rows, i));
    buffer_append(out, STR("|"));
    for (size_t k = 0; k < columns.count; k++) {
        buffer_append(out, STR(" "));
        add_title(out, columns.names[k]);
        buffer_append(out, STR(" |"));
    }
    buffer_append(out, STR("\n|"));
    for (size_t k = 0; k < columns.count; k++)
        buffer_append(out, columns.is_number[k] ? STR("---:|") : STR("---|"));
    buffer_append(out, STR("\n"));
    add_rows(out, &columns, rows);
}

static void add_object(struct buffer *out, const json_t *object) {
    size_t count = 0;
    buffer_append(out, STR("| | |\n|---|---|\n"));
    struct json_walk walk = {0};
    while (count++ < ROWS_MAX && json_walk_next(object, &walk)) {
        buffer_append(out, STR("| "));
        add_title(out, walk.name);
        buffer_append(out, STR(" |"));
        add_cell(out, walk.value);
        buffer_append(out, STR("\n"));
    }
}

static void add_list(struct buffer *out, const json_t *list) {
    for (size_t i = 0; i < json_array_size(list) && i < ITEMS_MAX; i++) {
        buffer_append(out, STR("- "));
        if (!markdown_add_inline(out, json_array_get(list, i)))
            buffer_append(out, STR("…"));
        buffer_append(out, STR("\n"));
    }
    if (json_array_size(list) > ITEMS_MAX)
        buffer_append(out, STR("- …\n"));
}

static bool is_list_of_objects(const json_t *value) {
    bool has_members = false;
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (!json_is_object(json_array_get(value, i)))
            return false;
        has_members = has_members || json_object_size(json_array_get(value, i)) > 0;
    }
    return has_members;
}

void markdown_add_block(struct buffer *out, const json_t *value) {
    if (json_is_string(value))
        markdown_add_lines(out, json_str(value));
    else if (is_list_of_objects(value))
        add_table(out, value);
    else if (json_is_array(value) && json_array_size(value) > 0)
        add_list(out, value);
    else if (json_is_object(value) && json_object_size(value) > 0)
        add_object(out, value);
    else
        markdown_add_inline(out, value);
}
