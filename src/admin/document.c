/* SPDX-License-Identifier: Apache-2.0 */
/* Saving and removing tools and knowledge, by version. */
#include "admin/admin_internal.h"

enum { TRIES = 8 };

static const char *word_of(enum store_document_kind kind) {
    return kind == STORE_TOOL ? "tool" : "knowledge";
}

static const json_t *read_document(struct arena *arena, struct str text) {
    json_t *document = NULL;
    return json_read(text, JSON_DEPTH_DOCUMENT, &document, NULL) == OK ? json_keep(arena, document)
                                                                       : json_null();
}

void admin_batch_document(const struct admin *admin, struct arena *arena, struct store_batch *batch,
                          enum store_document_kind kind, struct str environment, struct str name,
                          const struct store_document *was, const json_t *document) {
    const char *word = word_of(kind);
    struct store_audit audit = admin_audit_change(
        admin, arena, environment, arena_print(arena, "%s.%s", word, document == NULL ? "remove" : "put"),
        admin_target(arena, word, name), was == NULL ? NULL : read_document(arena, was->document), document);
    int64_t version = was == NULL ? 0 : was->version;
    if (document == NULL)
        store_batch_drop_document(batch, kind, name, version, &audit);
    else
        store_batch_put_document(batch, kind, name, json_write(arena, document), version, &audit);
}

static enum status no_such(struct admin_error *error, struct arena *arena, enum store_document_kind kind,
                           struct str name) {
    return admin_refuse(error, arena, NOT_FOUND, STR_NONE, "There is no %s '%.*s' here.",
                        kind == STORE_TOOL ? "tool" : "knowledge snippet", STR_ARG(name));
}

/* Whether what is there is what the caller has seen. */
static enum status check_version(const struct admin *admin, struct arena *arena, const char *noun,
                                 const struct store_document *was, struct admin_error *error) {
    if (admin->version == ADMIN_NEW && was != NULL)
        return admin_refuse(error, arena, CONFLICT, STR_NONE, "There is a %s of that name already.", noun);
    if (admin->version > 0 && (was == NULL || was->version != admin->version))
        return admin_changed_meanwhile(error, arena);
    return OK;
}

/* CONFLICT without a sentence: somebody was faster, look again. */
static FIBER enum status change_once_wait(const struct admin *admin, struct arena *arena,
                                          enum store_document_kind kind, struct str environment,
                                          struct str name, const json_t *document,
                                          struct store_document *stored, bool *changed,
                                          struct admin_error *error) {
    struct store_document found;
    enum status status = store_document_find_wait(admin->store, arena, kind, environment, name, &found);
    if (status != OK && status != NOT_FOUND)
        return admin_store_error(error, arena, status, "the environment");
    const struct store_document *was = status == OK ? &found : NULL;
    if (was == NULL && document == NULL)
        return no_such(error, arena, kind, name);
    TRY(check_version(admin, arena, kind == STORE_TOOL ? "tool" : "knowledge snippet", was, error));
    *changed = was == NULL || document == NULL || !str_equal(was->document, json_write(arena, document));
    if (!*changed) {
        *stored = found;
        return OK;
    }
    struct store_batch *batch = store_batch_new(admin->store, environment);
    admin_batch_document(admin, arena, batch, kind, environment, name, was, document);
    status = store_batch_write_wait(batch);
    if (status == CONFLICT)
        return status;
    TRY(admin_store_error(error, arena, status, "the environment"));
    if (document == NULL)
        return OK;
    return admin_store_error(error, arena,
                             store_document_find_wait(admin->store, arena, kind, environment, name, stored),
                             "the environment");
}

enum status admin_document_change_wait(const struct admin *admin, struct arena *arena,
                                       enum store_document_kind kind, struct str environment, struct str name,
                                       const json_t *document, struct store_document *stored, bool *changed,
                                       struct admin_error *error) {
    for (int tries = 0; tries < TRIES; tries++) {
        error->sentence = STR_NONE;
        enum status status =
            change_once_wait(admin, arena, kind, environment, name, document, stored, changed, error);
        if (status != CONFLICT || !str_is_empty(error->sentence))
            return status;
    }
    /* Either many others change it, or its environment has gone. */
    return admin_changed_meanwhile(error, arena);
}

enum status admin_document_remove_wait(const struct admin *admin, struct arena *arena,
                                       enum store_document_kind kind,
                                       const struct store_environment *environment, struct str name,
                                       struct admin_error *error) {
    struct store_document stored;
    bool changed;
    return admin_document_change_wait(admin, arena, kind, environment->id, name, NULL, &stored, &changed,
                                      error);
}
