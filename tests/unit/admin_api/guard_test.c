/* SPDX-License-Identifier: Apache-2.0 */
/* What must still hold when a change is written: that who asks has the roles by which they were let in, and
 * that a request with an idempotency key is not made twice by a process that has died in between. */
#include "admin_api/call.h"
#include "base/clock.h"
#include "base/digest.h"
#include "store/idempotency.h"

#include "../store/fixture.h"

static const int64_t START = 1800000000000;

struct stage {
    struct fixture *fixture;
    struct admin_api api;
    struct admin_response response;
    struct str keys; /* the address of the environment's keys */
};

static FIBER unsigned issue_wait(struct stage *stage, const struct access_principal *principal,
                                 struct str idempotency_key) {
    const struct admin_request request = {.method = STR("POST"),
                                          .path = stage->keys,
                                          .body = STR("{\"kind\":\"secret\"}"),
                                          .content_type = STR("application/json"),
                                          .idempotency_key = idempotency_key};
    admin_api_handle_as_wait(&stage->api, principal, &request, stage->fixture->arena, &stage->response);
    return stage->response.status;
}

static FIBER size_t count_keys_wait(struct stage *stage) {
    struct store_keys keys;
    assert_ok(store_key_list_wait(stage->fixture->store, stage->fixture->arena, stage->fixture->environment,
                                  &keys));
    return keys.count;
}

static FIBER struct stage stage_wait(struct fixture *fixture) {
    fixture_environment_wait(fixture);
    return (struct stage){
        .fixture = fixture,
        .api = {.store = fixture->store},
        .keys = arena_join(fixture->arena, 3,
                           (struct str[]){STR("/environments/"), fixture->environment, STR("/keys")})};
}

static FIBER struct store_administrator grace_wait(struct fixture *fixture, struct str roles) {
    struct store_administrator made;
    const struct store_administrator_draft owner = {.email = STR("ada@acme.example"),
                                                    .email_key = STR("ada@acme.example"),
                                                    .name = STR("Ada"),
                                                    .roles = STR("[{\"product\":null,\"role\":\"owner\"}]"),
                                                    .is_owner = true,
                                                    .made_by = STR("setup"),
                                                    .is_active = true};
    assert_ok(
        store_administrator_create_wait(fixture->store, fixture->arena, &owner, STR(""), 0, NULL, &made));
    const struct store_administrator_draft draft = {.email = STR("grace@acme.example"),
                                                    .email_key = STR("grace@acme.example"),
                                                    .name = STR("Grace"),
                                                    .roles = roles,
                                                    .made_by = STR("invitation"),
                                                    .is_active = true};
    assert_ok(
        store_administrator_create_wait(fixture->store, fixture->arena, &draft, STR(""), 0, NULL, &made));
    return made;
}

/* The request was let in by roles that are taken away before its change is written. */
static void who_has_lost_a_role_changes_nothing(struct fixture *fixture) {
    struct stage stage = stage_wait(fixture);
    const struct access_grant grant = {fixture->product, ACCESS_ADMIN};
    struct str roles = access_grants_write(fixture->arena, &grant, 1);
    struct store_administrator grace = grace_wait(fixture, roles);
    const struct access_principal who = {.kind = ACCESS_ADMINISTRATOR,
                                         .actor = STR("admin:adm_1"),
                                         .administrator = grace.id,
                                         .roles = roles,
                                         .grants = &grant,
                                         .grant_count = 1};
    size_t before = count_keys_wait(&stage);
    assert_int_equal(issue_wait(&stage, &who, STR_NONE), 201);
    assert_int_equal(count_keys_wait(&stage), before + 1);
    const struct store_administrator_draft demoted = {.name = grace.name, .roles = STR("[]")};
    assert_ok(
        store_administrator_change_wait(fixture->store, grace.id, grace.version, &demoted, STR_NONE, NULL));
    assert_int_equal(issue_wait(&stage, &who, STR_NONE), 403);
    assert_int_equal(issue_wait(&stage, &who, STR("once")), 403);
    assert_int_equal(count_keys_wait(&stage), before + 1);
    /* Gone altogether. */
    assert_ok(store_administrator_delete_wait(fixture->store, grace.id, grace.version + 1, STR_NONE, NULL));
    assert_int_equal(issue_wait(&stage, &who, STR_NONE), 403);
    assert_int_equal(count_keys_wait(&stage), before + 1);
}

/* What a process does that dies when the key is made, before its answer is kept. */
static FIBER void die_half_way_wait(struct stage *stage, const struct access_principal *who, struct str key) {
    struct arena *arena = stage->fixture->arena;
    struct store_idempotency known;
    struct store_environment environment;
    struct store_key made;
    struct str text;
    struct admin_error error;
    bool is_mine = false;
    const struct store_idempotency wanted = {
        .actor = who->actor,
        .key = key,
        .fingerprint = digest_sha256_hex(
            arena,
            arena_join(arena, 4,
                       (struct str[]){STR("POST "), stage->keys, STR("\n"), STR("{\"kind\":\"secret\"}")}))};
    assert_ok(store_idempotency_claim_wait(stage->fixture->store, arena, &wanted, &known, &is_mine));
    assert_true(is_mine);
    const struct store_guard guard = {
        .claim_actor = known.actor, .claim_key = known.key, .claim = known.claim};
    const struct admin admin = {.store = stage->fixture->store, .actor = who->actor, .guard = &guard};
    assert_ok(
        store_environment_find_wait(stage->fixture->store, arena, stage->fixture->environment, &environment));
    assert_ok(admin_key_issue_wait(&admin, arena, &environment, true, &made, &text, &error));
}

static void what_a_process_made_that_died_is_not_made_again(struct fixture *fixture) {
    clock_hold_ms(START);
    struct stage stage = stage_wait(fixture);
    const struct access_principal owner = access_command_line(fixture->arena, STR("ada"));
    size_t before = count_keys_wait(&stage);
    die_half_way_wait(&stage, &owner, STR("once"));
    assert_int_equal(count_keys_wait(&stage), before + 1);
    for (int64_t minutes = 0; minutes < 3; minutes++) { /* also when its claim has died */
        clock_hold_ms(START + minutes * 60 * 1000 + 1);
        assert_int_equal(issue_wait(&stage, &owner, STR("once")), 409);
        struct str expected = minutes == 0 ? STR("idempotency-key-in-use") : STR("idempotency-answer-lost");
        assert_true(str_find(stage.response.body, expected) != STR_NOT_FOUND);
        assert_int_equal(count_keys_wait(&stage), before + 1);
    }
    clock_hold_ms(START + 25LL * 60 * 60 * 1000); /* keys are remembered for a day */
    assert_int_equal(issue_wait(&stage, &owner, STR("once")), 201);
    clock_hold_ms(-1);
}

/* One that hung for a minute, whose claim somebody else has by now, makes nothing. */
static void a_claim_that_is_taken_over_makes_nothing(struct fixture *fixture) {
    clock_hold_ms(START);
    struct stage stage = stage_wait(fixture);
    struct arena *arena = fixture->arena;
    struct store_idempotency slow, fast;
    struct store_environment environment;
    struct store_key made;
    struct str text;
    struct admin_error error;
    bool is_mine;
    const struct store_idempotency wanted = {
        .actor = STR("cli:ada"), .key = STR("once"), .fingerprint = STR("f")};
    assert_ok(store_idempotency_claim_wait(fixture->store, arena, &wanted, &slow, &is_mine));
    clock_hold_ms(START + 61 * 1000);
    assert_ok(store_idempotency_claim_wait(fixture->store, arena, &wanted, &fast, &is_mine));
    assert_true(is_mine);
    size_t before = count_keys_wait(&stage);
    const struct store_guard guard = {.claim_actor = slow.actor, .claim_key = slow.key, .claim = slow.claim};
    const struct admin admin = {.store = fixture->store, .actor = STR("cli:ada"), .guard = &guard};
    assert_ok(store_environment_find_wait(fixture->store, arena, fixture->environment, &environment));
    assert_int_equal(admin_key_issue_wait(&admin, arena, &environment, true, &made, &text, &error), CONFLICT);
    assert_int_equal(count_keys_wait(&stage), before);
    clock_hold_ms(-1);
}

#define TEST(name)                                                                                           \
    static void test_##name(void **state) {                                                                  \
        (void)state;                                                                                         \
        fixture_run(name);                                                                                   \
    }
TEST(who_has_lost_a_role_changes_nothing)
TEST(what_a_process_made_that_died_is_not_made_again)
TEST(a_claim_that_is_taken_over_makes_nothing)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_has_lost_a_role_changes_nothing),
        cmocka_unit_test(test_what_a_process_made_that_died_is_not_made_again),
        cmocka_unit_test(test_a_claim_that_is_taken_over_makes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
