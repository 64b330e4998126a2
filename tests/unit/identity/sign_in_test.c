/* SPDX-License-Identifier: Apache-2.0 */
/* The settings: what is taken, what is refused and where the error points; and which issuer a token goes to.
 */
#include "identity/support.h"

/* Where the error points to; NULL where the settings are taken. */
static const char *refused_at(struct arena *arena, const char *text) {
    struct identity_sign_in sign_in;
    struct identity_config_error error = {STR_NONE, STR_NONE};
    json_auto_t *json = json_of(arena, text);
    if (identity_sign_in_read(json, arena, &sign_in, &error) == OK) {
        identity_sign_in_release(&sign_in);
        identity_sign_in_release(&sign_in); /* twice is fine */
        return NULL;
    }
    assert_int_equal(identity_sign_in_read(json, arena, &sign_in, NULL), INVALID);
    assert_true(error.message.len > 0);
    return arena_terminated(arena, error.pointer);
}

static void assert_where(const char *text, const char *pointer) {
    AUTO_ARENA arena = arena_new();
    const char *found = refused_at(arena, text);
    if (found == NULL)
        fail_msg("taken: %s", text);
    assert_string_equal(found, pointer);
}

static void assert_fine(const char *text) {
    AUTO_ARENA arena = arena_new();
    const char *found = refused_at(arena, text);
    if (found != NULL)
        fail_msg("refused at %s: %s", found, text);
}

#define ONE(members)       "{'issuers':[{'name':'a'," members "}]}"
#define HMAC(members)      ONE("'mode':'hmac'" members)
#define KEYS(members)      ONE("'mode':'key-set'" members)
#define TWO(first, second) "{'issuers':[{'name':'a'," first "},{'name':'b'," second "}]}"

static void test_defaults(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct identity_sign_in sign_in;
    assert_int_equal(identity_sign_in_read(NULL, arena, &sign_in, NULL), OK);
    assert_int_equal(sign_in.enforcement, IDENTITY_OFF);
    assert_int_equal(sign_in.issuer_count, 0);
    assert_true(sign_in.carry_anonymous_conversation);
    json_auto_t *null = json_null();
    assert_int_equal(identity_sign_in_read(null, arena, &sign_in, NULL), OK);
    sign_in = settings(arena, "{'name':'a','mode':'hmac'},{'name':'b','mode':'key-set'}");
    assert_int_equal(sign_in.enforcement, IDENTITY_OPTIONAL);
    const struct identity_issuer *issuer = &sign_in.issuers[0];
    assert_int_equal(issuer->algorithms, jose_algorithms_symmetric());
    assert_int_equal(issuer->leeway_s, 60);
    assert_int_equal(issuer->permission_claim_count, 4);
    assert_null(issuer->issuer.at);
    assert_null(issuer->mapping);
    assert_int_equal(sign_in.issuers[1].algorithms, jose_algorithms_asymmetric());
    identity_sign_in_release(&sign_in);
}

static void test_everything_set(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct identity_sign_in sign_in;
    json_auto_t *json =
        json_of(arena, "{'enforcement':'required','signInUrl':'https://acme.example/"
                       "login','carryAnonymousConversation':false,'issuers':[{'name':'Acme-1_x.y',"
                       "'mode':'key-set','keySetUrl':'https://acme.example:8443/"
                       "jwks.json?v=1','issuer':'https://acme.example','audiences':['chat','app'],"
                       "'algorithms':['RS256','EdDSA'],'leewaySeconds':0,'permissionClaims':['scope','/a/"
                       "b'],'mapping':{'tier':'https://acme.example/tier'}}]}");
    assert_int_equal(identity_sign_in_read(json, arena, &sign_in, NULL), OK);
    assert_int_equal(sign_in.enforcement, IDENTITY_REQUIRED);
    assert_str(sign_in.sign_in_url, "https://acme.example/login");
    assert_false(sign_in.carry_anonymous_conversation);
    const struct identity_issuer *issuer = &sign_in.issuers[0];
    assert_str(issuer->name, "Acme-1_x.y");
    assert_int_equal(issuer->mode, IDENTITY_KEY_SET);
    assert_str(issuer->key_set_url, "https://acme.example:8443/jwks.json?v=1");
    assert_str(issuer->issuer, "https://acme.example");
    assert_int_equal(issuer->audience_count, 2);
    assert_int_equal(issuer->algorithms, jose_algorithm_bit(algorithm_named("RS256")) |
                                             jose_algorithm_bit(algorithm_named("EdDSA")));
    assert_int_equal(issuer->leeway_s, 0);
    assert_int_equal(issuer->permission_claim_count, 2);
    assert_non_null(issuer->mapping);
    identity_sign_in_release(&sign_in);
}

static void test_shapes(void **state) {
    (void)state;
    assert_where("[]", "");
    assert_where("{'enforcment':'off'}", "/enforcment");
    assert_where("{'enforcement':'on'}", "/enforcement");
    assert_where("{'enforcement':true}", "/enforcement");
    assert_where("{'carryAnonymousConversation':'yes'}", "/carryAnonymousConversation");
    assert_where("{'issuers':{}}", "/issuers");
    assert_where("{'issuers':['a']}", "/issuers/0");
    assert_where("{'a/b~c':1}", "/a~1b~0c");
    assert_fine("{'enforcement':'off','signInUrl':null,'issuers':null}");
    assert_fine("{}");
}

static void test_issuer_names_and_modes(void **state) {
    (void)state;
    assert_where("{'issuers':[{'mode':'hmac'}]}", "/issuers/0/name");
    assert_where("{'issuers':[{'name':'','mode':'hmac'}]}", "/issuers/0/name");
    assert_where("{'issuers':[{'name':'a b','mode':'hmac'}]}", "/issuers/0/name");
    assert_where("{'issuers':[{'name':'a/b','mode':'hmac'}]}", "/issuers/0/name");
    assert_where("{'issuers':[{'name':7,'mode':'hmac'}]}", "/issuers/0/name");
    assert_where("{'issuers':[{'name':'a'}]}", "/issuers/0/mode");
    assert_where(ONE("'mode':'jwks'"), "/issuers/0/mode");
    assert_where(HMAC(",'audience':'chat'"),
                 "/issuers/0/audience"); /* misspelt: would have switched the check off */
}

static void test_types(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct identity_sign_in sign_in;
    json_auto_t *json = json_of(arena, HMAC(",'types':['at+jwt','application/JWT','Acme.Session+jwt']"));
    assert_int_equal(identity_sign_in_read(json, arena, &sign_in, NULL), OK);
    assert_int_equal(sign_in.issuers[0].type_count, 3);
    assert_str(sign_in.issuers[0].types[0], "at+jwt");
    assert_str(sign_in.issuers[0].types[1], "JWT");
    assert_str(sign_in.issuers[0].types[2], "Acme.Session+jwt");
    identity_sign_in_release(&sign_in);
    assert_fine(HMAC(",'types':null"));
    assert_where(HMAC(",'types':[]"), "/issuers/0/types");
    assert_where(HMAC(",'types':'at+jwt'"), "/issuers/0/types");
    assert_where(HMAC(",'types':['at+jwt','']"), "/issuers/0/types/1");
    assert_where(HMAC(",'types':['at jwt']"), "/issuers/0/types/0");
    assert_where(HMAC(",'types':['application/']"), "/issuers/0/types/0");
    assert_where(HMAC(",'types':['text/at+jwt']"), "/issuers/0/types/0");
    assert_where(HMAC(",'types':['application/application/at+jwt']"), "/issuers/0/types/0");
    assert_where(HMAC(",'types':['\u00e4']"), "/issuers/0/types/0");
    assert_where(HMAC(",'types':[null]"), "/issuers/0/types/0");
}

/* The wall between the modes is built when settings are saved (RFC 8725 section 3.1). */
static void test_algorithms(void **state) {
    (void)state;
    assert_fine(HMAC(",'algorithms':['HS256','HS512']"));
    assert_where(HMAC(",'algorithms':['HS256','RS256']"), "/issuers/0/algorithms/1");
    assert_where(KEYS(",'algorithms':['HS256']"), "/issuers/0/algorithms/0");
    assert_where(KEYS(",'algorithms':['none']"), "/issuers/0/algorithms/0");
    assert_where(KEYS(",'algorithms':['rs256']"), "/issuers/0/algorithms/0");
    assert_where(KEYS(",'algorithms':[]"), "/issuers/0/algorithms");
    assert_where(KEYS(",'algorithms':'RS256'"), "/issuers/0/algorithms");
    assert_where(KEYS(",'algorithms':[7]"), "/issuers/0/algorithms/0");
}

static void test_urls(void **state) {
    (void)state;
    static const char *const right[] = {
        "https://a.example/jwks.json", "http://localhost:8080/keys",   "https://[::1]:9/",
        "https://a.example",           "https://[::ffff:1.2.3.4]?a=b", "https://a_b-c.example:65535?x"};
    static const char *const wrong[] = {"",
                                        "a.example/jwks",
                                        "ftp://a.example/",
                                        "file:///etc/passwd",
                                        "javascript:alert(1)",
                                        "HTTPS://a.example/",
                                        "https://",
                                        "https:///path",
                                        "https://:443/",
                                        "https://user@a.example/",
                                        "https://a.example/ x",
                                        "https://a.example/#f",
                                        "https://a.example\\\\@b.example/",
                                        "https://a.example:0/",
                                        "https://a.example:65536/",
                                        "https://a.example:/",
                                        "https://a.example:44x/",
                                        "https://a.example:1:2/",
                                        "https://[::1/",
                                        "https://[]/",
                                        "https://[::1]443/",
                                        "https://[fe80::1%25lo]/",
                                        "https://[v1.x]/",
                                        "https://%61.example/",
                                        "https://a.example%00.b.example/",
                                        "https://a*.example/",
                                        "https://a,b.example/",
                                        "https://\xc3\xa4.example/"};
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        assert_fine(arena_print(arena, KEYS(",'keySetUrl':'%s'"), right[i]).at);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_where(arena_print(arena, KEYS(",'keySetUrl':'%s'"), wrong[i]).at, "/issuers/0/keySetUrl");
        assert_where(arena_print(arena, "{'signInUrl':'%s'}", wrong[i]).at, "/signInUrl");
    }
    assert_where(HMAC(",'keySetUrl':'https://a.example/'"), "/issuers/0/keySetUrl");
}

static void test_pasted_keys(void **state) {
    (void)state;
    assert_fine(KEYS(",'keys':{'keys':[" EC_A3 "]}"));
    assert_fine(KEYS(",'keys':" EC_A3));
    assert_fine(KEYS(",'keys':{'keys':[" EC_A3 ",{'kty':'future'}]}"));
    assert_where(KEYS(",'keys':{'keys':[]}"), "/issuers/0/keys");
    assert_where(KEYS(",'keys':{'keys':[{'kty':'future'}]}"), "/issuers/0/keys");
    assert_where(KEYS(",'keys':{'a':'b'}"), "/issuers/0/keys");
    assert_where(KEYS(",'keys':'text'"), "/issuers/0/keys");
    assert_where(KEYS(",'keys':" EC_A3_PRIVATE), "/issuers/0/keys"); /* it has been shown: not even kept */
    assert_where(KEYS(",'keys':{'keys':[" EC_A3 "," OCT_A1 "]}"), "/issuers/0/keys");
    assert_where(KEYS(",'keySetUrl':'https://a.example/','keys':" EC_A3), "/issuers/0/keys");
    assert_where(HMAC(",'keys':" EC_A3), "/issuers/0/keys");
}

static void test_small_fields(void **state) {
    (void)state;
    assert_where(HMAC(",'leewaySeconds':61"), "/issuers/0/leewaySeconds");
    assert_where(HMAC(",'leewaySeconds':-1"), "/issuers/0/leewaySeconds");
    assert_where(HMAC(",'leewaySeconds':1.5"), "/issuers/0/leewaySeconds");
    assert_where(HMAC(",'leewaySeconds':'60'"), "/issuers/0/leewaySeconds");
    assert_where(HMAC(",'issuer':''"), "/issuers/0/issuer");
    assert_where(HMAC(",'issuer':'a\\nb'"), "/issuers/0/issuer");
    assert_where(HMAC(",'audiences':'chat'"), "/issuers/0/audiences");
    assert_where(HMAC(",'audiences':['chat','']"), "/issuers/0/audiences/1");
    assert_where(
        HMAC(",'audiences':['1','2','3','4','5','6','7','8','9','10','11','12','13','14','15','16','17']"),
        "/issuers/0/audiences");
    assert_where(HMAC(",'permissionClaims':['/a~2']"), "/issuers/0/permissionClaims/0");
    assert_where(HMAC(",'permissionClaims':{}"), "/issuers/0/permissionClaims");
}

static void test_mapping_settings(void **state) {
    (void)state;
    assert_fine(HMAC(",'mapping':{}"));
    assert_fine(HMAC(",'mapping':null"));
    assert_where(HMAC(",'mapping':[]"), "/issuers/0/mapping");
    assert_where(HMAC(",'mapping':{'a':1}"), "/issuers/0/mapping/a");
    assert_where(HMAC(",'mapping':{'a/b':''}"), "/issuers/0/mapping/a~1b");
    assert_where(HMAC(",'mapping':{'a':'/x~'}"), "/issuers/0/mapping/a");
    assert_where(HMAC(",'mapping':{'':'x'}"), "/issuers/0/mapping/");
    assert_where(HMAC(",'mapping':{'sub':'email'}"),
                 "/issuers/0/mapping/sub"); /* the verified user is the verified user */
    assert_where(HMAC(",'mapping':{'a\\u0007':'x'}"), "/issuers/0/mapping/a\a");
    AUTO_ARENA arena = arena_new();
    json_auto_t *many = json_object();
    for (int i = 0; i < 65; i++)
        json_object_set_new(many, arena_print(arena, "n%d", i).at, json_string("x"));
    struct identity_mapping *mapping;
    struct identity_config_error error;
    assert_int_equal(identity_mapping_read(many, arena, &mapping, &error), INVALID);
    assert_str(error.pointer, "");
    json_object_del(many, "n64");
    assert_int_equal(identity_mapping_read(many, arena, &mapping, &error), OK);
}

/* ---- several issuers on one environment ---- */

static void test_issuers_that_cannot_be_told_apart(void **state) {
    (void)state;
    assert_where(
        "{'issuers':[{'name':'a','mode':'hmac','issuer':'x'},{'name':'a','mode':'hmac','issuer':'y'}]}",
        "/issuers/1/name");
    assert_where(TWO("'mode':'hmac'", "'mode':'hmac'"), "/issuers/1/issuer");
    assert_where(TWO("'mode':'key-set','issuer':'x'", "'mode':'key-set','issuer':'x'"), "/issuers/1/issuer");
    assert_where(TWO("'mode':'key-set','issuer':'x','audiences':['p','q']",
                     "'mode':'key-set','issuer':'x','audiences':['q']"),
                 "/issuers/1/issuer");
    assert_where(TWO("'mode':'key-set','issuer':'x','audiences':['p']", "'mode':'key-set','issuer':'x'"),
                 "/issuers/1/issuer");
    assert_fine(TWO("'mode':'hmac'", "'mode':'key-set'"));
    assert_fine(TWO("'mode':'hmac'", "'mode':'hmac','issuer':'x'"));
    assert_fine(TWO("'mode':'key-set','issuer':'x'", "'mode':'key-set','issuer':'y'"));
    assert_fine(TWO("'mode':'key-set','issuer':'x','audiences':['p']",
                    "'mode':'key-set','issuer':'x','audiences':['q']"));
    assert_fine(TWO("'mode':'key-set','issuer':'x','algorithms':['RS256']",
                    "'mode':'key-set','issuer':'x','algorithms':['ES256']"));
}

/* The name of the issuer that is chosen, or the detail of the failure. */
static const char *chosen(struct arena *arena, const char *issuers, const char *alg, const char *claims) {
    struct identity_sign_in sign_in = settings(arena, issuers);
    struct identity_token token;
    struct identity_failure failure;
    const struct identity_issuer *issuer = NULL;
    struct str text = token_of(arena, json_text(arena, arena_print(arena, "{'alg':'%s'}", alg).at),
                               json_text(arena, claims), STR("x"));
    assert_int_equal(identity_token_read(text, arena, &token, &failure), OK);
    enum status status = identity_choose_issuer(&sign_in, &token, arena, &issuer, &failure);
    assert_true((status == OK) == (issuer != NULL) || status == INVALID);
    const char *result =
        status == OK ? arena_terminated(arena, issuer->name) : identity_words(failure.detail)->detail;
    identity_sign_in_release(&sign_in);
    return result;
}

static void test_choice(void **state) {
    (void)state;
    static const char mixed[] = "{'name':'secret','mode':'hmac'},{'name':'x','mode':'key-set','issuer':'x'},{"
                                "'name':'y','mode':'key-set','issuer':'y'}";
    static const char audiences[] = "{'name':'p','mode':'key-set','issuer':'x','audiences':['p']},{'name':'q'"
                                    ",'mode':'key-set','issuer':'x','audiences':['q']}";
    static const char open[] = "{'name':'any','mode':'key-set'},{'name':'x','mode':'key-set','issuer':'x'}";
    static const char one[] = "{'name':'only','mode':'key-set','issuer':'x','algorithms':['RS256']}";
    static const struct {
        const char *issuers;
        const char *alg;
        const char *claims;
        const char *expected;
    } cases[] = {
        {"", "RS256", "{}", "sign-in-off"},
        {one, "RS256", "{'iss':'other'}", "only"}, /* its own rules will say what is wrong */
        {one, "RS256", "no JSON", "only"},
        {one, "ES256", "{}", "alg-not-allowed"},
        {one, "HS256", "{}", "alg-not-allowed"},
        {one, "none", "{}", "alg-not-allowed"},
        {mixed, "HS256", "{'iss':'x'}", "secret"},
        {mixed, "RS256", "{'iss':'x'}", "x"},
        {mixed, "RS256", "{'iss':'y'}", "y"},
        {mixed, "RS256", "{'iss':'z'}", "iss-mismatch"},
        {mixed, "RS256", "{'iss':7}", "iss-missing"},
        {mixed, "RS256", "{}", "iss-missing"},
        {mixed, "RS256", "[]", "claims-malformed"},
        {mixed, "RS256", "{'iss':'x','iss':'y'}", "claims-malformed"},
        {audiences, "RS256", "{'iss':'x','aud':'p'}", "p"},
        {audiences, "RS256", "{'iss':'x','aud':['q']}", "q"},
        {audiences, "RS256", "{'iss':'x','aud':['p','q']}", "issuer-ambiguous"},
        {audiences, "RS256", "{'iss':'x','aud':'r'}", "aud-mismatch"},
        {open, "RS256", "{'iss':'x'}", "x"},
        {open, "RS256", "{'iss':'z'}", "any"},
        {open, "RS256", "{}", "any"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_ARENA arena = arena_new();
        assert_string_equal(chosen(arena, cases[i].issuers, cases[i].alg, cases[i].claims),
                            cases[i].expected);
    }
}

/* ---- keys that are missing, old or elsewhere ---- */

static struct identity_failure failure_with(const char *issuer, const char *keys_text, const char *header) {
    AUTO_ARENA arena = arena_new();
    struct jose_key_set *signer = keys_read(arena, EC_A3_PRIVATE, JOSE_ALL_KEYS);
    struct jose_key_set *keys = keys_text != NULL ? keys_read(arena, keys_text, JOSE_PUBLIC_KEYS) : NULL;
    struct outcome outcome = verify_text(
        issuer, keys, token_signed(arena, key_only(signer), "ES256", header, "{'sub':'a','exp':1800000300}"));
    struct identity_failure failure = outcome.failure;
    assert_int_equal(outcome.status, INVALID);
    outcome_free(&outcome);
    jose_key_set_release(signer);
    jose_key_set_release(keys);
    return failure;
}

static void test_keys_that_a_refresh_may_cure(void **state) {
    (void)state;
    static const char issuer[] = "{'name':'a','mode':'key-set'}";
    static const struct {
        const char *keys;
        const char *header;
        enum identity_detail detail;
        bool may_be_stale;
    } cases[] = {
        {NULL, "{'alg':'ES256','kid':'k'}", IDENTITY_KEY_SET_MISSING, false},
        {"{'keys':[]}", "{'alg':'ES256','kid':'k'}", IDENTITY_UNKNOWN_KID, true},
        {"{'keys':[]}", "{'alg':'ES256'}", IDENTITY_KEY_UNFIT, true},
        {"{'keys':[{" OKP_MEMBERS ",'kid':'k'}]}", "{'alg':'ES256','kid':'k'}", IDENTITY_KEY_UNFIT, true},
        {"{'keys':[{'kty':'EC','kid':'k'},{" EC_A3_MEMBERS ",'kid':'k'}]}", "{'alg':'ES256','kid':'k'}",
         IDENTITY_KEY_AMBIGUOUS, true},
        {"{'keys':[{'kty':'EC','crv':'P-256','x':'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4','y':'"
         "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM','kid':'k'}]}",
         "{'alg':'ES256'}", IDENTITY_SIGNATURE_MISMATCH, true},
        {"{'keys':[{'kty':'EC','crv':'P-256','x':'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4','y':'"
         "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM','kid':'k'}]}",
         "{'alg':'ES256','kid':'k'}", IDENTITY_SIGNATURE_MISMATCH, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct identity_failure failure = failure_with(issuer, cases[i].keys, cases[i].header);
        assert_int_equal(failure.detail, cases[i].detail);
        assert_true(failure.keys_may_be_stale == cases[i].may_be_stale);
    }
}

static void test_secrets_that_are_missing_or_short(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct jose_key_set *signer = secret_keys(SECRET);
    struct str text =
        token_signed(arena, key_only(signer), "HS512", "{'alg':'HS512'}", "{'sub':'a','exp':1800000300}");
    struct jose_key_set *none;
    assert_int_equal(jose_key_set_from_secrets(NULL, 0, &none), OK);
    struct jose_key_set *of_forty = secret_keys("a-secret-of-more-than-thirty-two-bytes");
    const struct {
        const struct jose_key_set *keys;
        enum identity_detail detail;
    } cases[] = {{NULL, IDENTITY_SECRET_MISSING},
                 {none, IDENTITY_SECRET_MISSING},
                 {of_forty, IDENTITY_SECRET_TOO_SHORT}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct outcome outcome = verify_text("{" HMAC_ISSUER "}", cases[i].keys, text);
        assert_int_equal(outcome.status, INVALID);
        assert_int_equal(outcome.failure.detail, cases[i].detail);
        assert_int_equal(identity_words(outcome.failure.detail)->reason, IDENTITY_CONFIG_INCOMPLETE);
        assert_false(outcome.failure.keys_may_be_stale);
        outcome_free(&outcome);
    }
    jose_key_set_release(signer);
    jose_key_set_release(none);
    jose_key_set_release(of_forty);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_everything_set),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_issuer_names_and_modes),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_algorithms),
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_pasted_keys),
        cmocka_unit_test(test_small_fields),
        cmocka_unit_test(test_mapping_settings),
        cmocka_unit_test(test_issuers_that_cannot_be_told_apart),
        cmocka_unit_test(test_choice),
        cmocka_unit_test(test_keys_that_a_refresh_may_cure),
        cmocka_unit_test(test_secrets_that_are_missing_or_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
