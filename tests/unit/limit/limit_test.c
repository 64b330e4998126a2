/* SPDX-License-Identifier: Apache-2.0 */
#include "limit/limit.h"

#include "unit/unit.h"

#include <string.h>

enum { SECOND = 1000000 };

static const int64_t start = 1000LL * SECOND;

static struct limiter *fresh(unsigned requests, unsigned failures) {
    const struct limit_options options = {requests, failures};
    return limiter_new(&options, start);
}

static struct limit_source ip4(const struct limiter *limiter, uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
    const uint8_t ip[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, a, b, c, d};
    return limit_source_of(limiter, ip);
}

/* 2001:db8:NN:SS::H */
static struct limit_source ip6(const struct limiter *limiter, uint8_t network, uint8_t subnet, uint8_t host) {
    const uint8_t ip[16] = {0x20, 0x01, 0x0D, 0xB8, 0, network, 0, subnet, 0, 0, 0, 0, 0, 0, 0, host};
    return limit_source_of(limiter, ip);
}

static unsigned drain(struct limiter *limiter, struct limit_source source, int64_t now) {
    struct limit_refusal refusal;
    unsigned granted = 0;
    while (granted < 100000 && limit_request(limiter, source, 1, now, &refusal))
        granted++;
    return granted;
}

static void test_by_address(void **state) {
    (void)state;
    struct limiter *limiter = fresh(5, 0);
    struct limit_refusal refusal = {LIMIT_KINDS, 0};
    struct limit_source flooding = ip4(limiter, 203, 0, 113, 7);
    assert_int_equal(drain(limiter, flooding, start), 50);
    assert_false(limit_request(limiter, flooding, 1, start, &refusal));
    assert_int_equal(refusal.kind, LIMIT_ADDRESS);
    assert_int_equal(refusal.retry_after_s, 1);
    assert_false(limit_request(limiter, flooding, 20, start, &refusal));
    assert_int_equal(refusal.retry_after_s, 4);
    assert_true(limit_request(limiter, ip4(limiter, 203, 0, 113, 8), 1, start, &refusal));
    assert_true(limit_request(limiter, flooding, 20, start + 4LL * SECOND, &refusal));
    assert_int_equal(limit_count_refused(limiter, LIMIT_ADDRESS), 3);
    limiter_free(limiter);
}

static void test_ipv6_by_network(void **state) {
    (void)state;
    struct limiter *limiter = fresh(5, 0);
    struct limit_refusal refusal;
    assert_int_equal(drain(limiter, ip6(limiter, 1, 0, 1), start), 50);
    assert_int_equal(drain(limiter, ip6(limiter, 1, 0, 2), start), 0); /* the same /64 */
    unsigned granted = 50;
    for (uint8_t subnet = 1; subnet < 100; subnet++)
        granted += drain(limiter, ip6(limiter, 1, subnet, 1), start);
    assert_int_equal(granted, 400); /* a /48 has eight times as much, however many networks it has */
    assert_int_equal(drain(limiter, ip6(limiter, 2, 0, 1), start), 50);
    assert_false(limit_request(limiter, ip6(limiter, 1, 200, 1), 1, start, &refusal));
    int64_t later = start + (int64_t)refusal.retry_after_s * SECOND;
    assert_true(limit_request(limiter, ip6(limiter, 1, 200, 1), 1, later, &refusal));
    limiter_free(limiter);
}

/* Nobody's own address: a proxy on this machine that does not say for whom it asks. */
static void test_loopback_is_not_counted(void **state) {
    (void)state;
    struct limiter *limiter = fresh(1, 1);
    struct limit_refusal refusal;
    const uint8_t loopback6[16] = {[15] = 1};
    const uint8_t none[16] = {0};
    const struct limit_source sources[] = {ip4(limiter, 127, 0, 0, 1), ip4(limiter, 127, 9, 9, 9),
                                           limit_source_of(limiter, loopback6),
                                           limit_source_of(limiter, none)};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        for (int j = 0; j < 100; j++) {
            limit_failed(limiter, sources[i], start);
            assert_true(limit_request(limiter, sources[i], 1, start, &refusal));
            assert_true(limit_may_fail(limiter, sources[i], start, &refusal));
        }
    }
    limiter_free(limiter);
}

static void test_off(void **state) {
    (void)state;
    struct limiter *limiter = fresh(0, 0);
    struct limit_refusal refusal;
    struct limit_source source = ip4(limiter, 203, 0, 113, 7);
    for (int i = 0; i < 10000; i++) {
        limit_failed(limiter, source, start);
        assert_true(limit_request(limiter, source, 1, start, &refusal));
        assert_true(limit_may_fail(limiter, source, start, &refusal));
        assert_true(limit_environment(limiter, STR("env_1"), 0, start, &refusal));
    }
    const struct limit_message message = {
        .environment = STR("env_1"), .visitor = STR("vis_1"), .source = source};
    for (int i = 0; i < 10000; i++)
        assert_true(limit_message(limiter, &message, start, &refusal));
    limiter_free(limiter);
}

static void test_failures(void **state) {
    (void)state;
    struct limiter *limiter = fresh(1000, 6);
    struct limit_refusal refusal;
    struct limit_source source = ip4(limiter, 203, 0, 113, 7);
    for (int i = 0; i < 6; i++) {
        assert_true(limit_may_fail(limiter, source, start, &refusal));
        limit_failed(limiter, source, start);
    }
    assert_false(limit_may_fail(limiter, source, start, &refusal));
    assert_int_equal(refusal.kind, LIMIT_FAILURES);
    assert_int_equal(refusal.retry_after_s, 10);
    assert_true(limit_may_fail(limiter, source, start + 10LL * SECOND, &refusal));
    assert_true(limit_request(limiter, source, 1, start, &refusal)); /* what proves itself goes on */
    assert_true(limit_may_fail(limiter, ip4(limiter, 203, 0, 113, 8), start, &refusal));
    limiter_free(limiter);
}

static struct limit_message from(const char *visitor, bool is_verified) {
    return (struct limit_message){
        .environment = STR("env_0198f3c2a1b57d1f9a2b3c4d5e6f7a8b"),
        .visitor = str_from(visitor),
        .is_verified = is_verified,
        .visitor_per_minute = 6,
        .environment_per_minute = 20,
    };
}

static unsigned send_all(struct limiter *limiter, const struct limit_message *message, int64_t now,
                         struct limit_refusal *refusal) {
    unsigned granted = 0;
    while (limit_message(limiter, message, now, refusal))
        granted++;
    return granted;
}

static void test_messages_of_a_visitor(void **state) {
    (void)state;
    struct limiter *limiter = fresh(0, 0);
    struct limit_refusal refusal;
    struct limit_message ada = from("vis_ada", true);
    assert_int_equal(send_all(limiter, &ada, start, &refusal), 6);
    assert_int_equal(refusal.kind, LIMIT_VISITOR);
    assert_int_equal(refusal.retry_after_s, 10);
    struct limit_message bob = from("vis_bob", true);
    assert_true(limit_message(limiter, &bob, start, &refusal));
    struct limit_message elsewhere = ada;
    elsewhere.environment = STR("env_other");
    assert_true(limit_message(limiter, &elsewhere, start, &refusal));
    assert_true(limit_message(limiter, &ada, start + 10LL * SECOND, &refusal));
    limiter_free(limiter);
}

static void test_tools_cost_more(void **state) {
    (void)state;
    struct limiter *limiter = fresh(0, 0);
    struct limit_refusal refusal;
    struct limit_message ada = from("vis_ada", true);
    assert_true(limit_message(limiter, &ada, start, &refusal));
    limit_message_more(limiter, &ada, 3, start);
    assert_int_equal(send_all(limiter, &ada, start, &refusal), 2);
    limiter_free(limiter);
}

/* However many anonymous visitors there are, half of the environment is left for those who signed in. */
static void test_anonymous_share(void **state) {
    (void)state;
    struct limiter *limiter = fresh(0, 0);
    struct limit_refusal refusal;
    unsigned granted = 0;
    char name[16];
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "vis_%d", i);
        struct limit_message anonymous = from(name, false);
        granted += limit_message(limiter, &anonymous, start, &refusal);
    }
    assert_int_equal(granted, 10);
    assert_int_equal(refusal.kind, LIMIT_ANONYMOUS);
    struct limit_message ada = from("vis_ada", true);
    struct limit_message bob = from("vis_bob", true);
    assert_int_equal(send_all(limiter, &ada, start, &refusal), 6);
    assert_int_equal(send_all(limiter, &bob, start, &refusal), 4);
    assert_int_equal(refusal.kind, LIMIT_MESSAGES);
    /* What was refused by the environment was given back to the visitor. */
    assert_int_equal(send_all(limiter, &bob, start + 6LL * SECOND, &refusal), 2);
    limiter_free(limiter);
}

/* Who comes as somebody new each time is counted by address, and each costs ten requests. */
static void test_new_visitors(void **state) {
    (void)state;
    struct limiter *limiter = fresh(10, 0);
    struct limit_refusal refusal;
    struct limit_message stranger = from("", false);
    stranger.environment_per_minute = 100000;
    stranger.source = ip4(limiter, 203, 0, 113, 7);
    assert_int_equal(send_all(limiter, &stranger, start, &refusal), 10);
    assert_int_equal(refusal.kind, LIMIT_ADDRESS);
    assert_int_equal(refusal.retry_after_s, 1);
    limiter_free(limiter);
}

static void test_environment_requests(void **state) {
    (void)state;
    struct limiter *limiter = fresh(0, 0);
    struct limit_refusal refusal;
    for (int i = 0; i < 5; i++)
        assert_true(limit_environment(limiter, STR("env_1"), 5, start, &refusal));
    assert_false(limit_environment(limiter, STR("env_1"), 5, start, &refusal));
    assert_int_equal(refusal.kind, LIMIT_ENVIRONMENT);
    assert_true(limit_environment(limiter, STR("env_2"), 5, start, &refusal));
    limiter_free(limiter);
}

/* A million addresses: bounded, and the one that is limited stays so while it is served beside it as before.
 */
static void test_million_addresses(void **state) {
    (void)state;
    struct limiter *limiter = fresh(5, 0);
    struct limit_source limited = ip4(limiter, 198, 51, 100, 1);
    struct limit_source honest = ip4(limiter, 198, 51, 100, 2);
    struct limit_refusal refusal;
    assert_int_equal(drain(limiter, limited, start), 50);
    unsigned refused = 0;
    unsigned count = getenv("UNIT_SMALL") != NULL ? 10000 : 1000000;
    for (unsigned i = 0; i < count; i++) {
        struct limit_source stranger = ip4(limiter, 10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i);
        refused += !limit_request(limiter, stranger, 1, start, &refusal);
    }
    assert_true(refused < 100);
    assert_false(limit_request(limiter, limited, 1, start, &refusal));
    assert_true(limit_request(limiter, honest, 1, start, &refusal));
    limiter_free(limiter);
}

static void test_names(void **state) {
    (void)state;
    for (int kind = 0; kind < LIMIT_KINDS; kind++)
        assert_true(strlen(limit_kind_name((enum limit_kind)kind)) > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_address),
        cmocka_unit_test(test_ipv6_by_network),
        cmocka_unit_test(test_loopback_is_not_counted),
        cmocka_unit_test(test_off),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_messages_of_a_visitor),
        cmocka_unit_test(test_tools_cost_more),
        cmocka_unit_test(test_anonymous_share),
        cmocka_unit_test(test_new_visitors),
        cmocka_unit_test(test_environment_requests),
        cmocka_unit_test(test_million_addresses),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
