/* SPDX-License-Identifier: Apache-2.0 */
/* What was asked, and plain answers to it. */
#include "admin_api/call.h"

struct str call_parameter(const struct call *call, const char *name) {
    for (size_t i = 0; i < call->parameter_count; i++) {
        if (str_equal(call->parameters[i].name, str_from(name)))
            return call->parameters[i].value;
    }
    return STR_NONE;
}

struct str call_query(const struct call *call, const char *name) {
    for (size_t i = 0; i < call->request->query_count; i++) {
        if (str_equal(call->request->query[i].name, str_from(name)))
            return call->request->query[i].value;
    }
    return STR_NONE;
}

bool call_query_bool(struct call *call, const char *name, bool *value) {
    struct str text = call_query(call, name);
    if (text.at == NULL)
        return true;
    *value = str_equal(text, STR("true"));
    if (*value || str_equal(text, STR("false")))
        return true;
    return call_problem(call, 400, "query-invalid", "`%s` is true or false.", name);
}

bool call_query_number(struct call *call, const char *name, int64_t lowest, int64_t highest, int64_t *value) {
    struct str text = call_query(call, name);
    int64_t number = 0;
    if (text.at == NULL)
        return true;
    if (str_to_int64(text, &number) != OK || number < lowest || number > highest)
        return call_problem(call, 400, "query-invalid", "`%s` is a whole number from %lld to %lld.", name,
                            (long long)lowest, (long long)highest);
    *value = number;
    return true;
}

/* ---- answers ---- */

void call_answer(struct call *call, unsigned status, json_t *json) {
    call->response->status = status;
    call->response->content_type = STR("application/json");
    call->response->body = json_write(call->arena, json);
    json_decref(json);
}

void call_answer_created(struct call *call, struct str location, json_t *json) {
    call->response->location = arena_join(call->arena, 2, (struct str[]){STR("/admin/v1"), location});
    call_answer(call, 201, json);
}

void call_answer_nothing(struct call *call) {
    call->response->status = 204;
}

void call_add_header(struct call *call, struct str name, struct str value) {
    struct admin_response *response = call->response;
    struct admin_pair *headers =
        arena_alloc_array(call->arena, response->header_count + 1, sizeof *response->headers);
    for (size_t i = 0; i < response->header_count; i++)
        headers[i] = response->headers[i];
    headers[response->header_count++] =
        (struct admin_pair){arena_copy(call->arena, name), arena_copy(call->arena, value)};
    response->headers = headers;
}

void call_hide_on_replay(struct call *call, const char *member) {
    call->hidden_on_replay = member;
}
