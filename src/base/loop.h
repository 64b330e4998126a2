/* SPDX-License-Identifier: Apache-2.0 */
/* A thread's event loop (libev behind it), its timers, and its mailbox: the only way in from other threads. */
#pragma once

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct ev_loop;

struct loop *loop_new(void);                   /* never NULL */
void loop_free(struct loop *loop);             /* from its own thread or after it has ended */
void loop_run(struct loop *loop);              /* until loop_stop; makes this loop loop_current() of the thread */
void loop_stop(struct loop *loop);             /* from any thread */
struct loop *loop_current(void);               /* of the calling thread; NULL outside loop_run */
struct ev_loop *loop_ev(struct loop *loop);    /* for io watchers: http/ and egress/ */

/* ---- messages between threads: intrusive, lock-free, in order per sender ---- */
struct message {
    struct message *next;                      /* the mailbox's while queued */
    void (*deliver)(struct message *message);  /* runs on the receiving loop; owns the message from then on */
};
void loop_post(struct loop *to, struct message *message); /* from any thread; never blocks, never fails */

/* ---- timers, on the loop's own thread ---- */
struct timer {
    void (*fire)(struct timer *timer);
    void *internal[8];                         /* room for libev's watcher; see loop.c */
};
void timer_start(struct loop *loop, struct timer *timer, int64_t after_ms, void (*fire)(struct timer *));
void timer_stop(struct loop *loop, struct timer *timer);  /* fine when it is not running */
bool timer_is_running(const struct timer *timer);
