/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct audit_event event_with(json_t *parameters) {
    return (struct audit_event){
        .environment = STR("env_1"),
        .action = AUDIT_TOOL_CALL,
        .who = {.visitor = STR("vis_1"), .subject = STR("ada"), .token = STR("jti-1")},
        .tool = STR("get_balance"),
        .parameters = parameters,
        .outcome = AUDIT_REFUSED,
        .reason = STR("claim-missing"),
        .duration_us = 7};
}

static void names_are_kept_values_only_where_allowed(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    json_auto_t *parameters = json_pack("{s:s, s:n, s:[i,i]}", "account", "1001", "pin", "list", 1, 2);
    struct audit_event event = event_with(parameters);
    struct store_audit row = audit_row(arena, &event);
    assert_true(str_equal(row.parameters, STR("[\"account\",\"pin\",\"list\"]")));
    assert_true(str_equal(row.values, STR("{\"account\":\"1001\",\"list\":[1,2]}")));
    assert_true(str_equal(row.outcome, STR("refused")));
    assert_true(str_equal(row.subject, STR("ada")));
    assert_true(str_equal(row.tool, STR("get_balance")));
    assert_int_equal(row.actor.len + row.target.len + row.acting_for.len, 0);
    assert_int_equal(row.duration_us, 7);
}

static void nothing_allowed_is_nothing_kept(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    json_auto_t *parameters = json_pack("{s:n}", "pin");
    struct audit_event event = event_with(parameters);
    assert_int_equal(audit_row(arena, &event).values.len, 0);
    event.parameters = NULL;
    assert_int_equal(audit_row(arena, &event).parameters.len, 0);
    event.outcome = AUDIT_ALLOWED;
    assert_true(str_equal(audit_row(arena, &event).outcome, STR("allowed")));
    event.outcome = AUDIT_FAILED;
    assert_true(str_equal(audit_row(arena, &event).outcome, STR("failed")));
}

static void a_long_value_is_kept_as_its_length(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    char *text = arena_alloc(arena, 2000);
    memset(text, 'x', 2000);
    json_auto_t *parameters = json_object();
    json_object_set_new(parameters, "note", json_from_str(str_of(text, 2000)));
    struct audit_event event = event_with(parameters);
    assert_true(str_equal(audit_row(arena, &event).values, STR("{\"note\":{\"bytes\":2002}}")));
}

static void the_acting_party_is_kept(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    json_auto_t *act = json_pack("{s:s}", "sub", "agent");
    struct audit_event event = event_with(NULL);
    event.who.acting_for = act;
    assert_true(str_equal(audit_row(arena, &event).acting_for, STR("{\"sub\":\"agent\"}")));
}

static void a_token_is_named_by_its_id_or_a_piece_of_its_hash(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str hashed = STR("sha256:ba7816bf8f01cfea");
    assert_true(str_equal(audit_token_id(arena, STR("id-1"), STR("abc")), STR("id-1")));
    assert_true(str_equal(audit_token_id(arena, STR_NONE, STR("abc")), hashed));
    assert_true(str_equal(audit_token_id(arena, STR_NONE, STR("abc.signature")), hashed));
    assert_true(str_equal(audit_token_id(arena, STR("two words"), STR("abc")), hashed));
    assert_true(str_equal(audit_token_id(arena, STR("line\nbreak"), STR("abc")), hashed));
    char *text = arena_alloc(arena, 65);
    memset(text, 'x', 65);
    assert_true(str_equal(audit_token_id(arena, str_of(text, 65), STR("abc")), hashed));
    assert_int_equal(audit_token_id(arena, str_of(text, 64), STR("abc")).len, 64);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_kept_values_only_where_allowed),
        cmocka_unit_test(nothing_allowed_is_nothing_kept),
        cmocka_unit_test(a_long_value_is_kept_as_its_length),
        cmocka_unit_test(the_acting_party_is_kept),
        cmocka_unit_test(a_token_is_named_by_its_id_or_a_piece_of_its_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
