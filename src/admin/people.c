/* SPDX-License-Identifier: Apache-2.0 */
/* What an administrator does with visitors, their sessions and conversations. In the audit log stand ids:
 * names and subjects would outlive an erasure there. */
#include "environment/environment.h"

#include "admin/admin_internal.h"

static struct store_audit audit_of(const struct admin *admin, struct arena *arena, struct str environment,
                                   const char *action, const char *kind, struct str id) {
    return admin_audit(admin, environment, str_from(action), admin_target(arena, kind, id));
}

static enum status refuse_anonymous(struct arena *arena, struct admin_error *error) {
    return admin_refuse(error, arena, INVALID, STR_NONE,
                        "This visitor is anonymous: there is no sign-in to end. Erase them, or delete the "
                        "conversation.");
}

enum status admin_visitor_revoke_wait(const struct admin *admin, struct arena *arena,
                                      const struct store_visitor *visitor, int64_t open_since,
                                      int64_t *revoked_at, int64_t *sessions, struct admin_error *error) {
    if (str_is_empty(visitor->subject))
        return refuse_anonymous(arena, error);
    struct store_audit audit =
        audit_of(admin, arena, visitor->environment, "visitor.revoke", "visitor", visitor->id);
    enum status status =
        store_visitor_revoke_wait(admin->store, arena, visitor, open_since, &audit, revoked_at, sessions);
    if (status == OK)
        environment_changed(visitor->environment);
    return admin_store_error(error, arena, status, "this visitor");
}

enum status admin_visitor_restore_wait(const struct admin *admin, struct arena *arena,
                                       const struct store_visitor *visitor, struct admin_error *error) {
    if (str_is_empty(visitor->subject))
        return refuse_anonymous(arena, error);
    struct store_audit audit =
        audit_of(admin, arena, visitor->environment, "visitor.restore", "visitor", visitor->id);
    enum status status = store_visitor_restore_wait(admin->store, arena, visitor, &audit);
    if (status == OK)
        environment_changed(visitor->environment);
    return admin_store_error(error, arena, status, "this visitor");
}

enum status admin_visitor_erase_wait(const struct admin *admin, struct arena *arena,
                                     const struct store_visitor *visitor, struct store_erased *erased,
                                     struct admin_error *error) {
    struct store_audit audit =
        audit_of(admin, arena, visitor->environment, "visitor.erase", "visitor", visitor->id);
    enum status status = store_visitor_erase_wait(admin->store, arena, visitor, &audit, erased);
    environment_changed(visitor->environment);
    return admin_store_error(error, arena, status, "this visitor");
}

enum status admin_visitor_note_export_wait(const struct admin *admin, struct arena *arena,
                                           const struct store_visitor *visitor, struct admin_error *error) {
    struct store_audit audit =
        audit_of(admin, arena, visitor->environment, "visitor.export", "visitor", visitor->id);
    return admin_store_error(error, arena, store_audit_append_wait(admin->store, arena, &audit),
                             "this visitor");
}

enum status admin_session_revoke_wait(const struct admin *admin, struct arena *arena,
                                      struct store_session *session, struct admin_error *error) {
    struct store_audit audit =
        audit_of(admin, arena, session->environment, "session.revoke", "session", session->id);
    audit.visitor = session->visitor;
    enum status status =
        store_session_revoke_wait(admin->store, arena, session, &audit, &session->revoked_at);
    if (status == OK)
        environment_changed(session->environment);
    return admin_store_error(error, arena, status, "this session");
}

enum status admin_conversation_delete_wait(const struct admin *admin, struct arena *arena,
                                           const struct store_conversation *conversation,
                                           struct admin_error *error) {
    int64_t messages;
    struct store_audit audit = audit_of(admin, arena, conversation->environment, "conversation.delete",
                                        "conversation", conversation->id);
    audit.visitor = conversation->visitor;
    enum status status = store_conversation_erase_wait(admin->store, arena, conversation->environment,
                                                       conversation->id, &audit, &messages);
    return admin_store_error(error, arena, status, "this conversation");
}
