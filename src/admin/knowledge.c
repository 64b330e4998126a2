/* SPDX-License-Identifier: Apache-2.0 */
/* { "id": "hours", "title": "Business hours", "triggers": ["opening hours"], "text": "markdown" } */
#include "admin/admin_internal.h"

#include <string.h>

enum { ID_MAX = 64, TITLE_MAX = 200, TRIGGERS_MAX = 64, TRIGGER_MAX = 200, TEXT_MAX = 65536 };

static bool is_id(struct str id) {
    for (size_t i = 0; i < id.len; i++) {
        char c = id.at[i];
        bool is_fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.';
        if (!is_fine)
            return false;
    }
    return id.len >= 1 && id.len <= ID_MAX;
}

static bool is_text(const json_t *value, size_t max) {
    struct str text = json_str(value);
    return json_is_string(value) && !str_is_empty(str_trim(text)) && text.len <= max;
}

static enum status check_members(struct arena *arena, const json_t *snippet, struct admin_error *error) {
    static const char *const known[] = {"id", "title", "triggers", "text", NULL};
    struct str name = json_unknown_member(snippet, known);
    if (name.at == NULL)
        return OK;
    return admin_refuse(error, arena, INVALID, json_pointer_add(arena, STR_NONE, name), "%.*s",
                        STR_ARG(json_no_such_member(arena, name, known)));
}

static enum status check_triggers(struct arena *arena, const json_t *triggers, struct admin_error *error) {
    if (!json_is_array(triggers) || json_array_size(triggers) == 0 ||
        json_array_size(triggers) > TRIGGERS_MAX)
        return admin_refuse(error, arena, INVALID, STR("/triggers"), "Give 1 to %d phrases.", TRIGGERS_MAX);
    for (size_t i = 0; i < json_array_size(triggers); i++) {
        if (!is_text(json_array_get(triggers, i), TRIGGER_MAX))
            return admin_refuse(error, arena, INVALID, arena_print(arena, "/triggers/%zu", i),
                                "A phrase is a text of 1 to %d bytes.", TRIGGER_MAX);
    }
    return OK;
}

enum status admin_knowledge_check(struct arena *arena, const json_t *snippet, struct str *name,
                                  struct admin_error *error) {
    if (!json_is_object(snippet))
        return admin_refuse(error, arena, INVALID, STR_NONE, "A knowledge snippet is a JSON object.");
    TRY(check_members(arena, snippet, error));
    struct str id = json_get_str(snippet, "id");
    if (!is_id(id))
        return admin_refuse(error, arena, INVALID, STR("/id"),
                            "An id is 1 to %d letters, digits, '-', '_' and '.'.", ID_MAX);
    if (!is_text(json_object_get(snippet, "title"), TITLE_MAX))
        return admin_refuse(error, arena, INVALID, STR("/title"), "A title is a text of 1 to %d bytes.",
                            TITLE_MAX);
    TRY(check_triggers(arena, json_object_get(snippet, "triggers"), error));
    if (!is_text(json_object_get(snippet, "text"), TEXT_MAX))
        return admin_refuse(error, arena, INVALID, STR("/text"), "The text is 1 to %d bytes.", TEXT_MAX);
    *name = arena_copy(arena, id);
    return OK;
}

enum status admin_knowledge_put_wait(const struct admin *admin, struct arena *arena,
                                     const struct store_environment *environment, const json_t *snippet,
                                     struct store_document *stored, bool *changed,
                                     struct admin_error *error) {
    struct str name = STR_NONE;
    TRY(admin_knowledge_check(arena, snippet, &name, error));
    return admin_document_change_wait(admin, arena, STORE_KNOWLEDGE, environment->id, name, snippet, stored,
                                      changed, error);
}
