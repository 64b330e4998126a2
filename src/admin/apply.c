/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/admin_internal.h"
#include "base/clock.h"
#include "base/random.h"

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
        return admin_refuse(error, arena, INVALID, place, "This must be a list of at most %d.",
                            DOCUMENTS_MAX);
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
    else
        *config = admin_config_normal(arena, *config);
    return status;
}

static enum status check_members(struct arena *arena, const json_t *document, struct admin_error *error) {
    if (!json_is_object(document))
        return admin_refuse(error, arena, INVALID, STR_NONE, "An environment's document is a JSON object.");
    static const char *const known[] = {"config", "tools", "knowledge", "$schema", NULL};
    struct str name = json_unknown_member(document, known);
    if (name.at == NULL)
        return OK;
    return admin_refuse(error, arena, INVALID, json_pointer_add(arena, STR_NONE, name), "%.*s",
                        STR_ARG(json_no_such_member(arena, name, known)));
}

/* ---- what is there ---- */

/* An apply under way: what is there, what is to be, and the way from one to the other. */
struct plan {
    const struct admin *admin;
    struct arena *arena;
    struct admin_error *error;
    const json_t *config; /* NULL: it stays */
    const struct list *lists[2];
    struct store_loaded loaded; /* all empty where the environment is new */
    bool makes_product, makes_environment, makes_key;
    struct store_key key;
    struct admin_applied *applied;
};

static FIBER enum status find_product_wait(struct plan *plan, struct str name) {
    struct store_product *product = &plan->applied->product;
    enum status status = store_product_find_wait(plan->admin->store, plan->arena, name, product);
    plan->makes_product = status == NOT_FOUND;
    if (!plan->makes_product)
        return admin_store_error(plan->error, plan->arena, status, "the product");
    TRY(admin_name_check(plan->arena, name, plan->error));
    *product = (struct store_product){.id = id_new(plan->arena, STR("prod")),
                                      .name = arena_copy(plan->arena, name),
                                      .created_at = clock_now_ms(),
                                      .version = 1};
    return OK;
}

static FIBER enum status load_environment_wait(struct plan *plan, struct str name) {
    struct store_environment found;
    const struct admin *admin = plan->admin;
    TRY(store_environment_find_named_wait(admin->store, plan->arena, plan->applied->product.id, name,
                                          &found));
    return store_load_by_id_wait(admin->store, plan->arena, found.id, &plan->loaded);
}

static FIBER enum status find_environment_wait(struct plan *plan, struct str name) {
    plan->loaded = (struct store_loaded){0};
    enum status status = plan->makes_product ? NOT_FOUND : load_environment_wait(plan, name);
    plan->makes_environment = status == NOT_FOUND;
    if (!plan->makes_environment)
        return admin_store_error(plan->error, plan->arena, status, "the environment");
    TRY(admin_name_check(plan->arena, name, plan->error));
    int64_t now = clock_now_ms();
    plan->loaded.environment = (struct store_environment){
        .id = id_new(plan->arena, STR("env")),
        .product = plan->applied->product.id,
        .product_name = plan->applied->product.name,
        .name = arena_copy(plan->arena, name),
        .config = plan->config == NULL ? STR("{}") : json_write(plan->arena, plan->config),
        .version = 1,
        .created_at = now,
        .updated_at = now};
    return OK;
}

static FIBER enum status find_key_wait(struct plan *plan) {
    struct store_keys keys = {NULL, 0};
    struct str environment = plan->loaded.environment.id;
    if (!plan->makes_environment)
        TRY(admin_store_error(plan->error, plan->arena,
                              store_key_list_wait(plan->admin->store, plan->arena, environment, &keys),
                              "the environment"));
    plan->applied->publishable_key = STR_NONE;
    for (size_t i = 0; i < keys.count; i++) {
        if (!keys.at[i].is_secret && keys.at[i].revoked_at == 0)
            plan->applied->publishable_key = keys.at[i].text; /* the last is the oldest: the one in use */
    }
    plan->makes_key = str_is_empty(plan->applied->publishable_key);
    if (plan->makes_key) {
        plan->key = admin_publishable_key(plan->arena, environment);
        plan->applied->publishable_key = plan->key.text;
    }
    return OK;
}

static const struct store_documents *stored_of(const struct plan *plan, enum store_document_kind kind) {
    return kind == STORE_TOOL ? &plan->loaded.tools : &plan->loaded.knowledge;
}

static const struct store_document *find_stored(const struct plan *plan, const struct list *list,
                                                struct str name) {
    const struct store_documents *stored = stored_of(plan, list->kind);
    for (size_t i = 0; i < stored->count; i++) {
        if (str_equal(stored->at[i].name, name))
            return &stored->at[i];
    }
    return NULL;
}

static bool is_listed(const struct list *list, struct str name) {
    for (size_t i = 0; i < list->count; i++) {
        if (str_equal(list->names[i], name))
            return true;
    }
    return false;
}

/* ---- the way there ---- */

/* Each step is told in `changes` and, where there is a batch, added to it. */
static json_t *read_stored(struct arena *arena, struct str text) {
    json_t *value = NULL;
    return json_read(text, JSON_DEPTH_DOCUMENT, &value, NULL) == OK ? json_keep(arena, value) : json_null();
}

static void tell_new(struct plan *plan, const char *what, struct str name) {
    json_t *change = json_pack("{s:s, s:s, s:s, s:n, s:o}", "op", "add", "what", what, "pointer", "",
                               "before", "after", json_from_str(name));
    json_array_append_new(plan->applied->changes, change);
    plan->applied->changed++;
}

static void plan_environment(struct plan *plan, struct store_batch *batch) {
    const struct admin *admin = plan->admin;
    struct admin_applied *applied = plan->applied;
    if (plan->makes_product) {
        tell_new(plan, "product", applied->product.name);
        json_t *state =
            json_keep(plan->arena, json_pack("{s:o}", "name", json_from_str(applied->product.name)));
        struct store_audit audit =
            admin_audit_change(admin, plan->arena, STR_NONE, STR("product.create"),
                               admin_target(plan->arena, "product", applied->product.name), NULL, state);
        store_batch_add_product(batch, &applied->product, &audit);
    }
    if (plan->makes_environment) {
        tell_new(plan, "environment", plan->loaded.environment.name);
        admin_batch_environment(admin, plan->arena, batch, &plan->loaded.environment, &plan->key);
        if (plan->config != NULL)
            admin_diff(applied->changes, STR("config"), STR("/config"), NULL, plan->config);
    } else if (plan->makes_key) {
        tell_new(plan, "key", STR("publishable"));
        admin_batch_key(admin, plan->arena, batch, &plan->key);
    }
}

static void plan_config(struct plan *plan, struct store_batch *batch) {
    struct store_environment *environment = &plan->loaded.environment;
    if (plan->config == NULL || plan->makes_environment)
        return;
    const json_t *was = read_stored(plan->arena, environment->config);
    struct str text = json_write(plan->arena, plan->config);
    if (str_equal(text, environment->config))
        return;
    admin_diff(plan->applied->changes, STR("config"), STR("/config"), was, plan->config);
    plan->applied->changed++;
    struct store_audit audit =
        admin_audit_change(plan->admin, plan->arena, environment->id, STR("environment.set-config"),
                           admin_target(plan->arena, "environment", environment->id), was, plan->config);
    store_batch_set_config(batch, environment->version, text, &audit);
    environment->config = text;
    environment->version++;
}

static void plan_document(struct plan *plan, struct store_batch *batch, const struct list *list, size_t index,
                          const struct store_document *was, const json_t *document) {
    const char *word = list->kind == STORE_TOOL ? "tool" : "knowledge";
    struct str name = was != NULL ? was->name : list->names[index];
    struct str pointer = arena_print(plan->arena, "/%s/%zu", list->member, index);
    admin_diff(plan->applied->changes, admin_target(plan->arena, word, name), pointer,
               was == NULL ? NULL : read_stored(plan->arena, was->document), document);
    admin_batch_document(plan->admin, plan->arena, batch, list->kind, plan->loaded.environment.id, name, was,
                         document);
}

static void plan_list(struct plan *plan, struct store_batch *batch, const struct list *list) {
    const struct store_documents *stored = stored_of(plan, list->kind);
    if (list->documents == NULL)
        return;
    for (size_t i = 0; i < stored->count; i++) {
        if (is_listed(list, stored->at[i].name))
            continue;
        plan_document(plan, batch, list, i, &stored->at[i], NULL);
        plan->applied->removed++;
    }
    for (size_t i = 0; i < list->count; i++) {
        const json_t *document = json_array_get(list->documents, i);
        const struct store_document *was = find_stored(plan, list, list->names[i]);
        if (was != NULL && str_equal(was->document, json_write(plan->arena, document)))
            continue;
        plan_document(plan, batch, list, i, was, document);
        plan->applied->changed++;
    }
}

/* ---- what it refers to, and has not ---- */

static bool has_secret(const struct plan *plan, struct str purpose, struct str name) {
    for (size_t i = 0; i < plan->loaded.secrets.count; i++) {
        const struct store_secret *secret = &plan->loaded.secrets.at[i];
        if (str_equal(secret->purpose, purpose) && str_equal(secret->name, name))
            return true;
    }
    return false;
}

static void miss(struct plan *plan, struct str purpose, struct str name) {
    if (has_secret(plan, purpose, name))
        return;
    json_t *missing = json_object();
    json_object_set_new(missing, "purpose", json_from_str(purpose));
    json_object_set_new(missing, "name", json_from_str(name));
    json_array_append_new(plan->applied->missing_secrets, missing);
}

static void see_secrets(struct plan *plan) {
    const json_t *config = read_stored(plan->arena, plan->loaded.environment.config);
    const json_t *issuers = json_get_array(json_get_object(config, "signIn"), "issuers");
    struct str api_key = json_get_str(json_get_object(config, "assistant"), "apiKeySecret");
    const struct list *tools = plan->lists[0];
    size_t tool_count = tools->documents == NULL ? plan->loaded.tools.count : tools->count;
    plan->applied->signs_tool_calls = has_secret(plan, STORE_SECRET_TOOL_SIGNING, STR(""));
    for (size_t i = 0; i < json_array_size(issuers); i++) {
        const json_t *issuer = json_array_get(issuers, i);
        if (str_equal(json_get_str(issuer, "mode"), STR("hmac")))
            miss(plan, STORE_SECRET_VISITOR_SIGNING, json_get_str(issuer, "name"));
    }
    if (!str_is_empty(api_key))
        miss(plan, STORE_SECRET_NAMED, api_key);
    if (tool_count > 0)
        miss(plan, STORE_SECRET_TOOL_SIGNING, STR(""));
}

/* ---- the whole ---- */

/* Where it stands still while it is looked at, and until it is changed. */
static void expect_all(struct plan *plan, struct store_batch *batch) {
    if (!plan->makes_environment)
        store_batch_expect(batch, &plan->loaded);
}

/* Whether what is there is what the caller has seen. */
static enum status check_version(struct plan *plan) {
    int64_t seen = plan->admin->version;
    if (seen == ADMIN_NEW && !plan->makes_environment)
        return admin_refuse(plan->error, plan->arena, CONFLICT, STR_NONE,
                            "There is an environment of that name in this product already.");
    if (seen > 0 && (plan->makes_environment || seen != admin_export_version(&plan->loaded)))
        return admin_changed_meanwhile(plan->error, plan->arena);
    return OK;
}

static FIBER enum status apply_once_wait(struct plan *plan, struct str product, struct str environment,
                                         bool is_dry) {
    struct admin_applied *applied = plan->applied;
    *applied = (struct admin_applied){.changes = json_keep(plan->arena, json_array()),
                                      .missing_secrets = json_keep(plan->arena, json_array())};
    TRY(find_product_wait(plan, product));
    TRY(find_environment_wait(plan, environment));
    TRY(find_key_wait(plan));
    TRY(check_version(plan));
    struct store_batch *batch = store_batch_new(plan->admin->store, plan->loaded.environment.id);
    expect_all(plan, batch);
    plan_environment(plan, batch);
    plan_config(plan, batch);
    for (size_t i = 0; i < 2; i++)
        plan_list(plan, batch, plan->lists[i]);
    see_secrets(plan);
    applied->is_created = plan->makes_environment;
    applied->environment = plan->loaded.environment;
    if (is_dry) {
        if (plan->makes_product)
            applied->product.id = STR("");
        if (plan->makes_environment)
            applied->environment.id = STR("");
        if (plan->makes_key)
            applied->publishable_key = STR("");
    }
    if (!is_dry && json_array_size(applied->changes) + applied->changed + applied->removed > 0)
        return store_batch_write_wait(batch);
    store_batch_free(batch);
    return OK;
}

enum status admin_apply_or_try_wait(const struct admin *admin, struct arena *arena, struct str product,
                                    struct str environment, const json_t *document, bool is_dry,
                                    struct admin_applied *applied, struct admin_error *error) {
    enum { TRIES = 8 };
    struct list tools = {.member = "tools", .kind = STORE_TOOL, .check = admin_tool_check};
    struct list knowledge = {.member = "knowledge", .kind = STORE_KNOWLEDGE, .check = admin_knowledge_check};
    struct plan plan = {
        .admin = admin, .arena = arena, .error = error, .lists = {&tools, &knowledge}, .applied = applied};
    *applied = (struct admin_applied){0};
    TRY(check_members(arena, document, error));
    TRY(check_config(arena, document, &plan.config, error));
    TRY(check_list(&tools, arena, document, error));
    TRY(check_list(&knowledge, arena, document, error));
    for (int tries = 0; tries < TRIES; tries++) {
        error->sentence = STR_NONE;
        enum status status = apply_once_wait(&plan, product, environment, is_dry);
        if (status == OK || !str_is_empty(error->sentence))
            return status;
        if (status != CONFLICT && status != NOT_FOUND) /* else somebody was faster: look again */
            return admin_store_error(error, arena, status, "the environment");
    }
    return admin_changed_meanwhile(error, arena);
}

enum status admin_apply_wait(const struct admin *admin, struct arena *arena, struct str product,
                             struct str environment, const json_t *document, struct admin_applied *applied,
                             struct admin_error *error) {
    return admin_apply_or_try_wait(admin, arena, product, environment, document, false, applied, error);
}
