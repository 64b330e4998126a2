/* SPDX-License-Identifier: Apache-2.0 */
#include "base/blocking.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static FIBER void sleep_and_count(void *argument) {
    assert_non_null(fiber_current());
    assert_int_equal(fiber_sleep_wait(5), OK);
    ++*(int *)argument;
}

static void a_fiber_runs_to_its_end_without_a_loop_around_it(void **state) {
    (void)state;
    int count = 0;
    blocking_run(sleep_and_count, &count);
    blocking_run(sleep_and_count, &count);
    assert_int_equal(count, 2);
    assert_null(loop_current());
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_fiber_runs_to_its_end_without_a_loop_around_it)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
