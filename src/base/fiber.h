/* SPDX-License-Identifier: Apache-2.0 */
/* Fibers: straight-line code that may wait. A fiber is a stackful coroutine of one thread's loop: it runs
 * until it waits or returns, so between two waits nothing else on this thread runs. A function that may wait
 * is marked FIBER and its name ends in `_wait`; it can be called from a fiber only.
 *
 * Cancellation: when the client that a fiber works for has gone, fiber_cancel() makes the wait that it is in,
 * and every later one, return CANCELED at once. The fiber cleans up and returns; nothing is torn down under
 * it. */
#pragma once

#include "base/loop.h"

#define FIBER /* marks a function that may wait: call it from a fiber only */

struct fiber;

/* Starts `run(argument)` as a fiber of the calling thread's loop (inside loop_run). It runs at once, until
 * its first wait. The pointer is good until `run` returns; NULL where it has returned already. Stacks (64
 * KiB, a guard page below) are pooled per thread. `finished` (may be NULL) is called on the loop's own stack
 * after `run` has returned. While the loop is ending, a fiber starts out canceled. */
struct fiber *fiber_start(void (*run)(void *argument), void *argument, void (*finished)(void *argument));

struct fiber *fiber_current(void); /* NULL outside fibers */
bool fiber_is_canceled(void);      /* of the current fiber, unless it is shielded */

/* Parks the current fiber until somebody on the same thread calls fiber_wake. A wake that came before the
 * park is not lost: the park returns at once. OK, or CANCELED. A wake meant for an earlier wait can end a
 * later one too, so look at what you wait for in a loop: `while (!is_done) TRY(fiber_park_wait());`. */
FIBER NODISCARD enum status fiber_park_wait(void);
void fiber_wake(struct fiber *fiber);   /* same thread only; the fiber runs on the loop's next turn */
void fiber_cancel(struct fiber *fiber); /* same thread only; a second call does nothing */

/* While shielded (nestable) the current fiber does not see a cancellation: for the few steps that must be
 * finished once begun. */
void fiber_shield(void);
void fiber_unshield(void);

FIBER NODISCARD enum status fiber_sleep_wait(int64_t ms); /* OK or CANCELED */

/* For tests, limits and metrics: of the calling thread's loop. */
unsigned fiber_count_running(void);

/* Whether work from outside may still have a fiber. A stack takes two of the mappings of which the kernel
 * allows a process some 65,000, and a process without any left ends; so whoever starts fibers because
 * somebody asked for something looks here first, and says that it is busy. Work that is under way need not
 * ask. */
enum { FIBERS_MAX_THREAD = 4000, FIBERS_MAX_PROCESS = 24 * 1000 };
bool fiber_has_room(void);
