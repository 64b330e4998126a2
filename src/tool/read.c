/* SPDX-License-Identifier: Apache-2.0 */
#include "tool/read.h"

#include "base/json.h"
#include "base/memory.h"

enum {
    NAME_BYTES_MAX = 64,
    TITLE_BYTES_MAX = 120,
    DESCRIPTION_BYTES_MAX = 4096,
    URL_BYTES_MAX = 2048,
    WORD_BYTES_MAX = 256, /* a claim, a permission, a parameter's name */
    TRIGGER_BYTES_MAX = 256,
    ANSWER_BYTES_MAX = 8192,
};

enum status reader_refuse(struct tool_reader *reader, struct str pointer, const char *sentence) {
    reader->error->pointer = arena_copy(reader->errors, pointer);
    reader->error->sentence = arena_copy(reader->errors, str_from(sentence));
    return INVALID;
}

static struct str pointer_to(struct tool_reader *reader, const char *name) {
    return json_pointer_add(reader->errors, STR(""), str_from(name));
}

enum status reader_text(struct tool_reader *reader, const char *name, size_t max_bytes, struct str *text) {
    const json_t *value = json_object_get(reader->json, name);
    if (!value)
        return OK;
    if (!json_is_string(value))
        return reader_refuse(reader, pointer_to(reader, name), "This must be a string.");
    if (json_string_length(value) > max_bytes)
        return reader_refuse(reader, pointer_to(reader, name), "This is too long.");
    *text = json_str(value);
    return OK;
}

enum status reader_names(struct tool_reader *reader, const char *name, size_t max_bytes,
                         struct tool_names *names) {
    const json_t *list = json_object_get(reader->json, name);
    struct str pointer = pointer_to(reader, name);
    if (!list)
        return OK;
    if (!json_is_array(list))
        return reader_refuse(reader, pointer, "This must be a list of strings.");
    size_t count = json_array_size(list);
    if (count > TOOL_LIST_MAX)
        return reader_refuse(reader, pointer, "This list is too long.");
    struct str *at = arena_alloc_array(reader->arena, count, sizeof *at);
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_array_get(list, i);
        pointer = arena_print(reader->errors, "/%s/%zu", name, i);
        if (!json_is_string(one) || json_string_length(one) == 0)
            return reader_refuse(reader, pointer, "This must be a string that is not empty.");
        if (json_string_length(one) > max_bytes)
            return reader_refuse(reader, pointer, "This is too long.");
        at[i] = json_str(one);
        for (size_t k = 0; k < i; k++)
            if (str_equal(at[k], at[i]))
                return reader_refuse(reader, pointer, "This stands in the list twice.");
    }
    *names = (struct tool_names){at, count};
    return OK;
}

static enum status read_known_members(struct tool_reader *reader) {
    static const char *const known[] = {
        "name",        "title",          "description", "url",        "timeoutSeconds",
        "access",      "requiredClaims", "permissions", "parameters", "bind",
        "auditValues", "triggers",       "answer",      NULL,
    };
    struct str name = json_unknown_member(reader->json, known);
    if (name.at == NULL)
        return OK;
    return reader_refuse(reader, json_pointer_add(reader->errors, STR(""), name),
                         json_no_such_member(reader->errors, name, known).at);
}

/* As models' interfaces want it, and safe wherever a name may be shown. */
static bool is_name(struct str text) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && !(c >= '0' && c <= '9') && c != '_' && c != '-')
            return false;
    }
    return text.len > 0;
}

/* What can be seen in the text alone: the address is judged when it is connected to. */
static bool is_http_url(struct str url) {
    struct str rest = STR_NONE;
    if (str_starts_with(url, STR("https://")))
        rest = str_from_index(url, 8);
    else if (str_starts_with(url, STR("http://")))
        rest = str_from_index(url, 7);
    for (size_t i = 0; i < rest.len; i++)
        if ((unsigned char)rest.at[i] <= ' ' || rest.at[i] == '\x7f' || rest.at[i] == '#' ||
            rest.at[i] == '\\')
            return false;
    size_t authority = 0;
    while (authority < rest.len && rest.at[authority] != '/' && rest.at[authority] != '?')
        authority++;
    return authority > 0 && str_find_byte(str_slice(rest, 0, authority), '@') == STR_NOT_FOUND;
}

static enum status read_texts(struct tool_reader *reader, struct tool *tool) {
    TRY(reader_text(reader, "name", NAME_BYTES_MAX, &tool->name));
    if (!is_name(tool->name))
        return reader_refuse(reader, STR("/name"),
                             "This must be 1 to 64 letters, digits, underscores and hyphens (ASCII).");
    tool->title = tool->name;
    TRY(reader_text(reader, "title", TITLE_BYTES_MAX, &tool->title));
    TRY(reader_text(reader, "description", DESCRIPTION_BYTES_MAX, &tool->description));
    TRY(reader_text(reader, "url", URL_BYTES_MAX, &tool->url));
    if (!is_http_url(tool->url))
        return reader_refuse(reader, STR("/url"),
                             "This must be an absolute URL (https://…) without user, password and fragment.");
    return reader_text(reader, "answer", ANSWER_BYTES_MAX, &tool->answer);
}

static enum status read_timeout(struct tool_reader *reader, struct tool *tool) {
    const json_t *value = json_object_get(reader->json, "timeoutSeconds");
    tool->timeout_s = TOOL_TIMEOUT_S_DEFAULT;
    if (!value)
        return OK;
    if (!json_is_integer(value) || json_integer_value(value) < 1 ||
        json_integer_value(value) > TOOL_TIMEOUT_S_MAX)
        return reader_refuse(reader, STR("/timeoutSeconds"), "This must be a whole number from 1 to 60.");
    tool->timeout_s = (unsigned)json_integer_value(value);
    return OK;
}

/* Whoever says nothing gets the tool that is behind a sign-in. */
static enum status read_access(struct tool_reader *reader, struct tool *tool) {
    struct str access = STR("sign-in");
    TRY(reader_text(reader, "access", WORD_BYTES_MAX, &access));
    if (!str_equal(access, STR("public")) && !str_equal(access, STR("sign-in")))
        return reader_refuse(reader, STR("/access"), "This must be \"public\" or \"sign-in\".");
    tool->access = str_equal(access, STR("public")) ? TOOL_PUBLIC : TOOL_SIGN_IN;
    TRY(reader_names(reader, "requiredClaims", WORD_BYTES_MAX, &tool->required_claims));
    TRY(reader_names(reader, "permissions", WORD_BYTES_MAX, &tool->permissions));
    if (tool->access == TOOL_SIGN_IN)
        return OK;
    static const char contradiction[] =
        "A public tool is for everybody; this is only for a tool with \"access\": \"sign-in\".";
    if (tool->required_claims.count > 0)
        return reader_refuse(reader, STR("/requiredClaims"), contradiction);
    if (tool->permissions.count > 0)
        return reader_refuse(reader, STR("/permissions"), contradiction);
    return json_object_size(json_object_get(reader->json, "bind")) > 0
               ? reader_refuse(reader, STR("/bind"), contradiction)
               : OK;
}

static enum status read_audit_values(struct tool_reader *reader, struct tool *tool) {
    TRY(reader_names(reader, "auditValues", WORD_BYTES_MAX, &tool->audit_values));
    for (size_t i = 0; i < tool->audit_values.count; i++)
        if (!tool_has_parameter(tool, tool->audit_values.at[i]))
            return reader_refuse(reader, arena_print(reader->errors, "/auditValues/%zu", i),
                                 "The tool has no such parameter.");
    return OK;
}

/* "balance of account {account}": names in braces are parameters, and something else stands there, too. */
static enum status read_trigger(struct tool_reader *reader, const struct tool *tool, size_t index) {
    struct str pointer = arena_print(reader->errors, "/triggers/%zu", index);
    struct str rest = tool->triggers.at[index];
    bool has_words = false;
    while (rest.len > 0) {
        size_t open = str_find_byte(rest, '{');
        struct str words = str_slice(rest, 0, open);
        if (str_find_byte(words, '}') != STR_NOT_FOUND)
            return reader_refuse(reader, pointer, "A \"}\" stands without its \"{\".");
        has_words = has_words || str_trim(words).len > 0;
        if (open == STR_NOT_FOUND)
            break;
        size_t close = str_find_byte(str_from_index(rest, open), '}');
        if (close == STR_NOT_FOUND)
            return reader_refuse(reader, pointer, "A \"{\" stands without its \"}\".");
        if (!tool_has_parameter(tool, str_slice(rest, open + 1, open + close)))
            return reader_refuse(reader, pointer, "What stands in braces must be a parameter of the tool.");
        rest = str_from_index(rest, open + close + 1);
    }
    return has_words ? OK : reader_refuse(reader, pointer, "A trigger needs at least one word of its own.");
}

static enum status read_triggers(struct tool_reader *reader, struct tool *tool) {
    TRY(reader_names(reader, "triggers", TRIGGER_BYTES_MAX, &tool->triggers));
    for (size_t i = 0; i < tool->triggers.count; i++)
        TRY(read_trigger(reader, tool, i));
    return OK;
}

static enum status read_members(struct tool_reader *reader, struct tool *tool, struct schema **schema) {
    TRY(read_known_members(reader));
    TRY(read_texts(reader, tool));
    TRY(read_timeout(reader, tool));
    TRY(read_access(reader, tool));
    TRY(reader_parameters(reader, tool, schema));
    TRY(read_audit_values(reader, tool));
    return read_triggers(reader, tool);
}

static void free_schema(void *schema) {
    schema_free(schema);
}

enum status tool_read(struct arena *arena, const json_t *json, struct tool **tool, struct tool_error *error) {
    *tool = NULL;
    struct arena *own = arena_new();
    struct tool_reader reader = {arena, own, json_keep(own, json_deep_copy(json)), error};
    struct tool *made = ARENA_NEW(own, struct tool);
    made->arena = own;
    struct schema *schema = NULL;
    enum status status = json_is_object(reader.json)
                             ? read_members(&reader, made, &schema)
                             : reader_refuse(&reader, STR(""), "A tool must be an object.");
    if (schema)
        arena_at_end(own, free_schema, schema);
    if (status != OK) {
        arena_free(own);
        return status;
    }
    *tool = made;
    return OK;
}

void tool_free(struct tool *tool) {
    if (tool)
        arena_free(tool->arena);
}
