/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of the claims: the resolved identity, the mapping, permissions, names for the log, warnings.
 */
#include "identity/support.h"

#include "base/buffer.h"

static void assert_user(const char *issuer, const char *claims, const char *expected) {
    AUTO_ARENA arena = arena_new();
    struct outcome outcome = verify_claims(arena_print(arena, "{%s}", issuer).at, HEADER, claims);
    assert_int_equal(outcome.status, OK);
    assert_str(identity_user_json(&outcome.identity), json_text(arena, expected).at);
    assert_str(json_write(arena, identity_user(&outcome.identity)), json_text(arena, expected).at);
    assert_int_equal(json_object_size(identity_user(&outcome.identity)), outcome.identity.member_count);
    outcome_free(&outcome);
}

static void test_every_claim_but_the_tokens_own(void **state) {
    (void)state;
    assert_user(
        HMAC_ISSUER,
        "{'iss':'i','aud':'a','exp':1800000300,'iat':1,'nbf':1,'jti':'j','sub':'ada','name':'Ada','email':'"
        "ada@acme.example',"
        "'metadata':{'plan':'gold'},'sid':'s','n':1.5}",
        "{'sub':'ada','name':'Ada','email':'ada@acme.example','metadata':{'plan':'gold'},'sid':'s','n':1.5}");
    assert_user(HMAC_ISSUER, "{'sub':'ada','exp':1800000300}", "{'sub':'ada'}");
    assert_user(HMAC_ISSUER, "{'sub':'ada','exp':1800000300,'act':{'sub':'helpdesk'}}",
                "{'sub':'ada','act':{'sub':'helpdesk'}}");
}

/* Go's encoding/json takes any of these for `sub`, and of several the last. */
static void test_names_that_differ_in_case_alone(void **state) {
    (void)state;
    assert_user(HMAC_ISSUER,
                "{'SUB':'bob','sub':'ada','Sub':'bob','\\u017fub':'bob','\xC5\xBFUb':'bob','ISS':'x','"
                "i\xC5\xBF\xC5\xBF':'y',"
                "'Exp':9,'exp':1800000300,'subs':1,'su':2}",
                "{'sub':'ada','subs':1,'su':2}");
    assert_user(HMAC_ISSUER ",'mapping':{'who':'SUB'}", "{'SUB':'bob','sub':'ada','exp':1800000300}",
                "{'sub':'ada','who':'bob'}");
}

static void test_mapping(void **state) {
    (void)state;
    static const char claims[] = "{'sub':'ada','exp':1800000300,'email':'e','name':'n','https://acme.example/"
                                 "tier':'gold','a':{'b':{'c':1},'l':['x','y']},"
                                 "'dotted.name':'exact','dotted':{'name':'nested'},'/slash':'s','k/"
                                 "e~y':'escaped','':'empty','nothing':null}";
    static const struct {
        const char *mapping;
        const char *user;
    } cases[] = {
        {"{}", "{'sub':'ada'}"},
        {"{'tier':'https://acme.example/tier'}", "{'sub':'ada','tier':'gold'}"},
        {"{'userId':'sub','email':'email'}", "{'sub':'ada','userId':'ada','email':'e'}"},
        {"{'c':'a.b.c'}", "{'sub':'ada','c':1}"},
        {"{'c':'/a/b/c'}", "{'sub':'ada','c':1}"},
        {"{'b':'a.b'}", "{'sub':'ada','b':{'c':1}}"},
        {"{'y':'a.l.1','x':'/a/l/0'}", "{'sub':'ada','y':'y','x':'x'}"},
        {"{'d':'dotted.name','n':'/dotted/name'}", "{'sub':'ada','d':'exact','n':'nested'}"},
        {"{'s':'/slash','p':'/~1slash'}", "{'sub':'ada','s':'s','p':'s'}"},
        {"{'e':'/k~1e~0y','f':'k/e~y'}", "{'sub':'ada','e':'escaped','f':'escaped'}"},
        {"{'empty':'/'}", "{'sub':'ada','empty':'empty'}"},
        {"{'nothing':'nothing'}", "{'sub':'ada','nothing':null}"},
        {"{'none':'absent','n2':'a.absent','n3':'/a/absent/"
         "c','n4':'a.l.2','n5':'a.l.01','n6':'a.l.-1','n7':'email.x','n8':'a..b'}",
         "{'sub':'ada'}"},
        {"{'exp':'exp'}", "{'sub':'ada','exp':1800000300}"},
        {"{'sub':'sub'}", "{'sub':'ada'}"},
        {"{'n9':'a.l.99999999999999999999999'}", "{'sub':'ada'}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_ARENA arena = arena_new();
        assert_user(arena_print(arena, HMAC_ISSUER ",'mapping':%s", cases[i].mapping).at, claims,
                    cases[i].user);
    }
}

/* E-mail and name are those that tools see: what the mapping leaves out is not shown by another door. */
static void test_mapping_hides(void **state) {
    (void)state;
    struct outcome outcome =
        verify_claims("{" HMAC_ISSUER ",'mapping':{'name':'nickname'}}", HEADER,
                      "{'sub':'ada','exp':1800000300,'email':'e','name':'n','nickname':'Countess'}");
    assert_str(outcome.identity.name, "Countess");
    assert_null(outcome.identity.email.at);
    outcome_free(&outcome);
}

static void assert_permissions(const char *issuer, const char *claims, const char *expected) {
    AUTO_ARENA arena = arena_new();
    struct outcome outcome =
        verify_claims(arena_print(arena, "{%s}", issuer).at, HEADER,
                      arena_print(arena, "{'sub':'ada','exp':1800000300,%s}", claims).at);
    assert_int_equal(outcome.status, OK);
    struct str all = STR("");
    for (size_t i = 0; i < outcome.identity.permission_count; i++) {
        all = arena_print(arena, "%.*s[%.*s]", STR_ARG(all), STR_ARG(outcome.identity.permissions[i]));
        assert_true(identity_has_permission(&outcome.identity, outcome.identity.permissions[i]));
    }
    assert_str(all, expected);
    assert_false(identity_has_permission(&outcome.identity, STR("never")));
    assert_false(identity_has_permission(&outcome.identity, STR("")));
    outcome_free(&outcome);
}

static void test_permissions(void **state) {
    (void)state;
    assert_permissions(HMAC_ISSUER, "'scope':'balance:read  transfer '", "[balance:read][transfer]");
    assert_permissions(HMAC_ISSUER, "'scp':['a','b'],'permissions':['b','c'],'roles':'admin'",
                       "[a][b][c][admin]");
    assert_permissions(HMAC_ISSUER, "'scope':''", "");
    assert_permissions(HMAC_ISSUER, "'scope':7,'scp':{'a':true},'permissions':[1,null,['x'],'y']", "[y]");
    assert_permissions(HMAC_ISSUER, "'groups':['staff']", "");
    assert_permissions(HMAC_ISSUER ",'permissionClaims':['cognito:groups','o.per','/r/0']",
                       "'scope':'x','cognito:groups':['staff'],'o':{'per':'p q'},'r':['s t']",
                       "[staff][p][q][s][t]");
    assert_permissions(HMAC_ISSUER ",'permissionClaims':[]", "'scope':'x'", "");
    /* the mapping hides claims from tools, not from the check of permissions */
    assert_permissions(HMAC_ISSUER ",'mapping':{}", "'scope':'x'", "[x]");
}

static void test_bounds(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct buffer text = BUFFER_EMPTY;
    buffer_print(&text, "{'sub':'ada','exp':1800000300,'scope':'");
    for (int i = 0; i < 256; i++)
        buffer_print(&text, "p%d ", i);
    buffer_print(&text, "'}");
    assert_verified(HMAC_ISSUER, arena_terminated(arena, buffer_text(&text)));
    buffer_clear(&text);
    buffer_print(&text, "{'sub':'ada','exp':1800000300,'scope':'");
    for (int i = 0; i < 257; i++)
        buffer_print(&text, "p%d ", i);
    buffer_print(&text, "'}");
    assert_refused(HMAC_ISSUER, arena_terminated(arena, buffer_text(&text)), IDENTITY_IDENTITY_TOO_LARGE);
    buffer_clear(&text);
    buffer_print(&text, "{'sub':'ada','exp':1800000300");
    for (int i = 0; i < 127; i++)
        buffer_print(&text, ",'c%d':1", i);
    assert_verified(HMAC_ISSUER, arena_print(arena, "%.*s}", STR_ARG(buffer_text(&text))).at);
    assert_refused(HMAC_ISSUER, arena_print(arena, "%.*s,'x':1}", STR_ARG(buffer_text(&text))).at,
                   IDENTITY_IDENTITY_TOO_LARGE);
    buffer_free(&text);
}

/* A mapping can name one large claim many times: what is passed on is bounded all the same. */
static void test_a_mapping_that_multiplies(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    char *large = arena_alloc(arena, 2001);
    memset(large, 'x', 2000);
    const char *claims = arena_print(arena, "{'sub':'ada','exp':1800000300,'a':'%s'}", large).at;
    assert_verified(
        HMAC_ISSUER ",'mapping':{'a':'a','b':'a','c':'a','d':'a','e':'a','f':'a','g':'a','h':'a'}", claims);
    assert_refused(HMAC_ISSUER
                   ",'mapping':{'a':'a','b':'a','c':'a','d':'a','e':'a','f':'a','g':'a','h':'a','i':'a'}",
                   claims, IDENTITY_IDENTITY_TOO_LARGE);
}

static void test_names_and_times(void **state) {
    (void)state;
    struct outcome outcome = verify_claims("{" HMAC_ISSUER ",'leewaySeconds':30}", HEADER,
                                           "{'sub':'ada','exp':1800000300.9,'iat':1799999999,'auth_time':"
                                           "1799990000,'jti':'token-1','sid':'sess_1'}");
    assert_int_equal(outcome.status, OK);
    assert_str(outcome.identity.issuer_name, "acme");
    assert_str(outcome.identity.token_id, "token-1");
    AUTO_ARENA arena = arena_new();
    assert_str(identity_token_name(arena, &outcome.identity, STR("abc")), "token-1");
    assert_str(outcome.identity.session_id, "sess_1");
    assert_int_equal(outcome.identity.expires_at, 1800000300);
    assert_int_equal(outcome.identity.usable_until, 1800000330);
    assert_int_equal(outcome.identity.issued_at, 1799999999);
    assert_int_equal(outcome.identity.auth_time, 1799990000);
    outcome_free(&outcome);
}

/* Without a jti that can stand in a log, the token is named by the beginning of its hash. */
static void test_a_token_without_id(void **state) {
    (void)state;
    static const char *const claims[] = {
        "{'sub':'ada','exp':1800000300}", "{'sub':'ada','exp':1800000300,'jti':''}",
        "{'sub':'ada','exp':1800000300,'jti':7}", "{'sub':'ada','exp':1800000300,'jti':'a\\nb'}"};
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        struct outcome outcome = verify_claims("{" HMAC_ISSUER "}", HEADER, claims[i]);
        assert_int_equal(outcome.status, OK);
        AUTO_ARENA arena = arena_new();
        assert_null(outcome.identity.token_id.at);
        assert_str(identity_token_name(arena, &outcome.identity, STR("abc")), "ba7816bf8f01cfea");
        assert_str(identity_token_name(arena, &outcome.identity, STR("abc.signature")), "ba7816bf8f01cfea");
        assert_null(outcome.identity.session_id.at);
        assert_int_equal(outcome.identity.issued_at, 0);
        outcome_free(&outcome);
    }
}

/* A copy lives on when the token, its arena and its settings are gone. */
static void test_copy(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct identity copy;
    struct outcome outcome =
        verify_claims("{" HMAC_ISSUER "}", HEADER,
                      "{'sub':'ada','exp':1800000300,'email':'e','scope':'a b','sid':'s','jti':'j'}");
    void *room = arena_alloc(arena, identity_copy_size(&outcome.identity));
    identity_copy(&outcome.identity, room, &copy);
    outcome_free(&outcome);
    assert_str(copy.subject, "ada");
    assert_str(copy.issuer_name, "acme");
    assert_str(copy.email, "e");
    assert_null(copy.name.at);
    assert_str(copy.token_id, "j");
    assert_str(copy.session_id, "s");
    assert_true(identity_has_permission(&copy, STR("b")));
    assert_str(json_get_str(identity_user(&copy), "sub"), "ada");
    assert_str(json_get_str(identity_claims(&copy), "jti"), "j");
    assert_str(identity_user_json(&copy),
               "{\"sub\":\"ada\",\"email\":\"e\",\"scope\":\"a b\",\"sid\":\"s\"}");
    identity_release(&copy);
}

/* What stands in the token otherwise than it is passed on: white space, escapes, numbers of one's own. */
static void test_as_it_stands(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct identity copy;
    struct outcome outcome = verify_claims("{" HMAC_ISSUER "}", HEADER,
                                           " { 'sub' : 'a\\u0064a' , 'exp':1800000300, 'n': [ 1.50 , 1e2 ] "
                                           ",\n 'n\\u0061me' : 'A\\tB', 's p' : 'x  y' } ");
    assert_int_equal(outcome.status, OK);
    assert_str(identity_user_json(&outcome.identity),
               "{\"sub\":\"a\\u0064a\",\"n\":[1.50,1e2],\"n\\u0061me\":\"A\\tB\",\"s p\":\"x  y\"}");
    void *room = arena_alloc(arena, identity_copy_size(&outcome.identity));
    identity_copy(&outcome.identity, room, &copy);
    outcome_free(&outcome);
    assert_str(copy.subject, "ada");
    assert_str(copy.name, "A\tB");
    assert_str(json_get_str(identity_user(&copy), "name"), "A\tB");
    assert_true(json_integer_value(json_object_get(identity_claims(&copy), "exp")) == 1800000300);
    identity_release(&copy);
}

static void assert_warns(const char *issuer, const char *claims, const char *expected) {
    AUTO_ARENA arena = arena_new();
    struct identity_warning warnings[16];
    struct outcome outcome = verify_claims(arena_print(arena, "{%s}", issuer).at, HEADER, claims);
    assert_int_equal(outcome.status, OK);
    size_t count = identity_warnings(&outcome.identity, &outcome.sign_in.issuers[0], warnings, 16);
    struct str all = STR("");
    for (size_t i = 0; i < count; i++)
        all = arena_print(arena, "%.*s[%s]", STR_ARG(all), warnings[i].code);
    assert_str(all, expected);
    assert_true(identity_warnings(&outcome.identity, &outcome.sign_in.issuers[0], warnings, 0) == 0);
    outcome_free(&outcome);
}

static void test_warnings(void **state) {
    (void)state;
    assert_warns(HMAC_ISSUER, "{'sub':'ada','jti':'j','iat':1800000000,'exp':1800003600}", "");
    assert_warns(HMAC_ISSUER, "{'sub':'ada','jti':'j','iat':1800000000,'exp':1800003601}",
                 "[lifetime-over-an-hour]");
    assert_warns(HMAC_ISSUER, "{'sub':'ada','exp':1800003600}", "[iat-missing][jti-missing]");
    assert_warns(HMAC_ISSUER ",'mapping':{'tier':'tier'}",
                 "{'sub':'ada','jti':'j','iat':1800000000,'exp':1800003600}", "[mapping-found-nothing]");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_claim_but_the_tokens_own),
        cmocka_unit_test(test_names_that_differ_in_case_alone),
        cmocka_unit_test(test_mapping),
        cmocka_unit_test(test_mapping_hides),
        cmocka_unit_test(test_as_it_stands),
        cmocka_unit_test(test_permissions),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_a_mapping_that_multiplies),
        cmocka_unit_test(test_names_and_times),
        cmocka_unit_test(test_a_token_without_id),
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_warnings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
