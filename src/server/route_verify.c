/* SPDX-License-Identifier: Apache-2.0 */
/* For any backend: POST /v1/verify and GET /v1/authorize. A token seen before, with its keys at hand, is
 * answered at once, without a fiber; what must wait goes on in one. */
#include "base/encode.h"
#include "server/answer.h"
#include "server/client.h"
#include "server/demand.h"
#include "server/limits.h"
#include "server/routes.h"

enum { BODY_MAX = 64 * 1024 };

/* What came of a token: shared by both routes. */
struct verdict {
    enum status status; /* OK, DENIED, or UNAVAILABLE: not to be had without waiting */
    struct verified *verified;
    struct identity_failure failure;
};

/* The customer's own server may ask about whatever tokens it is shown. False: answered. */
static bool admit_token(struct exchange *exchange, const struct client *client, struct str token) {
    return client->is_trusted || limits_admit_token(exchange, client->environment, token);
}

static void count_verdict(struct exchange *exchange, const struct client *client,
                          const struct verdict *verdict) {
    if (verdict->status == DENIED && !client->is_trusted)
        limits_count_refused(exchange, &verdict->failure);
}

static struct verdict verify_now(struct exchange *exchange, const struct client *client, struct str token) {
    struct verdict verdict = {.verified = NULL};
    verdict.status = verifier_try(front_of(exchange)->verifier, client->environment, token,
                                  exchange_arena(exchange), &verdict.verified, &verdict.failure);
    return verdict;
}

static struct verdict verify_wait(struct exchange *exchange, const struct client *client, struct str token) {
    struct verdict verdict = {.verified = NULL};
    verdict.status = verifier_verify_wait(front_of(exchange)->verifier, client->environment, token,
                                          exchange_arena(exchange), &verdict.verified, &verdict.failure);
    return verdict;
}

/* ---- GET /v1/authorize ---- */

/* A header's value is visible ASCII; a `sub` that is more is percent-encoded (RFC 3986), and so is its '%'.
 */
static struct str header_text(struct exchange *exchange, struct str text) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] <= ' ' || text.at[i] > '~' || text.at[i] == '%')
            return percent_encode(exchange_arena(exchange), text);
    }
    return text;
}

/* What both headers may take together: with a front's own they fit where fronts and backends keep heads of 8
 * KiB (Apache takes no longer line, nginx needs proxy_buffer_size 16k). */
enum { IDENTITY_HEADERS_MAX = 7 * 1024 };

static void answer_identity_too_large(struct exchange *exchange) {
    const struct problem problem = {
        .status = 403,
        .code = STR("identity-too-large"),
        .sentence = STR("The visitor is verified, but their identity does not fit into headers. Name what "
                        "backends need in the issuer's `mapping`.")};
    answer_problem(exchange, &problem);
}

static void answer_anonymous(struct exchange *exchange) {
    const struct http_header headers[] = {{STR("Cache-Control"), STR("no-store")}};
    exchange_answer(exchange, &(struct http_response){.status = 200, .headers = headers, .header_count = 1});
}

static void answer_forbidden(struct exchange *exchange) {
    const struct http_header headers[] = {
        {STR("WWW-Authenticate"), STR("Bearer realm=\"chatelaine\", error=\"insufficient_scope\"")}};
    const struct problem problem = {.status = 403,
                                    .code = STR("permission-missing"),
                                    .sentence =
                                        STR("The visitor is verified, but lacks the permission asked for.")};
    answer_problem_with(exchange, &problem, headers, 1);
}

static void answer_authorized(struct exchange *exchange, const struct verified *verified) {
    const struct http_header headers[] = {
        {STR("Cache-Control"), STR("no-store")},
        {STR("X-Chatelaine-Sub"), header_text(exchange, verified->identity.subject)},
        {STR("X-Chatelaine-Identity"), verified->header},
    };
    if (headers[1].value.len + headers[2].value.len > IDENTITY_HEADERS_MAX) {
        answer_identity_too_large(exchange);
        return;
    }
    exchange_answer(exchange, &(struct http_response){.status = 200, .headers = headers, .header_count = 3});
}

static void answer_authorize(struct exchange *exchange, const struct demand *demand,
                             const struct verdict *verdict) {
    bool is_anonymous =
        demand->admits_anonymous && str_is_empty(demand->token) && str_is_empty(demand->permission);
    if (verdict->status == DENIED && is_anonymous)
        answer_anonymous(exchange);
    else if (verdict->status == DENIED)
        answer_unauthorized(exchange, &verdict->failure);
    else if (verdict->status != OK)
        answer_unavailable(exchange);
    else if (!str_is_empty(demand->permission) &&
             !identity_has_permission(&verdict->verified->identity, demand->permission))
        answer_forbidden(exchange);
    else
        answer_authorized(exchange, verdict->verified);
}

static void authorize_in_fiber(struct exchange *exchange) {
    struct client client;
    struct demand demand;
    if (client_server_wait(exchange, false, &client) != OK)
        return;
    if (demand_read(exchange, &demand) == OK && admit_token(exchange, &client, demand.token)) {
        struct verdict verdict = verify_wait(exchange, &client, demand.token);
        if (verdict.status != CANCELED)
            answer_authorize(exchange, &demand, &verdict);
        count_verdict(exchange, &client, &verdict);
        verified_unref(verdict.verified);
    }
    environment_unref(client.environment);
}

void route_authorize(struct exchange *exchange) {
    struct client client;
    struct demand demand;
    enum status status = client_server_try(exchange, false, &client);
    if (status == OK &&
        (demand_read(exchange, &demand) != OK || !admit_token(exchange, &client, demand.token)))
        return;
    if (status == OK) {
        struct verdict verdict = verify_now(exchange, &client, demand.token);
        status = verdict.status;
        if (status != UNAVAILABLE)
            answer_authorize(exchange, &demand, &verdict);
        count_verdict(exchange, &client, &verdict);
    }
    if (status == UNAVAILABLE)
        route_start_fiber(exchange, authorize_in_fiber);
}

/* ---- POST /v1/verify ---- */

static void append_permissions(struct buffer *text, const struct identity *identity) {
    buffer_append(text, STR(",\"permissions\":["));
    for (size_t i = 0; i < identity->permission_count; i++) {
        if (i > 0)
            buffer_append_byte(text, ',');
        json_append_str(text, identity->permissions[i]);
    }
    buffer_append_byte(text, ']');
}

/* Put together around the identity's own text, which was made when it was verified. */
static void answer_verified(struct exchange *exchange, const struct verified *verified) {
    const struct identity *identity = &verified->identity;
    AUTO_BUFFER text = BUFFER_EMPTY;
    buffer_reserve(&text, 512 + identity_user_json(identity).len);
    buffer_append(&text, STR("{\"verified\":true,\"identity\":"));
    buffer_append(&text, identity_user_json(identity));
    append_permissions(&text, identity);
    buffer_append(&text, STR(",\"issuer\":"));
    json_append_str(&text, verified->issuer);
    buffer_print(&text, ",\"expiresAt\":%lld,\"tokenId\":", (long long)identity->expires_at);
    json_append_str(&text, verified->token_id);
    buffer_append_byte(&text, '}');
    answer_json(exchange, 200, buffer_text(&text));
}

/* Who has the secret key is the administrator's side: told what was expected and what came. */
static void answer_refused(struct exchange *exchange, const struct identity_failure *failure) {
    json_auto_t *json = identity_failure_json(failure, true);
    json_object_set_new(json, "verified", json_false());
    answer_json(exchange, 200, json_write(exchange_arena(exchange), json));
}

static void answer_verify(struct exchange *exchange, const struct verdict *verdict, struct str token) {
    if (verdict->status == OK) {
        verified_name_token(verdict->verified, token);
        answer_verified(exchange, verdict->verified);
    } else if (verdict->status == DENIED) {
        answer_refused(exchange, &verdict->failure);
    } else {
        answer_unavailable(exchange);
    }
}

/* {"token": "…"}. INVALID has been answered. */
static enum status read_token(struct exchange *exchange, struct str body, struct str *token) {
    struct arena *arena = exchange_arena(exchange);
    const struct json_item *json;
    const struct json_item *member = NULL;
    *token = STR_NONE;
    if (json_item_read(body, JSON_DEPTH_TOKEN, arena, &json, NULL) == OK &&
        json_item_is(json, JSON_IS_OBJECT)) {
        member = json_item_member(json, STR("token"));
        if (member == NULL || json_item_is(member, JSON_IS_NULL))
            return OK; /* missing-token: a verdict, not a fault of the request */
        *token = arena_copy(arena, json_item_str(member));
    }
    if (json_item_is(member, JSON_IS_STRING))
        return OK;
    const struct problem problem = {.status = 400,
                                    .code = STR("malformed-body"),
                                    .sentence = STR("The body is a JSON object: {\"token\": \"…\"}.")};
    answer_problem(exchange, &problem);
    return INVALID;
}

static void verify_in_fiber(struct exchange *exchange) {
    struct client client;
    struct str body;
    struct str token;
    if (client_server_wait(exchange, true, &client) != OK)
        return;
    if (exchange_read_body_wait(exchange, BODY_MAX, &body) == OK &&
        read_token(exchange, body, &token) == OK) {
        struct verdict verdict = verify_wait(exchange, &client, token);
        if (verdict.status != CANCELED)
            answer_verify(exchange, &verdict, token);
        verified_unref(verdict.verified);
    }
    environment_unref(client.environment);
}

void route_verify(struct exchange *exchange) {
    struct client client;
    struct str body;
    struct str token;
    enum status status = client_server_try(exchange, true, &client);
    if (status == OK)
        status = exchange_body_at_once(exchange, BODY_MAX, &body);
    if (status == OK && read_token(exchange, body, &token) == OK) {
        struct verdict verdict = verify_now(exchange, &client, token);
        status = verdict.status;
        if (status != UNAVAILABLE)
            answer_verify(exchange, &verdict, token);
    }
    if (status == UNAVAILABLE || status == TOO_LARGE)
        route_start_fiber(exchange, verify_in_fiber); /* it answers 413, too */
}
