/* SPDX-License-Identifier: Apache-2.0 */
#include "server/demand.h"

#include "server/answer.h"
#include "server/client.h"

static enum status refuse(struct exchange *exchange, struct str code, struct str sentence) {
    const struct problem problem = {.status = 400, .code = code, .sentence = sentence};
    answer_problem(exchange, &problem);
    return INVALID;
}

/* ---- the front's settings ---- */

static enum status set_once(struct str *place, struct str value) {
    if (!str_is_empty(*place) || str_is_empty(value))
        return INVALID;
    *place = value;
    return OK;
}

static enum status take_parameter(struct exchange *exchange, struct str piece, struct demand *demand) {
    struct str rest = piece;
    struct str name;
    struct str value;
    if (!str_cut(&rest, '=', &name) || rest.at == NULL)
        return INVALID;
    TRY(http_percent_decode(exchange_arena(exchange), rest, true, &value));
    if (str_equal(name, STR("permission")))
        return set_once(&demand->permission, value);
    if (str_equal(name, STR("cookie")))
        return set_once(&demand->cookie, value);
    if (!str_equal(name, STR("anonymous")))
        return INVALID;
    TRY(set_once(&demand->anonymous, value));
    demand->admits_anonymous = str_equal(value, STR("allow"));
    return demand->admits_anonymous || str_equal(value, STR("refuse")) ? OK : INVALID;
}

/* Behind /v1/ext-authz stands the client's own path, with the client's own query: what the front wants is in
 * a header then. It must be there, so that a front which forgot it takes none of its clients'. */
static enum status find_settings(const struct http_request *request, struct str *settings) {
    static const struct str header = STR_STATIC("Chatelaine-Authorize");
    *settings = request->query;
    if (str_equal(request->path, STR("/v1/authorize")))
        return OK;
    *settings = STR_NONE;
    for (size_t i = 0; i < request->header_count; i++) {
        if (str_equal_ignore_case(request->headers[i].name, header))
            TRY(set_once(settings, request->headers[i].value));
    }
    return str_is_empty(*settings) ? INVALID : OK;
}

static enum status read_settings(struct exchange *exchange, struct demand *demand) {
    struct str rest;
    struct str piece;
    TRY(find_settings(exchange_request(exchange), &rest));
    if (str_is_empty(rest))
        return OK;
    while (str_cut(&rest, '&', &piece))
        TRY(take_parameter(exchange, piece, demand));
    return OK;
}

/* ---- the cookie (RFC 6265 section 4.2) ---- */

static enum status take_cookie(struct str header, struct str name, struct str *token) {
    struct str piece;
    while (str_cut(&header, ';', &piece)) {
        struct str value = str_trim(piece);
        struct str own;
        if (str_cut(&value, '=', &own) && value.at != NULL && str_equal(own, name)) {
            if (token->at != NULL)
                return INVALID;
            *token = value;
        }
    }
    return OK;
}

static enum status read_cookie(const struct http_request *request, struct str name, struct str *token) {
    for (size_t i = 0; i < request->header_count; i++) {
        if (str_equal_ignore_case(request->headers[i].name, STR("cookie")))
            TRY(take_cookie(request->headers[i].value, name, token));
    }
    return OK;
}

enum status demand_read(struct exchange *exchange, struct demand *demand) {
    const struct http_request *request = exchange_request(exchange);
    *demand = (struct demand){.token = client_bearer(request)};
    if (read_settings(exchange, demand) != OK)
        return refuse(
            exchange, STR("malformed-query"),
            STR("/v1/authorize takes ?permission=, &cookie= and &anonymous=allow, each once and with "
                "a value, and nothing else; /v1/ext-authz/ takes the same in the header "
                "Chatelaine-Authorize, which must be there (anonymous=refuse, for one)."));
    if (str_is_empty(demand->token) && !str_is_empty(demand->cookie) &&
        read_cookie(request, demand->cookie, &demand->token) != OK)
        return refuse(exchange, STR("cookie-ambiguous"),
                      STR("The cookie that holds the token came twice. Sign in again, in one place."));
    return OK;
}
