/* SPDX-License-Identifier: Apache-2.0 */
/* How to come from one JSON value to another, told so that a person can follow. */
#include "admin/admin.h"

struct differ {
    json_t *changes;
    struct str what;
    struct arena *arena;
};

static void add(const struct differ *differ, struct str pointer, const json_t *before, const json_t *after) {
    const char *op = before == NULL ? "add" : after == NULL ? "remove" : "change";
    json_t *change = json_object();
    json_object_set_new(change, "op", json_string(op));
    json_object_set_new(change, "what", json_from_str(differ->what));
    json_object_set_new(change, "pointer", json_from_str(pointer));
    json_object_set_new(change, "before", before == NULL ? json_null() : json_deep_copy(before));
    json_object_set_new(change, "after", after == NULL ? json_null() : json_deep_copy(after));
    json_array_append_new(differ->changes, change);
}

/* What tells an element of a list from the others: its name, or its id. */
static struct str name_of(const json_t *element) {
    struct str name = json_get_str(element, "name");
    return str_is_empty(name) ? json_get_str(element, "id") : name;
}

static const json_t *find_named(const json_t *list, struct str name) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (str_equal(name_of(json_array_get(list, i)), name))
            return json_array_get(list, i);
    }
    return NULL;
}

/* Longer lists are one value: nobody reads so many differences, and each element looks for its like. */
static bool is_named_list(const json_t *list) {
    enum { MOST = 200 };
    bool is = json_is_array(list) && json_array_size(list) <= MOST;
    for (size_t i = 0; is && i < json_array_size(list); i++) {
        struct str name = name_of(json_array_get(list, i));
        is = !str_is_empty(name) && find_named(list, name) == json_array_get(list, i);
    }
    return is;
}

static void compare(const struct differ *differ, struct str pointer, const json_t *before,
                    const json_t *after);

static void compare_objects(const struct differ *differ, struct str pointer, const json_t *before,
                            const json_t *after) {
    struct json_walk walk = {0};
    while (json_walk_next(before, &walk)) {
        if (json_member(after, walk.name) == NULL)
            add(differ, json_pointer_add(differ->arena, pointer, walk.name), walk.value, NULL);
    }
    walk = (struct json_walk){0};
    while (json_walk_next(after, &walk))
        compare(differ, json_pointer_add(differ->arena, pointer, walk.name), json_member(before, walk.name),
                walk.value);
}

static void compare_lists(const struct differ *differ, struct str pointer, const json_t *before,
                          const json_t *after) {
    for (size_t i = 0; i < json_array_size(before); i++) {
        const json_t *element = json_array_get(before, i);
        if (find_named(after, name_of(element)) == NULL)
            add(differ, arena_print(differ->arena, "%.*s/%zu", STR_ARG(pointer), i), element, NULL);
    }
    for (size_t i = 0; i < json_array_size(after); i++) {
        const json_t *element = json_array_get(after, i);
        compare(differ, arena_print(differ->arena, "%.*s/%zu", STR_ARG(pointer), i),
                find_named(before, name_of(element)), element);
    }
}

/* Whether those that are in both stand in another order. */
static bool is_reordered(const json_t *before, const json_t *after) {
    size_t at = 0;
    for (size_t i = 0; i < json_array_size(before); i++) {
        struct str name = name_of(json_array_get(before, i));
        if (find_named(after, name) == NULL)
            continue;
        while (find_named(before, name_of(json_array_get(after, at))) == NULL)
            at++;
        if (!str_equal(name_of(json_array_get(after, at++)), name))
            return true;
    }
    return false;
}

/* As deep as both documents, which json_read has bounded. */
static void compare(const struct differ *differ, struct str pointer, const json_t *before,
                    const json_t *after) {
    if (json_equal(before, after))
        return;
    if (json_is_object(before) && json_is_object(after))
        compare_objects(differ, pointer, before, after);
    else if (is_named_list(before) && is_named_list(after) && !is_reordered(before, after))
        compare_lists(differ, pointer, before, after);
    else
        add(differ, pointer, before, after);
}

void admin_diff(json_t *changes, struct str what, struct str pointer, const json_t *before,
                const json_t *after) {
    AUTO_ARENA arena = arena_new();
    const struct differ differ = {changes, what, arena};
    compare(&differ, pointer, before, after);
}
