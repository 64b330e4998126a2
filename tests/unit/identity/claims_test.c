/* SPDX-License-Identifier: Apache-2.0 */
/* The rules for claims, each both ways and at its edges: RFC 7519 section 4.1, RFC 8725. */
#include "identity/support.h"

static void test_the_least(void **state) {
    (void)state;
    assert_verified(HMAC_ISSUER, "{'sub':'ada'," SOON "}");
    assert_refused(HMAC_ISSUER, "{}", IDENTITY_EXP_MISSING);
}

static void test_exp(void **state) {
    (void)state;
    assert_refused(HMAC_ISSUER, "{'sub':'ada'}", IDENTITY_EXP_MISSING);
    assert_verified(HMAC_ISSUER, "{'sub':'ada','exp':1799999941}"); /* 59 s ago: within the leeway */
    assert_refused(HMAC_ISSUER, "{'sub':'ada','exp':1799999940}", IDENTITY_EXP_PASSED);
    assert_refused(HMAC_ISSUER, "{'sub':'ada','exp':0}", IDENTITY_EXP_PASSED);
    assert_verified(HMAC_ISSUER, "{'sub':'ada','exp':1800000001.5}");
    assert_verified(HMAC_ISSUER, "{'sub':'ada','exp':1.8000003e9}");
    assert_verified(HMAC_ISSUER, "{'sub':'ada','exp':253402300799}");
    static const char *const invalid[] = {"'1800000300'",
                                          "null",
                                          "true",
                                          "[1800000300]",
                                          "{}",
                                          "-1",
                                          "-0.5",
                                          "253402300800",
                                          "1e300",
                                          "9007199254740993",
                                          "9223372036854775807"};
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++)
        assert_refused(HMAC_ISSUER, arena_print(arena, "{'sub':'ada','exp':%s}", invalid[i]).at,
                       IDENTITY_EXP_INVALID);
}

static void test_exp_without_leeway(void **state) {
    (void)state;
    assert_verified(HMAC_ISSUER ",'leewaySeconds':0", "{'sub':'ada','exp':1800000001}");
    assert_refused(HMAC_ISSUER ",'leewaySeconds':0", "{'sub':'ada','exp':1800000000}", IDENTITY_EXP_PASSED);
}

static void test_nbf(void **state) {
    (void)state;
    assert_verified(HMAC_ISSUER, "{'sub':'ada'," SOON ",'nbf':1800000060}");
    assert_refused(HMAC_ISSUER, "{'sub':'ada'," SOON ",'nbf':1800000061}", IDENTITY_NOT_YET_VALID);
    assert_verified(HMAC_ISSUER, "{'sub':'ada'," SOON ",'nbf':0}");
    assert_refused(HMAC_ISSUER, "{'sub':'ada'," SOON ",'nbf':'0'}", IDENTITY_NBF_INVALID);
    assert_refused(HMAC_ISSUER, "{'sub':'ada'," SOON ",'nbf':null}", IDENTITY_NBF_INVALID);
    assert_refused(HMAC_ISSUER, "{'sub':'ada'," SOON ",'nbf':-1}", IDENTITY_NBF_INVALID);
}

static void test_iat(void **state) {
    (void)state;
    assert_verified(HMAC_ISSUER, "{'sub':'ada'," SOON ",'iat':1800000060}");
    assert_refused(HMAC_ISSUER, "{'sub':'ada'," SOON ",'iat':1800000061}", IDENTITY_IAT_IN_FUTURE);
    assert_refused(HMAC_ISSUER, "{'sub':'ada'," SOON ",'iat':'now'}", IDENTITY_IAT_INVALID);
    assert_refused(HMAC_ISSUER, "{'sub':'ada'," SOON ",'iat':false}", IDENTITY_IAT_INVALID);
}

static void test_iss(void **state) {
    (void)state;
#define ISS HMAC_ISSUER ",'issuer':'https://acme.example/'"
    assert_verified(ISS, "{'sub':'ada'," SOON ",'iss':'https://acme.example/'}");
    assert_refused(ISS, "{'sub':'ada'," SOON "}", IDENTITY_ISS_MISSING);
    static const char *const wrong[] = {"'https://acme.example'",
                                        "'https://acme.example//'",
                                        "'https://ACME.example/'",
                                        "'http://acme.example/'",
                                        "''",
                                        "1",
                                        "null",
                                        "['https://acme.example/']",
                                        "'https://acme.example/ '"};
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_refused(ISS, arena_print(arena, "{'sub':'ada'," SOON ",'iss':%s}", wrong[i]).at,
                       IDENTITY_ISS_MISMATCH);
    /* not enforced: anything that is a text, or nothing */
    assert_verified(HMAC_ISSUER, "{'sub':'ada'," SOON ",'iss':'anybody'}");
    assert_refused(HMAC_ISSUER, "{'sub':'ada'," SOON ",'iss':7}", IDENTITY_ISS_MISMATCH);
}

static void test_aud(void **state) {
    (void)state;
#define AUD HMAC_ISSUER ",'audiences':['chat','https://api.acme.example']"
    static const char *const right[] = {"'chat'", "'https://api.acme.example'", "['chat']",
                                        "['other','chat']", "['chat','chat']"};
    static const char *const wrong[] = {"'shop'", "'Chat'", "''",         "[]",         "['shop']", "7",
                                        "null",   "{}",     "['chat',7]", "[['chat']]", "'chat '"};
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        assert_verified(AUD, arena_print(arena, "{'sub':'ada'," SOON ",'aud':%s}", right[i]).at);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_refused(AUD, arena_print(arena, "{'sub':'ada'," SOON ",'aud':%s}", wrong[i]).at,
                       IDENTITY_AUD_MISMATCH);
    assert_refused(AUD, "{'sub':'ada'," SOON "}", IDENTITY_AUD_MISSING);
    /* not enforced: a text or a list of texts, or nothing */
    assert_verified(HMAC_ISSUER, "{'sub':'ada'," SOON ",'aud':['any','body']}");
    assert_verified(HMAC_ISSUER, "{'sub':'ada'," SOON ",'aud':[]}");
    assert_refused(HMAC_ISSUER, "{'sub':'ada'," SOON ",'aud':7}", IDENTITY_AUD_MISMATCH);
    assert_refused(HMAC_ISSUER, "{'sub':'ada'," SOON ",'aud':[null]}", IDENTITY_AUD_MISMATCH);
}

static void test_sub(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    assert_verified(HMAC_ISSUER, "{'sub':'auth0|5f7c8ec7c33c6c004bbafe82'," SOON "}");
    assert_verified(HMAC_ISSUER, "{'sub':'\xc3\x84nne M\xc3\xbcller \xe2\x9c\x93'," SOON "}");
    assert_refused(HMAC_ISSUER, "{" SOON "}", IDENTITY_SUB_MISSING);
    static const char *const invalid[] = {"''",           "7",       "null",       "true",         "['ada']",
                                          "{'id':'ada'}", "'a\\nb'", "'a\\u007f'", "'\\u001b[31m'"};
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++)
        assert_refused(HMAC_ISSUER, arena_print(arena, "{'sub':%s," SOON "}", invalid[i]).at,
                       IDENTITY_SUB_INVALID);
    char *name = arena_alloc(arena, 514);
    memset(name, 'a', 513);
    assert_refused(HMAC_ISSUER, arena_print(arena, "{'sub':'%s'," SOON "}", name).at, IDENTITY_SUB_INVALID);
    name[512] = '\0';
    assert_verified(HMAC_ISSUER, arena_print(arena, "{'sub':'%s'," SOON "}", name).at);
}

/* RFC 8725 section 3.11 */
static void test_typ(void **state) {
    (void)state;
    static const char *const right[] = {"JWT",    "jwt",    "application/jwt",
                                        "at+jwt", "AT+JWT", "application/at+jwt"};
    static const char *const wrong[] = {
        "logout+jwt", "dpop+jwt", "oauth-id-jag+jwt", "secevent+jwt", "application/logout+jwt", "JOSE",
        "",           "JWT "};
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        assert_verified_at("{" HMAC_ISSUER "}", arena_print(arena, "{'alg':'HS256','typ':'%s'}", right[i]).at,
                           "{'sub':'ada'," SOON "}", __FILE__, __LINE__);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_refused_at("{" HMAC_ISSUER "}", arena_print(arena, "{'alg':'HS256','typ':'%s'}", wrong[i]).at,
                          "{'sub':'ada'," SOON "}", IDENTITY_TYP_NOT_ALLOWED, __FILE__, __LINE__);
    assert_verified_at("{" HMAC_ISSUER "}", "{'alg':'HS256'}", "{'sub':'ada'," SOON "}", __FILE__, __LINE__);
}

static void test_logout_tokens(void **state) {
    (void)state;
    assert_refused(HMAC_ISSUER,
                   "{'sub':'ada'," SOON
                   ",'events':{'http://schemas.openid.net/event/backchannel-logout':{}}}",
                   IDENTITY_TYP_NOT_ALLOWED);
    assert_verified(HMAC_ISSUER, "{'sub':'ada'," SOON ",'events':{'other':{}}}");
    assert_verified(HMAC_ISSUER,
                    "{'sub':'ada'," SOON ",'events':'http://schemas.openid.net/event/backchannel-logout'}");
}

static void test_machines(void **state) {
    (void)state;
    assert_refused(HMAC_ISSUER, "{'sub':'x9Y@clients'," SOON "}", IDENTITY_MACHINE_TOKEN);
    assert_refused(HMAC_ISSUER, "{'sub':'ada','gty':'client-credentials'," SOON "}", IDENTITY_MACHINE_TOKEN);
    assert_refused(HMAC_ISSUER, "{'sub':'app1','client_id':'app1'," SOON "}", IDENTITY_MACHINE_TOKEN);
    assert_refused(HMAC_ISSUER, "{'sub':'app1','azp':'app1'," SOON "}", IDENTITY_MACHINE_TOKEN);
    assert_verified(HMAC_ISSUER, "{'sub':'ada','client_id':'app1','azp':'app1','gty':'password'," SOON "}");
    assert_verified(HMAC_ISSUER, "{'sub':'ada@clients.example'," SOON "}");
}

/* Section 3 of RFC 7493 and our own bounds: one meaning, or none. */
static void test_claims_are_strict_json(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "[]",
        "'sub'",
        "null",
        "{'sub':'ada'," SOON,
        "{'sub':'ada'," SOON "}{}",
        "{'sub':'ada','sub':'bob'," SOON "}",
        "{'sub':'ada','su\\u0062':'bob'," SOON "}",
        "{'sub':'ada'," SOON ",'a':{'b':1,'b':1}}",
        "{'sub':'ada\xff'," SOON "}",
        "{'sub':'ada\\ud800'," SOON "}",
        "{'sub':'ada\\u0000'," SOON "}",
        "{'sub':'ada','exp':1e999}",
        "{'sub':'ada','exp':18446744073709551616}",
        "{'sub':'ada','exp':NaN}",
        "{'sub':'ada'," SOON ",'a':[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_refused_at("{" HMAC_ISSUER "}", HEADER, bad[i], IDENTITY_CLAIMS_MALFORMED, __FILE__, __LINE__);
    assert_verified(HMAC_ISSUER, "{'sub':'ada'," SOON ",'a':[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}");
}

/* What an administrator reads names the expected and the actual; what anybody may read tells nothing of the
 * token. */
static void test_explanations(void **state) {
    (void)state;
    static const struct {
        const char *settings;
        const char *claims;
        const char *explanation;
    } cases[] = {
        {"{" HMAC_ISSUER ",'audiences':['chat']}", "{'sub':'ada'," SOON ",'aud':'shop'}",
         "`aud` is `shop`, expected `chat`."},
        {"{" HMAC_ISSUER ",'audiences':['a','b']}", "{'sub':'ada'," SOON ",'aud':['x','y']}",
         "`aud` is `[\"x\",\"y\"]`, expected `a` or `b`."},
        {"{" HMAC_ISSUER ",'issuer':'i'}", "{'sub':'ada'," SOON ",'iss':'j'}", "`iss` is `j`, expected `i`."},
        {"{" HMAC_ISSUER "}", "{'sub':'ada','exp':1799990000}",
         "The token ended at 2027-01-15T05:13:20Z; it is now 2027-01-15T08:00:00Z (leeway 60 s)."},
        {"{" HMAC_ISSUER "}", "{'sub':'ada','exp':'1'}",
         "`exp` is not a number of seconds since 1970 (up to the year 9999): it is a text."},
        {"{" HMAC_ISSUER ",'issuer':'i'}", "{'sub':'ada'," SOON ",'iss':'a\\nb\\u0007'}",
         "`iss` is `a?b?`, expected `i`."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct outcome outcome = verify_claims(cases[i].settings, HEADER, cases[i].claims);
        assert_str(outcome.failure.explanation, cases[i].explanation);
        json_auto_t *told = identity_failure_json(&outcome.failure, true);
        assert_str(json_get_str(told, "message"), cases[i].explanation);
        json_auto_t *public = identity_failure_json(&outcome.failure, false);
        assert_str(json_get_str(public, "message"), identity_words(outcome.failure.detail)->sentence);
        outcome_free(&outcome);
    }
}

static void test_long_values_are_cut_between_characters(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str long_text = STR("x");
    for (size_t i = 0; i < 100; i++)
        long_text = arena_join(arena, 2, (struct str[]){long_text, STR("\xe2\x82\xac")});
    struct outcome outcome =
        verify_claims("{" HMAC_ISSUER ",'issuer':'i'}", HEADER,
                      arena_print(arena, "{'sub':'ada'," SOON ",'iss':'%.*s'}", STR_ARG(long_text)).at);
    assert_int_equal(outcome.failure.detail, IDENTITY_ISS_MISMATCH);
    assert_true(str_is_utf8(outcome.failure.explanation));
    assert_true(outcome.failure.explanation.len < 180);
    outcome_free(&outcome);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_least),
        cmocka_unit_test(test_exp),
        cmocka_unit_test(test_exp_without_leeway),
        cmocka_unit_test(test_nbf),
        cmocka_unit_test(test_iat),
        cmocka_unit_test(test_iss),
        cmocka_unit_test(test_aud),
        cmocka_unit_test(test_sub),
        cmocka_unit_test(test_typ),
        cmocka_unit_test(test_logout_tokens),
        cmocka_unit_test(test_machines),
        cmocka_unit_test(test_claims_are_strict_json),
        cmocka_unit_test(test_explanations),
        cmocka_unit_test(test_long_values_are_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
