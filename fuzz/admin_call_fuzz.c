/* SPDX-License-Identifier: Apache-2.0 */
/* What the admin API reads of a request before any handler has a word: method and path, cursors, times,
 * bodies and their members; and the differences between two documents. Lines: method, path, cursor, time,
 * content type; the rest is the body. */
#include "admin_api/page.h"
#include "admin_api/routes.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition) {
    if (!condition)
        abort();
}

static struct str next_line(struct str *rest) {
    struct str line = STR_NONE;
    return str_cut(rest, '\n', &line) ? line : STR("");
}

/* A path that is found says what its parameters were: put in their places, they give it again. */
static void check_route(struct arena *arena, struct str method, struct str path) {
    const struct route *route = NULL;
    struct admin_pair parameters[CALL_PARAMETERS_MAX];
    size_t count = 0;
    struct str allow;
    enum status status = routes_find(arena, method, path, &route, parameters, &count, &allow);
    require(status == OK || status == NOT_FOUND || status == DENIED);
    require((status == DENIED) == !str_is_empty(allow) || status == OK);
    if (status != OK)
        return;
    AUTO_BUFFER again = BUFFER_EMPTY;
    struct str pattern = str_from(route->pattern);
    struct str piece;
    size_t at = 0;
    for (bool is_first = true; str_cut(&pattern, '/', &piece); is_first = false) {
        if (!is_first)
            buffer_append_byte(&again, '/');
        bool is_parameter = str_starts_with(piece, STR("{"));
        require(!is_parameter || (at < count && !str_is_empty(parameters[at].value)));
        buffer_append(&again, is_parameter ? parameters[at++].value : piece);
    }
    require(at == count && str_equal(buffer_text(&again), path));
}

/* What is taken for a cursor is one that this list gives. */
static void check_cursor(struct arena *arena, struct str list, struct str cursor) {
    struct str place;
    if (page_cursor_read(arena, list, cursor, &place) != OK)
        return;
    require(!str_is_empty(place) && str_is_utf8(place));
    require(str_equal(page_cursor_write(arena, list, place), cursor));
}

static void check_time(struct arena *arena, struct str text) {
    int64_t ms;
    int64_t again;
    if (time_read(text, &ms) != OK || ms < 0)
        return;
    require(time_read(time_text(arena, ms), &again) == OK && again == ms);
}

/* It is read, or answered with a problem document that says where. */
static void check_body(struct arena *arena, struct str content_type, struct str body) {
    static const struct member members[] = {
        {"name", MEMBER_STRING, true, false, 64},    {"list", MEMBER_ARRAY, false, true, 3},
        {"number", MEMBER_INTEGER, false, false, 0}, {"truth", MEMBER_BOOLEAN, false, false, 0},
        {"object", MEMBER_OBJECT, false, false, 0},  {"before", MEMBER_ANY, false, false, 0},
        {"after", MEMBER_ANY, false, false, 0},      {0}};
    const struct admin_request request = {.content_type = content_type, .body = body};
    struct admin_response response = {0};
    struct call call = {.request = &request, .response = &response, .arena = arena};
    if (call_read_body(&call, members)) {
        require(response.status == 0 && json_is_object(call.body));
        require(json_get_str(call.body, "name").len <= 64);
    } else {
        json_auto_t *problem = NULL;
        require(response.status >= 400 && response.status < 500);
        require(json_read(response.body, JSON_DEPTH_DOCUMENT, &problem, NULL) == OK);
        require(json_get_int(problem, "status", 0) == response.status);
    }
}

/* There are differences exactly where the two are not the same. */
static void check_differences(struct arena *arena, struct str body) {
    json_t *document = NULL;
    (void)arena;
    if (json_read(body, JSON_DEPTH_DOCUMENT, &document, NULL) != OK)
        return;
    const json_t *before = json_object_get(document, "before");
    const json_t *after = json_object_get(document, "after");
    if (before != NULL && after != NULL) {
        json_t *changes = json_array();
        admin_diff(changes, STR("x"), STR(""), before, after);
        require((json_array_size(changes) == 0) == (json_equal(before, after) == 1));
        json_decref(changes);
    }
    json_decref(document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO_ARENA arena = arena_new();
    struct str rest = str_of(data, size);
    struct str method = next_line(&rest);
    struct str path = next_line(&rest);
    struct str cursor = next_line(&rest);
    struct str time = next_line(&rest);
    struct str content_type = next_line(&rest);
    check_route(arena, method, path);
    check_cursor(arena, path, cursor);
    check_time(arena, time);
    check_body(arena, content_type, rest.at == NULL ? STR("") : rest);
    check_differences(arena, rest.at == NULL ? STR("") : rest);
    return 0;
}
