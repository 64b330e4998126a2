/* SPDX-License-Identifier: Apache-2.0 */
/* What a verifier remembers, for how long, and what it never remembers. */
#include "base/clock.h"
#include "base/json.h"
#include "jose/make_keys.h"
#include "unit/unit.h"
#include "verifier/verifier.h"

enum { NOW_S = 1763721000 };

static const char SECRET[] = "cs_a-secret-of-more-than-thirty-two-bytes-for-hs256";
static const char OTHER_SECRET[] = "cs_another-secret-of-more-than-thirty-two-bytes-long";

/* An environment with one HMAC issuer, without a store around it. */
struct fixture {
    struct arena *arena;
    json_t *document;
    struct jose_key_set *keys[1];
    struct environment environment;
    struct verifier *verifier;
};

static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fixture->arena = arena_new();
    fixture->document = json_pack("{s:{s:s,s:[{s:s,s:s,s:[s]}]}}", "signIn", "enforcement", "optional",
                                  "issuers", "name", "acme", "mode", "hmac", "audiences", "chat");
    struct environment_error error = {STR_NONE, STR_NONE};
    assert_int_equal(
        environment_config_read(fixture->arena, fixture->document, &fixture->environment.config, &error), OK);
    const struct str secrets[] = {str_from(SECRET)};
    assert_int_equal(jose_key_set_from_secrets(secrets, 1, &fixture->keys[0]), OK);
    fixture->environment.id = STR("env_test");
    fixture->environment.generation = 7;
    fixture->environment.local_keys = fixture->keys;
    fixture->verifier = verifier_new(NULL); /* no key set is fetched here */
    clock_hold_ms((int64_t)NOW_S * 1000);
    *state = fixture;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    clock_hold_ms(-1);
    verifier_free(fixture->verifier);
    jose_key_set_release(fixture->keys[0]);
    environment_config_release(&fixture->environment.config);
    json_decref(fixture->document);
    arena_free(fixture->arena);
    free(fixture);
    return 0;
}

static struct str sign(struct arena *arena, const char *secret, const char *subject, int64_t lifetime_s) {
    struct jose_key_set *set = NULL;
    const struct str secrets[] = {str_from(secret)};
    assert_int_equal(jose_key_set_from_secrets(secrets, 1, &set), OK);
    json_auto_t *claims =
        json_pack("{s:s,s:s,s:I}", "sub", subject, "aud", "chat", "exp", (json_int_t)NOW_S + lifetime_s);
    struct str token = STR_NONE;
    assert_int_equal(jose_sign(jose_key_set_at(set, 0), jose_algorithm_find(STR("HS256")), NULL,
                               json_write(arena, claims), arena, &token),
                     OK);
    jose_key_set_release(set);
    return token;
}

static enum status verify(struct fixture *fixture, struct str token, struct identity_failure *failure,
                          struct verified **verified) {
    *failure = (struct identity_failure){.explanation = STR_NONE};
    *verified = NULL;
    return verifier_try(fixture->verifier, &fixture->environment, token, fixture->arena, verified, failure);
}

static void expect_verified(struct fixture *fixture, struct str token, const char *subject) {
    struct identity_failure failure;
    struct verified *verified;
    assert_int_equal(verify(fixture, token, &failure, &verified), OK);
    assert_str(verified->identity.subject, subject);
    assert_str(verified->issuer, "acme");
}

static void expect_refused(struct fixture *fixture, struct str token, enum identity_detail detail) {
    struct identity_failure failure;
    struct verified *verified;
    assert_int_equal(verify(fixture, token, &failure, &verified), DENIED);
    assert_int_equal(failure.detail, detail);
}

static struct verifier_metrics metrics_of(const struct fixture *fixture) {
    struct verifier_metrics metrics;
    verifier_read_metrics(fixture->verifier, &metrics);
    return metrics;
}

static void second_time_is_remembered(void **state) {
    struct fixture *fixture = *state;
    struct str token = sign(fixture->arena, SECRET, "ada", 600);
    expect_verified(fixture, token, "ada");
    expect_verified(fixture, token, "ada");
    assert_int_equal(metrics_of(fixture).verified, 1);
    assert_int_equal(metrics_of(fixture).remembered, 1);
    assert_int_equal(metrics_of(fixture).entries, 1);
}

static void remembered_token_ends_with_its_exp(void **state) {
    struct fixture *fixture = *state;
    struct str token = sign(fixture->arena, SECRET, "ada", 600);
    expect_verified(fixture, token, "ada");
    clock_hold_ms((int64_t)(NOW_S + 600 + 61) * 1000); /* past the leeway, too */
    expect_refused(fixture, token, IDENTITY_EXP_PASSED);
    assert_int_equal(metrics_of(fixture).entries, 0);
    assert_int_equal(metrics_of(fixture).refused[IDENTITY_EXPIRED], 1);
}

static void failure_is_never_remembered(void **state) {
    struct fixture *fixture = *state;
    struct str token = sign(fixture->arena, OTHER_SECRET, "ada", 600);
    expect_refused(fixture, token, IDENTITY_SIGNATURE_MISMATCH);
    expect_refused(fixture, token, IDENTITY_SIGNATURE_MISMATCH);
    assert_int_equal(metrics_of(fixture).entries, 0);
    assert_int_equal(metrics_of(fixture).refused[IDENTITY_BAD_SIGNATURE], 2);
}

static void environment_loaded_anew_begins_without_memory(void **state) {
    struct fixture *fixture = *state;
    struct str token = sign(fixture->arena, SECRET, "ada", 600);
    expect_verified(fixture, token, "ada");
    fixture->environment.generation++;
    expect_verified(fixture, token, "ada");
    assert_int_equal(metrics_of(fixture).remembered, 0);
    assert_int_equal(metrics_of(fixture).verified, 2);
}

static void killed_secret_ends_what_it_had_proven(void **state) {
    struct fixture *fixture = *state;
    struct str token = sign(fixture->arena, SECRET, "ada", 600);
    expect_verified(fixture, token, "ada");
    const struct str others[] = {str_from(OTHER_SECRET)};
    jose_key_set_release(fixture->keys[0]);
    assert_int_equal(jose_key_set_from_secrets(others, 1, &fixture->keys[0]), OK);
    fixture->environment.generation++; /* as when it is loaded anew */
    expect_refused(fixture, token, IDENTITY_SIGNATURE_MISMATCH);
}

/* A pasted map of certificates, one of which ends before the token does. */
static void certificate_ends_what_it_had_proven(void **state) {
    struct fixture *fixture = *state;
    struct arena *arena = fixture->arena;
    EVP_PKEY *pkey = pkey_for("ES256");
    json_auto_t *map = json_object();
    json_object_set_new(map, "c1", json_from_str(certificate_pem(arena, pkey, NOW_S - 60, NOW_S + 60)));
    struct jose_key_set *private_key = keys_from(arena, pkey, "c1");
    struct jose_key_set *keys[1] = {NULL};
    assert_int_equal(jose_key_set_from_json(map, JOSE_PUBLIC_KEYS, &keys[0], NULL), OK);
    json_auto_t *document = json_pack("{s:{s:s,s:[{s:s,s:s,s:O}]}}", "signIn", "enforcement", "optional",
                                      "issuers", "name", "acme", "mode", "key-set", "keys", map);
    struct environment environment = {.id = STR("env_test"), .generation = 8, .local_keys = keys};
    struct environment_error error = {STR_NONE, STR_NONE};
    assert_int_equal(environment_config_read(arena, document, &environment.config, &error), OK);
    json_auto_t *claims = json_pack("{s:s,s:I}", "sub", "ada", "exp", (json_int_t)NOW_S + 600);
    struct str token;
    assert_int_equal(jose_sign(jose_key_set_at(private_key, 0), algorithm_named("ES256"), NULL,
                               json_write(arena, claims), arena, &token),
                     OK);
    struct verified *verified;
    struct identity_failure failure;
    for (int i = 0; i < 2; i++) {
        clock_hold_ms((int64_t)(NOW_S + 60) * 1000); /* its last second */
        assert_int_equal(verifier_try(fixture->verifier, &environment, token, arena, &verified, &failure),
                         OK);
    }
    assert_int_equal(metrics_of(fixture).remembered, 1);
    clock_hold_ms((int64_t)(NOW_S + 61) * 1000);
    assert_int_equal(verifier_try(fixture->verifier, &environment, token, arena, &verified, &failure),
                     DENIED);
    assert_int_equal(failure.detail, IDENTITY_CERTIFICATE_EXPIRED);
    environment_config_release(&environment.config);
    jose_key_set_release(keys[0]);
    jose_key_set_release(private_key);
    EVP_PKEY_free(pkey);
}

static void one_changed_character_is_another_token(void **state) {
    struct fixture *fixture = *state;
    struct str token = sign(fixture->arena, SECRET, "ada", 600);
    expect_verified(fixture, token, "ada");
    char *changed = arena_terminated(fixture->arena, token);
    size_t last = token.len - 2; /* not the last: that one has spare bits */
    changed[last] = changed[last] == 'A' ? 'B' : 'A';
    expect_refused(fixture, str_of(changed, token.len), IDENTITY_SIGNATURE_MISMATCH);
}

static void memory_is_bounded_and_keeps_what_is_used(void **state) {
    struct fixture *fixture = *state;
    struct str favourite = sign(fixture->arena, SECRET, "favourite", 600);
    expect_verified(fixture, favourite, "favourite");
    for (int i = 0; i < 17000; i++) {
        AUTO_ARENA arena = arena_new();
        struct str subject = arena_print(arena, "visitor-%d", i);
        expect_verified(fixture, sign(arena, SECRET, subject.at, 600), subject.at);
        if (i % 1000 == 0)
            expect_verified(fixture, favourite, "favourite");
    }
    assert_int_equal(metrics_of(fixture).entries, 16384);
    uint64_t before = metrics_of(fixture).remembered;
    expect_verified(fixture, favourite, "favourite");
    assert_int_equal(metrics_of(fixture).remembered, before + 1);
}

/* An issuer whose tokens are as large as they may be gets no more memory than others. */
static void memory_is_bounded_by_size_too(void **state) {
    struct fixture *fixture = *state;
    enum { PADDING = 11000, TOKENS = 1500 };
    size_t weight = 0;
    char *padding = arena_alloc(fixture->arena, PADDING + 1);
    memset(padding, 'x', PADDING);
    struct jose_key_set *set = NULL;
    const struct str secrets[] = {str_from(SECRET)};
    assert_int_equal(jose_key_set_from_secrets(secrets, 1, &set), OK);
    for (int i = 0; i < TOKENS; i++) {
        AUTO_ARENA arena = arena_new();
        struct str subject = arena_print(arena, "visitor-%d", i);
        json_auto_t *claims = json_pack("{s:s,s:s,s:I,s:s}", "sub", subject.at, "aud", "chat", "exp",
                                        (json_int_t)NOW_S + 600, "padding", padding);
        struct str token = STR_NONE;
        assert_int_equal(jose_sign(jose_key_set_at(set, 0), jose_algorithm_find(STR("HS256")), NULL,
                                   json_write(arena, claims), arena, &token),
                         OK);
        expect_verified(fixture, token, subject.at);
        weight = token.len;
    }
    jose_key_set_release(set);
    size_t entries = (size_t)metrics_of(fixture).entries;
    assert_in_range(entries * weight, 12 << 20, (16 << 20) + weight);
    assert_true(entries < TOKENS);
}

static void nothing_and_garbage_are_refused_with_their_reasons(void **state) {
    struct fixture *fixture = *state;
    expect_refused(fixture, STR_NONE, IDENTITY_TOKEN_ABSENT);
    expect_refused(fixture, STR("not a token"), IDENTITY_MALFORMED);
    char *large = arena_alloc(fixture->arena, JOSE_TOKEN_MAX + 2);
    memset(large, 'a', JOSE_TOKEN_MAX + 1);
    expect_refused(fixture, str_of(large, JOSE_TOKEN_MAX + 1), IDENTITY_TOKEN_TOO_LARGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(second_time_is_remembered),
        TEST(remembered_token_ends_with_its_exp),
        TEST(failure_is_never_remembered),
        TEST(environment_loaded_anew_begins_without_memory),
        TEST(killed_secret_ends_what_it_had_proven),
        TEST(certificate_ends_what_it_had_proven),
        TEST(one_changed_character_is_another_token),
        TEST(memory_is_bounded_and_keeps_what_is_used),
        TEST(memory_is_bounded_by_size_too),
        TEST(nothing_and_garbage_are_refused_with_their_reasons),
    };
    return cmocka_run_group_tests_name("verifier", tests, NULL, NULL);
}
