/* SPDX-License-Identifier: Apache-2.0 */
/* Whose token is refused though it is good: from memory, and from the store where there are too many. */
#include "base/clock.h"
#include "environment/environment.h"
#include "store/unit.h"

#include "../store/fixture.h"

static struct identity identity_of(const char *subject, const char *session, int64_t issued_at) {
    return (struct identity){.subject = str_from(subject),
                             .issuer_name = STR("acme"),
                             .session_id = str_from(session),
                             .token_id = STR("jti"),
                             .issued_at = issued_at};
}

static FIBER void put_wait(struct fixture *f, const struct str *marks, size_t count, int64_t at) {
    AUTO_UNIT unit = unit_new(f->store);
    for (size_t i = 0; i < count; i++)
        unit_add(unit, REVOCATION_PUT, ONE_ELSE_NOT_FOUND, value_text(f->environment), value_text(marks[i]),
                 value_number(at), value_time(0));
    assert_ok(unit_write_wait(&unit));
}

static FIBER struct environment *load_wait(struct fixture *f) {
    struct environment *environment;
    assert_ok(environment_load_wait(f->store, NULL, f->environment, &environment));
    environment->store = f->store;
    return environment;
}

static enum status admits(struct fixture *f, const struct environment *environment, const char *subject,
                          const char *session, int64_t issued_at) {
    struct identity identity = identity_of(subject, session, issued_at);
    return environment_admits(environment, f->arena, &identity, STR("a.b.c"));
}

static FIBER enum status admits_wait(struct fixture *f, const struct environment *environment,
                                     const char *subject, int64_t issued_at) {
    struct identity identity = identity_of(subject, NULL, issued_at);
    return environment_admits_wait(environment, f->arena, &identity, STR("a.b.c"));
}

static void a_subject_is_refused_by_time_a_session_and_a_token_for_good(struct fixture *f) {
    fixture_environment_wait(f);
    enum { SECOND = 1700000000 };
    const struct str marks[] = {store_mark_subject(f->arena, STR("acme"), STR("ada")),
                                store_mark_session(f->arena, STR("acme"), STR("laptop"))};
    struct environment *before = load_wait(f);
    assert_int_equal(admits(f, before, "ada", NULL, SECOND), OK);
    put_wait(f, marks, 2, SECOND * 1000LL + 500);
    struct environment *environment = load_wait(f);
    assert_int_equal(admits(f, environment, "ada", NULL, SECOND), DENIED); /* within that very second */
    assert_int_equal(admits(f, environment, "ada", NULL, SECOND - 100), DENIED);
    assert_int_equal(admits(f, environment, "ada", NULL, 0), DENIED); /* does not say when */
    assert_int_equal(admits(f, environment, "ada", NULL, SECOND + 1), OK);
    assert_int_equal(admits(f, environment, "bob", NULL, 0), OK);
    assert_int_equal(admits(f, environment, "bob", "laptop", SECOND + 100), DENIED);
    assert_int_equal(admits(f, environment, "bob", "phone", SECOND - 100), OK);
    const struct str token = store_mark_token(f->arena, STR("jti"));
    put_wait(f, &token, 1, SECOND * 1000LL);
    struct environment *again = load_wait(f);
    assert_int_equal(admits(f, again, "bob", NULL, SECOND + 100), DENIED);
    assert_int_equal(admits_wait(f, again, "bob", SECOND + 100), DENIED);
    environment_unref(before);
    environment_unref(environment);
    environment_unref(again);
}

static void where_there_are_too_many_the_store_is_asked(struct fixture *f) {
    fixture_environment_wait(f);
    const struct str early = store_mark_subject(f->arena, STR("acme"), STR("ada"));
    put_wait(f, &early, 1, 1000);
    struct str marks[STORE_REVOCATIONS_LOADED];
    for (int i = 0; i < STORE_REVOCATIONS_LOADED; i++)
        marks[i] = store_mark_subject(f->arena, STR("acme"), arena_print(f->arena, "bob-%d", i));
    put_wait(f, marks, STORE_REVOCATIONS_LOADED, 2000000);
    struct environment *environment = load_wait(f);
    assert_true(environment->revocations.has_more);
    assert_int_equal(environment->revocations.count, STORE_REVOCATIONS_LOADED);
    assert_int_equal(admits(f, environment, "bob-999", NULL, 0), DENIED);
    assert_int_equal(admits(f, environment, "ada", NULL, 0), UNAVAILABLE);
    assert_int_equal(admits_wait(f, environment, "ada", 0), DENIED);
    assert_int_equal(admits_wait(f, environment, "ada", 2), OK);
    assert_int_equal(admits_wait(f, environment, "somebody", 0), OK);
    assert_int_equal(admits_wait(f, environment, "bob-5", 0), DENIED);
    environment_unref(environment);
}

static void test_refused(void **state) {
    (void)state;
    fixture_run(a_subject_is_refused_by_time_a_session_and_a_token_for_good);
}

static void test_many(void **state) {
    (void)state;
    fixture_run(where_there_are_too_many_the_store_is_asked);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_refused), cmocka_unit_test(test_many)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
