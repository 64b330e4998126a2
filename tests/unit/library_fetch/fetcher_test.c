/* SPDX-License-Identifier: Apache-2.0 */
/* The fetching library beside a real provider that rotates, dies and comes back. */
#include "library/support.h"
#include "unit/peer.h"

#include <chatelaine/fetch.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

/* ---- the provider ---- */

enum mood { ED, EC, DEAD, GARBAGE };

static _Atomic unsigned requests;
static _Atomic int mood;
static struct peer *peer;

static void handle(struct peer_exchange *exchange, void *user) {
    (void)user;
    atomic_fetch_add(&requests, 1);
    if (!peer_pause(exchange, 20)) /* so that several who ask meet */
        return;
    switch (atomic_load(&mood)) {
    case ED:
        peer_answer(exchange, "200 OK", "Content-Type: application/json\r\n", str_from(ed_public));
        break;
    case EC:
        peer_answer(exchange, "200 OK", "Content-Type: application/json\r\n", str_from(ec_public));
        break;
    case GARBAGE:
        peer_answer(exchange, "200 OK", "Content-Type: application/json\r\n", STR("[1]"));
        break;
    default:
        peer_answer(exchange, "503 Service Unavailable", "", STR("gone"));
    }
}

/* ---- this side ---- */

struct fixture {
    struct arena *arena;
    struct chatelaine_verifier *verifier;
    struct chatelaine_fetcher *fetcher;
    struct chatelaine_result *result;
    const char *ed;
    const char *ec;
};

static int set_up(void **state) {
    (void)state;
    peer = peer_start(handle, NULL, false);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    peer_stop(peer);
    return 0;
}

static int begin(void **state) {
    static struct fixture fixture;
    fixture = (struct fixture){.arena = arena_new(), .result = chatelaine_result_new()};
    struct chatelaine_issuer *issuer = chatelaine_issuer_new("acme", CHATELAINE_KEY_SET);
    chatelaine_issuer_set_key_set_url(
        issuer, arena_print(fixture.arena, "http://127.0.0.1:%u/keys", peer_port(peer)).at);
    fixture.verifier = make_verifier(issuer);
    fixture.ed = sign_with_jwk(fixture.arena, ed_private, "EdDSA", claims);
    fixture.ec = sign_with_jwk(fixture.arena, ec_private, "ES256", claims);
    atomic_store(&requests, 0);
    atomic_store(&mood, ED);
    *state = &fixture;
    return 0;
}

static int end(void **state) {
    struct fixture *fixture = *state;
    chatelaine_fetcher_free(fixture->fetcher);
    chatelaine_verifier_free(fixture->verifier);
    chatelaine_result_free(fixture->result);
    arena_free(fixture->arena);
    return 0;
}

static void start(struct fixture *fixture, struct chatelaine_fetch_options options) {
    options.size = sizeof options;
    options.allow_private_addresses = true;
    assert_int_equal(chatelaine_fetcher_new(fixture->verifier, &options, &fixture->fetcher), CHATELAINE_OK);
}

static enum chatelaine_status verify(struct fixture *fixture, const char *token) {
    return chatelaine_fetcher_verify_at(fixture->fetcher, token, strlen(token), NOW, fixture->result);
}

#define assert_refused(fixture, token, expected)                                                             \
    do {                                                                                                     \
        assert_int_equal(verify((fixture), (token)), CHATELAINE_REFUSED);                                    \
        assert_string_equal(chatelaine_detail_word(chatelaine_result_detail((fixture)->result)),             \
                            (expected));                                                                     \
    } while (0)

static void pause_ms(int ms) {
    usleep((useconds_t)ms * 1000);
}

/* ---- tests ---- */

struct crowd {
    struct fixture *fixture;
    _Atomic unsigned accepted;
};

static void *verify_as_one_of_many(void *argument) {
    struct crowd *crowd = argument;
    struct chatelaine_result *result = chatelaine_result_new();
    const char *token = crowd->fixture->ed;
    for (int i = 0; i < 50; i++) {
        if (chatelaine_fetcher_verify_at(crowd->fixture->fetcher, token, strlen(token), NOW, result) ==
            CHATELAINE_OK)
            atomic_fetch_add(&crowd->accepted, 1);
    }
    chatelaine_result_free(result);
    return NULL;
}

static void test_one_fetch_for_all(void **state) {
    struct fixture *fixture = *state;
    struct crowd crowd = {.fixture = fixture};
    pthread_t threads[4];
    start(fixture, (struct chatelaine_fetch_options){0});
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, verify_as_one_of_many, &crowd), 0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&crowd.accepted), 200);
    assert_int_equal(atomic_load(&requests), 1);
}

static void test_an_unknown_kid_waits_for_the_one_refetch(void **state) {
    struct fixture *fixture = *state;
    start(fixture, (struct chatelaine_fetch_options){0});
    assert_int_equal(verify(fixture, fixture->ed), CHATELAINE_OK);
    atomic_store(&mood, EC);
    assert_int_equal(verify(fixture, fixture->ec), CHATELAINE_OK);
    assert_int_equal(atomic_load(&requests), 2);
    for (int i = 0; i < 100; i++) /* a flood of them brings no more fetches */
        assert_refused(fixture, fixture->ed, "unknown-kid");
    assert_int_equal(atomic_load(&requests), 2);
    assert_int_equal(verify(fixture, fixture->ec), CHATELAINE_OK);
}

static void test_old_keys_serve_while_the_provider_is_down(void **state) {
    struct fixture *fixture = *state;
    start(fixture, (struct chatelaine_fetch_options){.life_ms = 100, .failure_ms = 50});
    assert_int_equal(verify(fixture, fixture->ed), CHATELAINE_OK);
    atomic_store(&mood, DEAD);
    pause_ms(300);
    assert_true(atomic_load(&requests) >= 2);
    assert_int_equal(verify(fixture, fixture->ed), CHATELAINE_OK);
    atomic_store(&mood, EC); /* back, with the other key alone */
    for (int i = 0; i < 100 && verify(fixture, fixture->ec) != CHATELAINE_OK; i++)
        pause_ms(20);
    assert_int_equal(verify(fixture, fixture->ec), CHATELAINE_OK);
    assert_refused(fixture, fixture->ed, "unknown-kid");
}

static void test_not_for_ever(void **state) {
    struct fixture *fixture = *state;
    start(fixture, (struct chatelaine_fetch_options){.life_ms = 200, .stale_ms = 800, .failure_ms = 10});
    assert_int_equal(verify(fixture, fixture->ed), CHATELAINE_OK);
    atomic_store(&mood, DEAD);
    pause_ms(1300);
    assert_refused(fixture, fixture->ed, "fetch-status");
    assert_int_equal(chatelaine_result_reason(fixture->result), CHATELAINE_JWKS_FETCH_FAILED);
    assert_non_null(strstr(chatelaine_result_explanation(fixture->result), "503"));
    assert_null(chatelaine_result_subject(fixture->result));
    atomic_store(&mood, ED);
    for (int i = 0; i < 100 && verify(fixture, fixture->ed) != CHATELAINE_OK; i++)
        pause_ms(20);
    assert_int_equal(verify(fixture, fixture->ed), CHATELAINE_OK);
}

/* Life and outage are counted from the same moment: keys that the keeper has given up serve nobody. */
static void test_no_longer_than_their_keeper_keeps_them(void **state) {
    struct fixture *fixture = *state;
    start(fixture, (struct chatelaine_fetch_options){.life_ms = 1000, .stale_ms = 1000, .failure_ms = 10});
    assert_int_equal(verify(fixture, fixture->ed), CHATELAINE_OK);
    atomic_store(&mood, DEAD);
    pause_ms(1400);
    assert_refused(fixture, fixture->ed, "fetch-status");
}

static void test_refreshed_before_anybody_asks(void **state) {
    struct fixture *fixture = *state;
    start(fixture, (struct chatelaine_fetch_options){.life_ms = 200});
    for (int i = 0; i < 200 && atomic_load(&requests) < 4; i++)
        pause_ms(20);
    assert_true(atomic_load(&requests) >= 4);
    unsigned before = atomic_load(&requests);
    assert_int_equal(verify(fixture, fixture->ed), CHATELAINE_OK);
    assert_true(atomic_load(&requests) <= before + 1);
}

static void test_without_any_keys(void **state) {
    struct fixture *fixture = *state;
    atomic_store(&mood, GARBAGE);
    start(fixture, (struct chatelaine_fetch_options){.failure_ms = 200});
    assert_refused(fixture, fixture->ed, "fetch-invalid");
    unsigned before = atomic_load(&requests);
    for (int i = 0; i < 20; i++)
        assert_refused(fixture, fixture->ed, "fetch-invalid");
    assert_true(atomic_load(&requests) <= before + 1);
    assert_refused(fixture, "no token", "malformed"); /* what needs no keys is said without */
    atomic_store(&mood, ED);
    pause_ms(250);
    for (int i = 0; i < 100 && verify(fixture, fixture->ed) != CHATELAINE_OK; i++)
        pause_ms(20);
    assert_int_equal(verify(fixture, fixture->ed), CHATELAINE_OK);
}

static void test_refresh_now(void **state) {
    struct fixture *fixture = *state;
    start(fixture, (struct chatelaine_fetch_options){0});
    assert_int_equal(verify(fixture, fixture->ed), CHATELAINE_OK);
    atomic_store(&mood, EC);
    assert_int_equal(verify(fixture, fixture->ed), CHATELAINE_OK); /* withdrawn, and nobody has said so */
    assert_int_equal(chatelaine_fetcher_refresh(fixture->fetcher, "acme", fixture->result), CHATELAINE_OK);
    assert_refused(fixture, fixture->ed, "unknown-kid");
    atomic_store(&mood, DEAD);
    assert_int_equal(chatelaine_fetcher_refresh(fixture->fetcher, "acme", fixture->result),
                     CHATELAINE_REFUSED);
    assert_int_equal(chatelaine_result_detail(fixture->result), CHATELAINE_FETCH_STATUS);
    assert_int_equal(verify(fixture, fixture->ec), CHATELAINE_OK);
    assert_int_equal(chatelaine_fetcher_refresh(fixture->fetcher, "other", fixture->result),
                     CHATELAINE_NOT_FOUND);
}

static void test_only_public_addresses_unless_allowed(void **state) {
    struct fixture *fixture = *state;
    /* Of a caller who knows of no other option than the first: the rest is as if it were 0. */
    struct chatelaine_fetch_options options = {.size = offsetof(struct chatelaine_fetch_options, stale_ms),
                                               .allow_private_addresses = true};
    assert_int_equal(chatelaine_fetcher_new(fixture->verifier, &options, &fixture->fetcher), CHATELAINE_OK);
    assert_refused(fixture, fixture->ed, "fetch-unreachable"); /* http */
    chatelaine_fetcher_free(fixture->fetcher);
    chatelaine_verifier_free(fixture->verifier);

    struct chatelaine_issuer *issuer = chatelaine_issuer_new("acme", CHATELAINE_KEY_SET);
    chatelaine_issuer_set_key_set_url(
        issuer, arena_print(fixture->arena, "https://127.0.0.1:%u/keys", peer_port(peer)).at);
    fixture->verifier = make_verifier(issuer);
    assert_int_equal(chatelaine_fetcher_new(fixture->verifier, NULL, &fixture->fetcher), CHATELAINE_OK);
    assert_refused(fixture, fixture->ed, "fetch-refused");
    assert_int_equal(atomic_load(&requests), 0);
}

static void test_nothing_to_fetch(void **state) {
    (void)state;
    struct chatelaine_fetcher *fetcher;
    struct chatelaine_verifier *verifier = make_verifier(hmac_issuer(secret_a));
    assert_int_equal(chatelaine_fetcher_new(verifier, NULL, &fetcher), CHATELAINE_INVALID);
    assert_null(fetcher);
    chatelaine_fetcher_free(NULL);
    chatelaine_verifier_free(verifier);
}

static void test_ended_while_fetching(void **state) {
    struct fixture *fixture = *state;
    start(fixture, (struct chatelaine_fetch_options){0}); /* and `end` follows at once */
    assert_non_null(fixture->fetcher);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_one_fetch_for_all),
        TEST(test_an_unknown_kid_waits_for_the_one_refetch),
        TEST(test_old_keys_serve_while_the_provider_is_down),
        TEST(test_not_for_ever),
        TEST(test_no_longer_than_their_keeper_keeps_them),
        TEST(test_refreshed_before_anybody_asks),
        TEST(test_without_any_keys),
        TEST(test_refresh_now),
        TEST(test_only_public_addresses_unless_allowed),
        TEST(test_nothing_to_fetch),
        TEST(test_ended_while_fetching),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
