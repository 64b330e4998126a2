/* SPDX-License-Identifier: Apache-2.0 */
#include "assistant/answer_template.h"

#include "assistant/markdown.h"
#include "base/json.h"

#define USER_PREFIX STR("user.")

/* A name of letters, digits and "_.-:/" between braces; other braces are text. The length with its braces, 0:
 * none. */
static size_t hole_length(struct str text) {
    size_t at = 1;
    for (; at < text.len; at++) {
        char c = text.at[at];
        bool is_name = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       str_find_byte(STR("_.-:/"), c) != STR_NOT_FOUND || (unsigned char)c >= 0x80;
        if (!is_name)
            break;
    }
    return at > 1 && at < text.len && text.at[at] == '}' ? at + 1 : 0;
}

static const json_t *step(const json_t *value, struct str name) {
    uint64_t index = 0;
    if (json_is_array(value) && str_to_uint64(name, &index) == OK)
        return json_array_get(value, (size_t)index);
    return json_is_object(value) ? json_member(value, name) : NULL;
}

/* The whole path as one name first: names may have dots in them. */
static const json_t *value_at(const json_t *root, struct str path) {
    const json_t *value = step(root, path);
    if (value)
        return value;
    struct str name = STR("");
    value = root;
    while (value && str_cut(&path, '.', &name))
        value = step(value, name);
    return value;
}

static bool ends_in(const struct buffer *out, struct str text) {
    return str_ends_with(buffer_text(out), text);
}

static void drop_spaces(struct buffer *out) {
    while (ends_in(out, STR(" ")))
        out->len--;
}

/* Nothing to put in: what led up to it goes, too. */
static void close_gap(struct buffer *out, struct str *rest) {
    static const struct str marks[] = {STR_STATIC("**"), STR_STATIC("__"), STR_STATIC("`"), STR_STATIC("*"),
                                       STR_STATIC("_")};
    drop_spaces(out);
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (ends_in(out, marks[i]) && str_starts_with(*rest, marks[i])) {
            out->len -= marks[i].len;
            *rest = str_from_index(*rest, marks[i].len);
            break;
        }
    drop_spaces(out);
    if (ends_in(out, STR(",")))
        out->len--;
    if (out->len == 0 || ends_in(out, STR("\n"))) {
        if (str_starts_with(*rest, STR(",")))
            *rest = str_from_index(*rest, 1);
        while (str_starts_with(*rest, STR(" ")))
            *rest = str_from_index(*rest, 1);
    }
}

/* A table stands between empty lines. */
static void add_block(struct buffer *out, const json_t *value, struct str rest) {
    drop_spaces(out);
    if (out->len > 0 && !ends_in(out, STR("\n\n")))
        buffer_append(out, ends_in(out, STR("\n")) ? STR("\n") : STR("\n\n"));
    markdown_add_block(out, value);
    if (rest.len > 0 && !str_starts_with(rest, STR("\n")))
        buffer_append(out, STR("\n"));
}

static bool fill_hole(struct buffer *out, const json_t *value, struct str rest) {
    if (markdown_is_block(value) && (json_array_size(value) > 0 || json_object_size(value) > 0)) {
        add_block(out, value, rest);
        return true;
    }
    size_t before = out->len;
    return markdown_add_inline(out, value) && out->len > before;
}

struct str answer_template_fill(struct arena *arena, struct str template, const json_t *result,
                                const json_t *user, unsigned *filled) {
    AUTO_BUFFER out = BUFFER_EMPTY;
    struct str rest = template;
    if (filled)
        *filled = 0;
    while (rest.len > 0) {
        size_t length = rest.at[0] == '{' ? hole_length(rest) : 0;
        if (length == 0) {
            buffer_append_byte(&out, rest.at[0]);
            rest = str_from_index(rest, 1);
            continue;
        }
        struct str path = str_slice(rest, 1, length - 1);
        rest = str_from_index(rest, length);
        bool is_users = str_starts_with(path, USER_PREFIX);
        const json_t *value =
            is_users ? value_at(user, str_from_index(path, USER_PREFIX.len)) : value_at(result, path);
        if (!fill_hole(&out, value, rest))
            close_gap(&out, &rest);
        else if (filled && !is_users)
            (*filled)++;
    }
    return arena_copy(arena, str_trim(buffer_text(&out)));
}

unsigned answer_template_holes(struct str template) {
    unsigned count = 0;
    while (template.len > 0) {
        size_t length = template.at[0] == '{' ? hole_length(template) : 0;
        bool is_users = str_starts_with(str_from_index(template, 1), USER_PREFIX);
        count += length > 0 && !is_users;
        template = str_from_index(template, length > 0 ? length : 1);
    }
    return count;
}
