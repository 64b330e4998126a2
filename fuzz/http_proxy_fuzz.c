/* SPDX-License-Identifier: Apache-2.0 */
/* What proxies say: PROXY headers, and Forwarded and X-Forwarded-For in a request. */
#include "base/buffer.h"
#include "http/address.h"
#include "http/request.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
    if (!holds)
        abort();
}

static void read_proxy_header(struct str bytes) {
    struct http_address address = {.ip = {[15] = 1}};
    size_t len = 0;
    enum status status = proxy_header_parse(bytes, &len, &address);
    if (status == OK) {
        check(len > 0 && len <= bytes.len && !address_is_unspecified(&address));
        /* Cut short, it is never taken for whole, nor for broken. */
        struct http_address ignored;
        size_t ignored_len;
        check(proxy_header_parse(str_slice(bytes, 0, len - 1), &ignored_len, &ignored) == UNAVAILABLE);
    }
}

static void read_forwarded(struct str value, const char *name, bool by_rfc7239) {
    static struct http_request request;
    struct request_framing framing;
    struct arena *arena = NULL;
    struct networks trusted;
    AUTO_BUFFER head = BUFFER_EMPTY;
    buffer_print(&head, "GET / HTTP/1.1\r\nHost: a\r\n%s: %.*s\r\n\r\n", name, STR_ARG(value));
    if (request_parse(buffer_text(&head), HTTP_MAX_HEADERS, &arena, &request, &framing) == 0) {
        request.peer = (struct http_address){.ip = {[10] = 0xFF, [11] = 0xFF, 10, 0, 0, 1}};
        check(networks_parse(STR("10.0.0.0/8"), &trusted) == OK);
        forwarded_apply(&trusted, by_rfc7239, &request);
        check(!address_is_unspecified(&request.peer));
        networks_free(&trusted);
    }
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *copy = malloc(size + 1);
    if (copy == NULL)
        return 0;
    if (size > 0)
        memcpy(copy, data, size);
    struct str bytes = {copy, size};
    read_proxy_header(bytes);
    if (memchr(data, 0, size) == NULL && size < 4096) {
        read_forwarded(bytes, "Forwarded", true);
        read_forwarded(bytes, "X-Forwarded-For", false);
    }
    struct networks networks;
    if (networks_parse(bytes, &networks) == OK)
        networks_free(&networks);
    free(copy);
    return 0;
}
