/* SPDX-License-Identifier: Apache-2.0 */
/* Members that are not known, and which one was meant. */
#include "base/json.h"

enum { NAME_MAX_LENGTH = 40, DISTANCE_MAX = 2 };

static bool is_among(struct str name, const char *const *known) {
    for (; *known != NULL; known++) {
        if (str_equal(name, str_from(*known)))
            return true;
    }
    return false;
}

struct str json_unknown_member(const json_t *object, const char *const *known) {
    struct json_walk walk = {0};
    while (json_walk_next(object, &walk)) {
        if (!is_among(walk.name, known))
            return walk.name;
    }
    return STR_NONE;
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

/* How many letters must be changed, added or taken away to come from one to the other (Levenshtein), whatever
 * their case. */
static unsigned distance(struct str from, struct str to) {
    unsigned row[NAME_MAX_LENGTH + 1];
    for (unsigned k = 0; k <= to.len; k++)
        row[k] = k;
    for (unsigned i = 1; i <= from.len; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (unsigned k = 1; k <= to.len; k++) {
            unsigned changed = diagonal + (lower(from.at[i - 1]) != lower(to.at[k - 1]));
            diagonal = row[k];
            row[k] = least(changed, 1 + least(row[k], row[k - 1]));
        }
    }
    return row[to.len];
}

/* NULL where none is near. */
static const char *nearest(struct str name, const char *const *known) {
    const char *best = NULL;
    unsigned best_distance = DISTANCE_MAX + 1;
    for (; name.len <= NAME_MAX_LENGTH && *known != NULL; known++) {
        struct str one = str_from(*known);
        if (one.len > NAME_MAX_LENGTH)
            continue;
        unsigned far = distance(name, one);
        if (far < best_distance && 2 * far < one.len) {
            best = *known;
            best_distance = far;
        }
    }
    return best;
}

struct str json_no_such_member(struct arena *arena, struct str name, const char *const *known) {
    const char *meant = nearest(name, known);
    if (meant != NULL)
        return arena_print(arena, "There is no such member here. Did you mean \"%s\"?", meant);
    struct str names = STR("");
    for (const char *const *at = known; *at != NULL; at++) {
        struct str between = at == known ? STR("") : at[1] == NULL ? STR(" and ") : STR(", ");
        names = arena_join(arena, 3, (struct str[]){names, between, str_from(*at)});
    }
    return known[0] != NULL && known[1] == NULL
               ? arena_print(arena, "There is no such member here. There is only %.*s.", STR_ARG(names))
               : arena_print(arena, "There is no such member here. There are %.*s.", STR_ARG(names));
}
