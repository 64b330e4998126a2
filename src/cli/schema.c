/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine schema: what a configuration file may hold, as JSON Schema, for editors. It is made of the admin
 * API's own description, so that the two cannot say different things. */
#include "admin_api/admin_api.h"
#include "cli/client.h"

static const char reference[] = "#/components/schemas/";

/* Takes the schema `name` and all that it refers to into `definitions`, with references rewritten. */
static void take(struct arena *arena, const json_t *schemas, struct str name, json_t *definitions);

/* Bounded by the document's own nesting. */
static void rewrite(struct arena *arena, const json_t *schemas, json_t *value, json_t *definitions) {
    struct str target = json_get_str(value, "$ref");
    if (str_starts_with(target, str_from(reference))) {
        struct str name = arena_copy(arena, str_from_index(target, sizeof reference - 1));
        json_set(value, STR("$ref"),
                 json_from_str(arena_join(arena, 2, (struct str[]){STR("#/$defs/"), name})));
        take(arena, schemas, name, definitions);
    }
    json_object_del(value, "example"); /* OpenAPI's word, not JSON Schema's */
    struct json_walk walk = {0};
    while (json_walk_next(value, &walk))
        rewrite(arena, schemas, walk.value, definitions);
    for (size_t i = 0; i < json_array_size(value); i++)
        rewrite(arena, schemas, json_array_get(value, i), definitions);
}

static void take(struct arena *arena, const json_t *schemas, struct str name, json_t *definitions) {
    const json_t *schema = json_member(schemas, name);
    if (schema == NULL || json_member(definitions, name) != NULL)
        return;
    json_t *copy = json_deep_copy(schema);
    json_set(definitions, name, copy);
    rewrite(arena, schemas, copy, definitions);
}

static json_t *list_of(const char *name) {
    return json_pack("{s:s, s:{s:s+}}", "type", "array", "items", "$ref", "#/$defs/", name);
}

static json_t *name_schema(const char *description) {
    return json_pack("{s:s, s:s}", "type", "string", "description", description);
}

/* What belongs to one environment. */
static json_t *environment_members(void) {
    json_t *members = json_object();
    json_set(members, STR("product"), name_schema("The product's name; it is made where there is none."));
    json_set(members, STR("environment"),
             name_schema("The environment's name, such as live or staging; it is made where there is none."));
    json_set(members, STR("config"), json_pack("{s:s}", "$ref", "#/$defs/Config"));
    json_set(members, STR("tools"), list_of("ToolDocument"));
    json_set(members, STR("knowledge"), list_of("KnowledgeDocument"));
    json_set(
        members, STR("secrets"),
        json_pack(
            "{s:s, s:s, s:{s:[{s:s, s:b, s:[s], s:{s:{s:s, s:s}}}, {s:s, s:b, s:[s], s:{s:{s:s, s:s}}}]}}",
            "type", "object", "description",
            "Secrets of others that the configuration refers to by name, such as a model's API key: where "
            "they are "
            "to be had, never they themselves.",
            "additionalProperties", "oneOf", "type", "object", "additionalProperties", 0, "required", "$env",
            "properties", "$env", "type", "string", "pattern", "^[A-Za-z_][A-Za-z0-9_]*$", "type", "object",
            "additionalProperties", 0, "required", "$file", "properties", "$file", "type", "string",
            "description", "A file, relative to this one."));
    return members;
}

static json_t *make_schema(struct arena *arena, const json_t *schemas) {
    json_t *definitions = json_object();
    take(arena, schemas, STR("Config"), definitions);
    take(arena, schemas, STR("ToolDocument"), definitions);
    take(arena, schemas, STR("KnowledgeDocument"), definitions);
    json_set(definitions, STR("Environment"),
             json_pack("{s:s, s:b, s:[s], s:o}", "type", "object", "additionalProperties", 0, "required",
                       "environment", "properties", environment_members()));
    json_t *single = environment_members();
    json_set(single, STR("$schema"), json_pack("{s:s}", "type", "string"));
    json_t *several = json_object();
    json_set(several, STR("$schema"), json_pack("{s:s}", "type", "string"));
    json_set(several, STR("product"), name_schema("Of the environments that do not say."));
    json_t *list = list_of("Environment");
    json_set(list, STR("minItems"), json_integer(1));
    json_set(several, STR("environments"), list);
    return json_pack("{s:s, s:s, s:[{s:s, s:b, s:o}, {s:s, s:b, s:[s], s:o}], s:o}", "$schema",
                     "https://json-schema.org/draft/2020-12/schema", "title", "A configuration of Chatelaine",
                     "oneOf", "type", "object", "additionalProperties", 0, "properties", single, "type",
                     "object", "additionalProperties", 0, "required", "environments", "properties", several,
                     "$defs", definitions);
}

static int show(struct cli *cli) {
    const struct option options[] = {OPTION_END};
    json_t *document = NULL;
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    if (json_read(admin_api_document(), JSON_DEPTH_DOCUMENT, &document, NULL) != OK)
        return cli_fail(cli, "The description of the admin API in this program does not read.");
    json_keep(cli->arena, document);
    json_auto_t *schema =
        make_schema(cli->arena, json_object_get(json_object_get(document, "components"), "schemas"));
    cli_print_json(cli, schema);
    return CLI_OK;
}

const struct command command_schema = {
    .name = "schema",
    .summary = "Print what a configuration file may hold, as JSON Schema, for editors.",
    .details = "  chatelaine schema > chatelaine.schema.json\n\n"
               "A file that says \"$schema\": \"./chatelaine.schema.json\" is then completed and checked "
               "while it is written.",
    .run = show,
};
