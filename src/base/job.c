/* SPDX-License-Identifier: Apache-2.0 */
#include "base/job.h"

#include "base/loop_internal.h"

static void deliver_to_worker(struct message *message) {
    struct job *job = (struct job *)message;
    job->work(job);
}

static void come_home(struct message *message) {
    struct job *job = (struct job *)message;
    struct loop *home = job->home;
    job->home = NULL;
    job->is_done = true;
    if (job->waiter != NULL)
        fiber_wake(job->waiter);
    else
        job->free(job);
    loop_release(home);
}

static void send_out(struct job *job, struct loop *worker, struct fiber *waiter) {
    struct loop *home = loop_current();
    job->message.deliver = deliver_to_worker;
    job->home = home == NULL ? NULL : loop_refer(home);
    job->waiter = waiter;
    job->is_done = false;
    atomic_init(&job->is_abandoned, waiter == NULL);
    loop_post(worker, &job->message);
}

enum status job_wait(struct job *job, struct loop *worker) {
    if (fiber_is_canceled()) {
        job->free(job);
        return CANCELED;
    }
    send_out(job, worker, fiber_current());
    while (!job->is_done) {
        if (fiber_park_wait() == OK)
            continue;
        if (job->is_done) {
            job->free(job);
        } else {
            job->waiter = NULL;
            atomic_store_explicit(&job->is_abandoned, true, memory_order_relaxed);
        }
        return CANCELED;
    }
    return OK;
}

void job_send(struct job *job, struct loop *worker) {
    send_out(job, worker, NULL);
}

void job_done(struct job *job) {
    if (job->home == NULL) {
        job->free(job);
        return;
    }
    job->message.deliver = come_home;
    loop_post(job->home, &job->message);
}
