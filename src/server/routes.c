/* SPDX-License-Identifier: Apache-2.0 */
/* Every address that the server answers at, in one table. */
#include "server/routes.h"

#include "server/answer.h"
#include "server/client.h"
#include "server/limits.h"

enum {
    GET = 1 << HTTP_GET,
    POST = 1 << HTTP_POST,
    HEAD = 1 << HTTP_HEAD,
    ANY = (1 << (HTTP_OPTIONS + 1)) - 1
};

/* Who may call it from a browser: nobody's page; pages of the environment's origins; any page (it holds
 * nothing of anybody's). */
enum audience { SERVERS, PAGES, EVERYONE };

/* What its requests are counted by: where they come from, or, by client_server_try, the secret key that they
 * show. */
enum counted { BY_ADDRESS, BY_KEY };

static const struct route {
    const char *pattern; /* {id} stands for one segment, {rest} for all that follows */
    unsigned methods;
    enum audience audience;
    enum counted counted;
    void (*handle)(struct exchange *exchange);
} routes[] = {
    {"/v1/authorize", GET | POST | HEAD, SERVERS, BY_KEY, route_authorize},
    {"/v1/ext-authz/{rest}", ANY, SERVERS, BY_KEY, route_authorize}, /* OPTIONS, too: the client's */
    {"/v1/verify", POST, SERVERS, BY_KEY, route_verify},
    {"/v1/session", GET, PAGES, BY_ADDRESS, route_session},
    {"/v1/chat", POST, PAGES, BY_ADDRESS, route_chat},
    {"/sdk/config", GET | HEAD, PAGES, BY_ADDRESS, route_sdk_config},
    {"/v1/conversations", GET | HEAD, PAGES, BY_ADDRESS, route_conversations},
    {"/v1/conversations/{id}/messages", GET | HEAD, PAGES, BY_ADDRESS, route_conversation_messages},
    {"/healthz", GET | HEAD, SERVERS, BY_ADDRESS, route_healthz},
    {"/readyz", GET | HEAD, SERVERS, BY_ADDRESS, route_readyz},
    {"/metrics", GET | HEAD, SERVERS, BY_ADDRESS, route_metrics},
};

/* One segment after the other, {id} for any that is not empty, {rest} for as many as there are. */
static bool matches(struct str pattern, struct str path, struct str *parameter) {
    struct str wanted;
    struct str piece;
    while (str_cut(&pattern, '/', &wanted)) {
        if (str_equal(wanted, STR("{rest}")))
            return path.at != NULL;
        if (!str_cut(&path, '/', &piece))
            return false;
        bool is_parameter = str_equal(wanted, STR("{id}"));
        if (is_parameter ? str_is_empty(piece) : !str_equal(wanted, piece))
            return false;
        if (is_parameter)
            *parameter = piece;
    }
    return path.at == NULL;
}

struct str route_parameter(const struct exchange *exchange, struct str pattern) {
    struct str parameter = STR_NONE;
    if (!matches(pattern, exchange_request(exchange)->path, &parameter))
        return STR_NONE;
    return parameter;
}

static const struct route *find(struct str path) {
    struct str parameter;
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (matches(str_from(routes[i].pattern), path, &parameter))
            return &routes[i];
    }
    return NULL;
}

/* "GET, HEAD, OPTIONS" */
static struct str allow_of(struct exchange *exchange, const struct route *route) {
    struct str allow = STR("OPTIONS");
    for (int method = 0; method <= HTTP_OPTIONS; method++) {
        if ((route->methods & (1U << method)) != 0)
            allow = arena_print(exchange_arena(exchange), "%s, %.*s",
                                http_method_name((enum http_method)method), STR_ARG(allow));
    }
    return allow;
}

static void refuse_method(struct exchange *exchange, const struct route *route) {
    const struct http_header headers[] = {{STR("Allow"), allow_of(exchange, route)}};
    const struct problem problem = {.status = 405,
                                    .code = STR("method-not-allowed"),
                                    .sentence = STR("This address does not take that method.")};
    answer_problem_with(exchange, &problem, headers, 1);
}

/* CORS (Fetch standard, section 3.2): a preflight names neither key nor environment unless the URL does, so
 * it is answered by what the route allows at all; the request that follows is held against the environment's
 * origins. */
static void answer_options(struct exchange *exchange, const struct route *route) {
    struct str allow = allow_of(exchange, route);
    struct str origin = http_header(exchange_request(exchange), HTTP_ORIGIN);
    if (route->audience == SERVERS || str_is_empty(origin)) {
        const struct http_header headers[] = {{STR("Allow"), allow}};
        exchange_answer(exchange,
                        &(struct http_response){.status = 204, .headers = headers, .header_count = 1});
        return;
    }
    const struct http_header headers[] = {
        {STR("Access-Control-Allow-Origin"), origin},
        {STR("Access-Control-Allow-Methods"), allow},
        {STR("Access-Control-Allow-Headers"),
         STR("Authorization, Content-Type, Chatelaine-Product, Chatelaine-Key")},
        {STR("Access-Control-Max-Age"), STR("600")},
        {STR("Vary"), STR("Origin, Access-Control-Request-Method, Access-Control-Request-Headers")},
    };
    exchange_answer(exchange, &(struct http_response){.status = 204, .headers = headers, .header_count = 5});
}

void route_start_fiber(struct exchange *exchange, void (*run)(struct exchange *exchange)) {
    if (fiber_has_room())
        exchange_start_fiber(exchange, run);
    else
        answer_unavailable(exchange);
}

void routes_handle_metrics(struct exchange *exchange) {
    const struct http_request *request = exchange_request(exchange);
    const struct route *route = find(request->path);
    bool is_answered_here =
        route != NULL &&
        (route->handle == route_metrics || route->handle == route_healthz || route->handle == route_readyz);
    if (!is_answered_here)
        answer_not_found(exchange);
    else if ((route->methods & (1U << request->method)) == 0)
        refuse_method(exchange, route);
    else if (route->handle == route_metrics)
        route_private_metrics(exchange);
    else
        route->handle(exchange);
}

void routes_handle(struct exchange *exchange) {
    const struct http_request *request = exchange_request(exchange);
    const struct route *route = find(request->path);
    bool is_served = route != NULL && (route->methods & (1U << request->method)) != 0;
    if (!(is_served && route->counted == BY_KEY) && !limits_admit(exchange))
        return;
    if (route == NULL && route_is_admin(request->path))
        route_admin(exchange);
    else if (route == NULL)
        route_asset(exchange);
    else if (request->method == HTTP_OPTIONS && !is_served)
        answer_options(exchange, route);
    else if (!is_served)
        refuse_method(exchange, route);
    else
        route->handle(exchange);
}
