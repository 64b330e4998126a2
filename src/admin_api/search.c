/* SPDX-License-Identifier: Apache-2.0 */
/* What the command palette finds: by the beginnings of names. */
#include "admin_api/routes.h"
#include "store/palette.h"

enum { MOST = 20, WORD_MOST = 64 };

static void append(json_t *items, const struct store_search *found) {
    json_t *item = json_object();
    set_text(item, "kind", found->kind);
    set_text(item, "id", found->id);
    set_text(item, "name", found->name);
    set_text(item, "productId", found->product);
    set_text(item, "productName", found->product_name);
    set_optional(item, "environmentId", found->environment);
    set_optional(item, "environmentName", found->environment_name);
    json_array_append_new(items, item);
}

/* Of one product, or of all. A token may see less than its owner's grants say. */
static FIBER enum status search_wait(struct call *call, struct str word, struct str product, json_t *items) {
    struct store_searches found;
    TRY(store_search_wait(call->api->store, call->arena, product, word, MOST, &found));
    for (size_t i = 0; i < found.count; i++) {
        if (access_may(call->principal, found.at[i].product, ACCESS_READ))
            append(items, &found.at[i]);
    }
    return OK;
}

/* A grant over all products, in the hands of a token that is for one. */
static struct str narrowed(const struct access_principal *principal, struct str product) {
    return str_is_empty(product) ? principal->scope_product : product;
}

void search_read(struct call *call) {
    struct str word = call_query(call, "q");
    if (str_is_empty(word) || word.len > WORD_MOST) {
        call_problem(call, 400, "query-invalid", "`q` is the beginning of a name, 1 to %d bytes.", WORD_MOST);
        return;
    }
    json_t *items = json_array();
    enum status status = OK;
    const struct access_principal *principal = call->principal;
    if (access_may(principal, STR_NONE, ACCESS_READ)) {
        status = search_wait(call, word, STR_NONE, items);
    } else {
        for (size_t i = 0; status == OK && i < principal->grant_count; i++)
            status = search_wait(call, word, narrowed(principal, principal->grants[i].product), items);
    }
    if (status != OK) {
        json_decref(items);
        call_refuse(call, status, STR_NONE);
        return;
    }
    json_t *json = json_object();
    json_object_set_new(json, "items", items);
    call_answer(call, 200, json);
}
