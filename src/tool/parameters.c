/* SPDX-License-Identifier: Apache-2.0 */
/* A tool's parameters: the schema, the parameters that are bound to claims, and the schema as a model may see
 * it: without these, wherever they are spoken of. */
#include "tool/read.h"

#include "base/json.h"

enum { CLAIM_BYTES_MAX = 256 };

bool tool_has_parameter(const struct tool *tool, struct str name) {
    return json_member(json_get_object(tool->parameters_json, "properties"), name) != NULL;
}

const struct tool_binding *tool_binding_of(const struct tool *tool, struct str parameter) {
    for (size_t i = 0; i < tool->binding_count; i++)
        if (str_equal(tool->bindings[i].parameter, parameter))
            return &tool->bindings[i];
    return NULL;
}

/* ---- the schema ---- */
static enum status read_schema(struct tool_reader *reader, struct tool *tool, struct schema **schema) {
    json_t *parameters = json_object_get(reader->json, "parameters");
    if (!parameters) /* a tool without parameters takes none */
        parameters = json_keep(reader->arena, json_pack("{s:s, s:{}, s:b}", "type", "object", "properties",
                                                        "additionalProperties", 0));
    struct schema_error error;
    enum status status = schema_compile(reader->errors, parameters, schema, &error);
    if (status != OK) {
        struct str sentence = arena_print(reader->errors, "This %.*s.", STR_ARG(error.sentence));
        reader->error->pointer =
            arena_join(reader->errors, 2, (const struct str[]){STR("/parameters"), error.pointer});
        reader->error->sentence = sentence;
        return status;
    }
    if (!str_equal(json_get_str(parameters, "type"), STR("object")))
        return reader_refuse(reader, STR("/parameters/type"),
                             "This must be \"object\": a tool's parameters have names.");
    tool->parameters = *schema;
    tool->parameters_json = parameters;
    return OK;
}

/* ---- the bindings ---- */
static enum status read_bindings(struct tool_reader *reader, struct tool *tool) {
    const json_t *bind = json_object_get(reader->json, "bind");
    if (!bind)
        return OK;
    if (!json_is_object(bind))
        return reader_refuse(reader, STR("/bind"), "This must be an object: parameter names to claim names.");
    if (json_object_size(bind) > TOOL_LIST_MAX)
        return reader_refuse(reader, STR("/bind"), "These are too many.");
    struct tool_binding *bindings =
        arena_alloc_array(reader->arena, json_object_size(bind), sizeof *bindings);
    tool->bindings = bindings;
    struct json_walk walk = {0};
    while (json_walk_next(bind, &walk)) {
        struct str claim = json_str(walk.value);
        struct str pointer = json_pointer_add(reader->errors, STR("/bind"), walk.name);
        if (!tool_has_parameter(tool, walk.name))
            return reader_refuse(
                reader, pointer,
                "The tool has no such parameter: it must stand in \"properties\" of \"parameters\".");
        if (claim.len == 0 || claim.len > CLAIM_BYTES_MAX)
            return reader_refuse(reader, pointer, "This must be the name of a claim.");
        bindings[tool->binding_count++] = (struct tool_binding){walk.name, claim};
    }
    return OK;
}

/* ---- the model's view ---- */
struct view {
    struct tool_reader *reader;
    const struct tool *tool;
};

static void remove_names(const struct tool *tool, json_t *list) {
    for (size_t i = json_array_size(list); i-- > 0;)
        if (tool_binding_of(tool, json_str(json_array_get(list, i))))
            json_array_remove(list, i);
}

static void remove_members(const struct tool *tool, json_t *object) {
    for (size_t i = 0; i < tool->binding_count; i++) {
        struct str name = tool->bindings[i].parameter;
        json_object_deln(object, name.at, name.len);
    }
}

static enum status strip(struct view *view, json_t *schema, struct str pointer);

static enum status strip_each(struct view *view, json_t *schema, const char *keyword, struct str pointer) {
    json_t *parts = json_object_get(schema, keyword);
    struct str place = json_pointer_add(view->reader->errors, pointer, str_from(keyword));
    for (size_t i = 0; i < json_array_size(parts); i++)
        TRY(strip(view, json_array_get(parts, i),
                  arena_print(view->reader->errors, "%.*s/%zu", STR_ARG(place), i)));
    struct json_walk walk = {0};
    while (json_walk_next(parts, &walk)) {
        TRY(strip(view, walk.value, json_pointer_add(view->reader->errors, place, walk.name)));
    }
    return OK;
}

/* Keywords that could name a bound parameter, or its values, where we don't look: refused, so that the
 * model's view needs no guess. */
static enum status refuse_hiding_places(struct view *view, const json_t *schema, struct str pointer) {
    static const char *const keywords[] = {"$ref", "enum", "const"};
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (json_object_get(schema, keywords[i]))
            return reader_refuse(view->reader,
                                 json_pointer_add(view->reader->errors, pointer, str_from(keywords[i])),
                                 "This cannot stand here in a tool with bound parameters.");
    return OK;
}

/* `schema` is about the arguments as a whole: at the root, or in what applies to the same value. */
static enum status strip(struct view *view, json_t *schema, struct str pointer) {
    static const char *const lists[] = {"allOf", "anyOf", "oneOf", "dependentSchemas"};
    static const char *const singles[] = {"not", "if", "then", "else"};
    if (!json_is_object(schema))
        return OK;
    TRY(refuse_hiding_places(view, schema, pointer));
    json_object_del(schema, "default");
    json_object_del(schema, "examples");
    remove_members(view->tool, json_object_get(schema, "properties"));
    remove_names(view->tool, json_object_get(schema, "required"));
    json_t *dependent = json_object_get(schema, "dependentRequired");
    remove_members(view->tool, dependent);
    struct json_walk walk = {0};
    while (json_walk_next(dependent, &walk))
        remove_names(view->tool, walk.value);
    remove_members(view->tool, json_object_get(schema, "dependentSchemas"));
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        TRY(strip_each(view, schema, lists[i], pointer));
    for (size_t i = 0; i < sizeof singles / sizeof *singles; i++)
        TRY(strip(view, json_object_get(schema, singles[i]),
                  json_pointer_add(view->reader->errors, pointer, str_from(singles[i]))));
    return OK;
}

static enum status make_model_view(struct tool_reader *reader, struct tool *tool) {
    json_t *view_json = json_keep(reader->arena, json_deep_copy(tool->parameters_json));
    if (tool->binding_count > 0) {
        struct view view = {reader, tool};
        TRY(strip(&view, view_json, STR("/parameters")));
    }
    tool->model_view = view_json;
    return OK;
}

enum status reader_parameters(struct tool_reader *reader, struct tool *tool, struct schema **schema) {
    TRY(read_schema(reader, tool, schema));
    TRY(read_bindings(reader, tool));
    return make_model_view(reader, tool);
}
