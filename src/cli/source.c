/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/source.h"

#include "cli/position.h"
#include "cli/syntax.h"
#include "cli/terminal.h"

#include <stdio.h>
#include <unistd.h>

enum { SHOWN_CHARACTERS = 100, BEFORE_MARK = 60 };

/* ---- an excerpt ---- */

static bool is_character_start(char c) {
    return ((unsigned char)c & 0xC0U) != 0x80U;
}

/* The bytes of `count` characters of the text from `at` on; fewer where it ends. */
static size_t skip_characters(struct str text, size_t at, size_t count) {
    while (at < text.len && count > 0) {
        at++;
        while (at < text.len && !is_character_start(text.at[at]))
            at++;
        count--;
    }
    return at;
}

static size_t count_characters(struct str text) {
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += is_character_start(text.at[i]);
    return count;
}

/* "12 |     "mode": "hope",\n   |             ^^^^^^": the part of the line around the place. `len` bytes are
 * marked, of those that stand on this line. */
static void append_excerpt(struct buffer *buffer, struct arena *arena, struct str text,
                           const struct position *place) {
    const struct str line = position_line(text, place->line);
    const size_t column = place->column - 1;
    const size_t from = column > BEFORE_MARK ? column - BEFORE_MARK : 0;
    const size_t begin = skip_characters(line, 0, from);
    const size_t end = skip_characters(line, begin, SHOWN_CHARACTERS);
    const size_t mark = skip_characters(line, 0, column);
    const size_t marked_end = mark + place->len < end ? mark + place->len : end;
    const size_t marks = mark < marked_end ? count_characters(str_slice(line, mark, marked_end)) : 1;
    struct str number = arena_print(arena, "%u", place->line);
    struct str shown = arena_copy(arena, str_slice(line, begin, end));
    for (size_t i = 0; i < shown.len; i++) {
        if (shown.at[i] == '\t')
            ((char *)shown.at)[i] = ' ';
    }
    buffer_print(buffer, "\n  %.*s | %s%.*s%s", STR_ARG(number), begin > 0 ? "…" : "",
                 STR_ARG(terminal_harmless_lines(arena, shown)), end < line.len ? "…" : "");
    const bool has_color = terminal_has_color(STDERR_FILENO);
    buffer_print(buffer, "\n  %*s | %*s%s", (int)number.len, "", (int)(column - from + (begin > 0)), "",
                 terminal_style(has_color, TERMINAL_REMOVED));
    for (size_t i = 0; i < marks; i++)
        buffer_append_byte(buffer, '^');
    buffer_append(buffer, str_from(terminal_style(has_color, TERMINAL_PLAIN)));
}

/* ---- reading ---- */

/* The reader's words, and what was most likely done. */
static struct str explain(const struct cli *cli, const struct source *source,
                          const struct json_error *error) {
    struct str line = position_line(source->text, error->line);
    if (line.at == NULL)
        return str_from(error->what);
    size_t offset = (size_t)(line.at - source->text.at) + skip_characters(line, 0, error->column - 1);
    struct str hint = syntax_hint(cli->arena, source->text, offset);
    return str_is_empty(hint) || !str_is_utf8(source->text)
               ? str_from(error->what)
               : arena_print(cli->arena, "%s %.*s", error->what, STR_ARG(hint));
}

static bool fail_syntax(const struct cli *cli, const struct source *source, const struct json_error *error,
                        int *exit_status) {
    AUTO_BUFFER text = BUFFER_EMPTY;
    struct str detail = explain(cli, source, error);
    buffer_print(&text, "%.*s, line %u, column %u: %.*s", STR_ARG(source->name), error->line, error->column,
                 STR_ARG(detail));
    struct position place = {.line = error->line, .column = error->column, .len = 1};
    /* What is secret there is not told: a key that stands where it should not is a syntax error soon. */
    if (!cli->json && error->line > 0 && str_find(source->text, STR("\"secrets\"")) == STR_NOT_FOUND)
        append_excerpt(&text, cli->arena, source->text, &place);
    json_auto_t *where = json_pack("[{s:o, s:i, s:i, s:s}]", "file", json_from_str(source->name), "line",
                                   (int)error->line, "column", (int)error->column, "detail", detail.at);
    *exit_status = cli_fail_with(cli, buffer_text(&text), "errors", where);
    return false;
}

bool source_read(struct cli *cli, struct str path, struct source *source, int *exit_status) {
    struct json_error error = {0};
    json_t *json = NULL;
    *source = (struct source){.name = str_equal(path, STR("-")) ? STR("standard input") : path};
    if (!installation_read_text(cli, path, &source->text, exit_status))
        return false;
    if (str_starts_with(source->text,
                        STR("\xEF\xBB\xBF"))) /* some editors begin a file with it (RFC 8259 section 8.1) */
        source->text = str_from_index(source->text, 3);
    if (json_read(source->text, JSON_DEPTH_DOCUMENT, &json, &error) != OK)
        return fail_syntax(cli, source, &error, exit_status);
    source->json = json_keep(cli->arena, json);
    if (json_item_read(source->text, JSON_DEPTH_DOCUMENT, cli->arena, &source->root, NULL) != OK)
        source->root = NULL;
    return true;
}

/* ---- complaining ---- */

static struct position find(const struct source *source, const struct source_error *error) {
    if (source->root == NULL)
        return (struct position){0};
    return error->is_about_name ? position_find_name(source->text, source->root, error->pointer)
                                : position_find(source->text, source->root, error->pointer);
}

static void append_error(struct buffer *buffer, const struct cli *cli, const struct source *source,
                         const struct source_error *error) {
    struct position place = find(source, error);
    buffer_append(buffer, terminal_harmless(cli->arena, error->pointer));
    buffer_append(buffer, str_is_empty(error->pointer) ? STR("") : STR(": "));
    buffer_append(buffer, terminal_harmless(cli->arena, error->detail));
    if (cli->json || place.line == 0)
        return;
    buffer_print(buffer, "\n --> %.*s:%u:%u", STR_ARG(source->name), place.line, place.column);
    if (!error->is_secret)
        append_excerpt(buffer, cli->arena, source->text, &place);
}

static json_t *error_json(const struct source *source, const struct source_error *error) {
    struct position place = find(source, error);
    json_t *json = json_object();
    json_set(json, STR("file"), json_from_str(source->name));
    json_set(json, STR("line"), place.line > 0 ? json_integer(place.line) : json_null());
    json_set(json, STR("column"), place.line > 0 ? json_integer(place.column) : json_null());
    json_set(json, STR("pointer"), json_from_str(error->pointer));
    json_set(json, STR("detail"), json_from_str(error->detail));
    return json;
}

int source_fail(const struct cli *cli, const struct source *source, const struct source_error *errors,
                size_t count) {
    AUTO_BUFFER text = BUFFER_EMPTY;
    json_auto_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_byte(&text, '\n');
        append_error(&text, cli, source, &errors[i]);
        json_array_append_new(list, error_json(source, &errors[i]));
    }
    return cli_fail_with(cli, buffer_text(&text), "errors", list);
}

int source_fail_answer(const struct client *client, const struct source *source, struct str sent,
                       struct str pointer, const struct client_answer *answer) {
    const json_t *said = json_get_array(answer->json, "errors");
    size_t count = json_array_size(said);
    if (count == 0 || source->json == NULL)
        return client_fail(client, answer);
    struct source_error *errors = arena_alloc_array(client->arena, count, sizeof *errors);
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_array_get(said, i);
        struct str place = json_get_str(one, "pointer");
        if (!str_starts_with(place, sent))
            return client_fail(client, answer);
        errors[i].pointer =
            arena_join(client->arena, 2, (struct str[]){pointer, str_from_index(place, sent.len)});
        errors[i].detail = json_get_str(one, "detail");
        errors[i].is_about_name = str_find(errors[i].detail, STR("no such member")) != STR_NOT_FOUND;
        errors[i].is_secret = str_find(errors[i].pointer, STR("/secrets/")) != STR_NOT_FOUND;
    }
    return source_fail(client->cli, source, errors, count);
}
