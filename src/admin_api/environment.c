/* SPDX-License-Identifier: Apache-2.0 */
#include "admin_api/routes.h"
#include "store/load.h"

/* ---- as JSON ---- */

static bool is_live(struct str name) {
    return str_equal(name, STR("live")) || str_equal(name, STR("production")) || str_equal(name, STR("prod"));
}

static size_t count_issuers(struct str text) {
    json_auto_t *config = NULL;
    if (json_read(text, JSON_DEPTH_DOCUMENT, &config, NULL) != OK)
        return 0;
    return json_array_size(json_get_array(json_get_object(config, "signIn"), "issuers"));
}

static json_t *counts_of(const struct store_loaded *loaded, size_t keys) {
    json_t *counts = json_object();
    set_number(counts, "issuers", (int64_t)count_issuers(loaded->environment.config));
    set_number(counts, "tools", (int64_t)loaded->tools.count);
    set_number(counts, "knowledge", (int64_t)loaded->knowledge.count);
    set_number(counts, "keys", (int64_t)keys);
    set_number(counts, "secrets", (int64_t)loaded->secrets.count);
    return counts;
}

static FIBER enum status to_json_wait(struct call *call, struct str id, json_t **json) {
    struct store_loaded loaded;
    struct store_keys keys;
    struct str publishable = STR_NONE;
    size_t good = 0;
    TRY(store_load_by_id_wait(call->api->store, call->arena, id, &loaded));
    TRY(store_key_list_wait(call->api->store, call->arena, id, &keys));
    for (size_t i = 0; i < keys.count; i++) {
        if (keys.at[i].revoked_at != 0)
            continue;
        good++;
        if (!keys.at[i].is_secret)
            publishable = keys.at[i].text; /* the last is the oldest: the one in use */
    }
    const struct store_environment *environment = &loaded.environment;
    *json = json_object();
    set_text(*json, "id", environment->id);
    set_text(*json, "name", environment->name);
    set_text(*json, "kind", is_live(environment->name) ? STR("live") : STR("other"));
    set_text(*json, "productId", environment->product);
    set_text(*json, "productName", environment->product_name);
    set_optional(*json, "publishableKey", publishable);
    set_number(*json, "version", environment->version);
    set_time(*json, "createdAt", environment->created_at);
    set_time(*json, "updatedAt", environment->updated_at);
    json_object_set_new(*json, "counts", counts_of(&loaded, good));
    call_set_version(call, environment->version);
    return OK;
}

static FIBER void answer_wait(struct call *call) {
    json_t *json;
    enum status status = to_json_wait(call, call->environment.id, &json);
    if (status == OK)
        call_answer(call, 200, json);
    else
        call_refuse(call, status, STR_NONE);
}

/* ---- handlers ---- */

void environment_list(struct call *call) {
    struct page page;
    struct store_environments environments;
    if (!call_page(call, &page))
        return;
    enum status status = store_environment_list_wait(call->api->store, call->arena, call->product.id,
                                                     page.after, page.limit + 1, &environments);
    json_t *items = json_array();
    for (size_t i = 0; status == OK && i < environments.count && i < page.limit; i++) {
        json_t *json = NULL;
        status = to_json_wait(call, environments.at[i].id, &json);
        if (status == NOT_FOUND) /* deleted meanwhile */
            status = OK;
        else if (status == OK)
            json_array_append_new(items, json);
    }
    call->response->etag = STR_NONE; /* a list has no version */
    if (status == OK) {
        bool is_more = environments.count > page.limit;
        call_answer_list(call, items, is_more ? environments.at[page.limit - 1].name : STR_NONE);
        return;
    }
    json_decref(items);
    call_refuse(call, status, STR_NONE);
}

/* The document of another environment of this product, whose configuration, tools and knowledge the new one
 * gets. */
static FIBER bool read_copied_wait(struct call *call, struct str id, json_t **document) {
    struct store_environment other;
    int64_t version;
    enum status status = store_environment_find_wait(call->api->store, call->arena, id, &other);
    if (status == NOT_FOUND || (status == OK && !str_equal(other.product, call->product.id)))
        return call_problem_at(call, "invalid", STR("/copyOf"),
                               "There is no such environment in this product.");
    if (status == OK)
        status = admin_export_wait(&call->admin, call->arena, &other, document, &version, &call->error);
    if (status != OK)
        return call_refuse(call, status, STR_NONE);
    json_keep(call->arena, *document);
    return true;
}

static FIBER enum status create_wait(struct call *call, struct str name, json_t *document, struct str *id) {
    if (document == NULL) {
        struct store_environment environment;
        struct store_key key;
        TRY(admin_environment_create_wait(&call->admin, call->arena, call->product.id, name,
                                          json_object_get(call->body, "config"), &environment, &key,
                                          &call->error));
        *id = environment.id;
        return OK;
    }
    struct admin_applied applied;
    call->admin.version = ADMIN_NEW;
    TRY(admin_apply_wait(&call->admin, call->arena, call->product.id, name, document, &applied,
                         &call->error));
    *id = applied.environment.id;
    return OK;
}

void environment_create(struct call *call) {
    static const struct member members[] = {{"name", MEMBER_STRING, true, false, 64},
                                            {"config", MEMBER_OBJECT, false, false, 0},
                                            {"copyOf", MEMBER_STRING, false, true, 64},
                                            {0}};
    json_t *document = NULL;
    json_t *json;
    struct str id = STR_NONE;
    if (!call_read_body(call, members))
        return;
    struct str copied = json_get_str(call->body, "copyOf");
    if (copied.at != NULL && json_object_get(call->body, "config") != NULL) {
        call_problem_at(call, "invalid", STR("/copyOf"), "Give a configuration, or whose to copy, not both.");
        return;
    }
    if (copied.at != NULL && !read_copied_wait(call, copied, &document))
        return;
    enum status status = create_wait(call, json_get_str(call->body, "name"), document, &id);
    bool is_about_config = !str_is_empty(call->error.pointer);
    if (status == OK)
        status = to_json_wait(call, id, &json);
    if (status == OK)
        call_answer_created(call, arena_join(call->arena, 2, (struct str[]){STR("/environments/"), id}),
                            json);
    else
        call_refuse(call, status, is_about_config ? STR("/config") : STR("/name"));
}

void environment_read(struct call *call) {
    answer_wait(call);
}

void environment_change(struct call *call) {
    static const struct member members[] = {{"name", MEMBER_STRING, true, false, 64}, {0}};
    if (!call_if_match(call, &call->admin.version) || !call_read_body(call, members))
        return;
    enum status status = admin_environment_rename_wait(&call->admin, call->arena, &call->environment,
                                                       json_get_str(call->body, "name"), &call->error);
    if (status == OK)
        answer_wait(call);
    else
        call_refuse(call, status, STR("/name"));
}

void environment_delete(struct call *call) {
    if (!call_if_match(call, &call->admin.version))
        return;
    enum status status =
        admin_environment_delete_wait(&call->admin, call->arena, &call->environment, &call->error);
    if (status == OK)
        call_answer_nothing(call);
    else
        call_refuse(call, status, STR_NONE);
}
