/* SPDX-License-Identifier: Apache-2.0 */
/* The dashboard: one page for all of its addresses, which its own router tells apart. */
#include "server/answer.h"
#include "server/assets_find.h"
#include "server/routes.h"

bool route_is_dashboard(struct str path) {
    static const struct str first_segments[] = {
        STR_STATIC(""),         STR_STATIC("setup"),      STR_STATIC("sign-in"), STR_STATIC("account"),
        STR_STATIC("admins"),   STR_STATIC("invitation"), STR_STATIC("audit"),   STR_STATIC("settings"),
        STR_STATIC("products"), STR_STATIC("e"),
    };
    struct str rest = str_from_index(path, 1);
    struct str first = str_slice(rest, 0, str_find_byte(rest, '/'));
    if (str_is_empty(first) && rest.len > 0)
        return false;
    for (size_t i = 0; i < sizeof first_segments / sizeof first_segments[0]; i++) {
        if (str_equal(first, first_segments[i]))
            return true;
    }
    return false;
}

/* A Host that may stand in a policy: a name or an address with its port, and nothing that ends a source. */
static bool is_plain_host(struct str host) {
    for (size_t i = 0; i < host.len; i++) {
        char c = host.at[i];
        bool is_fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
        if (!is_fine)
            return false;
    }
    return host.len > 0;
}

/* Browsers differ in whether 'self' lets a page open a WebSocket to its own host: so it is named. */
static struct str policy_for(struct exchange *exchange) {
    const struct http_request *request = exchange_request(exchange);
    struct str socket = STR("");
    if (is_plain_host(request->host))
        socket =
            arena_join(exchange_arena(exchange), 2,
                       (struct str[]){request->is_secure ? STR(" wss://") : STR(" ws://"), request->host});
    return arena_join(
        exchange_arena(exchange), 3,
        (struct str[]){STR("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: "
                           "blob:; font-src 'self'; connect-src 'self'"),
                       socket,
                       STR("; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action "
                           "'self'")});
}

size_t route_dashboard_headers(struct exchange *exchange, struct http_header *headers) {
    size_t count = 0;
    headers[count++] = (struct http_header){STR("Content-Security-Policy"), policy_for(exchange)};
    headers[count++] = (struct http_header){STR("Referrer-Policy"), STR("same-origin")};
    headers[count++] = (struct http_header){STR("Cross-Origin-Opener-Policy"), STR("same-origin")};
    headers[count++] = (struct http_header){STR("Cross-Origin-Resource-Policy"), STR("same-origin")};
    return count;
}
