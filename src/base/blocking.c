/* SPDX-License-Identifier: Apache-2.0 */
#include "base/blocking.h"

struct start {
    struct message message; /* first member */
    void (*run)(void *argument);
    void *argument;
};

static void stop_loop(void *argument) {
    (void)argument;
    loop_stop(loop_current());
}

static void start_fiber(struct message *message) {
    struct start *start = (struct start *)message;
    fiber_start(start->run, start->argument, stop_loop);
}

void blocking_run(void (*run)(void *argument), void *argument) {
    struct loop *loop = loop_new();
    struct start start = {{NULL, start_fiber}, run, argument};
    loop_post(loop, &start.message);
    loop_run(loop);
    loop_free(loop);
}
