/* SPDX-License-Identifier: Apache-2.0 */
#include "server/upkeep.h"
#include "store/erasure.h"
#include "store/prune.h"

#include "base/clock.h"
#include "base/log.h"

#include <stddef.h>

/* An erasure that is older than that is nobody's any more; at the start, of a process that has ended, all are
 * looked at: two that do the same thing do no harm. */
enum { EVERY_MS = 10 * 60 * 1000, PRUNE_ROUNDS = 6 };

static void finish_erasures_wait(struct front *front) {
    size_t finished = 0;
    int64_t before = clock_now_ms() - (front->upkeep_rounds == 0 ? 0 : EVERY_MS);
    enum status status = store_erasure_resume_wait(front->process->store, before, &finished);
    if (finished > 0)
        log_event(LOG_INFO, "erasures-finished", LOG_INT("visitors", finished));
    if (status != OK && status != CANCELED)
        log_event(LOG_WARNING, "erasures-not-finished", LOG_STR("why", str_from(status_name(status))));
}

static void warn(const char *event, enum status status) {
    if (status != OK && status != CANCELED)
        log_event(LOG_WARNING, event, LOG_STR("why", str_from(status_name(status))));
}

static void run(void *argument) {
    struct front *front = argument;
    finish_erasures_wait(front);
    if (front->upkeep_rounds++ % PRUNE_ROUNDS == 0) {
        warn("not-pruned", store_people_prune_wait(front->process->store, clock_now_ms()));
        warn("not-pruned", access_prune_wait(front->process->access));
    }
    warn("discovery-not-followed", admin_api_follow_wait(&front->admin_api));
}

static void on_over(void *argument) {
    ((struct front *)argument)->upkeep_fiber = NULL;
}

static void on_timer(struct timer *timer) {
    struct front *front = (struct front *)((char *)timer - offsetof(struct front, upkeep));
    if (atomic_load(&front->process->is_draining))
        return;
    if (front->upkeep_fiber == NULL) /* providers that do not answer take their time */
        front->upkeep_fiber = fiber_start(run, front, on_over);
    timer_start(front->loop, timer, EVERY_MS, on_timer);
}

void upkeep_start(struct front *front) {
    timer_start(front->loop, &front->upkeep, 0, on_timer);
}

void upkeep_stop(struct front *front) {
    timer_stop(front->loop, &front->upkeep);
    if (front->upkeep_fiber != NULL)
        fiber_cancel(front->upkeep_fiber); /* what it leaves is taken up by another, or at the next start */
}
