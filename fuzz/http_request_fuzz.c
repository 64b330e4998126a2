/* SPDX-License-Identifier: Apache-2.0 */
/* A request's head. What is accepted must keep the promises that handlers build on. */
#include "http/request.h"
#include "http/syntax.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
    if (!holds)
        abort();
}

static void check_path(struct str path) {
    check(path.len > 0 && (path.at[0] == '/' || str_equal(path, STR("*"))));
    check(str_is_utf8(path) && str_find_byte(path, '\0') == STR_NOT_FOUND);
    struct str segment;
    while (str_cut(&path, '/', &segment))
        check(!str_equal(segment, STR(".")) && !str_equal(segment, STR("..")));
}

static void check_request(const struct http_request *request, const struct request_framing *framing) {
    check(request->minor_version <= 1 && request->header_count <= HTTP_MAX_HEADERS);
    check_path(request->path);
    check(target_host_is_valid(request->host));
    check(!(framing->is_chunked && request->known[HTTP_CONTENT_LENGTH] != 0));
    check(request->has_body == (framing->is_chunked || request->content_length > 0));
    for (size_t i = 0; i < request->header_count; i++) {
        check(syntax_is_token(request->headers[i].name));
        for (size_t k = 0; k < request->headers[i].value.len; k++) {
            char c = request->headers[i].value.at[k];
            check(c != '\r' && c != '\n' && c != '\0');
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *copy = malloc(size + 1); /* of just this size, so that a byte too far is seen */
    if (copy == NULL)
        return 0;
    if (size > 0)
        memcpy(copy, data, size);
    struct str bytes = {copy, size};

    /* Found in pieces or at once, it must be the same head. */
    size_t scanned = 0;
    size_t len = 0;
    enum head_scan scan = request_scan(bytes, &scanned, &len);
    size_t scanned_again = 0;
    size_t len_again = 0;
    enum head_scan again = request_scan(str_slice(bytes, 0, size / 2), &scanned_again, &len_again);
    if (again == HEAD_INCOMPLETE)
        again = request_scan(bytes, &scanned_again, &len_again);
    check(scan == again && len == len_again);

    if (scan == HEAD_COMPLETE) {
        static struct http_request request;
        struct request_framing framing;
        struct arena *arena = NULL;
        unsigned refusal =
            request_parse(str_slice(bytes, 0, len), HTTP_MAX_HEADERS, &arena, &request, &framing);
        check(refusal == 0 || (refusal >= 400 && refusal <= 505));
        if (refusal == 0) {
            check_request(&request, &framing);
            struct str value;
            AUTO_ARENA scratch = arena_new();
            (void)!http_query_get(scratch, request.query, STR("a"), &value);
        }
        arena_free(arena);
    }
    free(copy);
    return 0;
}
