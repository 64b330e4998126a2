/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/admin_internal.h"

#include <stdarg.h>
#include <stdio.h>

enum status admin_refuse(struct admin_error *error, struct arena *arena, enum status status,
                         struct str pointer, const char *format, ...) {
    va_list arguments;
    va_list again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    size_t size = (size_t)(len > 0 ? len : 0) + 1;
    char *text = arena_alloc(arena, size);
    vsnprintf(text, size, format, again);
    va_end(again);
    error->is_changed_meanwhile = false;
    error->pointer = arena_copy(arena, pointer);
    error->sentence = str_of(text, size - 1);
    return status;
}

enum status admin_store_error(struct admin_error *error, struct arena *arena, enum status status,
                              const char *what) {
    switch (status) {
    case OK:
    case CANCELED:
        return status;
    case NOT_FOUND:
        return admin_refuse(error, arena, status, STR_NONE, "There is no such thing as %s.", what);
    case CONFLICT:
        return admin_refuse(error, arena, status, STR_NONE, "There is %s already.", what);
    case TOO_LARGE:
        return admin_refuse(error, arena, status, STR_NONE, "That is too large for %s.", what);
    case DENIED:
        return admin_refuse(
            error, arena, status, STR_NONE,
            "Your roles have changed meanwhile. Nothing was changed; load the page anew to see "
            "what you may do.");
    case UNAVAILABLE:
        return admin_refuse(error, arena, status, STR_NONE,
                            "The database is busy or its disk is full. Nothing was changed; try again.");
    default:
        return admin_refuse(error, arena, status, STR_NONE, "The database failed (%s). Nothing was changed.",
                            status_name(status));
    }
}

struct store_audit admin_audit(const struct admin *admin, struct str environment, struct str action,
                               struct str target) {
    return (struct store_audit){.environment = environment,
                                .action = action,
                                .actor = admin->actor,
                                .guard = admin->guard,
                                .target = target,
                                .outcome = STR("allowed")};
}

struct store_audit admin_audit_change(const struct admin *admin, struct arena *arena, struct str environment,
                                      struct str action, struct str target, const json_t *before,
                                      const json_t *after) {
    struct store_audit audit = admin_audit(admin, environment, action, target);
    audit.before = before == NULL ? STR_NONE : json_write(arena, before);
    audit.after = after == NULL ? STR_NONE : json_write(arena, after);
    return audit;
}

enum status admin_changed_meanwhile(struct admin_error *error, struct arena *arena) {
    admin_refuse(error, arena, CONFLICT, STR_NONE,
                 "This was changed by somebody else meanwhile. Read it again and repeat your change.");
    error->is_changed_meanwhile = true;
    return CONFLICT;
}

struct str admin_target(struct arena *arena, const char *kind, struct str name) {
    return arena_join(arena, 3, (struct str[]){str_from(kind), STR("/"), name});
}

static bool is_name_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

enum status admin_name_check(struct arena *arena, struct str name, struct admin_error *error) {
    bool is_fine = name.len >= 1 && name.len <= 64 && is_name_byte(name.at[0]);
    for (size_t i = 1; is_fine && i < name.len; i++)
        is_fine = is_name_byte(name.at[i]) || name.at[i] == '-' || name.at[i] == '_' || name.at[i] == '.';
    if (!is_fine)
        return admin_refuse(
            error, arena, INVALID, STR_NONE,
            "A name is 1 to 64 lower-case letters, digits, '-', '_' and '.', and begins with a letter "
            "or a digit.");
    /* So that a name can never be taken for an id. */
    if (str_starts_with(name, STR("prod_")) || str_starts_with(name, STR("env_")))
        return admin_refuse(error, arena, INVALID, STR_NONE,
                            "A name does not begin with 'prod_' or 'env_': ids do.");
    return OK;
}
