/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/diff.h"

#include "cli/terminal.h"

enum { STEP = 2, WHOLE_MAX = 100 };

/* ---- a line ---- */

static void put_line(const struct diff *diff, unsigned indent, char mark, struct str text) {
    enum terminal_style style = mark == '+'   ? TERMINAL_ADDED
                                : mark == '-' ? TERMINAL_REMOVED
                                : mark == '~' ? TERMINAL_CHANGED
                                : mark == '@' ? TERMINAL_FAINT
                                              : TERMINAL_PLAIN;
    bool is_styled = style != TERMINAL_PLAIN && diff->has_color;
    struct str shown = terminal_harmless(diff->arena, text);
    buffer_print(diff->out, "%*s%s", (int)indent, "", is_styled ? terminal_style(true, style) : "");
    buffer_append_byte(diff->out, mark == '@' ? ' ' : mark);
    buffer_append_byte(diff->out, ' ');
    buffer_append(diff->out, shown);
    buffer_append(diff->out, is_styled ? str_from(terminal_style(true, TERMINAL_PLAIN)) : STR(""));
    buffer_append_byte(diff->out, '\n');
}

static struct str one_line(const struct diff *diff, const json_t *value) {
    return json_write(diff->arena, value);
}

static struct str labelled(const struct diff *diff, struct str label, struct str rest) {
    if (str_is_empty(label))
        return rest;
    return arena_join(diff->arena, 3, (struct str[]){label, STR(": "), rest});
}

/* A value that stands on one side only: on one line where it is short, else each line of its pretty form. */
static void put_whole(const struct diff *diff, unsigned indent, char mark, struct str label,
                      const json_t *value) {
    struct str text = one_line(diff, value);
    if (text.len <= WHOLE_MAX || !(json_is_object(value) || json_is_array(value))) {
        put_line(diff, indent, mark, labelled(diff, label, text));
        return;
    }
    struct str rest = str_trim(json_write_pretty(diff->arena, value)), line;
    bool is_first = true;
    while (str_cut(&rest, '\n', &line)) {
        put_line(diff, indent, mark, is_first ? labelled(diff, label, line) : line);
        is_first = false;
    }
}

/* ---- sequences: the longest common subsequence ---- */

struct step {
    char mark;    /* ' ', '+', '-' */
    size_t index; /* in `after` for '+', else in `before` */
};

struct sequence {
    const struct str *at;
    size_t count;
};

/* Cells of the table that is filled in; beyond it all of the middle is said to be new. */
enum { TABLE_MAX = 4 * 1024 * 1024 };

static size_t walk_table(const uint32_t *lengths, struct sequence before, struct sequence after,
                         size_t offset, struct step *steps) {
    size_t width = after.count + 1, i = 0, j = 0, count = 0;
    while (i < before.count || j < after.count) {
        bool is_same = i < before.count && j < after.count && str_equal(before.at[i], after.at[j]);
        if (is_same) {
            steps[count++] = (struct step){' ', offset + i++};
            j++;
        } else if (j == after.count ||
                   (i < before.count && lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])) {
            steps[count++] = (struct step){'-', offset + i++};
        } else {
            steps[count++] = (struct step){'+', offset + j++};
        }
    }
    return count;
}

/* How the middles, which begin and end differently, become each other. */
static size_t compare_middle(struct arena *arena, struct sequence before, struct sequence after,
                             size_t offset, struct step *steps) {
    size_t width = after.count + 1, count = 0;
    if (before.count == 0 || after.count == 0 || (before.count + 1) > TABLE_MAX / width) {
        for (size_t i = 0; i < before.count; i++)
            steps[count++] = (struct step){'-', offset + i};
        for (size_t i = 0; i < after.count; i++)
            steps[count++] = (struct step){'+', offset + i};
        return count;
    }
    uint32_t *lengths = arena_alloc_array(arena, (before.count + 1) * width, sizeof *lengths);
    for (size_t i = before.count; i-- > 0;) {
        for (size_t j = after.count; j-- > 0;) {
            uint32_t down = lengths[(i + 1) * width + j], right = lengths[i * width + j + 1];
            lengths[i * width + j] = str_equal(before.at[i], after.at[j])
                                         ? lengths[(i + 1) * width + j + 1] + 1
                                     : down > right ? down
                                                    : right;
        }
    }
    return walk_table(lengths, before, after, offset, steps);
}

/* The steps from one to the other, in order; room for all of both is made. */
static struct step *compare(struct arena *arena, struct sequence before, struct sequence after,
                            size_t *count) {
    struct step *steps = arena_alloc_array(arena, before.count + after.count + 1, sizeof *steps);
    size_t front = 0, back = 0, least = before.count < after.count ? before.count : after.count;
    while (front < least && str_equal(before.at[front], after.at[front]))
        front++;
    while (back < least - front &&
           str_equal(before.at[before.count - 1 - back], after.at[after.count - 1 - back]))
        back++;
    *count = 0;
    for (size_t i = 0; i < front; i++)
        steps[(*count)++] = (struct step){' ', i};
    struct sequence old = {before.at + front, before.count - front - back};
    struct sequence new = {after.at + front, after.count - front - back};
    AUTO_ARENA scratch = arena_new();
    *count += compare_middle(scratch, old, new, front, steps + *count);
    for (size_t i = 0; i < back; i++)
        steps[(*count)++] = (struct step){' ', before.count - back + i};
    return steps;
}

/* ---- texts ---- */

static struct sequence lines_of(struct arena *arena, struct str text) {
    size_t most = 1;
    for (size_t i = 0; i < text.len; i++)
        most += text.at[i] == '\n';
    struct str *lines = arena_alloc_array(arena, most, sizeof *lines);
    size_t count = 0;
    struct str line;
    while (str_cut(&text, '\n', &line))
        lines[count++] = line;
    if (count > 0 && str_is_empty(lines[count - 1]))
        count--; /* what stands behind the last line's end is no line */
    return (struct sequence){lines, count};
}

enum { CONTEXT_LINES = 2 };

/* Whether step `i` is shown: it changes something, or stands near one that does. */
static bool is_near_change(const struct step *steps, size_t count, size_t i) {
    size_t from = i > CONTEXT_LINES ? i - CONTEXT_LINES : 0;
    size_t to = count - i > CONTEXT_LINES ? i + CONTEXT_LINES : count - 1;
    for (size_t j = from; j <= to; j++) {
        if (steps[j].mark != ' ')
            return true;
    }
    return false;
}

/* The head of the hunk that begins at `from`, as in a unified diff: where it is on both sides, and how long.
 */
static void put_head(const struct diff *diff, unsigned indent, const struct step *steps, size_t count,
                     size_t from) {
    size_t old_from = 0, new_from = 0, old_count = 0, new_count = 0;
    for (size_t i = 0; i < from; i++) {
        old_from += steps[i].mark != '+';
        new_from += steps[i].mark != '-';
    }
    for (size_t i = from; i < count && is_near_change(steps, count, i); i++) {
        old_count += steps[i].mark != '+';
        new_count += steps[i].mark != '-';
    }
    put_line(diff, indent, '@',
             arena_print(diff->arena, "@@ -%zu,%zu +%zu,%zu @@", old_from + (old_count > 0), old_count,
                         new_from + (new_count > 0), new_count));
}

void diff_text(const struct diff *diff, unsigned indent, struct str before, struct str after) {
    struct sequence old = lines_of(diff->arena, before), new = lines_of(diff->arena, after);
    size_t count;
    const struct step *steps = compare(diff->arena, old, new, &count);
    bool was_shown = false;
    for (size_t i = 0; i < count; i++) {
        bool is_shown = is_near_change(steps, count, i);
        if (is_shown && !was_shown)
            put_head(diff, indent, steps, count, i);
        was_shown = is_shown;
        if (is_shown)
            put_line(diff, indent, steps[i].mark, (steps[i].mark == '+' ? new : old).at[steps[i].index]);
    }
}

/* ---- values ---- */

/* Shown line by line; but for two that differ in the last line's end alone, which no line would show. */
static bool has_lines(struct str before, struct str after) {
    struct str longer = before.len > after.len ? before : after;
    struct str shorter = before.len > after.len ? after : before;
    bool differs_at_end = longer.len == shorter.len + 1 && str_starts_with(longer, shorter) &&
                          longer.at[longer.len - 1] == '\n';
    return !differs_at_end &&
           (str_find_byte(before, '\n') != STR_NOT_FOUND || str_find_byte(after, '\n') != STR_NOT_FOUND);
}

static struct str inside(const struct diff *diff, struct str label, struct str member) {
    if (str_is_empty(label))
        return member;
    return arena_join(diff->arena, 3, (struct str[]){label, STR("."), member});
}

static void put_changed(const struct diff *diff, unsigned indent, struct str label, const json_t *before,
                        const json_t *after) {
    if (json_is_string(before) && json_is_string(after) && has_lines(json_str(before), json_str(after))) {
        put_line(diff, indent, '~', arena_join(diff->arena, 2, (struct str[]){label, STR(":")}));
        diff_text(diff, indent + STEP, json_str(before), json_str(after));
        return;
    }
    struct str old = one_line(diff, before), new = one_line(diff, after);
    if (old.len + new.len <= WHOLE_MAX) {
        put_line(diff, indent, '~',
                 labelled(diff, label, arena_join(diff->arena, 3, (struct str[]){old, STR(" → "), new})));
        return;
    }
    put_whole(diff, indent, '-', label, before);
    put_whole(diff, indent, '+', label, after);
}

static bool diff_objects(const struct diff *diff, unsigned indent, struct str label, const json_t *before,
                         const json_t *after) {
    bool differs = false;
    struct json_walk walk = {0};
    while (json_walk_next(before, &walk))
        differs |= diff_json(diff, indent, inside(diff, label, walk.name), walk.value,
                             json_member(after, walk.name));
    walk = (struct json_walk){0};
    while (json_walk_next(after, &walk)) {
        if (json_member(before, walk.name) == NULL)
            differs |= diff_json(diff, indent, inside(diff, label, walk.name), NULL, walk.value);
    }
    return differs;
}

/* By what a thing in a list is known. */
static struct str key_of(const json_t *thing) {
    struct str name = json_get_str(thing, "name");
    return str_is_empty(name) ? json_get_str(thing, "id") : name;
}

static bool has_keys(const json_t *list) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (str_is_empty(key_of(json_array_get(list, i))))
            return false;
    }
    return true;
}

static const json_t *find_keyed(const json_t *list, struct str key) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (str_equal(key_of(json_array_get(list, i)), key))
            return json_array_get(list, i);
    }
    return NULL;
}

static struct str keyed(const struct diff *diff, struct str label, struct str key) {
    return arena_join(diff->arena, 4, (struct str[]){label, STR("["), key, STR("]")});
}

static bool diff_keyed_lists(const struct diff *diff, unsigned indent, struct str label, const json_t *before,
                             const json_t *after) {
    bool differs = false;
    for (size_t i = 0; i < json_array_size(before); i++) {
        struct str key = key_of(json_array_get(before, i));
        differs |= diff_json(diff, indent, keyed(diff, label, key), json_array_get(before, i),
                             find_keyed(after, key));
    }
    for (size_t i = 0; i < json_array_size(after); i++) {
        struct str key = key_of(json_array_get(after, i));
        if (find_keyed(before, key) == NULL)
            differs |= diff_json(diff, indent, keyed(diff, label, key), NULL, json_array_get(after, i));
    }
    if (!differs && json_equal(before, after) == 0) {
        put_line(diff, indent, '~', labelled(diff, label, STR("in another order")));
        differs = true;
    }
    return differs;
}

static struct sequence words_of(const struct diff *diff, const json_t *list) {
    struct str *words = arena_alloc_array(diff->arena, json_array_size(list) + 1, sizeof *words);
    for (size_t i = 0; i < json_array_size(list); i++)
        words[i] = json_write_sorted(diff->arena, json_array_get(list, i));
    return (struct sequence){words, json_array_size(list)};
}

static bool diff_lists(const struct diff *diff, unsigned indent, struct str label, const json_t *before,
                       const json_t *after) {
    size_t count;
    const struct step *steps = compare(diff->arena, words_of(diff, before), words_of(diff, after), &count);
    bool differs = false;
    for (size_t i = 0; i < count; i++) {
        if (steps[i].mark == ' ')
            continue;
        const json_t *list = steps[i].mark == '+' ? after : before;
        put_whole(diff, indent, steps[i].mark,
                  arena_print(diff->arena, "%.*s[%zu]", STR_ARG(label), steps[i].index),
                  json_array_get(list, steps[i].index));
        differs = true;
    }
    return differs;
}

bool diff_json(const struct diff *diff, unsigned indent, struct str label, const json_t *before,
               const json_t *after) {
    if (before == NULL && after == NULL)
        return false;
    if (before == NULL || after == NULL) {
        put_whole(diff, indent, before == NULL ? '+' : '-', label, before == NULL ? after : before);
        return true;
    }
    if (json_equal(before, after))
        return false;
    if (json_is_object(before) && json_is_object(after))
        return diff_objects(diff, indent, label, before, after);
    if (json_is_array(before) && json_is_array(after))
        return has_keys(before) && has_keys(after) ? diff_keyed_lists(diff, indent, label, before, after)
                                                   : diff_lists(diff, indent, label, before, after);
    put_changed(diff, indent, label, before, after);
    return true;
}
