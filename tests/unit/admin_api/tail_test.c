/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log followed while it grows: rows that become visible after later ones are told all the same, and
 * none is told twice. */
#include "../store/fixture.h"
#include "admin_api/call.h"
#include "base/clock.h"
#include "store/audit.h"
#include "store/unit.h"

static const struct access_principal somebody = {.actor = STR_STATIC("cli:ada"), .may_all = true};

struct follower {
    struct fixture *fixture;
    struct admin_api api;
    struct str cursor;
    struct str limit;
    struct str told[512];
    size_t count;
};

/* A row whose id was made at `ms`, on the disk only now. */
static FIBER void commit_wait(struct fixture *f, int64_t ms, unsigned number) {
    AUTO_UNIT unit = unit_new(f->store);
    const struct store_audit event = {
        .environment = f->environment, .action = STR("tool.call"), .outcome = STR("allowed")};
    unit_add_audit(unit, &event);
    struct str id =
        arena_print(unit->arena, "aud_%012llx70008%015x", (unsigned long long)ms, number * 7919 + 1);
    ((struct value *)unit->steps[0].parameters)[1] = value_text(id);
    assert_ok(unit_write_wait(&unit));
}

/* One question; how many rows came that were not told before. */
static FIBER size_t ask_wait(struct follower *follower) {
    struct arena *arena = follower->fixture->arena;
    const struct admin_pair query[] = {
        {STR("order"), STR("oldest")}, {STR("limit"), follower->limit}, {STR("cursor"), follower->cursor}};
    const struct admin_request request = {
        .method = STR("GET"),
        .path = arena_print(arena, "/environments/%.*s/audit", STR_ARG(follower->fixture->environment)),
        .query = query,
        .query_count = str_is_empty(follower->cursor) ? 2 : 3};
    struct admin_response response;
    admin_api_handle_as_wait(&follower->api, &somebody, &request, arena, &response);
    assert_int_equal(response.status, 200);
    json_t *answer;
    assert_ok(json_read(response.body, JSON_DEPTH_DOCUMENT, &answer, NULL));
    json_keep(arena, answer);
    const json_t *items = json_get_array(answer, "items");
    for (size_t i = 0; i < json_array_size(items); i++) {
        struct str id = json_get_str(json_array_get(items, i), "id");
        for (size_t k = 0; k < follower->count; k++)
            assert_false(str_equal(follower->told[k], id));
        follower->told[follower->count++] = id;
    }
    follower->cursor = json_get_str(answer, "next");
    assert_true(follower->cursor.len > 0 && follower->cursor.len <= 2048);
    return json_array_size(items);
}

static struct follower *follower_of(struct fixture *f, struct str limit) {
    struct follower *follower = ARENA_NEW(f->arena, struct follower);
    follower->fixture = f;
    follower->api.store = f->store;
    follower->limit = limit;
    return follower;
}

static void what_comes_late_is_told(struct fixture *f) {
    fixture_environment_wait(f);
    int64_t now = clock_now_ms();
    int64_t settling = store_audit_settling_ms(f->store);
    assert_true(settling > 5000 && settling < 60000);
    struct follower *follower = follower_of(f, STR("50"));
    assert_int_equal(ask_wait(follower), 0);
    commit_wait(f, now - 3000, 1);
    commit_wait(f, now - 1000, 2);
    assert_int_equal(ask_wait(follower), 2);
    commit_wait(f, now - 2000, 3); /* made before the last one that was told */
    commit_wait(f, now - 4000, 4);
    assert_int_equal(ask_wait(follower), 2);
    assert_int_equal(ask_wait(follower), 0);
    commit_wait(f, now - settling + 2000, 5);
    assert_int_equal(ask_wait(follower), 1);
    assert_int_equal(ask_wait(follower), 0);
}

/* More in the time that has not settled than a cursor remembers: the rest comes when it has. */
static void a_burst_is_told_whole(struct fixture *f) {
    fixture_environment_wait(f);
    int64_t now = clock_now_ms();
    struct follower *follower = follower_of(f, STR("40"));
    for (unsigned i = 0; i < 250; i++)
        commit_wait(f, now - 2000 + i, i);
    size_t told = 0;
    for (int i = 0; i < 10; i++)
        told += ask_wait(follower);
    assert_int_equal(told, 100);
    clock_hold_ms(now + store_audit_settling_ms(f->store) + 1000);
    for (int i = 0; i < 10; i++)
        told += ask_wait(follower);
    clock_hold_ms(-1);
    assert_int_equal(told, 250);
}

/* More of them than a page holds: what stands behind those is not forgotten to have been told. */
static void more_late_ones_than_a_page_holds(struct fixture *f) {
    fixture_environment_wait(f);
    int64_t now = clock_now_ms();
    struct follower *follower = follower_of(f, STR("60"));
    for (unsigned i = 0; i < 60; i++)
        commit_wait(f, now - 1000 + i, i);
    assert_int_equal(ask_wait(follower), 60);
    follower->limit = STR("2");
    for (unsigned i = 0; i < 60; i++)
        commit_wait(f, now - 3000 + i, 60 + i);
    size_t told = 60;
    for (int i = 0; i < 40; i++)
        told += ask_wait(follower);
    assert_int_equal(told, 100);
    clock_hold_ms(now + store_audit_settling_ms(f->store) + 1000);
    for (int i = 0; i < 40; i++)
        told += ask_wait(follower);
    clock_hold_ms(-1);
    assert_int_equal(told, 120);
}

/* Old rows come by the page, however many, from the first on. */
static void a_long_log_is_told_from_its_beginning(struct fixture *f) {
    fixture_environment_wait(f);
    struct follower *follower = follower_of(f, STR("100"));
    for (unsigned i = 0; i < 230; i++)
        commit_wait(f, 1700000000000LL + i, i);
    assert_int_equal(ask_wait(follower), 100);
    assert_int_equal(ask_wait(follower), 100);
    assert_int_equal(ask_wait(follower), 30);
    assert_int_equal(ask_wait(follower), 0);
    commit_wait(f, clock_now_ms(), 1);
    assert_int_equal(ask_wait(follower), 1);
    for (size_t i = 1; i < follower->count; i++)
        assert_true(str_compare(follower->told[i - 1], follower->told[i]) < 0);
}

/* A row that has waited too long for its turn would come later than anybody looks. */
static void a_row_that_waited_too_long_is_not_written(struct fixture *f) {
    fixture_environment_wait(f);
    AUTO_UNIT unit = unit_new(f->store);
    const struct store_audit event = {
        .environment = f->environment, .action = STR("tool.call"), .outcome = STR("allowed")};
    unit_add_audit(unit, &event);
    unit->stamped_us -= 6LL * 1000 * 1000;
    assert_int_equal(unit_write_wait(&unit), UNAVAILABLE);
    struct follower *follower = follower_of(f, STR("50"));
    assert_int_equal(ask_wait(follower), 0);
    commit_wait(f, clock_now_ms(), 1); /* the thread goes on */
    assert_int_equal(ask_wait(follower), 1);
}

#define TEST(name)                                                                                           \
    static void test_##name(void **state) {                                                                  \
        (void)state;                                                                                         \
        fixture_run(name);                                                                                   \
    }
TEST(what_comes_late_is_told)
TEST(a_burst_is_told_whole)
TEST(more_late_ones_than_a_page_holds)
TEST(a_long_log_is_told_from_its_beginning)
TEST(a_row_that_waited_too_long_is_not_written)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_comes_late_is_told),
        cmocka_unit_test(test_a_burst_is_told_whole),
        cmocka_unit_test(test_more_late_ones_than_a_page_holds),
        cmocka_unit_test(test_a_long_log_is_told_from_its_beginning),
        cmocka_unit_test(test_a_row_that_waited_too_long_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
