/* SPDX-License-Identifier: Apache-2.0 */
/* What ends by itself, with the clock held: sessions, invitations, tokens, challenges, waiting after wrong
 * guesses, the ten minutes in which a sign-in is recent. */
#include "fixture.h"
#include "store/setting.h"

#include "access/access_internal.h"
#include "base/clock.h"

#include <string.h>

static const int64_t START = 1800000000000;
static const char password[] = "correct horse battery staple";

struct house {
    struct access *access;
    struct vault *vault;
    struct access_credentials from;
    struct access_signed_in ada;
};

static struct house open_house(struct fixture *f) {
    struct house house = {.from = {.host = STR("localhost:8080"), .peer = STR("203.0.113.7")}};
    struct str message, token;
    struct access_refusal refusal = {0};
    clock_hold_ms(START);
    assert_ok(vault_load_text(f->arena, STR("k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), &house.vault,
                              &message));
    const struct access_options options = {.store = f->store, .vault = house.vault};
    house.access = access_new(&options);
    assert_ok(access_setup_token_wait(f->store, f->arena, &token));
    const struct access_set_up shown = {token, STR("ada@acme.example"), STR("Ada"), str_from(password)};
    assert_ok(access_set_up_wait(house.access, f->arena, &house.from, &shown, &house.ada, &refusal));
    return house;
}

static void close_house(struct house *house) {
    access_free(house->access);
    vault_free(house->vault);
    clock_hold_ms(-1);
}

static struct access_credentials with_cookie(struct arena *arena, const struct access_signed_in *signed_in) {
    struct str cookie = signed_in->cookies[0];
    return (struct access_credentials){
        .host = STR("localhost:8080"),
        .peer = STR("203.0.113.7"),
        .cookie = arena_copy(arena, str_slice(cookie, 0, str_find_byte(cookie, ';')))};
}

static enum status authenticate(struct fixture *f, struct house *house, const struct access_credentials *from,
                                const struct access_principal **principal) {
    struct access_refusal refusal = {0};
    return access_authenticate_wait(house->access, f->arena, from, principal, &refusal);
}

static void sessions_end_when_idle_and_in_any_case(struct fixture *f) {
    struct house house = open_house(f);
    struct access_credentials from = with_cookie(f->arena, &house.ada);
    const struct access_principal *principal;
    const int64_t hour = 60 * ACCESS_MINUTE_MS;
    clock_hold_ms(START + 12 * hour - 1);
    assert_ok(authenticate(f, &house, &from, &principal));
    clock_hold_ms(START + 24 * hour - 2); /* it was used, so it goes on */
    assert_ok(authenticate(f, &house, &from, &principal));
    clock_hold_ms(START + 36 * hour);
    assert_int_equal(authenticate(f, &house, &from, &principal), NOT_FOUND);
    assert_null(principal);
    /* In use all the time: two weeks. */
    struct access_signed_in again;
    struct access_refusal refusal = {0};
    const struct access_password_sign_in shown = {.email = STR("ada@acme.example"),
                                                  .password = str_from(password)};
    assert_ok(access_sign_in_wait(house.access, f->arena, &house.from, &shown, &again, &refusal));
    from = with_cookie(f->arena, &again);
    const int64_t begun = clock_now_ms();
    for (int64_t at = begun; at < begun + ACCESS_SESSION_MS; at += 11 * hour) {
        clock_hold_ms(at);
        assert_ok(authenticate(f, &house, &from, &principal));
    }
    clock_hold_ms(begun + ACCESS_SESSION_MS);
    assert_int_equal(authenticate(f, &house, &from, &principal), NOT_FOUND);
    close_house(&house);
}

static void a_sign_in_is_recent_for_ten_minutes(struct fixture *f) {
    struct house house = open_house(f);
    struct access_credentials from = with_cookie(f->arena, &house.ada);
    const struct access_principal *principal;
    struct access_refusal refusal = {0};
    struct access_signed_in confirmed;
    struct str secret, uri;
    clock_hold_ms(START + 10 * ACCESS_MINUTE_MS - 1);
    assert_ok(authenticate(f, &house, &from, &principal));
    assert_ok(access_begin_totp_wait(house.access, f->arena, principal, &secret, &uri, &refusal));
    clock_hold_ms(START + 10 * ACCESS_MINUTE_MS);
    assert_ok(authenticate(f, &house, &from, &principal));
    assert_int_equal(access_begin_totp_wait(house.access, f->arena, principal, &secret, &uri, &refusal),
                     DENIED);
    assert_string_equal(refusal.code, "recent-sign-in-required");
    assert_int_equal(
        access_confirm_wait(house.access, f->arena, &from, principal, STR("wrong"), &confirmed, &refusal),
        DENIED);
    assert_ok(access_confirm_wait(house.access, f->arena, &from, principal, str_from(password), &confirmed,
                                  &refusal));
    assert_int_equal(authenticate(f, &house, &from, &principal), NOT_FOUND); /* it has another value now */
    from = with_cookie(f->arena, &confirmed);
    assert_ok(authenticate(f, &house, &from, &principal));
    assert_true(access_is_recent(principal));
    assert_ok(access_begin_totp_wait(house.access, f->arena, principal, &secret, &uri, &refusal));
    close_house(&house);
}

static void guessing_waits_longer_each_time(struct fixture *f) {
    struct house house = open_house(f);
    struct access_signed_in signed_in;
    struct access_refusal refusal = {0};
    int64_t now = START;
    const struct access_password_sign_in wrong = {.email = STR("ada@acme.example"),
                                                  .password = STR("not at all this")};
    const struct access_password_sign_in right = {.email = STR("ada@acme.example"),
                                                  .password = str_from(password)};
    struct access_credentials from = house.from;
    from.peer = STR("127.0.0.1"); /* not counted by address */
    unsigned waits[9] = {0};
    for (unsigned i = 0; i < 9; i++) {
        refusal = (struct access_refusal){0};
        assert_int_equal(access_sign_in_wait(house.access, f->arena, &from, &wrong, &signed_in, &refusal),
                         DENIED);
        assert_string_equal(refusal.code, "credentials-wrong");
        if (i < 5)
            continue;
        assert_int_equal(access_sign_in_wait(house.access, f->arena, &from, &right, &signed_in, &refusal),
                         DENIED);
        assert_string_equal(refusal.code, "too-many-attempts");
        waits[i] = refusal.retry_after_s;
        now += (int64_t)refusal.retry_after_s * 1000;
        clock_hold_ms(now);
    }
    assert_int_equal(waits[5], 5);
    assert_int_equal(waits[6], 10);
    assert_int_equal(waits[7], 20);
    assert_int_equal(waits[8], 40);
    assert_ok(access_sign_in_wait(house.access, f->arena, &from, &right, &signed_in, &refusal));
    assert_int_equal(access_sign_in_wait(house.access, f->arena, &from, &wrong, &signed_in, &refusal),
                     DENIED);
    assert_string_equal(refusal.code, "credentials-wrong"); /* a right one forgets them */
    close_house(&house);
}

static void invitations_last_seven_days(struct fixture *f) {
    struct house house = open_house(f);
    const struct access_grant viewer = {.role = ACCESS_VIEWER};
    const struct access_invited invited = {STR("grace@acme.example"), STR("Grace"), &viewer, 1};
    struct store_administrator grace;
    struct access_invitation invitation;
    struct access_signed_in signed_in;
    struct access_refusal refusal = {0};
    assert_ok(access_invite_wait(house.access, f->arena, &house.ada.principal, &invited, &grace, &invitation,
                                 &refusal));
    const struct access_acceptance shown = {invitation.token, STR_NONE, str_from(password)};
    clock_hold_ms(START + 7 * ACCESS_DAY_MS);
    assert_int_equal(access_accept_wait(house.access, f->arena, &house.from, &shown, &signed_in, &refusal),
                     DENIED);
    assert_string_equal(refusal.code, "invitation-gone");
    clock_hold_ms(START + 7 * ACCESS_DAY_MS - 1);
    assert_ok(access_accept_wait(house.access, f->arena, &house.from, &shown, &signed_in, &refusal));
    assert_true(access_may(&signed_in.principal, STR_NONE, ACCESS_READ));
    assert_false(access_may(&signed_in.principal, STR_NONE, ACCESS_CONFIGURE));
    close_house(&house);
}

static void tokens_last_as_long_as_they_say(struct fixture *f) {
    struct house house = open_house(f);
    const struct access_token_draft draft = {
        .name = STR("deploy"), .scopes = 1U << ACCESS_READ, .lifetime_days = 90};
    struct store_api_token made;
    struct access_refusal refusal = {0};
    struct str token;
    const struct access_principal *principal;
    assert_ok(access_create_token_wait(house.access, f->arena, &house.ada.principal, &draft, &made, &token,
                                       &refusal));
    const struct access_credentials from = {
        .authorization = arena_join(f->arena, 2, (struct str[]){STR("Bearer "), token}), .is_unsafe = true};
    clock_hold_ms(START + 90 * ACCESS_DAY_MS - 1);
    assert_ok(authenticate(f, &house, &from, &principal));
    assert_int_equal(principal->kind, ACCESS_TOKEN);
    clock_hold_ms(START + 90 * ACCESS_DAY_MS);
    assert_int_equal(authenticate(f, &house, &from, &principal), DENIED);
    close_house(&house);
}

static void challenges_last_as_long_as_they_say(struct fixture *f) {
    struct house house = open_house(f);
    struct str sealed, content;
    int64_t until;
    assert_ok(challenge_make(house.access, f->arena, STR("p"), STR("some words"), 1000, &sealed));
    assert_ok(challenge_open(house.access, f->arena, STR("p"), sealed, &content, &until));
    assert_text(content, STR("some words"));
    assert_int_equal(challenge_open(house.access, f->arena, STR("q"), sealed, &content, &until), DENIED);
    assert_int_equal(challenge_open(house.access, f->arena, STR("p"), STR("v1.k1.AAAA"), &content, &until),
                     DENIED);
    assert_int_equal(challenge_open(house.access, f->arena, STR("p"), STR_NONE, &content, &until), DENIED);
    clock_hold_ms(START + 1000);
    assert_int_equal(challenge_open(house.access, f->arena, STR("p"), sealed, &content, &until), DENIED);
    close_house(&house);
}

/* Two servers: the clock of the one is a minute ahead, and it throws away what is over. */
static void what_is_spent_is_spent_by_every_clock(struct fixture *f) {
    const int64_t until = START + 5 * ACCESS_MINUTE_MS;
    clock_hold_ms(START);
    assert_ok(store_spend_wait(f->store, STR("one"), until));
    clock_hold_ms(until + 30 * 1000);
    assert_ok(store_spend_wait(f->store, STR("other"), until + 5 * ACCESS_MINUTE_MS));
    clock_hold_ms(until - 30 * 1000);
    assert_int_equal(store_spend_wait(f->store, STR("one"), until), CONFLICT);
    clock_hold_ms(-1);
}

static void secrets_follow_the_master_key(struct fixture *f) {
    struct house house = open_house(f);
    struct access_refusal refusal = {0};
    struct str secret, uri, message;
    struct vault *newer;
    size_t resealed = 0, unopened = 0;
    assert_ok(access_begin_totp_wait(house.access, f->arena, &house.ada.principal, &secret, &uri, &refusal));
    assert_ok(vault_load_text(f->arena,
                              STR("k2:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA\n"
                                  "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
                              &newer, &message));
    assert_ok(access_reseal_wait(f->store, newer, f->arena, &resealed, &unopened));
    assert_int_equal(resealed, 1);
    assert_int_equal(unopened, 0);
    assert_ok(access_reseal_wait(f->store, newer, f->arena, &resealed, &unopened));
    assert_int_equal(resealed, 1);
    assert_ok(access_reseal_wait(f->store, house.vault, f->arena, &resealed, &unopened));
    assert_int_equal(unopened, 1);
    vault_free(newer);
    close_house(&house);
}

#define TEST(name)                                                                                           \
    static void test_##name(void **state) {                                                                  \
        (void)state;                                                                                         \
        fixture_run(name);                                                                                   \
    }
TEST(sessions_end_when_idle_and_in_any_case)
TEST(a_sign_in_is_recent_for_ten_minutes)
TEST(guessing_waits_longer_each_time)
TEST(invitations_last_seven_days)
TEST(tokens_last_as_long_as_they_say)
TEST(challenges_last_as_long_as_they_say)
TEST(what_is_spent_is_spent_by_every_clock)
TEST(secrets_follow_the_master_key)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sessions_end_when_idle_and_in_any_case),
        cmocka_unit_test(test_a_sign_in_is_recent_for_ten_minutes),
        cmocka_unit_test(test_guessing_waits_longer_each_time),
        cmocka_unit_test(test_invitations_last_seven_days),
        cmocka_unit_test(test_tokens_last_as_long_as_they_say),
        cmocka_unit_test(test_challenges_last_as_long_as_they_say),
        cmocka_unit_test(test_what_is_spent_is_spent_by_every_clock),
        cmocka_unit_test(test_secrets_follow_the_master_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
