/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/syntax.h"

#include "cli/position.h"

#include <string.h>

enum { DEPTH_MAX = 64 };

/* What stands around the place where reading stopped. */
struct sight {
    char before;        /* the last sign before that word, 0 at the beginning; '"' after a text */
    size_t at;          /* where the word begins */
    size_t open_string; /* of a text that does not end: where it begins */
    bool is_in_string;
    size_t open[DEPTH_MAX]; /* where the brackets and braces stand that are open */
    size_t depth;
};

static bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == '+';
}

/* The end of what begins at `at`: a text, a word, or one sign. */
static size_t end_of(struct str text, size_t at) {
    size_t end = at + 1;
    if (text.at[at] == '"') {
        while (end < text.len && text.at[end] != '"' && text.at[end] != '\n')
            end += text.at[end] == '\\' ? 2 : 1;
        return end < text.len ? end + 1 : text.len;
    }
    while (is_word(text.at[at]) && end < text.len && is_word(text.at[end]))
        end++;
    return end;
}

static void note_bracket(struct sight *sight, char c, size_t at) {
    if ((c == '{' || c == '[') && sight->depth < DEPTH_MAX)
        sight->open[sight->depth++] = at;
    else if ((c == '}' || c == ']') && sight->depth > 0)
        sight->depth--;
}

static struct sight look(struct str text, size_t offset) {
    struct sight sight = {.at = text.len};
    for (size_t at = 0; at < text.len;) {
        if (is_space(text.at[at])) {
            at++;
            continue;
        }
        size_t end = end_of(text, at);
        sight.is_in_string = text.at[at] == '"' && (end - at < 2 || text.at[end - 1] != '"');
        sight.open_string = at;
        if (end > offset || sight.is_in_string) {
            sight.at = at;
            return sight;
        }
        sight.before = text.at[end - 1];
        note_bracket(&sight, text.at[at], at);
        at = end;
    }
    return sight;
}

static bool starts_at(struct str text, size_t at, const char *with) {
    return str_starts_with(str_from_index(text, at), str_from(with));
}

static bool is_any_of(struct str text, size_t at, const char *const *list) {
    for (; *list != NULL; list++) {
        if (starts_at(text, at, *list))
            return true;
    }
    return false;
}

static struct str unfinished(struct arena *arena, struct str text, const struct sight *sight) {
    if (sight->depth == 0)
        return STR_NONE;
    size_t open = sight->open[sight->depth - 1];
    return arena_print(arena, "The %c of line %u is not closed.", text.at[open],
                       position_at(text, open).line);
}

struct str syntax_hint(struct arena *arena, struct str text, size_t offset) {
    static const char *const quotes[] = {"'",      "`",      "\u201c", "\u201d", "\u2018",
                                         "\u2019", "\u201e", "\u00ab", NULL};
    static const char *const python[] = {"True", "False", "None", "TRUE", "FALSE", "NULL", "Null", NULL};
    static const char *const numbers[] = {"NaN", "Infinity", "-Infinity", "+", ".", "0x", NULL};
    struct sight sight = look(text, offset);
    if (str_is_empty(str_trim(text)))
        return STR("The file is empty.");
    if (sight.is_in_string)
        return STR("A text that begins here does not end on its line: a quotation mark is missing, or a line "
                   "break in it "
                   "should be \\n.");
    if (sight.at == 0 && sight.at < text.len &&
        (text.at[0] == '{' || text.at[0] == '[')) /* the end was meant */
        sight = look(text, text.len);
    if (sight.at == text.len)
        return unfinished(arena, text, &sight);
    char c = text.at[sight.at];
    if (c == '=')
        return STR("Between a name and its value stands a colon.");
    bool is_after_value =
        sight.before == '"' || sight.before == '}' || sight.before == ']' || is_word(sight.before);
    if (sight.before == ',' && (c == '}' || c == ']' || c == ','))
        return STR("Nothing follows the comma before this: take it away.");
    if (c == '/' || c == '#')
        return STR("JSON has no comments: take this away.");
    if (is_any_of(text, sight.at, quotes))
        return STR("Names and texts stand in straight double quotes: \"name\".");
    if (sight.before == 0)
        return STR(
            "The file must hold JSON, which begins with {. `chatelaine export` writes one to begin with.");
    if (sight.depth == 0)
        return STR("The file holds one object, and nothing behind its closing brace.");
    if (is_any_of(text, sight.at, python))
        return STR("JSON writes true, false and null, in small letters.");
    if (is_after_value && (c == '"' || c == '{' || c == '[' || is_word(c)))
        return STR("A comma is missing before this, or a colon after a name.");
    if ((sight.before == '{' || sight.before == ',') && is_word(c) && sight.depth > 0 &&
        text.at[sight.open[sight.depth - 1]] == '{')
        return STR("Names stand in double quotes: \"name\".");
    if (is_any_of(text, sight.at, numbers))
        return STR("This is no number as JSON writes them, such as 12 or 0.5.");
    if (sight.before == ':' && is_word(c))
        return STR("Texts stand in double quotes: \"text\".");
    if (sight.depth > 0 && (c == '}' || c == ']') &&
        (c == '}') != (text.at[sight.open[sight.depth - 1]] == '{'))
        return unfinished(arena, text, &sight);
    return STR_NONE;
}
