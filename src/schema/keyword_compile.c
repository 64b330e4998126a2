/* SPDX-License-Identifier: Apache-2.0 */
/* How a keyword's value is read: what JSON Schema's own meta-schema asks of it, and our bounds. */
#include "schema/keyword.h"

#include "base/json.h"

#include <math.h>

enum { NAME_BYTES_MAX = 128 };

static enum status type_of_name(struct compiler *compiler, const json_t *name, unsigned *types) {
    static const struct {
        struct str name;
        unsigned type;
    } known[] = {
        {STR_STATIC("null"), TYPE_NULL},       {STR_STATIC("boolean"), TYPE_BOOLEAN},
        {STR_STATIC("object"), TYPE_OBJECT},   {STR_STATIC("array"), TYPE_ARRAY},
        {STR_STATIC("number"), TYPE_NUMBER},   {STR_STATIC("string"), TYPE_STRING},
        {STR_STATIC("integer"), TYPE_INTEGER},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!json_is_string(name) || !str_equal(json_str(name), known[i].name))
            continue;
        if (*types & known[i].type)
            return compile_refuse(compiler, INVALID, "names a type twice");
        *types |= known[i].type;
        return OK;
    }
    return compile_refuse(
        compiler, INVALID,
        "must be null, boolean, object, array, number, string or integer, or a list of these");
}

KEYWORD_COMPILE(type) {
    if (!json_is_array(rule->json))
        return type_of_name(compiler, rule->json, &rule->types);
    if (json_array_size(rule->json) == 0)
        return compile_refuse(compiler, INVALID, "must name at least one type");
    for (size_t i = 0; i < json_array_size(rule->json); i++)
        TRY(type_of_name(compiler, json_array_get(rule->json, i), &rule->types));
    return OK;
}

KEYWORD_COMPILE(any) {
    (void)compiler;
    (void)rule;
    return OK;
}

KEYWORD_COMPILE(array) {
    return json_is_array(rule->json) ? OK : compile_refuse(compiler, INVALID, "must be an array");
}

KEYWORD_COMPILE(number) {
    return json_is_number(rule->json) ? OK : compile_refuse(compiler, INVALID, "must be a number");
}

KEYWORD_COMPILE(positive_number) {
    if (json_is_number(rule->json) && json_number_value(rule->json) > 0)
        return OK;
    return compile_refuse(compiler, INVALID, "must be a number greater than 0");
}

KEYWORD_COMPILE(count) {
    double count = json_number_value(rule->json); /* 2.0 is an integer, too */
    if (!json_is_number(rule->json) || count < 0 || floor(count) != count)
        return compile_refuse(compiler, INVALID, "must be an integer that is not negative");
    rule->count = count > 4294967295.0 ? 4294967295U : (size_t)count; /* more than any value here can have */
    return OK;
}

KEYWORD_COMPILE(boolean) {
    if (!json_is_boolean(rule->json))
        return compile_refuse(compiler, INVALID, "must be true or false");
    rule->count = json_is_true(rule->json);
    return OK;
}

static enum status read_pattern(struct compiler *compiler, struct str text, struct pattern **pattern) {
    const char *what = NULL;
    enum status status = pattern_compile(text, pattern, &what);
    if (status != OK)
        return compile_refuse(compiler, status, what);
    compiler->schema->first_pattern = pattern_chain(*pattern, compiler->schema->first_pattern);
    return OK;
}

KEYWORD_COMPILE(pattern) {
    if (!json_is_string(rule->json))
        return compile_refuse(compiler, INVALID, "must be a string");
    return read_pattern(compiler, json_str(rule->json), &rule->pattern);
}

static enum status check_names(struct compiler *compiler, const json_t *list) {
    static const char wrong[] = "must be a list of different names";
    if (!json_is_array(list) || json_array_size(list) > SCHEMA_NODES_MAX)
        return compile_refuse(compiler, INVALID, wrong);
    json_auto_t *seen = json_object();
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *name = json_array_get(list, i);
        if (!json_is_string(name) || json_member(seen, json_str(name)))
            return compile_refuse(compiler, INVALID, wrong);
        json_set(seen, json_str(name), json_true());
    }
    return OK;
}

KEYWORD_COMPILE(names) {
    return check_names(compiler, rule->json);
}

KEYWORD_COMPILE(names_by_name) {
    if (!json_is_object(rule->json))
        return compile_refuse(compiler, INVALID, "must be an object of lists of names");
    struct json_walk walk = {0};
    while (json_walk_next(rule->json, &walk))
        TRY(check_names(compiler, walk.value));
    return OK;
}

KEYWORD_COMPILE(schema) {
    rule->member_count = 1;
    rule->nodes = arena_alloc_array(compiler->schema->arena, 1, sizeof *rule->nodes);
    return compile_subschema(compiler, STR_NONE, rule->json, &rule->nodes[0]);
}

KEYWORD_COMPILE(schemas) {
    size_t count = json_array_size(rule->json);
    if (!json_is_array(rule->json) || count == 0)
        return compile_refuse(compiler, INVALID, "must be a list of schemas that is not empty");
    if (count > SCHEMA_NODES_MAX)
        return compile_refuse(compiler, TOO_LARGE, "has too many schemas");
    rule->member_count = count;
    rule->nodes = arena_alloc_array(compiler->schema->arena, count, sizeof *rule->nodes);
    for (size_t i = 0; i < count; i++)
        TRY(compile_subschema(compiler, arena_print(compiler->schema->arena, "%zu", i),
                              json_array_get(rule->json, i), &rule->nodes[i]));
    return OK;
}

KEYWORD_COMPILE(schemas_by_name) {
    struct arena *arena = compiler->schema->arena;
    size_t count = json_object_size(rule->json);
    if (!json_is_object(rule->json))
        return compile_refuse(compiler, INVALID, "must be an object of schemas");
    if (count > SCHEMA_NODES_MAX)
        return compile_refuse(compiler, TOO_LARGE, "has too many schemas");
    rule->names = arena_alloc_array(arena, count, sizeof *rule->names);
    rule->nodes = arena_alloc_array(arena, count, sizeof *rule->nodes);
    struct json_walk walk = {0};
    while (json_walk_next(rule->json, &walk)) {
        if (walk.name.len > NAME_BYTES_MAX)
            return compile_refuse(compiler, TOO_LARGE, "has a name that is too long");
        size_t i = rule->member_count++;
        rule->names[i] = walk.name;
        TRY(compile_subschema(compiler, walk.name, walk.value, &rule->nodes[i]));
    }
    return OK;
}

KEYWORD_COMPILE(schemas_by_pattern) {
    TRY(compile_schemas_by_name(compiler, rule));
    rule->patterns = arena_alloc_array(compiler->schema->arena, rule->member_count, sizeof *rule->patterns);
    for (size_t i = 0; i < rule->member_count; i++)
        TRY(read_pattern(compiler, rule->names[i], &rule->patterns[i]));
    return OK;
}

/* Where it leads is looked up when all of the document has been read. */
KEYWORD_COMPILE(reference) {
    if (!json_is_string(rule->json) || !str_starts_with(json_str(rule->json), STR("#")))
        return compile_refuse(
            compiler, INVALID,
            "must name a place in this schema (\"#/$defs/…\"): no other document is ever fetched");
    rule->member_count = 1;
    rule->nodes = arena_alloc_array(compiler->schema->arena, 1, sizeof *rule->nodes);
    return OK;
}
