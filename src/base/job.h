/* SPDX-License-Identifier: Apache-2.0 */
/* Work for another thread that a fiber waits for. The job is on the heap and belongs to whoever has it: the
 * waiter while it fills it in and after the wait came back, the worker in between. If the waiter is canceled
 * meanwhile, the job is abandoned: it is done all the same, and freed by `free` when it comes home. So a
 * worker never writes into a stack or an arena that has gone: everything it needs and makes lives in the job.
 */
#pragma once

#include "base/fiber.h"

struct job {
    struct message message; /* first member: a job travels as a message */
    /* Called on the worker's loop: does it, or begins it; then job_done, once. */
    void (*work)(struct job *job);
    /* Frees the whole job; at shutdown it may be called on the worker's thread. */
    void (*free)(struct job *job);
    struct loop *home;         /* set by job_wait */
    struct fiber *waiter;      /* NULL once abandoned; touched on the home thread only */
    bool is_done;              /* touched on the home thread only */
    _Atomic bool is_abandoned; /* a hint to the worker that nobody waits any more */
};

/* Sends `job` to `worker` and waits until it is done. OK: the job is the caller's again, to read and free.
 * CANCELED: it is gone, do not touch it. A fiber that is canceled already does not send it at all. */
FIBER NODISCARD enum status job_wait(struct job *job, struct loop *worker);

/* Sends it without waiting: freed by `free` when it comes home (or on the worker, where the sender has no
 * loop). */
void job_send(struct job *job, struct loop *worker);

/* By the worker, from its thread, exactly once: sends the job home. */
void job_done(struct job *job);
