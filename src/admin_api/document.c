/* SPDX-License-Identifier: Apache-2.0 */
/* A whole environment as a document. */
#include "admin_api/discovery.h"
#include "admin_api/routes.h"

void document_read(struct call *call) {
    json_t *document;
    int64_t version;
    enum status status =
        admin_export_wait(&call->admin, call->arena, &call->environment, &document, &version, &call->error);
    if (status != OK) {
        call_refuse(call, status, STR_NONE);
    } else if (call_is_unchanged(call, version)) {
        json_decref(document);
    } else {
        call_set_version(call, version);
        call_answer(call, 200, document);
    }
}

static json_t *to_json(const struct admin_applied *applied, bool is_dry) {
    json_t *json = json_object();
    set_bool(json, "dryRun", is_dry);
    json_object_set(json, "changes", applied->changes);
    set_optional(json, "product", applied->product.id);
    set_optional(json, "environment", applied->environment.id);
    set_optional(json, "publishableKey", applied->publishable_key);
    json_object_set_new(json, "version",
                        str_is_empty(applied->environment.id) ? json_null()
                                                              : json_integer(applied->environment.version));
    set_bool(json, "signsToolCalls", applied->signs_tool_calls);
    json_object_set(json, "missingSecrets", applied->missing_secrets);
    return json;
}

static FIBER bool set_new_version_wait(struct call *call, const struct admin_applied *applied) {
    json_t *document;
    int64_t version;
    if (str_is_empty(applied->environment.id))
        return true;
    enum status status = admin_export_wait(&call->admin, call->arena, &applied->environment, &document,
                                           &version, &call->error);
    if (status != OK)
        return call_refuse(call, status, STR_NONE);
    json_decref(document);
    call_set_version(call, version);
    return true;
}

static FIBER bool pin_wait(struct call *call, struct str product, struct str name) {
    struct store_environment found = {.config = STR_NONE};
    struct admin_error error;
    const json_t *config = json_get_object(call->body, "config");
    if (admin_environment_find_wait(&call->admin, call->arena, product, name, &found, &error) != OK)
        found.config = STR_NONE; /* it is new, or what is wrong is said when it is applied */
    return discovery_pin_wait(call, found.config, config, STR(""));
}

static FIBER void apply_wait(struct call *call, struct str product, struct str environment, bool is_dry) {
    struct admin_applied applied;
    if (!pin_wait(call, product, environment))
        return;
    enum status status = admin_apply_or_try_wait(&call->admin, call->arena, product, environment, call->body,
                                                 is_dry, &applied, &call->error);
    if (status != OK)
        call_refuse(call, status, STR_NONE);
    else if (set_new_version_wait(call, &applied))
        call_answer(call, 200, to_json(&applied, is_dry));
}

void document_apply(struct call *call) {
    bool is_dry = false;
    if (call_query_bool(call, "dryRun", &is_dry) && call_if_match(call, &call->admin.version) &&
        call_read_body(call, NULL))
        apply_wait(call, call->environment.product, call->environment.name, is_dry);
}

/* What applying it by names takes: configure where all is there; manage too where the environment is made;
 * own too where the product is. Whether a product exists that the caller does not see is not told. */
static FIBER bool may_apply_wait(struct call *call, struct str product_name, struct str name) {
    struct store_product product;
    struct store_environment environment;
    const struct access_principal *who = call->principal;
    enum status status = store_product_find_wait(call->api->store, call->arena, product_name, &product);
    if (status == NOT_FOUND)
        return (access_may(who, STR_NONE, ACCESS_OWN) && access_may(who, STR_NONE, ACCESS_MANAGE) &&
                access_may(who, STR_NONE, ACCESS_CONFIGURE)) ||
               call_not_found(call);
    if (status == OK && !access_sees(who, product.id))
        return call_not_found(call);
    if (status == OK)
        status =
            store_environment_find_named_wait(call->api->store, call->arena, product.id, name, &environment);
    if (status != OK && status != NOT_FOUND)
        return call_refuse(call, status, STR_NONE);
    return (status == OK || call_check_right(call, product.id, ACCESS_MANAGE)) &&
           call_check_right(call, product.id, ACCESS_CONFIGURE);
}

void document_apply_named(struct call *call) {
    struct str product = call_parameter(call, "productName");
    struct str name = call_parameter(call, "name");
    bool is_dry = false;
    if (!call_query_bool(call, "dryRun", &is_dry) || !may_apply_wait(call, product, name))
        return;
    if (!str_is_empty(call->request->if_match) && !call_if_match(call, &call->admin.version))
        return;
    if (call_read_body(call, NULL))
        apply_wait(call, product, name, is_dry);
}
