/* SPDX-License-Identifier: Apache-2.0 */
/* /admin/v1/…: the admin API over HTTP. What it answers is admin_api's; here is only what concerns the wire:
 * the request read, the answer written, and who guesses too often. */
#include "server/answer.h"
#include "server/limits.h"
#include "server/routes.h"

enum { QUERY_MOST = 32, HEADERS_MOST = 16 };

/* ---- the request ---- */

static enum status decode_pair(struct arena *arena, struct str pair, struct admin_pair *decoded) {
    size_t equals = str_find_byte(pair, '=');
    bool has_value = equals != STR_NOT_FOUND;
    TRY(http_percent_decode(arena, has_value ? str_slice(pair, 0, equals) : pair, true, &decoded->name));
    return http_percent_decode(arena, has_value ? str_from_index(pair, equals + 1) : STR(""), true,
                               &decoded->value);
}

static bool stands_already(const struct admin_request *request, const struct admin_pair *pairs,
                           struct str name) {
    for (size_t i = 0; i < request->query_count; i++) {
        if (str_equal(pairs[i].name, name))
            return true;
    }
    return false;
}

static enum status read_query(struct arena *arena, struct str query, struct admin_request *request) {
    struct admin_pair *pairs = arena_alloc_array(arena, QUERY_MOST, sizeof *pairs);
    struct str pair;
    request->query = pairs;
    while (query.at != NULL && str_cut(&query, '&', &pair)) {
        struct admin_pair decoded;
        if (str_is_empty(pair))
            continue;
        if (request->query_count == QUERY_MOST)
            return TOO_LARGE;
        TRY(decode_pair(arena, pair, &decoded));
        if (stands_already(request, pairs, decoded.name))
            return INVALID; /* which of the two is meant, nobody can say */
        pairs[request->query_count++] = decoded;
    }
    return OK;
}

static void read_headers(struct exchange *exchange, struct admin_request *request) {
    const struct http_request *http = exchange_request(exchange);
    request->content_type = http_header(http, HTTP_CONTENT_TYPE);
    request->if_match = http_header_get(http, STR("If-Match"));
    request->if_none_match = http_header(http, HTTP_IF_NONE_MATCH);
    request->idempotency_key = http_header_get(http, STR("Idempotency-Key"));
    request->authorization = http_header(http, HTTP_AUTHORIZATION);
    request->cookie = http_header(http, HTTP_COOKIE);
    request->csrf = http_header_get(http, STR("Chatelaine-CSRF"));
    request->origin = http_header(http, HTTP_ORIGIN);
    request->host = http->host;
    request->user_agent = http_header(http, HTTP_USER_AGENT);
    request->peer = http_address_text(exchange_arena(exchange), &http->peer);
    request->is_secure = http->is_secure;
}

static void refuse_query(struct exchange *exchange) {
    const struct problem problem = {
        .status = 400,
        .code = STR("query-invalid"),
        .sentence = STR("The query does not read: it is broken, too long, or a name stands in it twice.")};
    answer_problem(exchange, &problem);
}

/* False: it has been answered, or the client has gone. */
static FIBER bool read_request_wait(struct exchange *exchange, struct admin_request *request) {
    const struct http_request *http = exchange_request(exchange);
    bool is_head = http->method == HTTP_HEAD;
    request->method = str_from(http_method_name(is_head ? HTTP_GET : http->method));
    request->path = str_from_index(http->path, sizeof ADMIN_PREFIX - 1);
    read_headers(exchange, request);
    if (read_query(exchange_arena(exchange), http->query, request) != OK) {
        refuse_query(exchange);
        return false;
    }
    return exchange_read_body_wait(exchange, ADMIN_BODY_MAX, &request->body) == OK;
}

/* ---- the answer ---- */

static size_t write_headers(const struct admin_response *response, struct http_header *headers) {
    size_t count = 0;
    if (!str_is_empty(response->content_type))
        headers[count++] = (struct http_header){STR("Content-Type"), response->content_type};
    headers[count++] = (struct http_header){STR("Cache-Control"), STR("no-store")};
    headers[count++] = (struct http_header){STR("X-Content-Type-Options"), STR("nosniff")};
    headers[count++] = (struct http_header){STR("Content-Security-Policy"),
                                            STR("default-src 'none'; frame-ancestors 'none'")};
    headers[count++] = (struct http_header){STR("Cross-Origin-Resource-Policy"), STR("same-origin")};
    headers[count++] = (struct http_header){STR("Referrer-Policy"), STR("no-referrer")};
    if (!str_is_empty(response->etag))
        headers[count++] = (struct http_header){STR("ETag"), response->etag};
    if (!str_is_empty(response->location))
        headers[count++] = (struct http_header){STR("Location"), response->location};
    for (size_t i = 0; i < response->header_count && count < HEADERS_MOST; i++)
        headers[count++] = (struct http_header){response->headers[i].name, response->headers[i].value};
    return count;
}

/* Piece by piece, as fast as the client reads. A piece that cannot be had breaks the connection off, so that
 * nobody takes the half for the whole. */
static FIBER void stream_wait(struct exchange *exchange, const struct admin_response *response,
                              const struct http_response *http) {
    AUTO_ARENA piece_arena = arena_new();
    enum status status = exchange_stream_begin_wait(exchange, http);
    while (status == OK) {
        struct str piece = STR_NONE;
        arena_reset(piece_arena);
        status = response->next_wait(response->context, piece_arena, &piece);
        if (status == OK && !str_is_empty(piece))
            status = exchange_stream_write_wait(exchange, piece);
    }
    if (status == NOT_FOUND)
        exchange_stream_end(exchange);
}

static FIBER void answer_wait(struct exchange *exchange, const struct admin_response *response) {
    struct http_header headers[HEADERS_MOST];
    const struct http_response http = {.status = response->status,
                                       .headers = headers,
                                       .header_count = write_headers(response, headers),
                                       .body = response->body};
    if (response->next_wait != NULL && exchange_request(exchange)->method != HTTP_HEAD)
        stream_wait(exchange, response, &http);
    else
        exchange_answer(exchange, &http);
}

/* ---- guessing ---- */

/* Whatever shows a password, a code or a token that may be a wrong one. */
static bool is_guess(const struct http_request *http, const struct admin_request *request) {
    if (!str_is_empty(request->authorization))
        return true;
    return http->method == HTTP_POST &&
           (str_starts_with(request->path, STR("/session")) || str_equal(request->path, STR("/setup")) ||
            str_starts_with(request->path, STR("/invitation")));
}

static FIBER void serve_wait(struct exchange *exchange) {
    struct front *front = front_of(exchange);
    struct admin_request request = {.method = STR_NONE};
    struct admin_response response = {0};
    struct arena *arena = exchange_arena(exchange);
    arena_wipe_on_free(arena); /* passwords, secrets and tokens pass through it */
    if (!read_request_wait(exchange, &request))
        return;
    if (is_guess(exchange_request(exchange), &request) && !limits_admit_guess(exchange))
        return;
    admin_api_handle_wait(&front->admin_api, &request, arena, &response);
    if (response.is_wrong_guess)
        limits_count_wrong_guess(exchange);
    if (response.status != 0)
        answer_wait(exchange, &response);
}

static void refuse_options(struct exchange *exchange) {
    const struct http_header headers[] = {{STR("Allow"), STR("GET, HEAD, POST, PUT, PATCH, DELETE")}};
    exchange_answer(exchange, &(struct http_response){.status = 204, .headers = headers, .header_count = 1});
}

bool route_is_admin(struct str path) {
    return str_starts_with(path, STR(ADMIN_PREFIX "/"));
}

/* No CORS: no page of another origin has any business here. */
void route_admin(struct exchange *exchange) {
    if (exchange_request(exchange)->method == HTTP_OPTIONS)
        refuse_options(exchange);
    else
        route_start_fiber(exchange, serve_wait);
}
