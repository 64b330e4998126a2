/* SPDX-License-Identifier: Apache-2.0 */
#include "admin_api/routes.h"

static const struct member members[] = {{"name", MEMBER_STRING, true, false, 64}, {0}};

static json_t *to_json(const struct call *call, const struct store_product *product) {
    json_t *json = json_object();
    set_text(json, "id", product->id);
    set_text(json, "name", product->name);
    set_number(json, "version", product->version);
    set_time(json, "createdAt", product->created_at);
    set_text(json, "role", call_role(call, product->id));
    return json;
}

/* Who sees all products gets a page as it is read; for others they are looked through, many at a time. */
static FIBER enum status list_seen_wait(struct call *call, const struct page *page, struct str search,
                                        json_t *items, struct str *next) {
    struct str after = page->after;
    struct store *store = call->api->store;
    unsigned chunk = access_may(call->principal, STR_NONE, ACCESS_READ) ? page->limit + 1 : STORE_PAGE_MAX;
    for (;;) {
        struct store_products products;
        if (str_is_empty(search))
            TRY(store_product_list_wait(store, call->arena, after, chunk, &products));
        else
            TRY(store_product_search_wait(store, call->arena, search, after, chunk, &products));
        for (size_t i = 0; i < products.count; i++) {
            if (!access_may(call->principal, products.at[i].id, ACCESS_READ))
                continue;
            if (json_array_size(items) == page->limit) {
                *next = after;
                return OK;
            }
            json_array_append_new(items, to_json(call, &products.at[i]));
            after = products.at[i].name;
        }
        if (products.count < chunk)
            return OK;
        after = products.at[products.count - 1].name;
    }
}

void product_list(struct call *call) {
    struct page page;
    struct str next = STR_NONE;
    if (!call_page(call, &page))
        return;
    json_t *items = json_array();
    enum status status = list_seen_wait(call, &page, call_query(call, "search"), items, &next);
    if (status == OK) {
        call_answer_list(call, items, next);
        return;
    }
    json_decref(items);
    call_refuse(call, status, STR_NONE);
}

void product_create(struct call *call) {
    struct store_product product;
    if (!call_read_body(call, members))
        return;
    enum status status = admin_product_create_wait(&call->admin, call->arena,
                                                   json_get_str(call->body, "name"), &product, &call->error);
    if (status != OK) {
        call_refuse(call, status, STR("/name"));
        return;
    }
    call_set_version(call, product.version);
    call_answer_created(call, arena_join(call->arena, 2, (struct str[]){STR("/products/"), product.id}),
                        to_json(call, &product));
}

static void answer(struct call *call) {
    call_set_version(call, call->product.version);
    call_answer(call, 200, to_json(call, &call->product));
}

void product_read(struct call *call) {
    if (!call_is_unchanged(call, call->product.version))
        answer(call);
}

void product_change(struct call *call) {
    if (!call_if_match(call, &call->admin.version) || !call_read_body(call, members))
        return;
    struct str name = json_get_str(call->body, "name");
    enum status status =
        admin_product_rename_wait(&call->admin, call->arena, call->product.id, name, &call->error);
    if (status == OK)
        status = store_product_find_wait(call->api->store, call->arena, call->product.id, &call->product);
    if (status == OK)
        answer(call);
    else
        call_refuse(call, status, STR("/name"));
}

void product_delete(struct call *call) {
    if (!call_if_match(call, &call->admin.version))
        return;
    enum status status = admin_product_delete_wait(&call->admin, call->arena, call->product.id, &call->error);
    if (status == OK)
        call_answer_nothing(call);
    else
        call_refuse(call, status, STR_NONE);
}
