/* SPDX-License-Identifier: Apache-2.0 */
/* Taking a compact JWS apart: every rule both ways. */
#include "jose/support.h"

struct parsed {
    enum status status;
    struct jose_jws jws;
    const char *why;
};

static struct parsed parse(struct arena *arena, struct str token) {
    struct parsed parsed = {INVALID, {0}, NULL};
    parsed.status = jose_jws_parse(token, JOSE_TOKEN_MAX, arena, &parsed.jws, &parsed.why);
    assert_true((parsed.status == OK) == (parsed.why == NULL));
    return parsed;
}

static struct parsed parse_header(struct arena *arena, const char *header) {
    return parse(arena, token_of(arena, json_text(arena, header), STR("{}"), STR("signature")));
}

static void assert_refused(struct arena *arena, const char *const *headers, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (parse_header(arena, headers[i]).status != INVALID)
            fail_msg("this header was not refused: %s", headers[i]);
    }
}

static void test_parts(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct parsed parsed = parse(arena, STR("eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIiwidHlwIjoiSldUIn0.e30.c2ln"));
    assert_int_equal(parsed.status, OK);
    assert_str(parsed.jws.alg, "ES256");
    assert_str(parsed.jws.kid, "k1");
    assert_str(parsed.jws.typ, "JWT");
    assert_str(parsed.jws.header, "{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"JWT\"}");
    assert_str(parsed.jws.payload, "{}");
    assert_str(parsed.jws.signature, "sig");
    assert_str(parsed.jws.signing_input, "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIiwidHlwIjoiSldUIn0.e30");
    assert_ptr_equal(parsed.jws.algorithm, algorithm_named("ES256"));
}

static void test_exactly_three_parts(void **state) {
    (void)state;
    static const char *const tokens[] = {"",
                                         ".",
                                         "..",
                                         "...",
                                         "eyJhbGciOiJFUzI1NiJ9",
                                         "eyJhbGciOiJFUzI1NiJ9.e30",
                                         "eyJhbGciOiJFUzI1NiJ9.e30.",
                                         "eyJhbGciOiJFUzI1NiJ9..",
                                         ".e30.c2ln",
                                         "eyJhbGciOiJFUzI1NiJ9.e30.c2ln.",
                                         "eyJhbGciOiJFUzI1NiJ9.e30.c2ln.c2ln",
                                         "eyJhbGciOiJFUzI1NiJ9.a.b.c.d",
                                         ".eyJhbGciOiJFUzI1NiJ9.e30.c2ln"};
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++)
        assert_int_equal(parse(arena, str_from(tokens[i])).status, INVALID);
    assert_int_equal(parse(arena, STR("eyJhbGciOiJFUzI1NiJ9..c2ln")).status,
                     OK); /* an empty payload is one */
}

/* RFC 7515 section 2: base64url without padding, white space or other characters, and one spelling only. */
static void test_strict_base64url(void **state) {
    (void)state;
    static const char *const tokens[] = {
        "eyJhbGciOiJFUzI1NiJ9=.e30.c2ln", "eyJhbGciOiJFUzI1NiJ9.e30=.c2ln",  "eyJhbGciOiJFUzI1NiJ9.e30.c2ln=",
        " eyJhbGciOiJFUzI1NiJ9.e30.c2ln", "eyJhbGciOiJFUzI1NiJ9.e30.c2ln\n", "eyJhbGciOiJFUzI1NiJ9.e3 0.c2ln",
        "eyJhbGciOiJFUzI1NiJ9.e30.c2+n",  "eyJhbGciOiJFUzI1NiJ9.e30.c2/n",   "eyJhbGciOiJFUzI1NiJ9.e31.c2ln",
        "eyJhbGciOiJFUzI1NiJ9.e.c2ln",    "eyJhbGciOiJFUzI1NiJ9.e30.c2lnc",
    };
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++)
        assert_int_equal(parse(arena, str_from(tokens[i])).status, INVALID);
    struct str with_nul = {"eyJhbGciOiJFUzI1NiJ9.e30.c2ln\0", sizeof "eyJhbGciOiJFUzI1NiJ9.e30.c2ln"};
    assert_int_equal(parse(arena, with_nul).status, INVALID);
}

static void test_header_is_strict_json(void **state) {
    (void)state;
    static const char *const headers[] = {
        "",
        "null",
        "[]",
        "'ES256'",
        "{'alg':'ES256'",
        "{'alg':'ES256'}x",
        "{'alg':'ES256',}",
        "{alg:'ES256'}",
        "{'alg':'ES256','alg':'none'}",
        "{'alg':'ES256','a':{'b':1,'b':2}}",
        "{'alg':'ES256','kid':'\\ud800'}",
        "{'alg':'ES256','kid':'\\u0000'}",
        "{'alg':'ES256','n':1e999}",
        "{'alg':'ES256','n':99999999999999999999}",
        "{'alg':'ES256','kid':'\xff'}",
        "\xef\xbb\xbf{'alg':'ES256'}",
    };
    AUTO_ARENA arena = arena_new();
    assert_refused(arena, headers, sizeof headers / sizeof *headers);
    assert_int_equal(parse_header(arena, " {\r\n\t'alg' : 'ES256' } ").status, OK);
}

static void test_members_are_texts(void **state) {
    (void)state;
    static const char *const headers[] = {
        "{}",
        "{'ALG':'ES256'}",
        "{'alg':null}",
        "{'alg':['ES256']}",
        "{'alg':1}",
        "{'alg':'ES256','kid':1}",
        "{'alg':'ES256','kid':null}",
        "{'alg':'ES256','kid':{}}",
        "{'alg':'ES256','typ':true}",
    };
    AUTO_ARENA arena = arena_new();
    assert_refused(arena, headers, sizeof headers / sizeof *headers);
    struct parsed parsed = parse_header(arena, "{'alg':'ES256','kid':''}");
    assert_int_equal(parsed.status, OK);
    assert_non_null(parsed.jws.kid.at); /* an empty id is one */
    assert_null(parse_header(arena, "{'alg':'ES256'}").jws.kid.at);
}

/* RFC 7515 section 4.1.11, RFC 7797, RFC 7516 */
static void test_extensions_are_refused(void **state) {
    (void)state;
    static const char *const headers[] = {
        "{'alg':'ES256','crit':['exp'],'exp':1}",
        "{'alg':'ES256','crit':[]}",
        "{'alg':'ES256','crit':null}",
        "{'alg':'ES256','b64':false}",
        "{'alg':'ES256','b64':true}",
        "{'alg':'ES256','crit':['b64'],'b64':false}",
        "{'alg':'ES256','zip':'DEF'}",
    };
    AUTO_ARENA arena = arena_new();
    assert_refused(arena, headers, sizeof headers / sizeof *headers);
    assert_int_equal(parse_header(arena, "{'alg':'ES256','cty':'x','x-own':{'a':[1]}}").status, OK);
}

static void test_unknown_algorithms_parse_to_none(void **state) {
    (void)state;
    static const char *const names[] = {"none",   "None", "NONE", "nOnE",   "",         "es256",
                                        "ES256 ", "HS1",  "RS1",  "ES256K", "RSA-OAEP", "dir"};
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct parsed parsed = parse_header(arena, arena_print(arena, "{'alg':'%s'}", names[i]).at);
        assert_int_equal(parsed.status, OK);
        assert_null(parsed.jws.algorithm);
    }
}

/* Headers are remembered by their letters: what is read the second time, and after others took its place, is
 * what was read first. */
static void test_headers_seen_before(void **state) {
    (void)state;
    static const char *const headers[] = {
        "{'alg':'ES256','kid':'a','typ':'JWT'}",
        "{'alg':'ES256','kid':'b'}",
        "{'alg':'none'}",
        "{'alg':'ES256','kid':''}",
        "{'alg':'RS256','typ':''}",
        "{'alg':'','kid':'a'}",
        "{'kid':'a','alg':'ES256'}",
        "{'alg':'ES256','crit':[]}",
        "{'alg':'ES256','kid':'\\u0061'}",
        "{ 'alg':'ES256','kid':'a','typ':'JWT'}",
        "{'alg':'ES256','alg':'a'}",
    };
    enum { COUNT = sizeof headers / sizeof *headers };
    AUTO_ARENA arena = arena_new();
    struct parsed first[COUNT];
    for (size_t round = 0; round < 4; round++) {
        for (size_t i = 0; i < COUNT; i++) {
            struct parsed again = parse_header(arena, headers[i]);
            if (round == 0)
                first[i] = again;
            again = parse_header(arena, headers[i]);
            assert_int_equal(again.status, first[i].status);
            if (again.status != OK)
                continue;
            assert_ptr_equal(again.jws.algorithm, first[i].jws.algorithm);
            assert_true(str_equal(again.jws.header, json_text(arena, headers[i])));
            assert_true(str_equal(again.jws.alg, first[i].jws.alg));
            assert_true(str_equal(again.jws.kid, first[i].jws.kid) &&
                        (again.jws.kid.at == NULL) == (first[i].jws.kid.at == NULL));
            assert_true(str_equal(again.jws.typ, first[i].jws.typ) &&
                        (again.jws.typ.at == NULL) == (first[i].jws.typ.at == NULL));
        }
    }
}

static void test_long_headers(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    for (size_t len = 0; len < 1200; len += 7) {
        char *kid = arena_alloc(arena, len + 1);
        memset(kid, 'k', len);
        for (int round = 0; round < 2; round++) {
            struct parsed parsed =
                parse_header(arena, arena_print(arena, "{'alg':'ES256','kid':'%s'}", kid).at);
            assert_int_equal(parsed.status, OK);
            assert_str(parsed.jws.kid, kid);
        }
    }
}

static void test_bounds(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct jose_jws jws;
    struct str token = STR("eyJhbGciOiJFUzI1NiJ9.e30.c2ln");
    assert_int_equal(jose_jws_parse(token, token.len, arena, &jws, NULL), OK);
    assert_int_equal(jose_jws_parse(token, token.len - 1, arena, &jws, NULL), TOO_LARGE);
    /* 16 levels in all: the object and 15 lists. */
    assert_int_equal(parse_header(arena, "{'alg':'ES256','a':[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}").status, OK);
    assert_int_equal(parse_header(arena, "{'alg':'ES256','a':[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}").status,
                     INVALID);
}

static void test_one_megabyte(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    size_t len = 1 << 20;
    char *text = arena_alloc(arena, len);
    memset(text, 'A', len);
    struct parsed parsed = parse(arena, str_of(text, len));
    assert_int_equal(parsed.status, TOO_LARGE);
    memset(text, '.', len);
    assert_int_equal(parse(arena, str_of(text, len)).status, TOO_LARGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_exactly_three_parts),
        cmocka_unit_test(test_strict_base64url),
        cmocka_unit_test(test_header_is_strict_json),
        cmocka_unit_test(test_members_are_texts),
        cmocka_unit_test(test_extensions_are_refused),
        cmocka_unit_test(test_unknown_algorithms_parse_to_none),
        cmocka_unit_test(test_headers_seen_before),
        cmocka_unit_test(test_long_headers),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_one_megabyte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
