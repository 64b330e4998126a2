/* SPDX-License-Identifier: Apache-2.0 */
#include "tool/tool.h"

#include "admin/admin_internal.h"

enum { TOOL_MAX = 256 * 1024 };

enum status admin_tool_check(struct arena *arena, const json_t *tool, struct str *name,
                             struct admin_error *error) {
    if (json_is_object(tool) && json_write(arena, tool).len > TOOL_MAX)
        return admin_refuse(error, arena, TOO_LARGE, STR_NONE, "A tool's document is at most 256 KiB.");
    struct tool *read = NULL;
    struct tool_error problem = {STR_NONE, STR_NONE};
    enum status status = tool_read(arena, tool, &read, &problem);
    if (status != OK) {
        *error = (struct admin_error){problem.pointer, problem.sentence};
        return status;
    }
    *name = arena_copy(arena, read->name);
    tool_free(read);
    return OK;
}

enum status admin_tool_put_wait(const struct admin *admin, struct arena *arena,
                                const struct store_environment *environment, const json_t *tool,
                                struct store_document *stored, bool *changed, struct admin_error *error) {
    struct str name = STR_NONE;
    TRY(admin_tool_check(arena, tool, &name, error));
    struct store_audit audit =
        admin_audit(admin, environment->id, STR("tool.put"), admin_target(arena, "tool", name));
    enum status status = store_document_put_wait(admin->store, arena, STORE_TOOL, environment->id, name,
                                                 json_write(arena, tool), &audit, stored, changed);
    return admin_store_error(error, arena, status, "the environment");
}

enum status admin_document_remove_wait(const struct admin *admin, struct arena *arena,
                                       enum store_document_kind kind,
                                       const struct store_environment *environment, struct str name,
                                       struct admin_error *error) {
    const char *word = kind == STORE_TOOL ? "tool" : "knowledge";
    struct store_audit audit = admin_audit(admin, environment->id, arena_print(arena, "%s.remove", word),
                                           admin_target(arena, word, name));
    enum status status = store_document_remove_wait(admin->store, arena, kind, environment->id, name, &audit);
    if (status == NOT_FOUND)
        return admin_refuse(error, arena, status, STR_NONE, "There is no %s '%.*s' here.",
                            kind == STORE_TOOL ? "tool" : "knowledge snippet", STR_ARG(name));
    return admin_store_error(error, arena, status, word);
}
