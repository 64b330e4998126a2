/* SPDX-License-Identifier: Apache-2.0 */
/* Counters, what becomes of them, and percentiles read from buckets. */
#include "statistics/statistics.h"

#include "../store/fixture.h"
#include "base/clock.h"

#include <pthread.h>
#include <string.h>

static FIBER int64_t stored_wait(struct fixture *f, struct str name, struct str label) {
    struct store_figures figures;
    int64_t sum = 0;
    assert_ok(store_figures_list_wait(f->store, f->arena, f->environment, STORE_STEP_MINUTES, 0, INT64_MAX,
                                      &figures));
    for (size_t i = 0; i < figures.count; i++) {
        if (str_equal(figures.at[i].name, name) && str_equal(figures.at[i].label, label))
            sum += figures.at[i].counted;
    }
    return sum;
}

static FIBER void write_all_wait(struct statistics *statistics) {
    while (statistics_flush(statistics))
        assert_ok(fiber_sleep_wait(5));
}

static void what_is_counted_is_written_once(struct fixture *f) {
    fixture_environment_wait(f);
    struct statistics *statistics = statistics_new(f->store);
    struct statistics_counters *counters = statistics_take(statistics, f->environment);
    assert_ptr_equal(statistics_take(statistics, f->environment), counters);
    statistics_release(counters);
    assert_false(statistics_flush(statistics)); /* nothing yet */
    for (int i = 0; i < 7; i++)
        statistics_count_verified(counters);
    statistics_count_refused(counters, IDENTITY_EXP_PASSED);
    statistics_count_message(counters, true);
    statistics_count_message(counters, false);
    statistics_count_required(counters, IDENTITY_TOKEN_ABSENT);
    statistics_count_tool(counters, STATISTICS_TOOL_FAILED);
    statistics_count_latency(counters, 1500);
    assert_true(statistics_flush(statistics));
    statistics_count_verified(counters); /* while that is being written */
    write_all_wait(statistics);
    assert_int_equal(stored_wait(f, STATISTICS_VERIFICATIONS, STR("ok")), 8);
    assert_int_equal(stored_wait(f, STATISTICS_VERIFICATIONS, STR("expired/exp-passed")), 1);
    assert_int_equal(stored_wait(f, STATISTICS_MESSAGES, STR("verified")), 1);
    assert_int_equal(stored_wait(f, STATISTICS_MESSAGES, STR("anonymous")), 1);
    assert_int_equal(stored_wait(f, STATISTICS_REQUIRED, STR("missing-token/token-absent")), 1);
    assert_int_equal(stored_wait(f, STATISTICS_TOOL_CALLS, STR("failed")), 1);
    write_all_wait(statistics);
    assert_int_equal(stored_wait(f, STATISTICS_VERIFICATIONS, STR("ok")), 8);
    /* Counted after the environment was dropped, and after the statistics are gone: nothing is torn down. */
    statistics_count_verified(counters);
    statistics_release(counters);
    write_all_wait(statistics);
    assert_int_equal(stored_wait(f, STATISTICS_VERIFICATIONS, STR("ok")), 9);
    counters = statistics_take(statistics, f->environment);
    statistics_free(statistics);
    statistics_count_verified(counters);
    statistics_release(counters);
    assert_null(statistics_take(NULL, f->environment));
    statistics_count_verified(NULL);
}

/* ---- fetches, noted by other threads ---- */

static void *note_many(void *argument) {
    for (int i = 0; i < 1000; i++) {
        statistics_fetches_note(argument, STR("https://a.example/keys"), i % 10 != 0);
        statistics_fetches_note(argument, STR("https://nobody.example/keys"), true);
        statistics_fetches_expect(argument, STR("env_other"), STR("https://b.example/keys"));
    }
    return NULL;
}

static void fetches_count_for_all_who_use_the_set(struct fixture *f) {
    fixture_environment_wait(f);
    struct statistics *statistics = statistics_new(f->store);
    struct statistics_fetches *fetches = statistics_fetches_new();
    statistics_set_fetches(statistics, fetches);
    statistics_fetches_expect(fetches, f->environment, STR("https://a.example/keys"));
    statistics_fetches_expect(fetches, f->environment, STR("https://a.example/keys"));
    statistics_fetches_expect(fetches, f->environment, STR(""));
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, note_many, fetches), 0);
    for (int i = 0; i < 20; i++) {
        statistics_flush(statistics);
        assert_ok(fiber_sleep_wait(1));
    }
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    write_all_wait(statistics);
    assert_int_equal(stored_wait(f, STATISTICS_FETCHES, STR("ok")), 1800);
    assert_int_equal(stored_wait(f, STATISTICS_FETCHES, STR("failed")), 200);
    statistics_free(statistics);
    statistics_fetches_free(fetches);
}

static void test_written(void **state) {
    (void)state;
    fixture_run(what_is_counted_is_written_once);
}

static void test_fetches(void **state) {
    (void)state;
    fixture_run(fetches_count_for_all_who_use_the_set);
}

/* ---- buckets ---- */

static void buckets_are_at_most_an_eighth_wide(void **state) {
    (void)state;
    unsigned last = 0;
    int64_t begun_at = 0;
    for (int64_t us = 0; us < 3000 * 1000; us += 1 + us / 1000) {
        unsigned bucket = statistics_bucket_of(us);
        assert_true(bucket >= last && bucket <= last + 1 && bucket < STATISTICS_BUCKETS);
        if (bucket != last) {
            assert_true(last == 0 || (double)us <= (double)begun_at * 1.13);
            begun_at = us;
        }
        last = bucket;
    }
    assert_int_equal(statistics_bucket_of(-5), 0);
    assert_int_equal(statistics_bucket_of(INT64_MAX), STATISTICS_BUCKETS - 1);
    assert_true(statistics_bucket_of(100LL * 1000 * 1000) < STATISTICS_BUCKETS - 1); /* 100 s */
}

static void add(struct statistics_spread *spread, int64_t us, int64_t count) {
    AUTO_ARENA arena = arena_new();
    const struct store_figure figure = {.name = STATISTICS_LATENCY,
                                        .label = arena_print(arena, "%u", statistics_bucket_of(us)),
                                        .counted = count,
                                        .total = us * count};
    statistics_spread_add(spread, &figure);
}

static void assert_near(double actual, double expected) {
    if (actual < expected * 0.87 || actual > expected * 1.13)
        fail_msg("%f is not near %f", actual, expected);
}

static void percentiles_are_good_to_an_eighth(void **state) {
    (void)state;
    struct statistics_spread spread;
    memset(&spread, 0, sizeof spread);
    assert_true(statistics_spread_percentile(&spread, 50) < 0);
    for (int i = 1; i <= 1000; i++) /* 1 to 1,000 ms, one each */
        add(&spread, i * 1000, 1);
    assert_int_equal(statistics_spread_count(&spread), 1000);
    assert_near(statistics_spread_percentile(&spread, 50), 500);
    assert_near(statistics_spread_percentile(&spread, 95), 950);
    assert_near(statistics_spread_percentile(&spread, 99), 990);
    const struct store_figure others[] = {{.name = STATISTICS_MESSAGES, .label = STR("5"), .counted = 1},
                                          {.name = STATISTICS_LATENCY, .label = STR("9999"), .counted = 1},
                                          {.name = STATISTICS_LATENCY, .label = STR("x"), .counted = 1}};
    for (size_t i = 0; i < 3; i++)
        statistics_spread_add(&spread, &others[i]);
    assert_int_equal(statistics_spread_count(&spread), 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_written), cmocka_unit_test(test_fetches),
                                       cmocka_unit_test(buckets_are_at_most_an_eighth_wide),
                                       cmocka_unit_test(percentiles_are_good_to_an_eighth)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
