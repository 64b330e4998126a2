/* SPDX-License-Identifier: Apache-2.0 */
/* Calls in the process itself: rights, versions, repeated requests. */
#include "admin_api/call.h"

#include "../store/fixture.h"

struct stage {
    struct fixture *fixture;
    struct admin_api api;
    struct admin_response response;
    json_t *answer; /* the arena's; NULL: no JSON */
};

static FIBER unsigned call_wait(struct stage *stage, const struct access_principal *principal,
                                struct admin_request request) {
    struct arena *arena = stage->fixture->arena;
    if (!str_is_empty(request.body))
        request.content_type = STR("application/json; charset=utf-8");
    admin_api_handle_as_wait(&stage->api, principal, &request, arena, &stage->response);
    stage->answer = NULL;
    if (!str_is_empty(stage->response.body)) {
        json_t *answer;
        assert_ok(json_read(stage->response.body, JSON_DEPTH_DOCUMENT, &answer, NULL));
        stage->answer = json_keep(arena, answer);
    }
    return stage->response.status;
}

#define CALL(principal, ...)       call_wait(stage, (principal), (struct admin_request){__VA_ARGS__})
#define POST(path_text, body_text) .method = STR("POST"), .path = (path_text), .body = STR(body_text)
#define GET(path_text)             .method = STR("GET"), .path = (path_text)

static struct stage stage_of(struct fixture *fixture) {
    return (struct stage){.fixture = fixture, .api = {.store = fixture->store}};
}

static void assert_problem(const struct stage *stage, const char *code) {
    struct arena *arena = stage->fixture->arena;
    assert_text(stage->response.content_type, STR("application/problem+json"));
    assert_text(json_get_str(stage->answer, "type"), arena_print(arena, "urn:chatelaine:problem:%s", code));
    assert_int_equal(json_get_int(stage->answer, "status", 0), stage->response.status);
    assert_true(json_get_str(stage->answer, "detail").len > 0);
}

static struct str pointer_of(const struct stage *stage) {
    return json_get_str(json_array_get(json_get_array(stage->answer, "errors"), 0), "pointer");
}

/* Two products, and somebody for each role over the first. */
static FIBER struct str product_wait(struct stage *stage, const struct access_principal *owner,
                                     const char *name) {
    struct arena *arena = stage->fixture->arena;
    assert_int_equal(CALL(owner, .method = STR("POST"), .path = STR("/products"),
                          .body = arena_print(arena, "{\"name\":\"%s\"}", name)),
                     201);
    return json_get_str(stage->answer, "id");
}

static void rights_are_held_before_anything_is_done(struct fixture *fixture) {
    struct stage of_test = stage_of(fixture);
    struct stage *stage = &of_test;
    struct arena *arena = fixture->arena;
    const struct access_principal owner = access_command_line(arena, STR("ada"));
    struct str acme = product_wait(stage, &owner, "acme");
    struct str other = product_wait(stage, &owner, "other");
    struct str environments =
        arena_join(arena, 3, (struct str[]){STR("/products/"), acme, STR("/environments")});
    assert_int_equal(CALL(&owner, POST(environments, "{\"name\":\"live\"}")), 201);
    struct str live =
        arena_join(arena, 2, (struct str[]){STR("/environments/"), json_get_str(stage->answer, "id")});
    struct str keys = arena_join(arena, 2, (struct str[]){live, STR("/keys")});
    static const struct {
        enum access_role role;
        unsigned reads, configures, issues, creates;
    } roles[] = {
        {ACCESS_VIEWER, 200, 403, 403, 403},
        {ACCESS_DEVELOPER, 200, 200, 201, 403},
        {ACCESS_ADMIN, 200, 200, 201, 201},
    };
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        const struct access_grant grant = {acme, roles[i].role};
        const struct access_principal who = {
            .kind = ACCESS_ADMINISTRATOR, .actor = STR("admin:adm_1"), .grants = &grant, .grant_count = 1};
        struct str limits = arena_join(arena, 2, (struct str[]){live, STR("/limits")});
        assert_int_equal(CALL(&who, GET(live)), roles[i].reads);
        assert_int_equal(
            CALL(&who, .method = STR("PUT"), .path = limits, .body = STR("{}"), .if_match = STR("*")),
            roles[i].configures);
        if (roles[i].configures == 403)
            assert_problem(stage, "role-insufficient");
        assert_int_equal(CALL(&who, POST(keys, "{\"kind\":\"secret\"}")), roles[i].issues);
        struct str body = arena_print(arena, "{\"name\":\"e%zu\"}", i);
        assert_int_equal(CALL(&who, .method = STR("POST"), .path = environments, .body = body),
                         roles[i].creates);
        assert_int_equal(CALL(&who, POST(STR("/products"), "{\"name\":\"third\"}")), 403);
        /* What is another product's is not there. */
        assert_int_equal(CALL(&who, GET(arena_join(arena, 2, (struct str[]){STR("/products/"), other}))),
                         404);
        assert_int_equal(CALL(&who, GET(STR("/products"))), 200);
        assert_int_equal(json_array_size(json_get_array(stage->answer, "items")), 1);
        assert_int_equal(CALL(&who, GET(STR("/search")), .query = &(struct admin_pair){STR("q"), STR("o")},
                              .query_count = 1),
                         200);
        assert_int_equal(json_array_size(json_get_array(stage->answer, "items")), 0);
    }
}

static void versions_keep_two_from_overwriting_each_other(struct fixture *fixture) {
    struct stage of_test = stage_of(fixture);
    struct stage *stage = &of_test;
    const struct access_principal owner = access_command_line(fixture->arena, STR("ada"));
    struct str acme =
        arena_join(fixture->arena, 2, (struct str[]){STR("/products/"), product_wait(stage, &owner, "acme")});
    assert_int_equal(CALL(&owner, GET(acme)), 200);
    assert_text(stage->response.etag, STR("\"1\""));
    struct admin_request rename = {.method = STR("PATCH"), .path = acme, .body = STR("{\"name\":\"beta\"}")};
    assert_int_equal(call_wait(stage, &owner, rename), 428);
    assert_problem(stage, "precondition-required");
    rename.if_match = STR("\"1\"");
    assert_int_equal(call_wait(stage, &owner, rename), 200);
    assert_text(stage->response.etag, STR("\"2\""));
    static const char *const stale[] = {"\"1\"", "\"3\"", "W/\"2\"",      "2",
                                        "\"\"",  "\"x\"", "\"2\", \"1\"", "\"-2\""};
    for (size_t i = 0; i < sizeof stale / sizeof stale[0]; i++) {
        rename.if_match = str_from(stale[i]);
        rename.body = STR("{\"name\":\"gamma\"}");
        assert_int_equal(call_wait(stage, &owner, rename), 412);
        assert_problem(stage, "changed-meanwhile");
        assert_int_equal(CALL(&owner, .method = STR("DELETE"), .path = acme, .if_match = str_from(stale[i])),
                         412);
    }
    assert_int_equal(CALL(&owner, .method = STR("GET"), .path = acme, .if_none_match = STR("W/\"2\"")), 304);
    assert_int_equal(CALL(&owner, .method = STR("GET"), .path = acme, .if_none_match = STR("\"1\"")), 200);
    assert_text(json_get_str(stage->answer, "name"), STR("beta"));
    assert_int_equal(CALL(&owner, .method = STR("DELETE"), .path = acme, .if_match = STR("\"2\"")), 204);
    assert_int_equal(CALL(&owner, GET(acme)), 404);
}

static void repeated_requests_make_nothing_twice(struct fixture *fixture) {
    struct stage of_test = stage_of(fixture);
    struct stage *stage = &of_test;
    const struct access_principal owner = access_command_line(fixture->arena, STR("ada"));
    const struct access_principal other = access_command_line(fixture->arena, STR("grace"));
    const struct admin_request make = {POST(STR("/products"), "{\"name\":\"acme\"}"),
                                       .idempotency_key = STR("one")};
    assert_int_equal(call_wait(stage, &owner, make), 201);
    struct str id = json_get_str(stage->answer, "id");
    struct str location = stage->response.location;
    assert_int_equal(stage->response.header_count, 0);
    assert_int_equal(call_wait(stage, &owner, make), 201);
    assert_text(json_get_str(stage->answer, "id"), id);
    assert_text(stage->response.location, location);
    assert_text(stage->response.etag, STR("\"1\""));
    assert_text(stage->response.headers[0].name, STR("Idempotency-Replayed"));
    assert_int_equal(call_wait(stage, &other, make), 409); /* another administrator's key is another one */
    assert_int_equal(
        CALL(&owner, POST(STR("/products"), "{\"name\":\"beta\"}"), .idempotency_key = STR("one")), 422);
    assert_problem(stage, "idempotency-key-reused");
    /* What was refused has made nothing: the key is free. */
    assert_int_equal(
        CALL(&owner, POST(STR("/products"), "{\"name\":\"ACME\"}"), .idempotency_key = STR("two")), 422);
    assert_int_equal(
        CALL(&owner, POST(STR("/products"), "{\"name\":\"beta\"}"), .idempotency_key = STR("two")), 201);
    static const char *const bad[] = {"a b", "\x7f", "\xc3\xa4"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(
            CALL(&owner, POST(STR("/products"), "{\"name\":\"c\"}"), .idempotency_key = str_from(bad[i])),
            400);
        assert_problem(stage, "idempotency-key-invalid");
    }
}

static void a_secret_is_given_once(struct fixture *fixture) {
    struct stage of_test = stage_of(fixture);
    struct stage *stage = &of_test;
    struct arena *arena = fixture->arena;
    const struct access_principal owner = access_command_line(arena, STR("ada"));
    product_wait(stage, &owner, "acme");
    assert_int_equal(CALL(&owner, POST(STR("/products/acme/environments"), "{\"name\":\"live\"}")), 201);
    struct str keys = arena_join(
        arena, 3, (struct str[]){STR("/environments/"), json_get_str(stage->answer, "id"), STR("/keys")});
    const struct admin_request make = {POST(keys, "{\"kind\":\"secret\"}"), .idempotency_key = STR("k")};
    assert_int_equal(call_wait(stage, &owner, make), 201);
    struct str secret = json_get_str(stage->answer, "secret");
    struct str id = json_get_str(json_get_object(stage->answer, "key"), "id");
    assert_true(str_starts_with(secret, STR("sk_")));
    assert_int_equal(call_wait(stage, &owner, make), 201);
    assert_true(json_is_null(json_object_get(stage->answer, "secret")));
    assert_text(json_get_str(json_get_object(stage->answer, "key"), "id"), id);
    assert_int_equal(str_find(stage->response.body, secret), STR_NOT_FOUND);
}

static void bodies_are_read_strictly(struct fixture *fixture) {
    struct stage of_test = stage_of(fixture);
    struct stage *stage = &of_test;
    const struct access_principal owner = access_command_line(fixture->arena, STR("ada"));
    static const struct {
        const char *body, *code, *pointer;
        unsigned status;
    } bad[] = {
        {"", "content-type", "", 415},
        {"{", "body-invalid", "", 400},
        {"{\"name\":\"a\",\"name\":\"b\"}", "body-invalid", "", 400},
        {"[]", "invalid", "", 422},
        {"{}", "invalid", "/name", 422},
        {"{\"name\":7}", "invalid", "/name", 422},
        {"{\"name\":null}", "invalid", "/name", 422},
        {"{\"name\":\"a\",\"a/b~\":1}", "invalid", "/a~1b~0", 422},
        {"{\"name\":\"Acme\"}", "invalid", "/name", 422},
        {"{\"name\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}", "too-large",
         "/name", 422},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const struct admin_request request = {
            .method = STR("POST"), .path = STR("/products"), .body = str_from(bad[i].body)};
        assert_int_equal(call_wait(stage, &owner, request), bad[i].status);
        assert_problem(stage, bad[i].code);
        if (bad[i].status == 422)
            assert_text(pointer_of(stage), str_from(bad[i].pointer));
    }
    assert_int_equal(CALL(&owner, GET(STR("/products")), .query = &(struct admin_pair){STR("limt"), STR("5")},
                          .query_count = 1),
                     400);
    assert_problem(stage, "query-invalid");
    assert_int_equal(CALL(&owner, GET(STR("/nothing"))), 404);
    assert_int_equal(CALL(&owner, .method = STR("PUT"), .path = STR("/products")), 405);
    assert_text(stage->response.headers[0].value, STR("GET, POST"));
}

static void lists_are_told_in_pages(struct fixture *fixture) {
    struct stage of_test = stage_of(fixture);
    struct stage *stage = &of_test;
    struct arena *arena = fixture->arena;
    const struct access_principal owner = access_command_line(arena, STR("ada"));
    for (int i = 0; i < 7; i++)
        product_wait(stage, &owner, arena_print(arena, "p%d", i).at);
    struct str cursor = STR_NONE;
    size_t seen = 0;
    for (int page = 0; page < 4; page++) {
        struct admin_pair query[] = {{STR("limit"), STR("2")}, {STR("cursor"), cursor}};
        assert_int_equal(
            CALL(&owner, GET(STR("/products")), .query = query, .query_count = page == 0 ? 1 : 2), 200);
        const json_t *items = json_get_array(stage->answer, "items");
        for (size_t i = 0; i < json_array_size(items); i++)
            assert_text(json_get_str(json_array_get(items, i), "name"), arena_print(arena, "p%zu", seen++));
        cursor = json_get_str(stage->answer, "next");
        assert_int_equal(str_is_empty(cursor), page == 3);
    }
    assert_int_equal(seen, 7);
}

#define TEST(name)                                                                                           \
    static void test_##name(void **state) {                                                                  \
        (void)state;                                                                                         \
        fixture_run(name);                                                                                   \
    }
TEST(rights_are_held_before_anything_is_done)
TEST(versions_keep_two_from_overwriting_each_other)
TEST(repeated_requests_make_nothing_twice)
TEST(a_secret_is_given_once)
TEST(bodies_are_read_strictly)
TEST(lists_are_told_in_pages)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rights_are_held_before_anything_is_done),
        cmocka_unit_test(test_versions_keep_two_from_overwriting_each_other),
        cmocka_unit_test(test_repeated_requests_make_nothing_twice),
        cmocka_unit_test(test_a_secret_is_given_once),
        cmocka_unit_test(test_bodies_are_read_strictly),
        cmocka_unit_test(test_lists_are_told_in_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
