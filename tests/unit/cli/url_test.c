/* SPDX-License-Identifier: Apache-2.0 */
/* Where a token may go, and how a request's path and query become a URL. */
#include "cli/client_transport.h"

#include "unit/unit.h"

static void test_places(void **state) {
    static const char *const fine[] = {
        "https://chat.example",      "https://chat.example:8443", "https://[::1]",
        "http://localhost",          "http://127.0.0.1:8080",     "http://[::1]:8080",
        "https://chat.example/below"};
    static const char *const bad[] = {"",
                                      "chat.example",
                                      "http://chat.example",
                                      "http://localhost.example",
                                      "http://127.0.0.1.example",
                                      "http://127.0.0.1@chat.example",
                                      "http://localhost:80@chat.example",
                                      "https://user@chat.example",
                                      "https://chat.example?x",
                                      "https://chat.example#x",
                                      "https://chat example",
                                      "https://chat.example\r\nX: y",
                                      "https:///x",
                                      "HTTPS://chat.example",
                                      "file:///etc/passwd"};
    (void)state;
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++)
        assert_null(client_url_problem(str_from(fine[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_non_null(client_url_problem(str_from(bad[i])));
}

static void test_encoding(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    const struct client_request request = {
        .method = "GET",
        .path = CLIENT_PATH(arena, STR("/environments"), STR("env_1"), STR("tools"), STR("a b?ü%")),
        .query = {{"search", STR("x&y=z +")}, {"kind", STR_NONE}, {"cursor", STR("aB-_.~")}}};
    assert_str(
        client_url(arena, STR("https://c"), &request),
        "https://c/admin/v1/environments/env_1/tools/a%20b%3F%C3%BC%25?search=x%26y%3Dz%20%2B&cursor=aB-_.~");
}

/* What a person types as a name stays one piece of the path. */
static void test_pieces(void **state) {
    static const char *const names[] = {"", ".", "..", "a/b", "/", "\xff"};
    (void)state;
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_str(CLIENT_PATH(arena, STR("/products"), str_from(names[i]), STR("x")), "/products/-/x");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_places), cmocka_unit_test(test_encoding),
                                       cmocka_unit_test(test_pieces)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
