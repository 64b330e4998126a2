/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log, the changes, and who follows them. */
#include "base/clock.h"
#include "fixture.h"
#include "store/audit.h"
#include "store/change.h"
#include "store/key.h"
#include "store/product.h"

static FIBER void append_wait(struct fixture *f, struct str subject, struct str tool, struct str outcome) {
    struct store_audit event = {.environment = f->environment,
                                .action = STR("tool.call"),
                                .visitor = subject,
                                .subject = subject,
                                .issuer = STR("acme"),
                                .acting_for = STR("{\"sub\":\"agent\"}"),
                                .session = STR("ses_1"),
                                .conversation = STR("conv_1"),
                                .tool = tool,
                                .parameters = STR("[\"account\"]"),
                                .values = STR("{\"account\":\"1001\"}"),
                                .token = STR("jti-1"),
                                .outcome = outcome,
                                .reason = STR("claim-missing"),
                                .detail = STR("accountId"),
                                .duration_us = 1234};
    assert_ok(store_audit_append_wait(f->store, f->arena, &event));
}

static FIBER size_t count_wait(struct fixture *f, struct store_audit_filter filter) {
    struct store_audits audits;
    filter.environment = f->environment;
    assert_ok(store_audit_list_wait(f->store, f->arena, &filter, &audits));
    return audits.count;
}

static void audit_rows_read_back_whole(struct fixture *f) {
    fixture_environment_wait(f);
    append_wait(f, STR("ada"), STR("get_balance"), STR("refused"));
    struct store_audits audits;
    struct store_audit_filter filter = {.environment = f->environment};
    assert_ok(store_audit_list_wait(f->store, f->arena, &filter, &audits));
    assert_int_equal(audits.count, 1);
    const struct store_audit *row = &audits.at[0];
    assert_true(str_starts_with(row->id, STR("aud_")));
    assert_true(row->at > 0);
    assert_text(row->action, STR("tool.call"));
    assert_text(row->visitor, STR("ada"));
    assert_text(row->subject, STR("ada"));
    assert_text(row->issuer, STR("acme"));
    assert_text(row->acting_for, STR("{\"sub\":\"agent\"}"));
    assert_text(row->session, STR("ses_1"));
    assert_text(row->conversation, STR("conv_1"));
    assert_text(row->tool, STR("get_balance"));
    assert_text(row->parameters, STR("[\"account\"]"));
    assert_text(row->values, STR("{\"account\":\"1001\"}"));
    assert_text(row->token, STR("jti-1"));
    assert_text(row->outcome, STR("refused"));
    assert_text(row->reason, STR("claim-missing"));
    assert_text(row->detail, STR("accountId"));
    assert_int_equal(row->duration_us, 1234);
    assert_int_equal(row->actor.len + row->target.len, 0);
    filter.environment = STR_NONE;
    assert_ok(store_audit_list_wait(f->store, f->arena, &filter, &audits));
    assert_int_equal(audits.count, 0);
}

static void audit_is_filtered_by_who_what_and_when(struct fixture *f) {
    fixture_environment_wait(f);
    for (int i = 0; i < 10; i++) {
        clock_hold_ms(1700000000000 + i);
        append_wait(f, i % 2 == 0 ? STR("ada") : STR("bob"), i < 4 ? STR("get_balance") : STR("freeze_card"),
                    i == 9 ? STR("failed") : STR("allowed"));
    }
    clock_hold_ms(-1);
    assert_int_equal(count_wait(f, (struct store_audit_filter){0}), 10);
    assert_int_equal(count_wait(f, (struct store_audit_filter){.subject = STR("ada")}), 5);
    assert_int_equal(count_wait(f, (struct store_audit_filter){.visitor = STR("bob")}), 5);
    assert_int_equal(count_wait(f, (struct store_audit_filter){.tool = STR("get_balance")}), 4);
    assert_int_equal(
        count_wait(f, (struct store_audit_filter){.tool = STR("get_balance"), .subject = STR("ada")}), 2);
    assert_int_equal(
        count_wait(f, (struct store_audit_filter){.visitor = STR("ada"), .tool = STR("freeze_card")}), 3);
    assert_int_equal(count_wait(f, (struct store_audit_filter){.outcome = STR("failed")}), 1);
    assert_int_equal(count_wait(f, (struct store_audit_filter){.action = STR("secret.kill")}), 0);
    assert_int_equal(count_wait(f, (struct store_audit_filter){.actor = STR("cli:root")}), 0);
    assert_int_equal(count_wait(f, (struct store_audit_filter){.from = 1700000000008}), 2);
    assert_int_equal(count_wait(f, (struct store_audit_filter){.until = 1700000000003}), 3);
    assert_int_equal(count_wait(f, (struct store_audit_filter){.from = 1700000000003,
                                                               .until = 1700000000005,
                                                               .oldest_first = true}),
                     2);
    assert_int_equal(count_wait(f, (struct store_audit_filter){.subject = STR("ada' OR '1'='1")}), 0);
}

static void audit_pages_both_ways(struct fixture *f) {
    fixture_environment_wait(f);
    for (int i = 0; i < 7; i++) {
        clock_hold_ms(1700000000000 + i);
        append_wait(f, STR("ada"), STR("t"), STR("allowed"));
    }
    clock_hold_ms(-1);
    for (int turned = 0; turned < 2; turned++) {
        struct store_audit_filter filter = {
            .environment = f->environment, .limit = 3, .oldest_first = turned == 1, .subject = STR("ada")};
        struct store_audits page;
        size_t seen = 0;
        do {
            assert_ok(store_audit_list_wait(f->store, f->arena, &filter, &page));
            for (size_t i = 0; i < page.count; i++, seen++)
                assert_int_equal(page.at[i].at, 1700000000000 + (int64_t)(turned == 1 ? seen : 6 - seen));
            if (page.count > 0)
                filter.after = page.at[page.count - 1].id;
        } while (page.count > 0);
        assert_int_equal(seen, 7);
    }
}

static void changes_rise_without_gaps(struct fixture *f) {
    int64_t before = -1;
    assert_ok(store_change_last_wait(f->store, f->arena, &before));
    assert_int_equal(before, 0);
    fixture_environment_wait(f);
    struct store_product product;
    assert_int_equal(store_product_create_wait(f->store, f->arena, STR("acme"), NULL, &product),
                     CONFLICT); /* undone */
    struct store_key key;
    assert_ok(store_key_create_wait(f->store, f->arena, f->environment, false, STR("pk_1"), STR("pk_1"), NULL,
                                    &key));
    struct store_changes changes;
    assert_ok(store_change_list_wait(f->store, f->arena, 0, 0, &changes));
    assert_int_equal(changes.count, 3);
    assert_false(changes.missed);
    assert_int_equal(changes.last, 3);
    static const char *const kinds[] = {"product", "environment", "key"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(changes.at[i].position, (int64_t)i + 1);
        assert_text(changes.at[i].kind, str_from(kinds[i]));
    }
    assert_text(changes.at[2].environment, f->environment);
    assert_ok(store_change_list_wait(f->store, f->arena, 3, 0, &changes));
    assert_int_equal(changes.count, 0);
    assert_false(changes.missed);
}

/* What is older than a day is thrown away with the next change; who asks for it is told that something is
 * missing. */
static void old_changes_are_thrown_away_and_missed(struct fixture *f) {
    clock_hold_ms(1700000000000);
    fixture_environment_wait(f);
    struct store_changes changes;
    assert_ok(store_change_list_wait(f->store, f->arena, 0, 0, &changes));
    assert_int_equal(changes.count, 2);
    clock_hold_ms(-1);
    struct store_product product;
    assert_ok(store_product_create_wait(f->store, f->arena, STR("new"), NULL, &product));
    assert_ok(store_change_list_wait(f->store, f->arena, 0, 0, &changes));
    assert_true(changes.missed);
    assert_int_equal(changes.count, 1);
    assert_int_equal(changes.last, 3);
    assert_ok(store_change_list_wait(f->store, f->arena, 2, 0, &changes));
    assert_false(changes.missed);
    /* An older copy of the database was put in the place of the one that was followed. */
    assert_ok(store_change_list_wait(f->store, f->arena, 7, 0, &changes));
    assert_true(changes.missed);
}

struct follower {
    unsigned count;
    bool has_begun, stopped;
    int64_t last;
    struct fiber *waiter;
};

static void on_change(void *context, const struct store_change *change) {
    struct follower *follower = context;
    if (change == NULL) {
        assert_false(follower->has_begun); /* nothing is missed later */
        follower->has_begun = true;
        return;
    }
    assert_true(change->position > follower->last);
    follower->last = change->position;
    follower->count++;
    fiber_wake(follower->waiter);
}

static void on_stopped(void *context) {
    struct follower *follower = context;
    follower->stopped = true;
    fiber_wake(follower->waiter);
}

static FIBER void until_begun_wait(const struct follower *follower) {
    int64_t deadline = clock_monotonic_us() + 10000000;
    while (!follower->has_begun && clock_monotonic_us() < deadline)
        assert_ok(fiber_sleep_wait(1));
    assert_true(follower->has_begun);
}

static FIBER void until_wait(const unsigned *count, unsigned expected) {
    int64_t deadline = clock_monotonic_us() + 10000000;
    while (*count < expected && clock_monotonic_us() < deadline)
        assert_ok(fiber_sleep_wait(1));
    assert_int_equal(*count, expected);
}

static void a_watch_tells_of_changes_here_at_once(struct fixture *f) {
    struct follower follower = {.waiter = fiber_current()};
    struct store_watch *watch = store_watch_start(f->store, on_change, &follower);
    until_begun_wait(&follower);
    int64_t begun = clock_monotonic_us();
    fixture_environment_wait(f);
    until_wait(&follower.count, 2);
    assert_true(clock_monotonic_us() - begun < 900000); /* not by the poll */
    store_watch_stop(watch, on_stopped);
    while (!follower.stopped)
        assert_ok(fiber_park_wait());
    struct store_product product;
    assert_ok(store_product_create_wait(f->store, f->arena, STR("unseen"), NULL, &product));
    assert_ok(fiber_sleep_wait(20));
    assert_int_equal(follower.count, 2);
}

static void a_watch_tells_of_other_processes_within_a_second(struct fixture *f) {
    struct follower follower = {.waiter = fiber_current()};
    struct store_watch *watch = store_watch_start(f->store, on_change, &follower);
    until_begun_wait(&follower);
    struct store *other;
    struct str message;
    struct store_product product;
    assert_ok(store_open(f->arena, f->url, &(struct store_options){.readers = 1}, &other, &message));
    int64_t begun = clock_monotonic_us();
    assert_ok(store_product_create_wait(other, f->arena, STR("elsewhere"), NULL, &product));
    until_wait(&follower.count, 1);
    assert_true(clock_monotonic_us() - begun < 2000000);
    store_watch_stop(watch, on_stopped);
    while (!follower.stopped)
        assert_ok(fiber_park_wait());
    store_close(other);
}

#define TEST(name)                                                                                           \
    static void test_##name(void **state) {                                                                  \
        (void)state;                                                                                         \
        fixture_run(name);                                                                                   \
    }
TEST(audit_rows_read_back_whole)
TEST(audit_is_filtered_by_who_what_and_when)
TEST(audit_pages_both_ways)
TEST(changes_rise_without_gaps)
TEST(old_changes_are_thrown_away_and_missed)
TEST(a_watch_tells_of_changes_here_at_once)
TEST(a_watch_tells_of_other_processes_within_a_second)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_audit_rows_read_back_whole),
        cmocka_unit_test(test_audit_is_filtered_by_who_what_and_when),
        cmocka_unit_test(test_audit_pages_both_ways),
        cmocka_unit_test(test_changes_rise_without_gaps),
        cmocka_unit_test(test_old_changes_are_thrown_away_and_missed),
        cmocka_unit_test(test_a_watch_tells_of_changes_here_at_once),
        cmocka_unit_test(test_a_watch_tells_of_other_processes_within_a_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
