/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/keyword.h"

#include "base/encode.h"
#include "base/json.h"
#include "base/memory.h"

enum { DOCUMENT_BYTES_MAX = 256 * 1024 };

enum status compile_refuse(struct compiler *compiler, enum status status, const char *sentence) {
    compiler->error->pointer = arena_copy(compiler->arena, compiler->pointer);
    compiler->error->sentence = str_from(sentence);
    return status;
}

struct str place_pointer(struct arena *arena, const struct place *place) {
    if (!place)
        return STR("");
    struct str parent = place_pointer(arena, place->parent);
    if (place->name.at)
        return json_pointer_add(arena, parent, place->name);
    return arena_print(arena, "%.*s/%zu", STR_ARG(parent), place->index);
}

const struct rule *node_rule(const struct node *node, enum keyword_id id) {
    for (size_t i = 0; i < node->rule_count; i++)
        if (node->rules[i].id == id)
            return &node->rules[i];
    return NULL;
}

/* ---- one subschema ---- */
static bool is_annotation(struct str keyword) {
    static const struct str annotations[] = {
        STR_STATIC("title"),           STR_STATIC("description"),
        STR_STATIC("default"),         STR_STATIC("examples"),
        STR_STATIC("deprecated"),      STR_STATIC("readOnly"),
        STR_STATIC("writeOnly"),       STR_STATIC("format"),
        STR_STATIC("contentEncoding"), STR_STATIC("contentMediaType"),
        STR_STATIC("$comment"),
    };
    for (size_t i = 0; i < sizeof annotations / sizeof *annotations; i++)
        if (str_equal(keyword, annotations[i]))
            return true;
    return str_starts_with(keyword, STR("x-"));
}

static enum status check_other_keyword(struct compiler *compiler, struct str keyword, const json_t *value,
                                       bool is_root) {
    if (is_annotation(keyword))
        return OK;
    if (is_root && str_equal(keyword, STR("$id")) && json_is_string(value))
        return OK;
    if (is_root && str_equal(keyword, STR("$schema"))) {
        if (str_equal(json_str(value), STR("https://json-schema.org/draft/2020-12/schema")))
            return OK;
        return compile_refuse(compiler, INVALID, "must be https://json-schema.org/draft/2020-12/schema");
    }
    return compile_refuse(compiler, INVALID, "is a keyword that we do not support here");
}

static bool is_keyword(struct str name) {
    for (size_t i = 0; i < KEYWORD_COUNT; i++)
        if (str_equal(name, schema_keywords[i].name))
            return true;
    return false;
}

static enum status compile_other_keywords(struct compiler *compiler, const json_t *json, bool is_root) {
    struct str pointer = compiler->pointer;
    struct json_walk walk = {0};
    while (json_walk_next(json, &walk)) {
        if (is_keyword(walk.name))
            continue;
        compiler->pointer = json_pointer_add(compiler->arena, pointer, walk.name);
        TRY(check_other_keyword(compiler, walk.name, walk.value, is_root));
    }
    compiler->pointer = pointer;
    return OK;
}

static enum status compile_rules(struct compiler *compiler, const json_t *json, struct node *node) {
    struct arena *arena = compiler->schema->arena;
    size_t count = 0;
    for (size_t i = 0; i < KEYWORD_COUNT; i++)
        count += json_member(json, schema_keywords[i].name) != NULL;
    struct rule *rules = arena_alloc_array(arena, count, sizeof *rules);
    node->rules = rules;
    for (enum keyword_id id = 0; id < KEYWORD_COUNT; id++) {
        const json_t *value = json_member(json, schema_keywords[id].name);
        if (!value)
            continue;
        struct rule *rule = &rules[node->rule_count++];
        *rule = (struct rule){.id = id, .owner = node, .json = value};
        compiler->pointer = json_pointer_add(arena, node->pointer, schema_keywords[id].name);
        TRY(schema_keywords[id].compile(compiler, rule));
    }
    return OK;
}

static enum status compile_node(struct compiler *compiler, const json_t *json, const struct node **made) {
    if (compiler->depth >= SCHEMA_DEPTH_MAX)
        return compile_refuse(compiler, TOO_LARGE, "is nested too deep");
    if (compiler->node_count >= SCHEMA_NODES_MAX)
        return compile_refuse(compiler, TOO_LARGE, "has too many schemas");
    struct node *node = ARENA_NEW(compiler->schema->arena, struct node);
    node->pointer = compiler->pointer;
    node->index = compiler->node_count;
    json_set(compiler->locations, node->pointer, json_integer((json_int_t)compiler->node_count));
    compiler->nodes[compiler->node_count++] = node;
    *made = node;
    if (json_is_boolean(json)) {
        node->is_boolean = true;
        node->allows = json_is_true(json);
        return OK;
    }
    if (!json_is_object(json))
        return compile_refuse(compiler, INVALID, "must be a schema: an object, true or false");
    compiler->depth++;
    TRY(compile_other_keywords(compiler, json, compiler->depth == 1));
    TRY(compile_rules(compiler, json, node));
    compiler->depth--;
    return OK;
}

enum status compile_subschema(struct compiler *compiler, struct str segment, const json_t *json,
                              const struct node **node) {
    struct str pointer = compiler->pointer;
    if (segment.at)
        compiler->pointer = json_pointer_add(compiler->schema->arena, pointer, segment);
    TRY(compile_node(compiler, json, node));
    compiler->pointer = pointer;
    return OK;
}

/* ---- references ---- */
/* "#/$defs/a%20b" → "/$defs/a b". Percent-encoding is RFC 3986's; what it yields must be the pointer as we
 * spell it ourselves. */
static enum status pointer_of_reference(struct arena *arena, struct str reference, struct str *pointer) {
    struct str rest = str_from_index(reference, 1);
    char *at = arena_alloc(arena, rest.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < rest.len; i++) {
        char c = rest.at[i];
        if (c == '%') {
            struct str byte = STR_NONE;
            TRY(hex_decode(arena, str_slice(rest, i + 1, i + 3), &byte));
            if (byte.len != 1)
                return INVALID;
            c = byte.at[0];
            i += 2;
        }
        at[len++] = c;
    }
    *pointer = str_of(at, len);
    return OK;
}

static enum status resolve_reference(struct compiler *compiler, const struct node *node,
                                     const struct rule *rule) {
    struct str pointer = STR_NONE;
    const json_t *index = NULL;
    if (pointer_of_reference(compiler->arena, json_str(rule->json), &pointer) == OK)
        index = json_member(compiler->locations, pointer);
    if (!index) {
        compiler->pointer = json_pointer_add(compiler->arena, node->pointer, STR("$ref"));
        return compile_refuse(compiler, INVALID, "leads to no schema in this document");
    }
    rule->nodes[0] = compiler->nodes[json_integer_value(index)];
    return OK;
}

static enum status resolve_references(struct compiler *compiler) {
    for (size_t i = 0; i < compiler->node_count; i++) {
        const struct rule *rule = node_rule(compiler->nodes[i], KEYWORD_REF);
        if (rule)
            TRY(resolve_reference(compiler, compiler->nodes[i], rule));
    }
    return OK;
}

/* ---- endless loops ---- */
/* A schema that applies itself to the same value, by whatever way round, never comes to an end. Found by
 * taking away, again and again, the schemas whose in-place subschemas are all gone: what is left goes in
 * circles. Each round looks at everything, and there are at most as many rounds as schemas; a schema that is
 * well written needs a handful. */
static bool leads_to_the_living(const struct node *node, const bool *is_gone) {
    for (size_t i = 0; i < node->rule_count; i++) {
        const struct rule *rule = &node->rules[i];
        if (!schema_keywords[rule->id].applies_in_place)
            continue;
        for (size_t k = 0; k < rule->member_count; k++)
            if (!is_gone[rule->nodes[k]->index])
                return true;
    }
    return false;
}

static enum status refuse_endless_loops(struct compiler *compiler) {
    bool *is_gone = arena_alloc_array(compiler->arena, compiler->node_count, sizeof *is_gone);
    size_t left = compiler->node_count;
    for (bool is_progress = true; is_progress && left > 0;) {
        is_progress = false;
        for (size_t i = compiler->node_count; i-- > 0;) { /* from the leaves */
            if (is_gone[i] || leads_to_the_living(compiler->nodes[i], is_gone))
                continue;
            is_gone[i] = is_progress = true;
            left--;
        }
    }
    for (size_t i = 0; i < compiler->node_count; i++) {
        if (is_gone[i])
            continue;
        compiler->pointer = compiler->nodes[i]->pointer;
        return compile_refuse(compiler, INVALID, "leads back to itself without end");
    }
    return OK;
}

/* ---- the whole ---- */
static enum status compile_document(struct compiler *compiler, const json_t *json) {
    if (json_is_object(json) && value_is_deeper_than(json, 2U * SCHEMA_DEPTH_MAX))
        return compile_refuse(compiler, TOO_LARGE, "is nested too deep");
    if (json_dumpb(json, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY) > DOCUMENT_BYTES_MAX)
        return compile_refuse(compiler, TOO_LARGE, "is too long");
    compiler->schema->json = json_deep_copy(json);
    if (!compiler->schema->json)
        return compile_refuse(compiler, INVALID, "cannot be copied");
    TRY(compile_node(compiler, compiler->schema->json, &compiler->schema->root));
    TRY(resolve_references(compiler));
    return refuse_endless_loops(compiler);
}

enum status schema_compile(struct arena *arena, const json_t *json, struct schema **schema,
                           struct schema_error *error) {
    struct schema *made = mem_alloc_zero(sizeof *made);
    made->arena = arena_new();
    json_auto_t *locations = json_object();
    struct compiler compiler = {
        .schema = made,
        .arena = arena,
        .error = error,
        .pointer = STR(""),
        .nodes = arena_alloc_array(arena, SCHEMA_NODES_MAX, sizeof(struct node *)),
        .locations = locations,
    };
    enum status status = compile_document(&compiler, json);
    if (status != OK) {
        schema_free(made);
        return status;
    }
    *schema = made;
    return OK;
}

void schema_free(struct schema *schema) {
    if (!schema)
        return;
    for (struct pattern *at = schema->first_pattern; at;) {
        struct pattern *next = pattern_next(at);
        pattern_free(at);
        at = next;
    }
    json_decref(schema->json);
    arena_free(schema->arena);
    mem_free(schema);
}
