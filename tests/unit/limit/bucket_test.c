/* SPDX-License-Identifier: Apache-2.0 */
#include "limit/bucket.h"

#include "unit/unit.h"

#include <pthread.h>

enum { SECOND = 1000000, PLACES = 4096 };

static const int64_t start = 1000LL * SECOND;

static struct bucket_table *fresh(void) {
    return bucket_table_new(PLACES, start);
}

/* How many are granted at that moment. */
static unsigned drain(struct bucket_table *table, uint64_t key, const struct bucket_rate *rate, int64_t now) {
    unsigned granted = 0;
    while (bucket_take(table, key, rate, 1, now, NULL))
        granted++;
    return granted;
}

static void test_burst_and_rate(void **state) {
    (void)state;
    struct bucket_table *table = fresh();
    struct bucket_rate rate = bucket_rate_of(10, 1, 30);
    assert_int_equal(drain(table, 7, &rate, start), 30);
    assert_int_equal(drain(table, 7, &rate, start + SECOND / 20), 0);
    assert_int_equal(drain(table, 7, &rate, start + SECOND / 10), 1);
    assert_int_equal(drain(table, 7, &rate, start + SECOND), 9);
    assert_int_equal(drain(table, 7, &rate, start + 100LL * SECOND), 30); /* full, and never fuller */
    assert_int_equal(drain(table, 8, &rate, start + 100LL * SECOND), 30); /* each has its own */
    bucket_table_free(table);
}

static void test_wait_is_honest(void **state) {
    (void)state;
    static const struct {
        unsigned count, per_s, burst, cost;
    } cases[] = {{10, 1, 30, 1},   {1, 60, 1, 1},           {7, 60, 7, 3},
                 {50, 1, 500, 10}, {10000, 1, 10000, 9999}, {3, 1, 2, 9}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bucket_table *table = fresh();
        struct bucket_rate rate = bucket_rate_of(cases[i].count, cases[i].per_s, cases[i].burst);
        int64_t wait = 0;
        while (bucket_take(table, 7, &rate, cases[i].cost, start, &wait))
            ;
        assert_true(wait > 0);
        assert_false(bucket_take(table, 7, &rate, cases[i].cost, start + wait - 4, NULL));
        assert_true(bucket_has(table, 7, &rate, cases[i].cost, start + wait, NULL));
        assert_true(bucket_take(table, 7, &rate, cases[i].cost, start + wait, NULL));
        bucket_table_free(table);
    }
}

static void test_refusal_takes_nothing(void **state) {
    (void)state;
    struct bucket_table *table = fresh();
    struct bucket_rate rate = bucket_rate_of(1, 1, 5);
    assert_int_equal(drain(table, 7, &rate, start), 5);
    for (int i = 0; i < 1000; i++)
        assert_false(bucket_take(table, 7, &rate, 1, start, NULL));
    assert_true(bucket_take(table, 7, &rate, 1, start + SECOND, NULL));
    bucket_table_free(table);
}

static void test_return(void **state) {
    (void)state;
    struct bucket_table *table = fresh();
    struct bucket_rate rate = bucket_rate_of(1, 1, 5);
    assert_true(bucket_take(table, 7, &rate, 3, start, NULL));
    bucket_return(table, 7, &rate, 3, start);
    assert_int_equal(drain(table, 7, &rate, start), 5);
    bucket_return(table, 9, &rate, 3, start); /* nothing was taken: not fuller than full */
    assert_int_equal(drain(table, 9, &rate, start), 5);
    bucket_table_free(table);
}

static void test_charge_is_bounded(void **state) {
    (void)state;
    struct bucket_table *table = fresh();
    struct bucket_rate rate = bucket_rate_of(1, 1, 5);
    bucket_charge(table, 7, &rate, 2, start);
    assert_int_equal(drain(table, 7, &rate, start), 3);
    for (int i = 0; i < 1000; i++)
        bucket_charge(table, 7, &rate, 1000, start);
    int64_t wait = 0;
    assert_false(bucket_take(table, 7, &rate, 1, start, &wait));
    assert_int_equal(wait, 6LL * SECOND); /* another five, and the one that is asked for */
    bucket_table_free(table);
}

/* A slower rate of before does not hold anybody for longer than the present one can. */
static void test_rate_changes(void **state) {
    (void)state;
    struct bucket_table *table = fresh();
    struct bucket_rate slow = bucket_rate_of(1, 3600, 10);
    struct bucket_rate fast = bucket_rate_of(10, 1, 10);
    assert_int_equal(drain(table, 7, &slow, start), 10);
    int64_t wait = 0;
    assert_false(bucket_take(table, 7, &fast, 1, start, &wait));
    assert_true(wait <= 2LL * SECOND);
    bucket_table_free(table);
}

static uint64_t scattered(uint64_t number) { /* splitmix64 */
    number += 0x9E3779B97F4A7C15U;
    number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9U;
    number = (number ^ (number >> 27)) * 0x94D049BB133111EBU;
    return number ^ (number >> 31);
}

/* A million strangers, more than there are places: whoever is out of tokens stays so, and the table does not
 * grow. */
static void test_flood_does_not_free(void **state) {
    (void)state;
    struct bucket_table *table = fresh();
    struct bucket_rate rate = bucket_rate_of(1, 60, 20);
    uint64_t limited = scattered(1);
    assert_int_equal(drain(table, limited, &rate, start), 20);
    unsigned strangers_refused = 0;
    for (uint64_t i = 2; i < 1000000; i++)
        strangers_refused += !bucket_take(table, scattered(i), &rate, 1, start + 1, NULL);
    assert_false(bucket_take(table, limited, &rate, 1, start + 2, NULL));
    assert_true(strangers_refused < 1000); /* only those whose tag is another's of the set */
    bucket_table_free(table);
}

/* Beside a flood an honest one is served: what is forgotten of it is only what it owed. */
static void test_flood_does_not_refuse(void **state) {
    (void)state;
    struct bucket_table *table = fresh();
    struct bucket_rate rate = bucket_rate_of(1, 1, 10);
    int64_t now = start;
    uint64_t stranger = 100;
    for (int second = 0; second < 20; second++, now += SECOND) {
        for (int i = 0; i < 20000; i++, stranger++) {
            bool granted = bucket_take(table, scattered(stranger), &rate, 1, now, NULL);
            (void)granted;
        }
        assert_true(bucket_take(table, scattered(1), &rate, 1, now, NULL));
    }
    bucket_table_free(table);
}

static void test_places_are_free_again(void **state) {
    (void)state;
    struct bucket_table *table = fresh();
    struct bucket_rate rate = bucket_rate_of(1, 1, 10);
    for (uint64_t i = 0; i < 100; i++)
        assert_true(bucket_take(table, scattered(i), &rate, 1, start, NULL));
    for (uint64_t i = 0; i < 100; i++) {
        assert_false(bucket_has(table, scattered(i), &rate, 10, start, NULL));
        assert_true(bucket_has(table, scattered(i), &rate, 10, start + SECOND, NULL));
    }
    bucket_table_free(table);
}

/* ---- threads ---- */

enum { THREADS = 4, TRIES = 50000 };

struct taker {
    struct bucket_table *table;
    pthread_t thread;
    unsigned granted;
};

static void *take_many(void *argument) {
    struct taker *taker = argument;
    struct bucket_rate rate = bucket_rate_of(10, 1, 1000);
    for (int i = 0; i < TRIES; i++)
        taker->granted += bucket_take(taker->table, 7, &rate, 1, start, NULL);
    return NULL;
}

static void test_threads_share_exactly(void **state) {
    (void)state;
    struct bucket_table *table = fresh();
    struct taker takers[THREADS] = {0};
    for (size_t i = 0; i < THREADS; i++) {
        takers[i].table = table;
        assert_int_equal(pthread_create(&takers[i].thread, NULL, take_many, &takers[i]), 0);
    }
    unsigned granted = 0;
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(takers[i].thread, NULL);
        granted += takers[i].granted;
    }
    assert_int_equal(granted, 1000);
    bucket_table_free(table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_burst_and_rate),        cmocka_unit_test(test_wait_is_honest),
        cmocka_unit_test(test_refusal_takes_nothing), cmocka_unit_test(test_return),
        cmocka_unit_test(test_charge_is_bounded),     cmocka_unit_test(test_rate_changes),
        cmocka_unit_test(test_flood_does_not_free),   cmocka_unit_test(test_flood_does_not_refuse),
        cmocka_unit_test(test_places_are_free_again), cmocka_unit_test(test_threads_share_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
