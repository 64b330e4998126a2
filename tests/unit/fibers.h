/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a function of a test as a fiber in a loop of its own, to its end. */
#pragma once

#include "base/fiber.h"

struct fiber_test {
    struct message message;
    struct loop *loop;
    void (*run)(void *argument);
    void *argument;
};

static inline void fiber_test_end(void *argument) {
    struct fiber_test *test = argument;
    loop_stop(test->loop);
}

static inline void fiber_test_run(void *argument) {
    struct fiber_test *test = argument;
    test->run(test->argument);
}

static inline void fiber_test_begin(struct message *message) {
    fiber_start(fiber_test_run, message, fiber_test_end);
}

static inline void in_fiber(void (*run)(void *argument), void *argument) {
    struct loop *loop = loop_new();
    struct fiber_test test = {{0, fiber_test_begin}, loop, run, argument};
    loop_post(loop, &test.message);
    loop_run(loop);
    loop_free(loop);
}
