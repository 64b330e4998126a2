/* SPDX-License-Identifier: Apache-2.0 */
/* The pure parts: routes, cursors, times. */
#include "admin_api/page.h"
#include "admin_api/routes.h"

#include "../unit.h"
#include "base/encode.h"
#include "base/random.h"

#include <string.h>

static enum status find(struct arena *arena, const char *method, const char *path, const struct route **route,
                        struct admin_pair *parameters, size_t *count, struct str *allow) {
    return routes_find(arena, str_from(method), str_from(path), route, parameters, count, allow);
}

static void routes_are_found_with_their_parameters(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    const struct route *route = NULL;
    struct admin_pair parameters[CALL_PARAMETERS_MAX];
    size_t count = 0;
    struct str allow;
    assert_int_equal(find(arena, "GET", "/products", &route, parameters, &count, &allow), OK);
    assert_ptr_equal(route->handle, product_list);
    assert_int_equal(count, 0);
    assert_int_equal(
        find(arena, "PUT", "/environments/env_1/issuers/a b", &route, parameters, &count, &allow), OK);
    assert_ptr_equal(route->handle, issuer_replace);
    assert_int_equal(count, 2);
    assert_str(parameters[0].name, "environment");
    assert_str(parameters[0].value, "env_1");
    assert_str(parameters[1].name, "name");
    assert_str(parameters[1].value, "a b");
}

static void what_is_no_route_is_none(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    static const char *const none[] = {"",
                                       "/",
                                       "products",
                                       "/products/",
                                       "//products",
                                       "/Products",
                                       "/products//",
                                       "/product",
                                       "/products/a/",
                                       "/openapi.jso",
                                       "/products/a/environments/b/c"};
    const struct route *route = NULL;
    struct admin_pair parameters[CALL_PARAMETERS_MAX];
    size_t count = 0;
    struct str allow;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_int_equal(find(arena, "GET", none[i], &route, parameters, &count, &allow), NOT_FOUND);
    assert_int_equal(find(arena, "PUT", "/products", &route, parameters, &count, &allow), DENIED);
    assert_str(allow, "GET, POST");
    assert_int_equal(find(arena, "get", "/products", &route, parameters, &count, &allow), DENIED);
}

/* A route that another one hides would never be called. */
static void each_route_finds_itself(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < route_count; i++) {
        const struct route *route = NULL;
        struct admin_pair parameters[CALL_PARAMETERS_MAX];
        size_t count = 0;
        struct str allow;
        assert_int_equal(find(arena, routes[i].method, routes[i].pattern, &route, parameters, &count, &allow),
                         OK);
        if (route != &routes[i])
            fail_msg("%s %s is hidden by %s", routes[i].method, routes[i].pattern, route->pattern);
        assert_true(routes[i].handle != NULL);
        if (routes[i].is_idempotent)
            assert_string_equal(routes[i].method, "POST");
        /* What belongs to an environment is nobody's who has no right there. */
        if (strcmp(routes[i].method, "GET") != 0 && strstr(routes[i].pattern, "{environment}") != NULL)
            assert_true(routes[i].right >= FOR_READ);
    }
}

/* The binary's own document and its table say the same. */
static void each_route_is_described(void **state) {
    (void)state;
    json_auto_t *document = NULL;
    assert_int_equal(json_read(admin_api_document(), JSON_DEPTH_DOCUMENT, &document, NULL), OK);
    const json_t *paths = json_object_get(document, "paths");
    for (size_t i = 0; i < route_count; i++) {
        const char *pattern =
            strcmp(routes[i].pattern, "/products/{productName}/environments/{name}/document") == 0
                ? "/products/{product}/environments/{name}/document"
                : routes[i].pattern;
        char method[8] = {0};
        for (size_t k = 0; k < sizeof method - 1 && routes[i].method[k] != '\0'; k++)
            method[k] = (char)(routes[i].method[k] - 'A' + 'a');
        if (json_get_object(json_object_get(paths, pattern), method) == NULL)
            fail_msg("the document does not describe %s %s", routes[i].method, routes[i].pattern);
    }
}

static void each_described_route_is_there(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    json_auto_t *document = NULL;
    assert_int_equal(json_read(admin_api_document(), JSON_DEPTH_DOCUMENT, &document, NULL), OK);
    const json_t *paths = json_object_get(document, "paths");
    struct json_walk path = {0};
    while (json_walk_next(paths, &path)) {
        struct json_walk method = {0};
        while (json_walk_next(path.value, &method)) {
            if (str_equal(method.name, STR("parameters")) || str_equal(method.name, STR("summary")) ||
                str_equal(method.name, STR("description")))
                continue;
            char *upper = arena_terminated(arena, method.name);
            for (char *at = upper; *at != '\0'; at++)
                *at = (char)(*at - 'a' + 'A');
            const struct route *route;
            struct admin_pair parameters[CALL_PARAMETERS_MAX];
            size_t count;
            struct str allow;
            if (routes_find(arena, str_from(upper), path.name, &route, parameters, &count, &allow) != OK)
                fail_msg("there is no %s %.*s, which the document describes", upper, STR_ARG(path.name));
        }
    }
}

static void cursors_come_back(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    static const char *const places[] = {"a", "acme", "1234 sec_0123", "\xc3\xa4", "with/slash and space"};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct str place;
        struct str cursor = page_cursor_write(arena, STR("/products"), str_from(places[i]));
        assert_int_equal(page_cursor_read(arena, STR("/products"), cursor, &place), OK);
        assert_str(place, places[i]);
        assert_int_equal(page_cursor_read(arena, STR("/other"), cursor, &place), INVALID);
    }
}

static void what_is_no_cursor_is_refused(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str place;
    static const char *const none[] = {"", "a", "!", "AAAA", "AAAAAAAAAAAA", "====", "\xff\xfe"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_int_not_equal(page_cursor_read(arena, STR("/products"), str_from(none[i]), &place), OK);
    assert_int_not_equal(page_cursor_read(arena, STR("/products"),
                                          page_cursor_write(arena, STR("/products"), STR("")), &place),
                         OK);
    assert_int_not_equal(page_cursor_read(arena, STR("/products"),
                                          page_cursor_write(arena, STR("/products"), STR("a\0b")), &place),
                         OK);
    assert_int_not_equal(page_cursor_read(arena, STR("/products"),
                                          page_cursor_write(arena, STR("/products"), STR("\xff")), &place),
                         OK);
    char large[3000];
    memset(large, 'A', sizeof large);
    assert_int_equal(page_cursor_read(arena, STR("/products"), str_of(large, sizeof large), &place),
                     TOO_LARGE);
}

static void times_are_read_and_written(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-01-31T09:30:00.000Z", 1769851800000},
        {"2026-01-31T09:30:00.5Z", 1769851800500},
        {"2026-01-31T09:30:00.123456Z", 1769851800123},
        {"2026-01-31t10:30:00+01:00", 1769851800000},
        {"2026-01-31 04:00:00-05:30", 1769851800000},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t ms = -1;
        assert_int_equal(time_read(str_from(good[i].text), &ms), OK);
        assert_int_equal(ms, good[i].ms);
    }
    assert_str(time_text(arena, 1769851800123), "2026-01-31T09:30:00.123Z");
    static const char *const bad[] = {"",
                                      "now",
                                      "2026-01-31",
                                      "2026-01-31T09:30:00",
                                      "2026-02-30T09:30:00Z",
                                      "2026-13-01T09:30:00Z",
                                      "2026-01-31T24:30:00Z",
                                      "2026-01-31T09:30:00.Z",
                                      "2026-01-31T09:30:00Zx",
                                      "2026-01-31T09:30:00+1:00",
                                      "1769-01-31T09:30:00Z",
                                      "2026-01-31T09:30:00+24:00"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t ms;
        assert_int_equal(time_read(str_from(bad[i]), &ms), INVALID);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(routes_are_found_with_their_parameters),
        cmocka_unit_test(what_is_no_route_is_none),
        cmocka_unit_test(each_route_finds_itself),
        cmocka_unit_test(each_route_is_described),
        cmocka_unit_test(each_described_route_is_there),
        cmocka_unit_test(cursors_come_back),
        cmocka_unit_test(what_is_no_cursor_is_refused),
        cmocka_unit_test(times_are_read_and_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
