/* SPDX-License-Identifier: Apache-2.0 */
#include "admin_api/named_document.h"

#include <string.h>

static json_t *document_json(const struct document_kind *kind, const struct store_document *stored) {
    json_t *json = json_object();
    set_text(json, "id", kind->is_named_by_itself ? stored->name : stored->id);
    set_text(json, "name", stored->name);
    set_number(json, "version", stored->version);
    set_time(json, "createdAt", stored->created_at);
    set_time(json, "updatedAt", stored->updated_at);
    set_json(json, "document", stored->document);
    return json;
}

static void answer(struct call *call, const struct document_kind *kind, const struct store_document *stored) {
    call_set_version(call, stored->version);
    call_answer(call, 200, document_json(kind, stored));
}

/* ---- finding ---- */

/* The one in the path; false: it has answered. */
static FIBER bool find_wait(struct call *call, const struct document_kind *kind,
                            struct store_document *stored) {
    enum status status =
        store_document_find_wait(call->api->store, call->arena, kind->kind, call->environment.id,
                                 call_parameter(call, kind->parameter), stored);
    if (status == OK)
        return true;
    return status == NOT_FOUND ? call_not_found(call) : call_refuse(call, status, STR(""));
}

static char lower(char c) {
    return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

static bool contains(struct str text, struct str piece) {
    for (size_t i = 0; i + piece.len <= text.len; i++) {
        size_t k = 0;
        while (k < piece.len && lower(text.at[i + k]) == lower(piece.at[k]))
            k++;
        if (k == piece.len)
            return true;
    }
    return false;
}

/* Whether it is found by its name, title or triggers. */
static bool is_found(const struct store_document *stored, struct str search) {
    json_auto_t *document = NULL;
    if (str_is_empty(search) || contains(stored->name, search))
        return true;
    if (json_read(stored->document, JSON_DEPTH_DOCUMENT, &document, NULL) != OK)
        return false;
    const json_t *triggers = json_get_array(document, "triggers");
    for (size_t i = 0; i < json_array_size(triggers); i++) {
        if (contains(json_str(json_array_get(triggers, i)), search))
            return true;
    }
    return contains(json_get_str(document, "title"), search);
}

FIBER void named_document_list(struct call *call, const struct document_kind *kind) {
    struct page page = {.limit = 0};
    struct store_documents all;
    if (!call_page(call, &page))
        return;
    enum status status =
        store_document_list_wait(call->api->store, call->arena, kind->kind, call->environment.id, &all);
    if (status != OK) {
        call_refuse(call, status, STR(""));
        return;
    }
    json_t *items = json_array();
    struct str last = STR_NONE;
    bool has_more = false;
    for (size_t i = 0; i < all.count && !has_more; i++) {
        if (str_compare(all.at[i].name, page.after) <= 0 || !is_found(&all.at[i], call_query(call, "search")))
            continue;
        has_more = json_array_size(items) == page.limit;
        if (has_more)
            break;
        last = all.at[i].name;
        json_array_append_new(items, document_json(kind, &all.at[i]));
    }
    call_answer_list(call, items, has_more ? last : STR_NONE);
}

FIBER void named_document_read(struct call *call, const struct document_kind *kind) {
    struct store_document stored = {.version = 0};
    if (find_wait(call, kind, &stored) && !call_is_unchanged(call, stored.version))
        answer(call, kind, &stored);
}

/* ---- changing ---- */

/* Saves the body as call->admin.version says; false: it has answered. */
static FIBER bool put_wait(struct call *call, const struct document_kind *kind,
                           struct store_document *stored) {
    bool changed = false;
    enum status status = kind->put_wait(&call->admin, call->arena, &call->environment, call->body, stored,
                                        &changed, &call->error);
    if (status == OK)
        return true;
    if (status == CONFLICT && call->admin.version == ADMIN_NEW)
        return call_problem(call, 409, "name-taken", "There is a %s of this name already.", kind->noun);
    if (status == CONFLICT)
        return call_changed_meanwhile(call);
    return call_refuse(call, status, STR(""));
}

FIBER void named_document_create(struct call *call, const struct document_kind *kind) {
    struct store_document stored = {.version = 0};
    if (!call_read_body(call, NULL))
        return;
    call->admin.version = ADMIN_NEW;
    if (!put_wait(call, kind, &stored))
        return;
    call_set_version(call, stored.version);
    call_answer_created(call,
                        arena_print(call->arena, "/environments/%.*s/%s/%.*s", STR_ARG(call->environment.id),
                                    kind->collection, STR_ARG(stored.name)),
                        document_json(kind, &stored));
}

/* A document keeps its name, or links to it, and what the audit log says of it, would lead nowhere. */
static bool keeps_name(struct call *call, const struct document_kind *kind) {
    struct str name = json_get_str(call->body, kind->parameter);
    if (name.at == NULL || str_equal(name, call_parameter(call, kind->parameter)))
        return true; /* where it has none, what is wrong is said when it is checked */
    return call_problem_at(call, "invalid", arena_print(call->arena, "/%s", kind->parameter),
                           "A %s keeps its %s. Add one under the new, and remove this one.", kind->noun,
                           kind->parameter);
}

FIBER void named_document_replace(struct call *call, const struct document_kind *kind) {
    struct store_document stored = {.version = 0};
    int64_t version = 0;
    if (!call_if_match(call, &version) || !call_read_body(call, NULL) || !keeps_name(call, kind) ||
        !find_wait(call, kind, &stored))
        return;
    call->admin.version = version;
    if (put_wait(call, kind, &stored))
        answer(call, kind, &stored);
}

FIBER void named_document_delete(struct call *call, const struct document_kind *kind) {
    int64_t version = 0;
    if (!call_if_match(call, &version))
        return;
    call->admin.version = version;
    enum status status = admin_document_remove_wait(&call->admin, call->arena, kind->kind, &call->environment,
                                                    call_parameter(call, kind->parameter), &call->error);
    if (status == OK)
        call_answer_nothing(call);
    else if (status == CONFLICT)
        call_changed_meanwhile(call);
    else if (status == NOT_FOUND)
        call_not_found(call);
    else
        call_refuse(call, status, STR(""));
}
