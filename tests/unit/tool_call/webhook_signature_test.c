/* SPDX-License-Identifier: Apache-2.0 */
/* Standard Webhooks: the example of its own libraries, rotation, and what is no secret. */
#include "unit/unit.h"

#include "base/encode.h"
#include "tool_call/webhook_signature.h"

static void the_standards_example_comes_out(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str secret = STR("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    struct str signature;
    assert_int_equal(webhook_sign(arena, &secret, 1, STR("msg_p5jXN8AQM9LWM0D4loKWxJek"), 1614265330,
                                  STR("{\"test\": 2432232314}"), &signature),
                     OK);
    assert_str(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

static void every_part_is_signed(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str secret = STR("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    struct str first;
    struct str other;
    assert_int_equal(webhook_sign(arena, &secret, 1, STR("a"), 1, STR("{}"), &first), OK);
    assert_int_equal(webhook_sign(arena, &secret, 1, STR("b"), 1, STR("{}"), &other), OK);
    assert_false(str_equal(first, other));
    assert_int_equal(webhook_sign(arena, &secret, 1, STR("a"), 2, STR("{}"), &other), OK);
    assert_false(str_equal(first, other));
    assert_int_equal(webhook_sign(arena, &secret, 1, STR("a"), 1, STR("{} "), &other), OK);
    assert_false(str_equal(first, other));
}

static void every_secret_signs_while_they_rotate(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str secrets[] = {STR("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"),
                            STR("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")};
    struct str both;
    struct str second;
    assert_int_equal(webhook_sign(arena, secrets, 2, STR("id"), 1614265330, STR("{}"), &both), OK);
    assert_int_equal(webhook_sign(arena, &secrets[1], 1, STR("id"), 1614265330, STR("{}"), &second), OK);
    assert_int_equal(both.len, 2 * second.len + 1);
    assert_true(str_ends_with(both, second));
}

static void what_is_no_secret_signs_nothing(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    static const char *const wrong[] = {
        "",
        "whsec_",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",  /* no base64 */
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLQ==", /* 22 bytes */
        "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct str secret = str_from(wrong[i]);
        struct str signature;
        assert_int_equal(webhook_sign(arena, &secret, 1, STR("id"), 1, STR("{}"), &signature), INVALID);
    }
    static const char zeros[65] = {0};
    const struct str pieces[] = {STR("whsec_"), base64_encode(arena, str_of(zeros, sizeof zeros))};
    struct str too_long = arena_join(arena, 2, pieces);
    struct str signature;
    assert_int_equal(webhook_sign(arena, &too_long, 1, STR("id"), 1, STR("{}"), &signature), INVALID);
    assert_int_equal(webhook_sign(arena, NULL, 0, STR("id"), 1, STR("{}"), &signature), INVALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_standards_example_comes_out),
        cmocka_unit_test(every_part_is_signed),
        cmocka_unit_test(every_secret_signs_while_they_rotate),
        cmocka_unit_test(what_is_no_secret_signs_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
