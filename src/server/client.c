/* SPDX-License-Identifier: Apache-2.0 */
#include "server/client.h"

#include "server/limits.h"

struct str client_bearer(const struct http_request *request) {
    struct str value = http_header(request, HTTP_AUTHORIZATION);
    struct str scheme = str_slice(value, 0, 7);
    if (!str_equal_ignore_case(scheme, STR("Bearer ")))
        return STR_NONE;
    return str_trim(str_from_index(value, 7));
}

/* ---- saying no ---- */

static void refuse(struct exchange *exchange, unsigned status, struct str code, struct str sentence) {
    const struct problem problem = {.status = status, .code = code, .sentence = sentence};
    answer_problem(exchange, &problem);
}

static void refuse_missing_key(struct exchange *exchange) {
    refuse(exchange, 401, STR("key-missing"),
           STR("Name the environment by its key, in the header Chatelaine-Key (or, for a WebSocket, as `key` "
               "in the "
               "address). Server to server: Authorization: Bearer sk_…"));
}

static void refuse_unknown_key(struct exchange *exchange) {
    refuse(exchange, 401, STR("key-unknown"),
           STR("There is no such key, or it was revoked. Compare it with the keys of the environment."));
}

/* Of two, one may be the front's and the other its client's, who would choose the environment and with it
 * whose tokens are taken. */
static bool names_several_keys(const struct http_request *request) {
    size_t count = 0;
    for (size_t i = 0; i < request->header_count; i++)
        count += str_equal_ignore_case(request->headers[i].name, STR("Chatelaine-Key"));
    return count > 1;
}

static void refuse_several_keys(struct exchange *exchange) {
    refuse(exchange, 400, STR("key-ambiguous"),
           STR("Chatelaine-Key came twice. A front sets it in the place of what its client sends."));
}

/* ---- which environment ---- */

/* A header, or else a query parameter of the name. */
static struct str header_or_query(struct exchange *exchange, struct str header, struct str parameter) {
    const struct http_request *request = exchange_request(exchange);
    struct str value = http_header_get(request, header);
    if (!str_is_empty(value) || str_is_empty(request->query))
        return value;
    enum status status = http_query_get(exchange_arena(exchange), request->query, parameter, &value);
    return status == OK ? value : STR_NONE;
}

static bool is_publishable(struct str key) {
    return str_starts_with(key, STR("pk_"));
}

static bool is_secret_key(struct str key) {
    return str_starts_with(key, STR("sk_"));
}

/* The key that the request names, of the wanted kind; empty: none, and that has been answered. */
static struct str page_key(struct exchange *exchange) {
    struct str key = header_or_query(exchange, STR("Chatelaine-Key"), STR("key"));
    if (names_several_keys(exchange_request(exchange))) {
        refuse_several_keys(exchange);
        key = STR_NONE;
    } else if (str_is_empty(key)) {
        refuse_missing_key(exchange);
    } else if (is_secret_key(key)) {
        refuse(exchange, 403, STR("key-not-publishable"),
               STR("A page uses the publishable key (pk_…). A secret key must never be in a page: revoke it "
                   "if it was."));
        key = STR_NONE;
    }
    return key;
}

static struct str named_key(const struct http_request *request, bool is_secret) {
    return is_secret ? client_bearer(request) : http_header_get(request, STR("Chatelaine-Key"));
}

static struct str server_key(struct exchange *exchange, bool is_secret) {
    struct str key = named_key(exchange_request(exchange), is_secret);
    if (!is_secret && names_several_keys(exchange_request(exchange))) {
        refuse_several_keys(exchange);
        key = STR_NONE;
    } else if (str_is_empty(key)) {
        refuse_missing_key(exchange);
    } else if (is_secret && is_publishable(key)) {
        refuse(exchange, 403, STR("key-not-secret"),
               STR("This address takes a secret key (sk_…), server to server. A publishable key proves "
                   "nothing."));
        key = STR_NONE;
    }
    return key;
}

/* ---- whether this page may ask ---- */

static bool admits_product(struct exchange *exchange, const struct environment *environment) {
    struct str product = header_or_query(exchange, STR("Chatelaine-Product"), STR("product"));
    if (str_is_empty(product) || str_equal(product, environment->product_id) ||
        str_equal(product, environment->product_name))
        return true;
    refuse(exchange, 403, STR("product-mismatch"),
           STR("The key belongs to another product than the one that is named. Take both from the same "
               "environment."));
    return false;
}

static bool admits_origin(struct exchange *exchange, struct client *client) {
    const struct http_request *request = exchange_request(exchange);
    struct str origin = http_header(request, HTTP_ORIGIN);
    if (str_is_empty(origin))
        return true;
    if (environment_allows_origin(&client->environment->config, origin)) {
        client->origin = origin;
        return true;
    }
    refuse(exchange, 403, STR("origin-not-allowed"),
           STR("This page's origin is not among the environment's. Add it to `origins` in its settings."));
    return false;
}

static enum status settle(struct exchange *exchange, struct client *client, enum status status) {
    client->is_trusted = status == OK && is_secret_key(client->key);
    if (status == OK && !limits_admit_environment(exchange, client->environment))
        return DENIED;
    if (status == NOT_FOUND) {
        limits_count_wrong_guess(exchange);
        refuse_unknown_key(exchange);
    } else if (status != OK && status != UNAVAILABLE && status != CANCELED) {
        answer_unavailable(exchange);
    }
    return status;
}

static enum status admit(struct exchange *exchange, struct client *client) {
    return admits_product(exchange, client->environment) && admits_origin(exchange, client) ? OK : DENIED;
}

static enum status peek(struct exchange *exchange, struct client *client) {
    if (str_is_empty(client->key))
        return DENIED;
    enum status status =
        environment_peek(front_of(exchange)->environments, client->key, &client->environment);
    return settle(exchange, client, status);
}

/* A key that is not at hand may be made up: from where too many were, the store is not asked. */
static bool may_look_up(struct exchange *exchange, const struct client *client) {
    struct environment *at_hand = NULL;
    return environment_peek(front_of(exchange)->environments, client->key, &at_hand) != UNAVAILABLE ||
           limits_admit_guess(exchange);
}

static enum status find(struct exchange *exchange, struct client *client) {
    if (str_is_empty(client->key) || !may_look_up(exchange, client))
        return DENIED;
    enum status status =
        environment_find_wait(front_of(exchange)->environments, client->key, &client->environment);
    if (status == UNAVAILABLE)
        answer_unavailable(exchange);
    bool was_found = status == OK;
    status = settle(exchange, client, status);
    if (was_found && status != OK)
        environment_unref(client->environment);
    return status;
}

enum status client_try(struct exchange *exchange, struct client *client) {
    *client = (struct client){.key = page_key(exchange)};
    TRY(peek(exchange, client));
    return admit(exchange, client);
}

enum status client_wait(struct exchange *exchange, struct client *client) {
    *client = (struct client){.key = page_key(exchange)};
    TRY(find(exchange, client));
    enum status status = admit(exchange, client);
    if (status != OK)
        environment_unref(client->environment);
    return status;
}

enum status client_server_try(struct exchange *exchange, bool is_secret, struct client *client) {
    *client = (struct client){.key = STR_NONE};
    struct environment_cache *environments = front_of(exchange)->environments;
    struct str key = named_key(exchange_request(exchange), is_secret);
    /* Who shows a secret key is counted by its environment alone: a front that asks for all of a site's
     * visitors has one address. One that this thread has yet to look up may be made up: it is a guess. */
    enum status known =
        is_secret_key(key) ? environment_peek(environments, key, &client->environment) : INVALID;
    bool is_trusted = known == OK;
    bool is_admitted =
        is_trusted || (known == UNAVAILABLE ? limits_admit_guess(exchange) : limits_admit(exchange));
    if (!is_admitted)
        return DENIED;
    client->key = server_key(exchange, is_secret);
    return is_trusted && !str_is_empty(client->key) ? settle(exchange, client, OK) : peek(exchange, client);
}

enum status client_server_wait(struct exchange *exchange, bool is_secret, struct client *client) {
    *client = (struct client){.key = server_key(exchange, is_secret)};
    return find(exchange, client);
}
