/* SPDX-License-Identifier: Apache-2.0 */
/* A token's times in words, the fixes, and the metadata of an OpenID Connect provider. */
#include "admin_api/discovery.h"
#include "admin_api/token_words.h"
#include "unit/unit.h"

enum { NOW = 1800000000 };

static json_t *json_of(struct arena *arena, const char *text) {
    char *copy = arena_terminated(arena, str_from(text));
    json_t *json = NULL;
    for (char *at = copy; *at != '\0'; at++)
        *at = (char)(*at == '\'' ? '"' : *at);
    assert_int_equal(json_read(str_from(copy), JSON_DEPTH_DOCUMENT, &json, NULL), OK);
    return json_keep(arena, json);
}

static void test_durations(void **state) {
    (void)state;
    static const struct {
        int64_t seconds;
        const char *words;
    } cases[] = {
        {0, "0 seconds"},
        {1, "1 second"},
        {59, "59 seconds"},
        {60, "1 minute"},
        {119, "1 minute"},
        {3599, "59 minutes"},
        {3600, "1 hour"},
        {86400, "24 hours"},
        {172799, "47 hours"},
        {172800, "2 days"},
        {253402300799, "2932896 days"},
    };
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_str(duration_words(arena, cases[i].seconds), cases[i].words);
}

static const char *words_of(struct arena *arena, const char *claims, size_t index) {
    json_t *times = json_keep(arena, token_times_json(arena, json_of(arena, claims), NOW));
    return arena_terminated(arena, json_get_str(json_array_get(times, index), "words"));
}

static void test_times(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    assert_string_equal(words_of(arena, "{'exp':1799999820}", 0), "expired 3 minutes ago");
    assert_string_equal(words_of(arena, "{'exp':1800000000}", 0), "expired 0 seconds ago");
    assert_string_equal(words_of(arena, "{'exp':1800000001.5}", 0), "expires in 1 second");
    assert_string_equal(words_of(arena, "{'iat':1800000120}", 0), "issued in the future, in 2 minutes");
    assert_string_equal(words_of(arena, "{'nbf':1800000120}", 0), "valid only in 2 minutes");
    assert_string_equal(words_of(arena, "{'auth_time':1799992800}", 0), "signed in 2 hours ago");
    /* What is no time is not told. */
    json_t *none = json_of(arena, "{'exp':'1800000000','iat':-1,'nbf':1e300,'auth_time':null}");
    assert_int_equal(json_array_size(json_keep(arena, token_times_json(arena, none, NOW))), 0);
    assert_int_equal(json_array_size(json_keep(arena, token_times_json(arena, NULL, NOW))), 0);
}

/* Every detail has a fix of a known kind, or is the token's alone; a pointer only with an issuer. */
static void test_every_detail_has_a_fix(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct identity_sign_in sign_in;
    json_t *settings = json_of(
        arena, "{'issuers':[{'name':'a','mode':'key-set','keySetUrl':'https://a.example'},{'name':'b',"
               "'mode':'hmac'},{'name':'c','mode':'key-set','provider':{'id':'workos','fields':"
               "{'clientId':'c','organizationId':'o'}}}]}");
    json_t *claims = json_of(arena, "{'iss':'x','aud':[7],'azp':'y','org_id':'z'}");
    assert_int_equal(identity_sign_in_read(settings, arena, &sign_in, NULL), OK);
    for (int detail = 0; detail < IDENTITY_DETAILS; detail++) {
        for (size_t i = 0; i <= sign_in.issuer_count; i++) {
            const struct identity_failure failure = {.detail = (enum identity_detail)detail};
            const struct identity_issuer *issuer = i == 0 ? NULL : &sign_in.issuers[i - 1];
            json_t *fix = json_keep(arena, token_fix_json(arena, &sign_in, issuer, &failure, NULL, claims));
            if (detail == IDENTITY_TOKEN_ABSENT) {
                assert_true(json_is_null(fix));
                continue;
            }
            assert_true(json_get_str(fix, "kind").len > 0 && json_get_str(fix, "label").len > 0);
            assert_true(issuer != NULL || json_is_null(json_object_get(fix, "pointer")));
        }
    }
    identity_sign_in_release(&sign_in);
}

/* ---- discovery ---- */

static const char *code_of(const char *body, const char *issuer, bool is_plain_allowed) {
    AUTO_ARENA arena = arena_new();
    struct discovery found;
    struct discovery_problem problem = {NULL, STR_NONE};
    char *copy = arena_terminated(arena, str_from(body));
    for (char *at = copy; *at != '\0'; at++)
        *at = (char)(*at == '\'' ? '"' : *at);
    enum status status =
        discovery_read(arena, str_from(copy), str_from(issuer), is_plain_allowed, &found, &problem);
    assert_int_equal(status == OK, problem.code == NULL);
    assert_true(status == OK || problem.sentence.len > 0);
    return status == OK ? "" : problem.code;
}

static void test_discovery(void **state) {
    (void)state;
    static const char issuer[] = "https://a.example";
    assert_string_equal(
        code_of("{'issuer':'https://a.example','jwks_uri':'https://k.example/'}", issuer, false), "");
    assert_string_equal(code_of("{", issuer, false), "discovery-not-json");
    assert_string_equal(code_of("[]", issuer, false), "discovery-issuer-mismatch");
    assert_string_equal(code_of("{'jwks_uri':'https://k.example/'}", issuer, false),
                        "discovery-issuer-mismatch");
    assert_string_equal(
        code_of("{'issuer':'https://a.example/','jwks_uri':'https://k.example/'}", issuer, false),
        "discovery-issuer-mismatch");
    assert_string_equal(code_of("{'issuer':'https://a.example'}", issuer, false), "discovery-no-keys");
    assert_string_equal(
        code_of("{'issuer':'https://a.example','jwks_uri':'http://k.example/'}", issuer, false),
        "discovery-no-keys");
    assert_string_equal(
        code_of("{'issuer':'https://a.example','jwks_uri':'https://k.example/ x'}", issuer, false),
        "discovery-no-keys");
    assert_string_equal(
        code_of("{'issuer':'http://a.example','jwks_uri':'http://a.example/'}", "http://a.example", true),
        "");
}

/* What somebody else wrote is shown up to a bound, and not cut through a character. */
static void test_discovery_shows_a_long_issuer(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct discovery found;
    struct discovery_problem problem;
    for (size_t before = 0; before < 3; before++) {
        AUTO_BUFFER text = BUFFER_EMPTY;
        buffer_append(&text, STR("{\"issuer\":\""));
        buffer_append(&text, str_slice(STR("xx"), 0, before));
        for (size_t i = 0; i < 200; i++)
            buffer_append(&text, STR("\u20ac"));
        buffer_append(&text, STR("\"}"));
        assert_int_equal(
            discovery_read(arena, buffer_text(&text), STR("https://a.example"), false, &found, &problem),
            INVALID);
        assert_true(str_is_utf8(problem.sentence) && problem.sentence.len < 400);
    }
}

static void test_discovery_facts(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct discovery found;
    struct discovery_problem problem;
    struct str body = json_write(
        arena,
        json_of(arena, "{'issuer':'https://a.example','jwks_uri':'https://a.example/k','token_endpoint':"
                       "'javascript:x','authorization_endpoint':'https://a.example/auth',"
                       "'code_challenge_methods_supported':['plain','S256'],'scopes_supported':['openid'],"
                       "'id_token_signing_alg_values_supported':['RS256',7,'none']}"));
    assert_int_equal(discovery_read(arena, body, STR("https://a.example"), false, &found, &problem), OK);
    assert_true(found.offers_pkce_s256 && !found.offers_offline_access);
    assert_null(found.token_endpoint.at);
    assert_str(found.authorization_endpoint, "https://a.example/auth");
    assert_int_equal(json_array_size(found.signing_algorithms), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_every_detail_has_a_fix),
        cmocka_unit_test(test_discovery),
        cmocka_unit_test(test_discovery_shows_a_long_issuer),
        cmocka_unit_test(test_discovery_facts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
