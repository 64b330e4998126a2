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
        *error = (struct admin_error){.pointer = problem.pointer, .sentence = problem.sentence};
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
    return admin_document_change_wait(admin, arena, STORE_TOOL, environment->id, name, tool, stored, changed,
                                      error);
}
