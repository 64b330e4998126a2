/* SPDX-License-Identifier: Apache-2.0 */
/* What is answered where all is well; problem.c has the rest. */
#include "admin_api/call.h"

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
