/* SPDX-License-Identifier: Apache-2.0 */
/* Claims by name, pointer or path, and the mapping that makes of them what tools and model see. */
#include "identity/mapping.h"

#include "base/json.h"

static bool has_control(struct str text) {
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7F)
            return true;
    }
    return false;
}

/* ---- finding ---- */

/* An index as a pointer writes it (RFC 6901 section 4); SIZE_MAX where it is none. */
static size_t index_of(struct str name) {
    uint64_t index;
    bool is_plain = name.len > 0 && (name.len == 1 || name.at[0] != '0');
    return is_plain && str_to_uint64(name, &index) == OK ? (size_t)index : SIZE_MAX;
}

/* Claims come in two forms, as jansson's and as read in place. What finds its way through them is the same
 * but for the step from a value to one that is in it: a member, or an element by its index. */
typedef const void *step_into(const void *value, struct str name);

static const void *step_json(const void *value, struct str name) {
    return json_is_object((const json_t *)value) ? json_member(value, name)
                                                 : json_array_get(value, index_of(name));
}

static const void *step_item(const void *value, struct str name) {
    if (json_item_is(value, JSON_IS_OBJECT))
        return json_item_member(value, name);
    struct json_items list = json_items(value);
    size_t index = index_of(name);
    for (size_t i = 0; json_items_next(&list); i++) {
        if (i == index)
            return list.value;
    }
    return NULL;
}

/* "~1" is a slash and "~0" a tilde (RFC 6901 section 4). `into` has room for the whole segment. */
static struct str unescape(struct str segment, char *into) {
    size_t len = 0;
    for (size_t i = 0; i < segment.len; i++) {
        char c = segment.at[i];
        if (c == '~' && i + 1 < segment.len)
            c = segment.at[++i] == '1' ? '/' : '~';
        into[len++] = c;
    }
    return str_of(into, len);
}

struct str mapping_unescape(struct arena *arena, struct str segment) {
    return unescape(segment, arena_alloc(arena, segment.len + 1));
}

static const void *by_pointer(const void *claims, struct str pointer, step_into *step) {
    char segment_text[CLAIM_PATH_MAX];
    struct str rest = str_from_index(pointer, 1);
    struct str segment;
    const void *found = claims;
    if (pointer.len > CLAIM_PATH_MAX)
        return NULL;
    while (found != NULL && str_cut(&rest, '/', &segment))
        found = step(found, unescape(segment, segment_text));
    return found;
}

static const void *by_dots(const void *claims, struct str path, step_into *step) {
    struct str rest = path;
    struct str segment;
    const void *found = claims;
    while (found != NULL && str_cut(&rest, '.', &segment))
        found = step(found, segment);
    return found;
}

static const void *find(const void *claims, struct str path, step_into *step) {
    const void *exact = path.len > 0 ? step(claims, path) : NULL;
    if (exact != NULL || path.len == 0)
        return exact;
    return path.at[0] == '/' ? by_pointer(claims, path, step) : by_dots(claims, path, step);
}

json_t *identity_claim_at(const json_t *claims, struct str path) {
    return (json_t *)find(claims, path, step_json);
}

const struct json_item *claim_at(const struct json_item *claims, struct str path) {
    return find(claims, path, step_item);
}

/* ---- settings ---- */

const char *claim_path_problem(struct str path) {
    if (path.len == 0 || path.len > CLAIM_PATH_MAX || has_control(path))
        return "A claim is named by 1 to 256 bytes of text.";
    if (path.at[0] != '/')
        return NULL;
    for (size_t i = 0; i < path.len; i++) {
        if (path.at[i] == '~' && (i + 1 == path.len || (path.at[i + 1] != '0' && path.at[i + 1] != '1')))
            return "In a JSON pointer a tilde is followed by 0 or 1.";
    }
    return NULL;
}

struct str pointer_segment(struct arena *arena, struct str name) {
    char *text = arena_alloc(arena, 2 * name.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        if (c == '~' || c == '/') {
            text[len++] = '~';
            c = c == '~' ? '0' : '1';
        }
        text[len++] = c;
    }
    return str_of(text, len);
}

static const char *rule_problem(struct str name, const json_t *path) {
    if (name.len == 0 || name.len > MAPPING_NAME_MAX || has_control(name))
        return "A mapped name has 1 to 64 bytes and no control characters.";
    if (!json_is_string(path))
        return "The source of a mapped name is the name of a claim, as text.";
    if (str_equal(name, STR("sub")) && !str_equal(json_str(path), STR("sub")))
        return "`sub` is the verified user and cannot be mapped from another claim.";
    return claim_path_problem(json_str(path));
}

static enum status refuse(struct arena *arena, struct identity_config_error *error, struct str name,
                          const char *message) {
    if (error != NULL) {
        error->pointer = name.at == NULL
                             ? STR("")
                             : arena_join(arena, 2, (struct str[]){STR("/"), pointer_segment(arena, name)});
        error->message = str_from(message);
    }
    return INVALID;
}

static struct str quoted(struct arena *arena, struct str name) {
    json_auto_t *text = json_from_str(name);
    return arena_join(arena, 2, (struct str[]){json_write(arena, text), STR(":")});
}

enum status identity_mapping_read(const json_t *json, struct arena *arena, struct identity_mapping **mapping,
                                  struct identity_config_error *error) {
    const char *name_text;
    size_t name_len;
    json_t *path;
    if (!json_is_object(json))
        return refuse(arena, error, STR_NONE,
                      "The mapping is an object of new names and the claims that they come from.");
    if (json_object_size(json) > MAPPING_MAX)
        return refuse(arena, error, STR_NONE, "The mapping has more than 64 names.");
    struct identity_mapping *read = ARENA_NEW(arena, struct identity_mapping);
    read->rules = arena_alloc_array(arena, json_object_size(json), sizeof *read->rules);
    json_object_keylen_foreach((json_t *)json, name_text, name_len, path) {
        struct str name = arena_copy(arena, str_of(name_text, name_len));
        const char *problem = rule_problem(name, path);
        if (problem != NULL)
            return refuse(arena, error, name, problem);
        read->rules[read->count++] =
            (struct mapping_rule){name, quoted(arena, name), arena_copy(arena, json_str(path))};
    }
    *mapping = read;
    return OK;
}
