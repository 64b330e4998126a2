/* SPDX-License-Identifier: Apache-2.0 */
/* A thread's event loop (libev behind it), its timers, and its mailbox: the only way in from others. */
#pragma once

#include "base/status.h"

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

struct loop;

struct loop *loop_new(void); /* never NULL */

/* Runs until loop_stop, as loop_current() of the thread. When it is told to stop, it cancels the fibers that
 * are still alive, and returns when they have ended and every message that had come has been delivered. So
 * stop those who ask (front threads) before those who answer them (workers). */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop); /* from any thread; also before loop_run, which then returns soon */

/* From its own thread, or after that has ended. Messages that came meanwhile are delivered first. A job that
 * is still on its way home finds the loop closed and is freed on the worker's thread. */
void loop_free(struct loop *loop);

struct loop *loop_current(void);              /* of the calling thread; NULL outside loop_run */
struct ev_loop *loop_ev(struct loop *loop);   /* for io watchers: http/ and egress/ */
bool loop_is_ending(const struct loop *loop); /* told to stop, and finishing what it has; own thread only */

/* ---- messages between threads: intrusive, lock-free, in order per sender ---- */
struct message {
    struct message *next;                     /* the mailbox's while queued */
    void (*deliver)(struct message *message); /* runs on the receiving loop; owns the message from then on */
};
void loop_post(struct loop *to, struct message *message); /* from any thread; never blocks, never fails */

/* ---- timers, on the loop's own thread; a struct timer starts out zeroed ---- */
struct timer {
    void (*fire)(struct timer *timer); /* called once; may start it again or free it */
    struct ev_timer watcher;
};
void timer_start(struct loop *loop, struct timer *timer, int64_t after_ms, void (*fire)(struct timer *));
void timer_stop(struct loop *loop, struct timer *timer); /* fine when it is not running */
bool timer_is_running(const struct timer *timer);
