/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v1/conversations and GET /v1/conversations/{id}/messages: a verified visitor's own. */
#include "server/answer.h"
#include "server/client.h"
#include "server/limits.h"
#include "server/routes.h"

/* What a route reads once it is known who asks. */
typedef enum status (*read_wait)(struct exchange *exchange, const struct client *client,
                                 const struct verified *verified, struct str *json);

static void refuse(struct exchange *exchange, enum status status) {
    const struct problem problem = {
        .status = status == NOT_FOUND ? 404 : 400,
        .code = status == NOT_FOUND ? STR("conversation-not-found") : STR("cursor-invalid"),
        .sentence = status == NOT_FOUND ? STR("There is no such conversation for this visitor.")
                                        : STR("`after` is not what the page before gave as `next`."),
    };
    answer_problem(exchange, &problem);
}

static void answer_read(struct exchange *exchange, const struct client *client,
                        const struct verified *verified, read_wait read) {
    struct str json;
    enum status status = read(exchange, client, verified, &json);
    if (status == OK)
        answer_json_to_origin(exchange, 200, json, client->origin);
    else if (status == NOT_FOUND || status == INVALID)
        refuse(exchange, status);
    else if (status != CANCELED)
        answer_unavailable(exchange);
}

static void serve_visitor(struct exchange *exchange, const struct client *client, struct str token,
                          read_wait read) {
    struct verified *verified = NULL;
    struct identity_failure failure = {.explanation = STR_NONE};
    enum status status = verifier_verify_wait(front_of(exchange)->verifier, client->environment, token,
                                              exchange_arena(exchange), &verified, &failure);
    if (status == OK)
        answer_read(exchange, client, verified, read);
    else if (status == DENIED) {
        limits_count_refused(exchange, &failure);
        answer_unauthorized(exchange, &failure);
    } else if (status != CANCELED) {
        answer_unavailable(exchange);
    }
    verified_unref(verified);
}

static void serve(struct exchange *exchange, read_wait read) {
    struct client client;
    if (client_wait(exchange, &client) != OK)
        return;
    struct str token = client_bearer(exchange_request(exchange));
    if (limits_admit_token(exchange, client.environment, token))
        serve_visitor(exchange, &client, token, read);
    environment_unref(client.environment);
}

/* `after` of the query; STR_NONE where there is none. INVALID: it does not read. */
static enum status read_after(struct exchange *exchange, struct str *after) {
    *after = STR_NONE;
    struct str query = exchange_request(exchange)->query;
    if (str_is_empty(query))
        return OK;
    enum status status = http_query_get(exchange_arena(exchange), query, STR("after"), after);
    return status == NOT_FOUND ? OK : status;
}

static enum status read_conversations(struct exchange *exchange, const struct client *client,
                                      const struct verified *verified, struct str *json) {
    struct str after;
    TRY(read_after(exchange, &after));
    return chat_history_conversations_wait(front_of(exchange)->chat, client->environment, verified, after,
                                           exchange_arena(exchange), json);
}

static enum status read_messages(struct exchange *exchange, const struct client *client,
                                 const struct verified *verified, struct str *json) {
    struct str after;
    int64_t position = 0;
    TRY(read_after(exchange, &after));
    if (!str_is_empty(after) && (str_to_int64(after, &position) != OK || position < 0))
        return INVALID;
    struct str conversation = route_parameter(exchange, STR("/v1/conversations/{id}/messages"));
    return chat_history_messages_wait(front_of(exchange)->chat, client->environment, verified, conversation,
                                      position, exchange_arena(exchange), json);
}

static void run_conversations(struct exchange *exchange) {
    serve(exchange, read_conversations);
}

static void run_messages(struct exchange *exchange) {
    serve(exchange, read_messages);
}

void route_conversations(struct exchange *exchange) {
    route_start_fiber(exchange, run_conversations);
}

void route_conversation_messages(struct exchange *exchange) {
    route_start_fiber(exchange, run_messages);
}
