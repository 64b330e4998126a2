/* SPDX-License-Identifier: Apache-2.0 */
#include "recorder.h"

#include "base/encode.h"

#include <stdio.h>

enum { BODY_MAX = 1024 * 1024 };

/* One line of standard output: "begin PORT METHOD TARGET HOST FRONT-ID" when a head was read, "end PORT BODY"
 * when its body was, all from outside in hexadecimal ("-" for nothing). The port is the peer's. */
static void print(struct exchange *exchange, const char *what, const struct str *texts, size_t count) {
    struct arena *arena = exchange_arena(exchange);
    printf("%s %u", what, exchange_request(exchange)->peer.port);
    for (size_t i = 0; i < count; i++) {
        struct str hex = hex_encode(arena, texts[i]);
        printf(" %.*s", STR_ARG(hex.len == 0 ? STR("-") : hex));
    }
    putchar('\n');
    fflush(stdout);
}

static void record(struct exchange *exchange) {
    const struct http_request *request = exchange_request(exchange);
    const struct str head[] = {str_from(http_method_name(request->method)), request->target, request->host,
                               http_header_get(request, STR("x-front-id"))};
    print(exchange, "begin", head, 4);
    struct str body;
    if (exchange_read_body_wait(exchange, BODY_MAX, &body) != OK)
        return;
    print(exchange, "end", &body, 1);
    exchange_answer(exchange, &(struct http_response){.status = 200, .body = request->target});
}

void recorder_handle(struct exchange *exchange) {
    exchange_start_fiber(exchange, record);
}
