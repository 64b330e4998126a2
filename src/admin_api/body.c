/* SPDX-License-Identifier: Apache-2.0 */
/* Reading bodies: JSON, with the members that the resource knows and no others. */
#include "admin_api/call.h"

/* "application/json", with or without parameters. */
static bool is_json(struct str content_type) {
    struct str type = str_trim(str_slice(content_type, 0, str_find_byte(content_type, ';')));
    return str_equal_ignore_case(type, STR("application/json"));
}

static bool read_json(struct call *call) {
    const struct admin_request *request = call->request;
    struct json_error error = {0};
    json_t *value = NULL;
    if (!is_json(request->content_type))
        return call_problem(call, 415, "content-type", "Send JSON, with Content-Type: application/json.");
    if (request->body.len > ADMIN_BODY_MAX)
        return call_problem(call, 413, "body-too-large", "A body is at most 1 MiB.");
    if (json_read(request->body, JSON_DEPTH_DOCUMENT, &value, &error) != OK)
        return call_problem(call, 400, "body-invalid", "The body is no JSON: line %u, column %u: %s",
                            error.line, error.column, error.what);
    call->body = json_keep(call->arena, value);
    return true;
}

static const struct member *find_member(const struct member *members, struct str name) {
    for (; members->name != NULL; members++) {
        if (str_equal(str_from(members->name), name))
            return members;
    }
    return NULL;
}

static const char *const *names_of(struct arena *arena, const struct member *members) {
    size_t count = 0;
    while (members[count].name != NULL)
        count++;
    const char **names = arena_alloc_array(arena, count + 1, sizeof *names);
    for (size_t i = 0; i <= count; i++)
        names[i] = members[i].name;
    return names;
}

static bool is_of_kind(const json_t *value, enum member_kind kind) {
    switch (kind) {
    case MEMBER_ANY:
        return true;
    case MEMBER_STRING:
        return json_is_string(value);
    case MEMBER_INTEGER:
        return json_is_integer(value);
    case MEMBER_BOOLEAN:
        return json_is_boolean(value);
    case MEMBER_OBJECT:
        return json_is_object(value);
    case MEMBER_ARRAY:
        return json_is_array(value);
    }
    return false;
}

static bool check_value(struct call *call, const struct member *member, struct str place,
                        const json_t *value) {
    static const char *const nouns[] = {"a value",       "a string",  "a whole number",
                                        "true or false", "an object", "a list"};
    if (json_is_null(value) && member->may_be_null)
        return true;
    if (!is_of_kind(value, member->kind))
        return call_problem_at(call, "invalid", place, "`%s` must be %s.", member->name, nouns[member->kind]);
    size_t size = json_is_array(value) ? json_array_size(value) : json_str(value).len;
    if (member->most != 0 && size > member->most)
        return call_problem_at(call, "too-large", place, "`%s` may have at most %zu %s.", member->name,
                               member->most, json_is_array(value) ? "elements" : "bytes");
    return true;
}

bool call_check_members(struct call *call, const json_t *object, struct str pointer,
                        const struct member *members) {
    struct json_walk walk = {0};
    if (!json_is_object(object))
        return call_problem_at(call, "invalid", pointer, "This must be a JSON object.");
    while (json_walk_next(object, &walk)) {
        struct str place = json_pointer_add(call->arena, pointer, walk.name);
        const struct member *member = find_member(members, walk.name);
        if (member == NULL)
            return call_problem_at(
                call, "invalid", place, "%.*s",
                STR_ARG(json_no_such_member(call->arena, walk.name, names_of(call->arena, members))));
        if (!check_value(call, member, place, walk.value))
            return false;
    }
    for (; members->name != NULL; members++) {
        if (members->is_required && json_object_get(object, members->name) == NULL)
            return call_problem_at(call, "invalid",
                                   json_pointer_add(call->arena, pointer, str_from(members->name)),
                                   "`%s` is missing.", members->name);
    }
    return true;
}

bool call_read_body(struct call *call, const struct member *members) {
    if (!read_json(call))
        return false;
    return members == NULL || call_check_members(call, call->body, STR(""), members);
}

bool call_read_optional_body(struct call *call, const struct member *members) {
    if (!str_is_empty(call->request->body))
        return call_read_body(call, members);
    call->body = json_keep(call->arena, json_object());
    return true;
}
