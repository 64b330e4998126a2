/* SPDX-License-Identifier: Apache-2.0 */
/* The identity providers: what their fields become, tokens shaped as each provider documents them, and each
 * of the provider's own rules broken once. */
#include "identity/support.h"

#define KEY_PRIVATE "{" RSA_A2_MEMBERS ",'kid':'k1','d':'" RSA_A2_D "'}"
#define KEYS        "{'keys':[{" RSA_A2_MEMBERS ",'kid':'k1','use':'sig','alg':'RS256'}]}"
#define HEADER_RS   "{'alg':'RS256','kid':'k1','typ':'JWT'}"
#define HEADER_AT   "{'alg':'RS256','kid':'k1','typ':'at+jwt'}"

#define PROVIDED(id, fields, more)                                                                           \
    "{'name':'a','mode':'key-set','provider':{'id':'" id "','fields':{" fields "}" more "}"

/* `base` with the members of `change` in the place of its own; null takes one away. */
static const char *changed(struct arena *arena, const char *base, const char *change) {
    json_auto_t *claims = json_of(arena, base);
    json_auto_t *other = json_of(arena, change);
    struct json_walk walk = {0};
    while (json_walk_next(other, &walk)) {
        if (json_is_null(walk.value))
            json_object_deln(claims, walk.name.at, walk.name.len);
        else
            json_set(claims, walk.name, json_incref(walk.value));
    }
    return arena_terminated(arena, json_write(arena, claims));
}

static struct outcome verify_by(const char *issuer, const char *header, const char *claims) {
    AUTO_ARENA arena = arena_new();
    struct jose_key_set *keys = keys_read(arena, KEYS, JOSE_PUBLIC_KEYS);
    struct jose_key_set *private = keys_read(arena, KEY_PRIVATE, JOSE_ALL_KEYS);
    struct str text = token_signed(arena, key_only(private), "RS256", header, claims);
    struct identity_failure failure;
    struct outcome outcome = {.arena = arena_new()};
    static const char *const origins[] = {"https://shop.example"};
    struct str origin = str_from(origins[0]);
    outcome.sign_in = settings(outcome.arena, issuer);
    identity_sign_in_set_origins(&outcome.sign_in, &origin, 1);
    struct identity_token token;
    const struct identity_issuer *chosen = NULL;
    struct str copy = arena_copy(outcome.arena, text);
    assert_int_equal(identity_token_read(copy, outcome.arena, &token, &failure), OK);
    outcome.status =
        identity_choose_issuer(&outcome.sign_in, &token, outcome.arena, &chosen, &outcome.failure);
    if (outcome.status == OK)
        outcome.status =
            identity_verify(chosen, keys, &token, NOW, outcome.arena, &outcome.identity, &outcome.failure);
    jose_key_set_release(private);
    jose_key_set_release(keys);
    return outcome;
}

static void taken_at(const char *issuer, const char *header, const char *base, const char *change, int line) {
    AUTO_ARENA arena = arena_new();
    struct outcome outcome = verify_by(issuer, header, changed(arena, base, change));
    if (outcome.status != OK)
        print_error("line %d: %s: %.*s\n", line, identity_words(outcome.failure.detail)->detail,
                    STR_ARG(outcome.failure.explanation));
    _assert_true(outcome.status == OK, "taken", __FILE__, line);
    outcome_free(&outcome);
}

static void refused_at(const char *issuer, const char *header, const char *base, const char *change,
                       enum identity_detail detail, int line) {
    AUTO_ARENA arena = arena_new();
    struct outcome outcome = verify_by(issuer, header, changed(arena, base, change));
    if (outcome.status == OK || outcome.failure.detail != detail)
        print_error("line %d: %s: %.*s\n", line, identity_words(outcome.failure.detail)->detail,
                    STR_ARG(outcome.failure.explanation));
    _assert_true(outcome.status == INVALID, "refused", __FILE__, line);
    _assert_int_equal((unsigned long long)outcome.failure.detail, (unsigned long long)detail, __FILE__, line);
    assert_true(outcome.failure.explanation.len > 0);
    outcome_free(&outcome);
}

#define taken(change)           taken_at(ISSUER, HEADER_RS, CLAIMS, (change), __LINE__)
#define refused(change, detail) refused_at(ISSUER, HEADER_RS, CLAIMS, (change), (detail), __LINE__)

static void has_permissions(const char *issuer, const char *base, const char *change, const char *expected) {
    AUTO_ARENA arena = arena_new();
    struct outcome outcome = verify_by(issuer, HEADER_RS, changed(arena, base, change));
    assert_int_equal(outcome.status, OK);
    struct str all = STR("");
    for (size_t i = 0; i < outcome.identity.permission_count; i++)
        all = arena_print(arena, "%.*s%s%.*s", STR_ARG(all), i > 0 ? " " : "",
                          STR_ARG(outcome.identity.permissions[i]));
    assert_str(all, expected);
    outcome_free(&outcome);
}

/* ---- the settings ---- */

static struct identity_issuer *expanded(struct arena *arena, struct identity_sign_in *sign_in,
                                        const char *issuer) {
    *sign_in = settings(arena, issuer);
    assert_non_null(sign_in->issuers[0].provided);
    return &sign_in->issuers[0];
}

static void assert_place(const char *issuers, const char *pointer) {
    AUTO_ARENA arena = arena_new();
    struct identity_sign_in sign_in;
    struct identity_config_error error = {STR_NONE, STR_NONE};
    json_auto_t *json = json_of(arena, arena_print(arena, "{'issuers':[%s]}", issuers).at);
    if (identity_sign_in_read(json, arena, &sign_in, &error) == OK)
        fail_msg("taken: %s", issuers);
    assert_true(error.message.len > 0);
    assert_string_equal(arena_terminated(arena, error.pointer), pointer);
}

static void assert_where(const char *issuer, const char *pointer) {
    AUTO_ARENA arena = arena_new();
    assert_place(issuer, arena_print(arena, "/issuers/0%s", pointer).at);
}

static void test_catalogue(void **state) {
    (void)state;
    static const char *const ids[] = {"auth0", "clerk", "cognito", "workos", "firebase", "oidc"};
    static const char *const names[] = {"tenantDomain clientId apiAudience ",
                                        "instanceUrl clientId ",
                                        "domain clientId ",
                                        "clientId organizationId ",
                                        "projectId ",
                                        "issuer clientId audience "};
    AUTO_ARENA arena = arena_new();
    for (size_t i = 0; i < 6; i++) {
        const struct identity_provider *provider = identity_provider_at(i);
        struct str fields = STR("");
        assert_string_equal(provider->id, ids[i]);
        for (size_t k = 0; k < provider->field_count; k++)
            fields = arena_print(arena, "%.*s%s ", STR_ARG(fields), provider->fields[k].name);
        assert_str(fields, names[i]);
        /* Row A5: offered for Auth0, Clerk and Cognito, and absent for WorkOS. */
        assert_int_equal(provider->offers_offline_access, i < 3);
    }
    assert_null(identity_provider_at(6));
}

static void test_refused_settings(void **state) {
    (void)state;
#define GOOD PROVIDED("auth0", "'tenantDomain':'acme.auth0.com','clientId':'c1'", "")
    assert_where("{'name':'a','mode':'key-set','provider':'auth0'}", "/provider");
    assert_where("{'name':'a','mode':'key-set','provider':{}}", "/provider/id");
    assert_where("{'name':'a','mode':'key-set','provider':{'id':'okta'}}", "/provider/id");
    assert_where("{'name':'a','mode':'hmac','provider':{'id':'auth0'}}", "/mode");
    assert_where("{'name':'a','mode':'key-set','provider':{'id':'auth0'}}", "/provider/fields");
    assert_where("{'name':'a','mode':'key-set','provider':{'id':'auth0','fields':[]}}", "/provider/fields");
    assert_where(PROVIDED("auth0", "'clientId':'c1'", "") "}", "/provider/fields/tenantDomain");
    assert_where(PROVIDED("auth0", "'tenantDomain':'','clientId':'c1'", "") "}",
                 "/provider/fields/tenantDomain");
    assert_where(PROVIDED("auth0", "'tenantDomain':'acme','clientId':'c1'", "") "}",
                 "/provider/fields/tenantDomain");
    assert_where(PROVIDED("auth0", "'tenantDomain':'acme.auth0.com/x','clientId':'c1'", "") "}",
                 "/provider/fields/tenantDomain");
    assert_where(PROVIDED("auth0", "'tenantDomain':'a@evil.example','clientId':'c1'", "") "}",
                 "/provider/fields/tenantDomain");
    assert_where(PROVIDED("auth0", "'tenantDomain':'a.b.','clientId':'c1'", "") "}",
                 "/provider/fields/tenantDomain");
    assert_where(PROVIDED("auth0", "'tenantDomain':'acme.auth0.com','clientId':'c 1'", "") "}",
                 "/provider/fields/clientId");
    assert_where(PROVIDED("auth0", "'tenantDomain':7,'clientId':'c1'", "") "}",
                 "/provider/fields/tenantDomain");
    assert_where(PROVIDED("auth0", "'tenantDomain':'a.b','clientId':'c','secret':'s'", "") "}",
                 "/provider/fields/secret");
    assert_where(PROVIDED("auth0", "'tenantDomain':'a.b','clientId':'c'", ",'offlineAcess':true") "}",
                 "/provider/offlineAcess");
    assert_where(PROVIDED("auth0", "'tenantDomain':'a.b','clientId':'c'", ",'offlineAccess':1") "}",
                 "/provider/offlineAccess");
    assert_where(PROVIDED("auth0", "'tenantDomain':'a.b','clientId':'c'", ",'tokenUse':'id'") "}",
                 "/provider/tokenUse");
    assert_where(PROVIDED("workos", "'clientId':'c','organizationId':'o'", ",'offlineAccess':true") "}",
                 "/provider/offlineAccess");
    assert_where(PROVIDED("firebase", "'projectId':'Acme'", "") "}", "/provider/fields/projectId");
    assert_where(PROVIDED("oidc", "'issuer':'login.acme.example','clientId':'c'", "") "}",
                 "/provider/fields/issuer");
    assert_where(PROVIDED("oidc", "'issuer':'https://a.example?x','clientId':'c'", "") "}",
                 "/provider/fields/issuer");
    assert_where(PROVIDED("clerk", "'instanceUrl':'a.b','clientId':'c'", ",'origins':'x'") "}",
                 "/provider/origins");
    /* What the provider decides does not stand beside it. */
    assert_where(GOOD ",'audiences':['x']}", "/audiences");
    assert_where(GOOD ",'types':['JWT']}", "/types");
    assert_where(GOOD ",'algorithms':['RS256']}", "/algorithms");
    assert_where(GOOD ",'issuer':'https://acme.example'}", "/issuer");
}

static void together(const char *first, const char *second, bool is_fine) {
    AUTO_ARENA arena = arena_new();
    struct identity_sign_in sign_in;
    struct identity_config_error error = {STR_NONE, STR_NONE};
    json_auto_t *json = json_of(
        arena, arena_print(arena, "{'issuers':[{'name':'x',%s,{'name':'y',%s]}", first + 12, second + 12).at);
    enum status status = identity_sign_in_read(json, arena, &sign_in, &error);
    assert_int_equal(status, is_fine ? OK : INVALID);
    if (!is_fine)
        assert_str(error.pointer, "/issuers/1/issuer");
    identity_sign_in_release(&sign_in);
}

/* Two issuers that would take the same tokens are refused when they are saved. */
static void test_side_by_side(void **state) {
    (void)state;
#define POOL ",'issuer':'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC1'}"
    together(GOOD "}", GOOD "}", false);
    together(GOOD "}", PROVIDED("auth0", "'tenantDomain':'acme.auth0.com','clientId':'c2'", "") "}", true);
    together(PROVIDED("cognito", "'domain':'a.b','clientId':'c1'", "") POOL,
             PROVIDED("cognito", "'domain':'a.b','clientId':'c1'", "") POOL, false);
    together(PROVIDED("cognito", "'domain':'a.b','clientId':'c1'", "") POOL,
             PROVIDED("cognito", "'domain':'a.b','clientId':'c2'", "") POOL, true);
    together(PROVIDED("workos", "'clientId':'c','organizationId':'o1'", "") "}",
             PROVIDED("workos", "'clientId':'c','organizationId':'o2'", "") "}", true);
    together(PROVIDED("cognito", "'domain':'a.b','clientId':'c1'", "") "}", /* neither is confirmed yet */
             PROVIDED("cognito", "'domain':'a.b','clientId':'c1'", "") "}", true);
}

/* ---- Auth0 ---- */

#undef ISSUER
#undef CLAIMS
#define ISSUER                                                                                               \
    PROVIDED("auth0",                                                                                        \
             "'tenantDomain':'https://Acme.eu.auth0.com/','clientId':'k3Jf0aQ',"                             \
             "'apiAudience':'https://api.acme.example'",                                                     \
             ",'offlineAccess':true,'organization':'org_1'")                                                 \
    "}"
#define CLAIMS                                                                                               \
    "{'iss':'https://acme.eu.auth0.com/','sub':'auth0|507f1f77bcf86cd799439020',"                            \
    "'aud':['https://api.acme.example','https://acme.eu.auth0.com/userinfo'],'iat':1800000000,"              \
    "'exp':1800086400,'azp':'k3Jf0aQ','scope':'openid profile read:balance','org_id':'org_1',"               \
    "'permissions':['read:balance','write:orders'],'https://acme.example/tier':'gold'}"

static void test_auth0_settings(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct identity_sign_in sign_in;
    const struct identity_issuer *issuer = expanded(arena, &sign_in, ISSUER);
    assert_str(issuer->issuer, "https://acme.eu.auth0.com/");
    assert_str(issuer->key_set_url, "https://acme.eu.auth0.com/.well-known/jwks.json");
    assert_int_equal(issuer->audience_count, 2);
    assert_str(issuer->audiences[0], "k3Jf0aQ");
    assert_str(issuer->audiences[1], "https://api.acme.example");
    assert_true(issuer->provided->has_offline_access);
    assert_true(issuer->provided->is_confirmed);
    assert_true(issuer->algorithms == (jose_algorithm_bit(algorithm_named("RS256")) |
                                       jose_algorithm_bit(algorithm_named("PS256"))));
    issuer = expanded(arena, &sign_in,
                      PROVIDED("auth0", "'tenantDomain':'login.acme.example','clientId':'c','apiAudience':''",
                               "") ",'keySetUrl':'https://keys.acme.example/'}");
    assert_int_equal(issuer->audience_count, 1);
    assert_str(issuer->key_set_url, "https://keys.acme.example/"); /* given by hand: it wins */
}

static void test_auth0_tokens(void **state) {
    (void)state;
    taken("{}");
    taken("{'azp':null,'client_id':'k3Jf0aQ'}");                   /* RFC 9068 profile */
    taken("{'aud':'k3Jf0aQ','azp':null,'scope':null,'sid':'s1'}"); /* an ID token */
    taken_at(ISSUER, HEADER_AT, CLAIMS, "{'azp':null,'client_id':'k3Jf0aQ'}", __LINE__);
    refused("{'iss':'https://acme.eu.auth0.com'}", IDENTITY_ISS_MISMATCH); /* the slash counts */
    refused("{'aud':'https://other.example'}", IDENTITY_AUD_MISMATCH);
    refused("{'azp':'other'}", IDENTITY_CLIENT_MISMATCH);
    refused("{'azp':null,'client_id':'other'}", IDENTITY_CLIENT_MISMATCH);
    refused("{'azp':null}", IDENTITY_CLIENT_MISMATCH);
    refused("{'azp':7}", IDENTITY_CLIENT_MISMATCH);
    refused("{'org_id':'org_2'}", IDENTITY_ORGANIZATION_MISMATCH);
    refused("{'org_id':null}", IDENTITY_ORGANIZATION_MISMATCH);
    refused("{'gty':'client-credentials'}", IDENTITY_MACHINE_TOKEN);
    refused("{'sub':'k3Jf0aQ@clients'}", IDENTITY_MACHINE_TOKEN);
    refused_at(ISSUER, "{'alg':'RS256','kid':'k1','typ':'logout+jwt'}", CLAIMS, "{}",
               IDENTITY_TYP_NOT_ALLOWED, __LINE__);
    has_permissions(ISSUER, CLAIMS, "{}", "openid profile read:balance write:orders");
}

/* ---- Clerk ---- */

#undef ISSUER
#undef CLAIMS
#define ISSUER                                                                                               \
    PROVIDED("clerk", "'instanceUrl':'https://acme-12.clerk.accounts.dev','clientId':'oauth1'", "") "}"
#define CLAIMS                                                                                               \
    "{'azp':'https://shop.example','exp':1800000060,'iat':1800000000,'nbf':1799999990,'fva':[3,-1],"         \
    "'iss':'https://"                                                                                        \
    "acme-12.clerk.accounts.dev','jti':'10db7f531a90cb2faea4','sid':'sess_2Q','sts':'active',"               \
    "'sub':'user_2P','v':2,'fea':'o:dashboard,u:pro,o:teams','pla':'o:standard',"                            \
    "'o':{'id':'org_1','slg':'acme','rol':'admin','per':'manage,read','fpm':'3,2'}}"

static void test_clerk_settings(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct identity_sign_in sign_in;
    const struct identity_issuer *issuer = expanded(arena, &sign_in, ISSUER);
    assert_str(issuer->issuer, "https://acme-12.clerk.accounts.dev");
    assert_str(issuer->key_set_url, "https://acme-12.clerk.accounts.dev/.well-known/jwks.json");
    assert_int_equal(issuer->audience_count, 0);
}

static void test_clerk_tokens(void **state) {
    (void)state;
    taken("{}");
    taken("{'azp':null}"); /* the browser sent no Origin */
    taken("{'v':null,'sts':null,'o':null,'fea':null,'org_id':'org_1','org_role':'org:admin',"
          "'org_permissions':['org:teams:read']}"); /* version 1 */
    taken("{'aud':'oauth1','azp':'oauth1'}");       /* an ID token of an OAuth application */
    taken("{'client_id':'oauth1','azp':null}");
    refused("{'azp':'https://evil.example'}", IDENTITY_CLIENT_MISMATCH);
    refused("{'azp':'https://shop.example/'}", IDENTITY_CLIENT_MISMATCH);
    refused("{'azp':['https://shop.example']}", IDENTITY_CLIENT_MISMATCH);
    refused("{'client_id':'other'}", IDENTITY_CLIENT_MISMATCH);
    refused("{'aud':'other'}", IDENTITY_AUD_MISMATCH);
    refused("{'sts':'pending'}", IDENTITY_PROVIDER_RULE);
    refused("{'v':3}", IDENTITY_PROVIDER_RULE);
    refused("{'v':'2'}", IDENTITY_PROVIDER_RULE);
    refused("{'iss':'https://acme-12.clerk.accounts.dev/'}", IDENTITY_ISS_MISMATCH);
    refused("{'exp':1799999940,'nbf':null,'iat':1799999880}", IDENTITY_EXP_PASSED);
}

static void test_clerk_origins(void **state) {
    (void)state;
#define OWN                                                                                                  \
    PROVIDED("clerk", "'instanceUrl':'acme-12.clerk.accounts.dev','clientId':'oauth1'",                      \
             ",'origins':['https://own.example']")                                                           \
    "}"
#define ANY                                                                                                  \
    PROVIDED("clerk", "'instanceUrl':'acme-12.clerk.accounts.dev','clientId':'oauth1'", ",'origins':['*']")  \
    "}"
    taken_at(OWN, HEADER_RS, CLAIMS, "{'azp':'https://own.example'}", __LINE__);
    refused_at(OWN, HEADER_RS, CLAIMS, "{}", IDENTITY_CLIENT_MISMATCH, __LINE__);
    taken_at(ANY, HEADER_RS, CLAIMS, "{}", __LINE__);
}

static void test_clerk_permissions(void **state) {
    (void)state;
    has_permissions(ISSUER, CLAIMS, "{}", "org:admin org:dashboard:manage org:dashboard:read org:teams:read");
    has_permissions(ISSUER, CLAIMS,
                    "{'fea':'uo:dashboard','o':{'rol':'member','per':'manage,read','fpm':'1'}}",
                    "org:member org:dashboard:manage");
    /* What does not read grants nothing. */
    has_permissions(ISSUER, CLAIMS, "{'o':{'rol':'member','per':'a','fpm':'x,1'}}", "org:member");
    has_permissions(ISSUER, CLAIMS, "{'o':{'rol':'member','per':'a'}}", "org:member");
    has_permissions(ISSUER, CLAIMS, "{'o':[1],'fea':'o:'}", "");
    has_permissions(ISSUER, CLAIMS, "{'o':{'per':',b','fpm':'18446744073709551615'},'fea':'o:x'}", "org:x:b");
    has_permissions(ISSUER, CLAIMS,
                    "{'v':1,'o':null,'fea':null,'org_role':'org:admin','org_permissions':['org:teams:read']}",
                    "org:admin org:teams:read");
}

/* ---- Cognito ---- */

#undef ISSUER
#undef CLAIMS
#define COGNITO(more)                                                                                        \
    PROVIDED("cognito", "'domain':'acme.auth.eu-west-1.amazoncognito.com','clientId':'4b8l'", more)
#define ISSUER COGNITO("") ",'issuer':'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123'}"
#define CLAIMS /* an ID token */                                                                             \
    "{'sub':'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee','cognito:groups':['gold','staff'],'email_verified':true," \
    "'iss':'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123','cognito:username':'ada',"      \
    "'origin_jti':'o1','event_id':'e1','aud':'4b8l','token_use':'id','auth_time':1799999990,"                \
    "'exp':1800003600,'iat':1800000000,'jti':'j1','email':'ada@acme.example','custom:plan':'gold'}"
#define ACCESS                                                                                               \
    "{'aud':null,'client_id':'4b8l','token_use':'access','scope':'openid "                                   \
    "bank/read','username':'ada','email':null}"

static void test_cognito_settings(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct identity_sign_in sign_in;
    const struct identity_issuer *issuer = expanded(arena, &sign_in, ISSUER);
    assert_str(issuer->key_set_url,
               "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123/.well-known/jwks.json");
    assert_true(issuer->provided->is_confirmed);
    issuer = expanded(arena, &sign_in, COGNITO("") "}");
    assert_false(issuer->provided->is_confirmed);
    assert_null(issuer->issuer.at);
    assert_null(issuer->key_set_url.at);
    assert_where(COGNITO("") ",'issuer':'https://cognito-idp.eu-west-2.amazonaws.com/eu-west-2_AbC'}",
                 "/issuer");
    assert_where(COGNITO("") ",'issuer':'https://evil.example/eu-west-1_AbC'}", "/issuer");
    assert_where(COGNITO(",'tokenUse':'refresh'") "}", "/provider/tokenUse");
}

static void test_cognito_pools(void **state) {
    (void)state;
    static const char *const good[] = {
        "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123",
        "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123",
        "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_AbCdEf123",
    };
    static const char *const bad[] = {
        "",
        "http://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC",
        "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-2_AbC",
        "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_",
        "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC/",
        "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab/C",
        "https://cognito-idp.eu-west-1.amazonaws.com.evil.example/eu-west-1_AbC",
        "https://cognito-idp.evil.example/eu-west-1_AbC",
        "https://cognito-idp..amazonaws.com/_AbC",
        "https://cognito-idp.EU.amazonaws.com/EU_AbC",
        "https://xcognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC",
        ("https://cognito-idp.eu-west-1.amazonaws.com/"
         "eu-west-1_AbCdEf123AbCdEf123AbCdEf123AbCdEf123AbCdEf123x"),
    };
    struct str region = STR_NONE;
    struct str pool = STR_NONE;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(identity_cognito_pool(str_from(good[i]), &region, &pool));
        assert_true(str_starts_with(pool, region));
    }
    assert_str(region, "cn-north-1");
    assert_str(pool, "cn-north-1_AbCdEf123");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (identity_cognito_pool(str_from(bad[i]), &region, &pool))
            fail_msg("taken: %s", bad[i]);
}

static void test_cognito_tokens(void **state) {
    (void)state;
    taken("{}");
    taken(ACCESS);
    refused("{'aud':'other'}", IDENTITY_AUD_MISMATCH);
    refused("{'aud':null}", IDENTITY_AUD_MISSING);
    refused("{'aud':null,'client_id':'other','token_use':'access'}", IDENTITY_CLIENT_MISMATCH);
    refused("{'aud':null,'token_use':'access'}", IDENTITY_CLIENT_MISMATCH);
    refused("{'aud':'4b8l','token_use':'access'}", IDENTITY_CLIENT_MISMATCH); /* an audience is no client */
    refused("{'token_use':null}", IDENTITY_PROVIDER_RULE);
    refused("{'token_use':'refresh'}", IDENTITY_PROVIDER_RULE);
    refused("{'iss':'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other'}", IDENTITY_ISS_MISMATCH);
    refused("{'aud':null,'client_id':'4b8l','sub':'4b8l','token_use':'access'}", IDENTITY_MACHINE_TOKEN);
#define ONLY(use)                                                                                            \
    COGNITO(",'tokenUse':'" use "'")                                                                         \
    ",'issuer':'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123'}"
    taken_at(ONLY("id"), HEADER_RS, CLAIMS, "{}", __LINE__);
    refused_at(ONLY("access"), HEADER_RS, CLAIMS, "{}", IDENTITY_PROVIDER_RULE, __LINE__);
    refused_at(COGNITO("") "}", HEADER_RS, CLAIMS, "{}", IDENTITY_ISSUER_UNCONFIRMED, __LINE__);
    has_permissions(ISSUER, CLAIMS, "{}", "gold staff");
    has_permissions(ISSUER, CLAIMS, ACCESS, "openid bank/read gold staff");
}

/* Two clients of one pool side by side: each token finds its own. */
static void test_cognito_two_clients(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    const char *both = ISSUER ",{'name':'b','mode':'key-set','provider':{'id':'cognito','fields':{'domain':"
                              "'acme.auth.eu-west-1.amazoncognito.com','clientId':'9z'}},'issuer':"
                              "'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123'}";
    struct outcome outcome = verify_by(both, HEADER_RS, changed(arena, CLAIMS, "{'aud':'9z'}"));
    assert_int_equal(outcome.status, OK);
    assert_str(outcome.identity.issuer_name, "b");
    outcome_free(&outcome);
    outcome = verify_by(both, HEADER_RS,
                        changed(arena, CLAIMS, "{'aud':null,'client_id':'4b8l','token_use':'access'}"));
    assert_int_equal(outcome.status, OK);
    assert_str(outcome.identity.issuer_name, "a");
    outcome_free(&outcome);
}

/* ---- WorkOS ---- */

#undef ISSUER
#undef CLAIMS
#define ISSUER PROVIDED("workos", "'clientId':'client_01H','organizationId':'org_01H'", "") "}"
#define CLAIMS                                                                                               \
    "{'iss':'https://api.workos.com/user_management/client_01H','sub':'user_01H','sid':'session_01H',"       \
    "'jti':'01H','org_id':'org_01H','role':'admin','roles':['admin','billing'],'permissions':['posts:read']" \
    ","                                                                                                      \
    "'entitlements':['audit-logs'],'exp':1800000300,'iat':1800000000}"

static void test_workos_settings(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct identity_sign_in sign_in;
    const struct identity_issuer *issuer = expanded(arena, &sign_in, ISSUER);
    assert_str(issuer->issuer, "https://api.workos.com/user_management/client_01H");
    assert_str(issuer->key_set_url, "https://api.workos.com/sso/jwks/client_01H");
    assert_false(issuer->provided->provider->offers_offline_access);
}

/* Whatever domain their tokens name, those of one client and organization may name its own form, too. */
static void test_workos_twice(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
#define SECOND(organization, issuer)                                                                         \
    ",{'name':'b','mode':'key-set','provider':{'id':'workos','fields':{'clientId':'client_01H',"             \
    "'organizationId':'" organization "'}},'issuer':'" issuer "'}"
    assert_place(ISSUER SECOND("org_01H", "https://auth.acme.example"), "/issuers/1/issuer");
    assert_place(PROVIDED("workos", "'clientId':'client_01H','organizationId':'org_01H'",
                          "") ",'issuer':"
                              "'https://chat.acme.example'}" SECOND("org_01H", "https://auth.acme.example"),
                 "/issuers/1/issuer");
    struct outcome outcome = verify_by(ISSUER SECOND("org_02H", "https://auth.acme.example"), HEADER_RS,
                                       changed(arena, CLAIMS, "{'org_id':'org_02H'}"));
    assert_int_equal(outcome.status, OK);
    assert_str(outcome.identity.issuer_name, "b");
    outcome_free(&outcome);
}

static void test_workos_tokens(void **state) {
    (void)state;
#define OWN_DOMAIN                                                                                           \
    PROVIDED("workos", "'clientId':'client_01H','organizationId':'org_01H'", "")                             \
    ",'issuer':'https://auth.acme.example'}"
    taken("{}");
    taken("{'iss':'https://api.workos.com'}");
    taken("{'client_id':'client_01H'}");
    taken_at(OWN_DOMAIN, HEADER_RS, CLAIMS, "{'iss':'https://auth.acme.example'}", __LINE__);
    taken_at(OWN_DOMAIN, HEADER_RS, CLAIMS, "{}", __LINE__);
    taken("{'act':{'sub':'admin@acme.example'}}");
    refused("{'iss':'https://auth.acme.example'}", IDENTITY_ISS_MISMATCH);
    refused("{'iss':'https://api.workos.com/'}", IDENTITY_ISS_MISMATCH);
    refused("{'iss':'https://api.workos.com/user_management/client_02'}", IDENTITY_ISS_MISMATCH);
    refused("{'org_id':'org_02'}", IDENTITY_ORGANIZATION_MISMATCH);
    refused("{'org_id':null}", IDENTITY_ORGANIZATION_MISMATCH);
    refused("{'org_id':['org_01H']}", IDENTITY_ORGANIZATION_MISMATCH);
    refused("{'client_id':'client_02'}", IDENTITY_CLIENT_MISMATCH);
    has_permissions(ISSUER, CLAIMS, "{}", "admin billing posts:read");
}

/* ---- Firebase ---- */

#undef ISSUER
#undef CLAIMS
#define ISSUER PROVIDED("firebase", "'projectId':'acme-prod'", "") "}"
#define CLAIMS                                                                                               \
    "{'iss':'https://securetoken.google.com/acme-prod','aud':'acme-prod','auth_time':1799999000,"            \
    "'user_id':'u1','sub':'u1','iat':1800000000,'exp':1800003600,'email':'ada@acme.example',"                \
    "'firebase':{'identities':{'email':['ada@acme.example']},'sign_in_provider':'password'},'tier':'gold'}"

static void test_firebase_settings(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct identity_sign_in sign_in;
    const struct identity_issuer *issuer = expanded(arena, &sign_in, ISSUER);
    assert_str(issuer->issuer, "https://securetoken.google.com/acme-prod");
    assert_str(issuer->key_set_url,
               "https://www.googleapis.com/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com");
    assert_int_equal(issuer->audience_count, 1);
    assert_str(issuer->audiences[0], "acme-prod");
}

static void test_firebase_tokens(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    const char *sixteen = "0123456789abcdef";
    const char *longest = arena_print(arena, "%s%s%s%s%s%s%s%s", sixteen, sixteen, sixteen, sixteen, sixteen,
                                      sixteen, sixteen, sixteen)
                              .at;
    taken("{}");
    taken(arena_print(arena, "{'sub':'%s'}", longest).at);
    taken("{'auth_time':1800000059}"); /* within the leeway */
    refused(arena_print(arena, "{'sub':'%sx'}", longest).at, IDENTITY_PROVIDER_RULE);
    refused("{'auth_time':null}", IDENTITY_PROVIDER_RULE);
    refused("{'auth_time':'1799999000'}", IDENTITY_PROVIDER_RULE);
    refused("{'auth_time':1800000061}", IDENTITY_PROVIDER_RULE);
    refused("{'sub':''}", IDENTITY_SUB_INVALID);
    refused("{'aud':'acme-test'}", IDENTITY_AUD_MISMATCH);
    refused("{'iss':'https://securetoken.google.com/acme-test'}", IDENTITY_ISS_MISMATCH);
}

/* ---- OpenID Connect ---- */

#undef ISSUER
#undef CLAIMS
#define OIDC                                                                                                 \
    PROVIDED(                                                                                                \
        "oidc",                                                                                              \
        "'issuer':'https://login.acme.example','clientId':'chat','audience':'https://api.acme.example'", "")
#define ISSUER OIDC ",'keySetUrl':'https://login.acme.example/jwks'}"
#define CLAIMS                                                                                               \
    "{'iss':'https://login.acme.example','sub':'ada','aud':'chat','exp':1800000300,'iat':1800000000,"        \
    "'nonce':'n','at_hash':'x'}"

static void test_oidc_settings(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct identity_sign_in sign_in;
    const struct identity_issuer *issuer = expanded(arena, &sign_in, ISSUER);
    assert_str(issuer->key_set_url, "https://login.acme.example/jwks");
    assert_true(issuer->provided->is_confirmed);
    issuer = expanded(arena, &sign_in, OIDC "}");
    assert_false(issuer->provided->is_confirmed); /* its metadata was not fetched yet */
    assert_str(issuer->provided->issuer_to_be_found, "https://login.acme.example");
    issuer = expanded(arena, &sign_in, OIDC ",'keys':" KEYS "}");
    assert_true(issuer->provided->is_confirmed);
    identity_sign_in_release(&sign_in);
}

static void test_oidc_tokens(void **state) {
    (void)state;
    taken("{}");
    taken_at(ISSUER, HEADER_AT, CLAIMS, "{'aud':'https://api.acme.example','client_id':'chat'}", __LINE__);
    taken("{'aud':['chat','account'],'azp':'chat'}");
    taken("{'aud':['chat']}");
    refused("{'aud':['chat','account']}", IDENTITY_CLIENT_MISMATCH);
    refused("{'aud':['chat','account'],'azp':'other'}", IDENTITY_CLIENT_MISMATCH);
    refused("{'aud':'https://api.acme.example','client_id':'other'}", IDENTITY_CLIENT_MISMATCH);
    refused("{'aud':'other'}", IDENTITY_AUD_MISMATCH);
    refused("{'iss':'https://login.acme.example/'}", IDENTITY_ISS_MISMATCH);
    refused_at(OIDC "}", HEADER_RS, CLAIMS, "{}", IDENTITY_ISSUER_UNCONFIRMED, __LINE__);
}

/* One that nobody has completed yet takes no token from those that are in use. */
static void test_incomplete_beside_complete(void **state) {
    (void)state;
#define BESIDE(provider, fields)                                                                             \
    ",{'name':'b','mode':'key-set','provider':{'id':'" provider "','fields':{" fields "}}}"
#define UNPINNED BESIDE("cognito", "'domain':'acme.auth.eu-west-1.amazoncognito.com','clientId':'4b8l'")
#define BY_HAND  "{'name':'a','mode':'key-set','keySetUrl':'https://login.acme.example/jwks'}"
    taken_at(ISSUER BESIDE("oidc", "'issuer':'https://login.acme.example','clientId':'chat'"), HEADER_RS,
             CLAIMS, "{}", __LINE__);
    taken_at(ISSUER UNPINNED, HEADER_RS, CLAIMS, "{}", __LINE__);
    taken_at(BY_HAND UNPINNED, HEADER_RS, CLAIMS, "{}", __LINE__);
    refused_at(ISSUER UNPINNED, HEADER_RS, CLAIMS, "{'iss':'https://other.example'}",
               IDENTITY_ISSUER_UNCONFIRMED, __LINE__);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_catalogue),
        cmocka_unit_test(test_refused_settings),
        cmocka_unit_test(test_side_by_side),
        cmocka_unit_test(test_auth0_settings),
        cmocka_unit_test(test_auth0_tokens),
        cmocka_unit_test(test_clerk_settings),
        cmocka_unit_test(test_clerk_tokens),
        cmocka_unit_test(test_clerk_origins),
        cmocka_unit_test(test_clerk_permissions),
        cmocka_unit_test(test_cognito_settings),
        cmocka_unit_test(test_cognito_pools),
        cmocka_unit_test(test_cognito_tokens),
        cmocka_unit_test(test_cognito_two_clients),
        cmocka_unit_test(test_workos_settings),
        cmocka_unit_test(test_workos_tokens),
        cmocka_unit_test(test_workos_twice),
        cmocka_unit_test(test_firebase_settings),
        cmocka_unit_test(test_firebase_tokens),
        cmocka_unit_test(test_oidc_settings),
        cmocka_unit_test(test_oidc_tokens),
        cmocka_unit_test(test_incomplete_beside_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
