/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/admin_internal.h"

enum { DOCUMENTS_MAX = 1000 };

/* ---- checking, before anything is written ---- */

typedef enum status (*document_check)(struct arena *arena, const json_t *document, struct str *name,
                                      struct admin_error *error);

struct list {
    const char *member;
    enum store_document_kind kind;
    document_check check;
    const json_t *documents; /* an array; NULL where the member is absent */
    struct str *names;       /* of the documents */
    size_t count;
};

static void prefix_pointer(struct arena *arena, struct admin_error *error, struct str prefix) {
    error->pointer = arena_join(arena, 2, (struct str[]){prefix, error->pointer});
}

static enum status check_unique(const struct list *list, size_t index, struct arena *arena, struct str place,
                                struct admin_error *error) {
    for (size_t i = 0; i < index; i++) {
        if (str_equal(list->names[i], list->names[index]))
            return admin_refuse(error, arena, INVALID, place, "'%.*s' stands there twice.",
                                STR_ARG(list->names[index]));
    }
    return OK;
}

static enum status check_list(struct list *list, struct arena *arena, const json_t *document,
                              struct admin_error *error) {
    struct str place = arena_print(arena, "/%s", list->member);
    const json_t *documents = json_object_get(document, list->member);
    if (documents == NULL || json_is_null(documents))
        return OK;
    if (!json_is_array(documents) || json_array_size(documents) > DOCUMENTS_MAX)
        return admin_refuse(error, arena, INVALID, place, "This is a list of at most %d.", DOCUMENTS_MAX);
    list->documents = documents;
    list->names = arena_alloc_array(arena, json_array_size(documents), sizeof *list->names);
    for (size_t i = 0; i < json_array_size(documents); i++) {
        struct str here = arena_print(arena, "/%s/%zu", list->member, i);
        enum status status = list->check(arena, json_array_get(documents, i), &list->names[i], error);
        if (status != OK) {
            prefix_pointer(arena, error, here);
            return status;
        }
        TRY(check_unique(list, i, arena, here, error));
        list->count++;
    }
    return OK;
}

static enum status check_config(struct arena *arena, const json_t *document, const json_t **config,
                                struct admin_error *error) {
    *config = json_object_get(document, "config");
    if (*config == NULL || json_is_null(*config)) {
        *config = NULL;
        return OK;
    }
    enum status status = admin_config_check(arena, *config, error);
    if (status != OK)
        prefix_pointer(arena, error, STR("/config"));
    return status;
}

static enum status check_members(struct arena *arena, const json_t *document, struct admin_error *error) {
    if (!json_is_object(document))
        return admin_refuse(error, arena, INVALID, STR_NONE, "An environment's document is a JSON object.");
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)document, name, value) {
        struct str given = str_from(name);
        if (!str_equal(given, STR("config")) && !str_equal(given, STR("tools")) &&
            !str_equal(given, STR("knowledge")))
            return admin_refuse(error, arena, INVALID, json_pointer_add(arena, STR_NONE, given),
                                "There is no such member; there are config, tools and knowledge.");
    }
    return OK;
}

/* ---- making what is missing ---- */

static FIBER enum status ensure_product_wait(const struct admin *admin, struct arena *arena, struct str name,
                                             struct admin_applied *applied, struct admin_error *error) {
    enum status status = admin_product_find_wait(admin, arena, name, &applied->product, error);
    return status == NOT_FOUND ? admin_product_create_wait(admin, arena, name, &applied->product, error)
                               : status;
}

static FIBER enum status ensure_key_wait(const struct admin *admin, struct arena *arena,
                                         struct admin_applied *applied, struct admin_error *error) {
    struct store_keys keys;
    TRY(admin_store_error(error, arena,
                          store_key_list_wait(admin->store, arena, applied->environment.id, &keys),
                          "the environment"));
    for (size_t i = 0; i < keys.count; i++) {
        if (!keys.at[i].is_secret && keys.at[i].revoked_at == 0)
            applied->publishable_key = keys.at[i].text; /* the last one seen is the oldest: the one in use */
    }
    if (!str_is_empty(applied->publishable_key))
        return OK;
    struct store_key key;
    applied->changed++;
    return admin_key_issue_wait(admin, arena, &applied->environment, false, &key, &applied->publishable_key,
                                error);
}

static FIBER enum status ensure_environment_wait(const struct admin *admin, struct arena *arena,
                                                 struct str name, const json_t *config,
                                                 struct admin_applied *applied, struct admin_error *error) {
    enum status status = store_environment_find_named_wait(admin->store, arena, applied->product.id, name,
                                                           &applied->environment);
    if (status == NOT_FOUND) {
        struct store_key key;
        applied->is_created = true;
        applied->changed++;
        return admin_environment_create_wait(admin, arena, applied->product.id, name, config,
                                             &applied->environment, &key, error);
    }
    TRY(admin_store_error(error, arena, status, "the environment"));
    if (config == NULL)
        return OK;
    bool changed;
    TRY(admin_environment_set_config_wait(admin, arena, &applied->environment, 0, config, &changed, error));
    applied->changed += changed;
    return OK;
}

/* ---- tools and knowledge ---- */

static bool is_listed(const struct list *list, struct str name) {
    for (size_t i = 0; i < list->count; i++) {
        if (str_equal(list->names[i], name))
            return true;
    }
    return false;
}

static FIBER enum status put_wait(const struct admin *admin, struct arena *arena, const struct list *list,
                                  const json_t *document, struct admin_applied *applied,
                                  struct admin_error *error) {
    struct store_document stored;
    bool changed = false;
    if (list->kind == STORE_TOOL)
        TRY(admin_tool_put_wait(admin, arena, &applied->environment, document, &stored, &changed, error));
    else
        TRY(admin_knowledge_put_wait(admin, arena, &applied->environment, document, &stored, &changed,
                                     error));
    applied->changed += changed;
    return OK;
}

static FIBER enum status apply_list_wait(const struct admin *admin, struct arena *arena,
                                         const struct list *list, struct admin_applied *applied,
                                         struct admin_error *error) {
    if (list->documents == NULL)
        return OK;
    for (size_t i = 0; i < list->count; i++)
        TRY(put_wait(admin, arena, list, json_array_get(list->documents, i), applied, error));
    struct store_documents stored;
    enum status status =
        store_document_list_wait(admin->store, arena, list->kind, applied->environment.id, &stored);
    TRY(admin_store_error(error, arena, status, "the environment"));
    for (size_t i = 0; i < stored.count; i++) {
        if (is_listed(list, stored.at[i].name))
            continue;
        TRY(admin_document_remove_wait(admin, arena, list->kind, &applied->environment, stored.at[i].name,
                                       error));
        applied->removed++;
    }
    return OK;
}

static FIBER enum status see_tool_signing_wait(const struct admin *admin, struct arena *arena,
                                               struct admin_applied *applied, struct admin_error *error) {
    struct store_secrets secrets;
    enum status status = store_secret_list_wait(admin->store, arena, applied->environment.id,
                                                STORE_SECRET_TOOL_SIGNING, STR_NONE, true, &secrets);
    TRY(admin_store_error(error, arena, status, "the environment"));
    applied->signs_tool_calls = secrets.count > 0;
    return OK;
}

enum status admin_apply_wait(const struct admin *admin, struct arena *arena, struct str product,
                             struct str environment, const json_t *document, struct admin_applied *applied,
                             struct admin_error *error) {
    struct list tools = {.member = "tools", .kind = STORE_TOOL, .check = admin_tool_check};
    struct list knowledge = {.member = "knowledge", .kind = STORE_KNOWLEDGE, .check = admin_knowledge_check};
    const json_t *config;
    *applied = (struct admin_applied){0};
    TRY(check_members(arena, document, error));
    TRY(check_config(arena, document, &config, error));
    TRY(check_list(&tools, arena, document, error));
    TRY(check_list(&knowledge, arena, document, error));

    TRY(ensure_product_wait(admin, arena, product, applied, error));
    TRY(ensure_environment_wait(admin, arena, environment, config, applied, error));
    TRY(ensure_key_wait(admin, arena, applied, error));
    TRY(apply_list_wait(admin, arena, &tools, applied, error));
    TRY(apply_list_wait(admin, arena, &knowledge, applied, error));
    return see_tool_signing_wait(admin, arena, applied, error);
}
