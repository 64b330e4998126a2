/* SPDX-License-Identifier: Apache-2.0 */
/* What loop.c, fiber.c and job.c know of each other. Not a door: nobody outside base/ includes it. */
#pragma once

#include "base/loop.h"

#include <setjmp.h>
#include <stdatomic.h>
#include <stddef.h>

struct fiber;

/* A stack and where on it execution stopped: a fiber's, or the one that the loop itself runs on. */
struct context {
    jmp_buf position;
    const void *stack; /* lowest address; for the loop's own stack known to the address sanitizer only */
    size_t stack_size;
    void *fake_stack; /* the address sanitizer's */
    void *tsan_fiber; /* the thread sanitizer's */
};

struct loop_fibers {
    struct fiber *alive;
    unsigned alive_count;
    struct fiber *idle; /* ended, their stacks kept for reuse */
    unsigned idle_count;
    struct context loop_stack;
};

struct loop {
    struct ev_loop *ev;
    int wake_fd; /* an eventfd: open as long as anybody may still post */
    struct ev_io woken;
    struct ev_idle busy; /* runs while messages are due, so that the loop does not sleep on them */
    _Atomic(struct message *) inbox; /* newest first */
    struct message *due;             /* oldest first; the loop's thread only */
    struct message **due_end;
    _Atomic unsigned references; /* its owner's, and one for each job that will come home */
    _Atomic bool is_stopping;
    _Atomic bool is_closed;
    bool is_ending;
    struct loop_fibers fibers;
};

struct loop *loop_refer(struct loop *loop);
void loop_release(struct loop *loop);

void fibers_cancel_all(struct loop *loop);
void fibers_free_idle(struct loop *loop);
