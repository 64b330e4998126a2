/* SPDX-License-Identifier: Apache-2.0 */
/* What was read of providers' metadata, and that what administrators leave behind is thrown away in time. */
#include "fixture.h"
#include "store/admin_session.h"
#include "store/administrator.h"
#include "store/api_token.h"
#include "store/discovery.h"
#include "store/environment.h"
#include "store/figures.h"
#include "store/prune.h"

#include "base/clock.h"
#include "base/random.h"

static FIBER struct store_discoveries list_wait(struct fixture *f, struct str environment) {
    struct store_discoveries list;
    assert_ok(store_discovery_list_wait(f->store, f->arena, environment, &list));
    return list;
}

static void one_server_reads_for_all(struct fixture *f) {
    fixture_environment_wait(f);
    struct str of = f->environment;
    assert_int_equal(list_wait(f, of).count, 0);
    assert_ok(store_discovery_claim_wait(f->store, of, STR("login"), 0, 1000));
    assert_int_equal(store_discovery_claim_wait(f->store, of, STR("login"), 0, 1000), CONFLICT);
    assert_int_equal(store_discovery_claim_wait(f->store, of, STR("login"), 999, 2000), CONFLICT);
    assert_ok(store_discovery_claim_wait(f->store, of, STR("login"), 1000, 2000));
    assert_int_equal(store_discovery_claim_wait(f->store, of, STR("login"), 1000, 2000), CONFLICT);
    assert_int_equal(store_discovery_claim_wait(f->store, STR("env_none"), STR("login"), 0, 1000), CONFLICT);
    /* Single sign-on is of no environment. */
    assert_ok(store_discovery_claim_wait(f->store, STR(""), STR(""), 0, 1000));
    assert_int_equal(list_wait(f, STR("")).count, 1);
}

static void what_was_read_stays_when_a_later_try_fails(struct fixture *f) {
    fixture_environment_wait(f);
    struct str of = f->environment;
    struct store_discovery good = {.issuer = STR("login"),
                                   .provider = STR("https://login.example"),
                                   .key_set_url = STR("https://login.example/keys"),
                                   .read_at = 5,
                                   .next_at = 10};
    struct store_discovery bad = {.issuer = STR("login"),
                                  .next_at = 20,
                                  .failures = 3,
                                  .problem = STR("discovery-status"),
                                  .sentence = STR("It answered with 500.")};
    assert_ok(store_discovery_claim_wait(f->store, of, STR("login"), 0, 1));
    assert_ok(store_discovery_settle_wait(f->store, of, &good));
    assert_ok(store_discovery_settle_wait(f->store, of, &bad));
    struct store_discoveries list = list_wait(f, of);
    assert_int_equal(list.count, 1);
    assert_text(list.at[0].issuer, STR("login"));
    assert_text(list.at[0].key_set_url, good.key_set_url);
    assert_int_equal(list.at[0].read_at, 5);
    assert_int_equal(list.at[0].next_at, 20);
    assert_int_equal(list.at[0].failures, 3);
    assert_text(list.at[0].problem, bad.problem);
    assert_text(list.at[0].sentence, bad.sentence);
    good.next_at = 30;
    assert_ok(store_discovery_settle_wait(f->store, of, &good));
    list = list_wait(f, of);
    assert_int_equal(list.at[0].failures, 0);
    assert_int_equal(list.at[0].problem.len, 0);
    /* Nobody has asked for a month: there is no such issuer any more. */
    const int64_t month = 30LL * 24 * 60 * 60 * 1000;
    assert_ok(store_people_prune_wait(f->store, month + 30));
    assert_int_equal(list_wait(f, of).count, 1);
    assert_ok(store_people_prune_wait(f->store, month + 31));
    assert_int_equal(list_wait(f, of).count, 0);
}

static void it_goes_with_its_environment(struct fixture *f) {
    fixture_environment_wait(f);
    assert_ok(store_discovery_claim_wait(f->store, f->environment, STR("login"), 0, 1000));
    assert_ok(store_environment_delete_wait(f->store, f->arena, f->environment, 0, NULL));
    assert_int_equal(list_wait(f, f->environment).count, 0);
}

/* ---- what administrators leave behind ---- */

static FIBER struct store_administrator administrator_wait(struct fixture *f) {
    struct store_administrator made;
    const struct store_administrator_draft draft = {.email = STR("ada@acme.example"),
                                                    .email_key = STR("ada@acme.example"),
                                                    .name = STR("Ada"),
                                                    .roles = STR("[]"),
                                                    .is_owner = true,
                                                    .made_by = STR("setup"),
                                                    .is_active = true};
    assert_ok(store_administrator_create_wait(f->store, f->arena, &draft, STR(""), 0, NULL, &made));
    return made;
}

static FIBER void sign_in_wait(struct fixture *f, struct str administrator, struct str device) {
    const struct store_sign_in sign_in = {.administrator = administrator,
                                          .session = {.id = id_new(f->arena, STR("ses")),
                                                      .hash = id_new(f->arena, STR("ses")),
                                                      .method = STR("password")},
                                          .device = device};
    assert_ok(store_admin_sign_in_wait(f->store, &sign_in));
}

static FIBER bool is_known_wait(struct fixture *f, struct str device) {
    bool is_known;
    assert_ok(store_admin_device_is_known_wait(f->store, device, STR("ada@acme.example"), 0, &is_known));
    return is_known;
}

static void browsers_and_tokens_of_long_ago_go(struct fixture *f) {
    const int64_t start = 1800000000000;
    clock_hold_ms(start);
    struct store_administrator ada = administrator_wait(f);
    sign_in_wait(f, ada.id, STR("first"));
    clock_hold_ms(start + 1000);
    sign_in_wait(f, ada.id, STR("second"));
    for (int64_t i = 0; i < 2; i++) {
        struct store_api_token token = {.id = id_new(f->arena, STR("tok")),
                                        .hash = id_new(f->arena, STR("tok")),
                                        .administrator = ada.id,
                                        .name = STR("deploy"),
                                        .hint = STR("ca_abc"),
                                        .scopes = STR("read"),
                                        .created_at = start,
                                        .expires_at = start + i * 1000};
        assert_ok(store_api_token_create_wait(f->store, &token, NULL));
    }
    assert_ok(store_administrator_prune_wait(f->store, start, start));
    assert_true(is_known_wait(f, STR("first")));
    assert_ok(store_administrator_prune_wait(f->store, start + 1, start + 1));
    assert_false(is_known_wait(f, STR("first")));
    assert_true(is_known_wait(f, STR("second")));
    struct store_api_tokens tokens;
    assert_ok(store_api_token_list_wait(f->store, f->arena, ada.id, &tokens));
    assert_int_equal(tokens.count, 1);
    clock_hold_ms(-1);
}

#define TEST(name)                                                                                           \
    static void test_##name(void **state) {                                                                  \
        (void)state;                                                                                         \
        fixture_run(name);                                                                                   \
    }
TEST(one_server_reads_for_all)
TEST(what_was_read_stays_when_a_later_try_fails)
TEST(it_goes_with_its_environment)
TEST(browsers_and_tokens_of_long_ago_go)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_server_reads_for_all),
        cmocka_unit_test(test_what_was_read_stays_when_a_later_try_fails),
        cmocka_unit_test(test_it_goes_with_its_environment),
        cmocka_unit_test(test_browsers_and_tokens_of_long_ago_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
