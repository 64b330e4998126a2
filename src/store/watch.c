/* SPDX-License-Identifier: Apache-2.0 */
/* A fiber that sleeps until it is told of a commit, or a second has gone by, and then reads what is new. */
#include "base/log.h"
#include "base/memory.h"
#include "store/change.h"
#include "store/threads.h"

#include <stdatomic.h>

enum { POLL_MS = 1000 };

struct store_watch {
    struct listener listener; /* first member */
    struct store *store;
    void (*changed)(void *context, const struct store_change *change);
    void *context;
    void (*stopped)(void *context);
    struct timer timer;
    struct fiber *fiber;
    int64_t position; /* of the last change that was passed on; -1: not begun */
    bool is_told;     /* something was committed since the last look began */
    bool is_stopping;
};

static struct store_watch *of_timer(struct timer *timer) {
    return (struct store_watch *)((char *)timer - offsetof(struct store_watch, timer));
}

static FIBER enum status read_new_wait(struct store_watch *watch, bool *more) {
    AUTO_ARENA arena = arena_new();
    *more = false;
    if (watch->position < 0) {
        TRY(store_change_last_wait(watch->store, arena, &watch->position));
        watch->changed(watch->context,
                       NULL); /* what was read while we asked may have changed before the answer */
        return OK;
    }
    struct store_changes changes;
    TRY(store_change_list_wait(watch->store, arena, watch->position, 0, &changes));
    if (changes.missed) {
        watch->position = changes.last;
        watch->changed(watch->context, NULL);
        return OK;
    }
    for (size_t i = 0; i < changes.count && !watch->is_stopping; i++) {
        watch->position = changes.at[i].position;
        watch->changed(watch->context, &changes.at[i]);
    }
    *more = watch->position < changes.last;
    return OK;
}

static void free_when_over(struct store_watch *watch) {
    if (!watch->is_stopping || watch->fiber != NULL || atomic_load(&watch->listener.is_posted))
        return;
    if (watch->stopped != NULL)
        watch->stopped(watch->context);
    mem_free(watch);
}

static FIBER void run(void *argument) {
    struct store_watch *watch = argument;
    while (!watch->is_stopping) {
        bool more;
        watch->is_told = false;
        enum status status = read_new_wait(watch, &more);
        if (status != OK && !watch->is_stopping)
            log_event(LOG_WARNING, "store-watch-failed", LOG_STR("status", str_from(status_name(status))));
        if ((status == OK && (more || watch->is_told)) || watch->is_stopping)
            continue;
        status = fiber_park_wait(); /* until a commit, the timer, or the stop */
        if (status != OK)
            break;
    }
}

static void on_fiber_over(void *argument) {
    struct store_watch *watch = argument;
    watch->fiber = NULL;
    free_when_over(watch);
}

static void look(struct store_watch *watch) {
    watch->is_told = true;
    if (watch->fiber != NULL)
        fiber_wake(watch->fiber);
}

static void on_commit(struct listener *listener) {
    struct store_watch *watch = (struct store_watch *)listener;
    if (watch->is_stopping)
        free_when_over(watch);
    else
        look(watch);
}

static void on_timer(struct timer *timer) {
    struct store_watch *watch = of_timer(timer);
    look(watch);
    timer_start(watch->listener.home, timer, POLL_MS, on_timer);
}

struct store_watch *store_watch_start(struct store *store,
                                      void (*changed)(void *context, const struct store_change *change),
                                      void *context) {
    struct store_watch *watch = mem_alloc_zero(sizeof *watch);
    watch->store = store;
    watch->changed = changed;
    watch->context = context;
    watch->position = -1;
    watch->listener.home = loop_current();
    watch->listener.changed = on_commit;
    watch->fiber = fiber_start(run, watch, on_fiber_over);
    threads_listen(store, &watch->listener);
    timer_start(watch->listener.home, &watch->timer, POLL_MS, on_timer);
    return watch;
}

void store_watch_stop(struct store_watch *watch, void (*stopped)(void *context)) {
    watch->is_stopping = true;
    watch->stopped = stopped;
    threads_unlisten(watch->store, &watch->listener);
    timer_stop(watch->listener.home, &watch->timer);
    if (watch->fiber == NULL)
        free_when_over(watch); /* the loop's end has ended the fiber before */
    else if (fiber_current() != watch->fiber)
        fiber_cancel(watch->fiber);
}
